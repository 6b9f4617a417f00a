"""Revisions of the centre's schema; each one is a whole transaction with its version row."""
