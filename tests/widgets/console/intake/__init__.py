"""The intake workspace."""
