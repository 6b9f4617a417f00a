"""Tests of the case queue."""
