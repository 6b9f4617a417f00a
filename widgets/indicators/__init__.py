"""Badges, running clocks, state lamps and other read-only indicators."""
