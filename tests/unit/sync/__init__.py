"""Tests of sender, feed, digest, overlay, connection and engine."""
