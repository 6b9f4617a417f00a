"""The map as a whole against answers from elsewhere."""
