"""Benches; make bench."""
