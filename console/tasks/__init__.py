"""The one background runner and the relay of its results to the main thread."""
