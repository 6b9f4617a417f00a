"""Design values (colours, sizes, type, motion): data only, read through ``importlib.resources``."""
