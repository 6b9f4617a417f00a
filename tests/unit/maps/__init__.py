"""Tests of the geometry and layers of the map."""
