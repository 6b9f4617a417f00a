"""Dialog frames of the design."""
