"""Tests of the map widget."""
