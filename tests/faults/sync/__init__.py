"""Long fault runs of the console core."""
