"""Data of the desk: standard sentences by post."""
