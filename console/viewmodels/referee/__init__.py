"""The 退单 referee at the desk: the sheet of a case and the cases that wait for a joint meeting."""
