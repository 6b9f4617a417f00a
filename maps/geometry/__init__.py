"""Arithmetic of the map: projection, simplification, index, hit test. No Qt."""
