"""The map in three rings: geometry, layers, canvas."""
