"""Tests mirror the tree: unit, widgets, integration, faults, screens, bench and what they share in support."""
