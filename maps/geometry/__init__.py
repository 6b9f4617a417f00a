"""Arithmetic of the map: projection, viewport, areas, borders, picking, clusters. No Qt in this ring."""
