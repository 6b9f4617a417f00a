"""Protocols through which use cases reach the outside: centre gateway, stores, clock, ids, task runner."""
