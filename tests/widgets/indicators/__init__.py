"""Tests of shapes, clocks, states and other things that only show."""
