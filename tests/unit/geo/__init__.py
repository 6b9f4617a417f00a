"""Tests of coordinates, polygons, grids, areas and the files they come in."""
