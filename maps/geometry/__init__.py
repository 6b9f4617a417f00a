"""Arithmetic of the map: projection, viewport, prepared areas, borders, picking, clusters. No Qt in this ring."""
