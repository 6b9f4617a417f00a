"""Outbox drain, change feed, digest check and connection state."""
