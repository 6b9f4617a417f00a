"""Coordinates, polygons, grids and areas: arithmetic shared by backend, store, importers and maps. No Qt."""
