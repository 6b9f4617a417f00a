"""The frame of the console's window: top bar, status bar, sign-in, lock, waiting operations."""
