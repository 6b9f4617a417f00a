"""The closed loop under trouble, with real processes: short forms."""
