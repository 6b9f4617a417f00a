"""Composition root: settings, logging, crash hook; the only room that sees the adapters."""
