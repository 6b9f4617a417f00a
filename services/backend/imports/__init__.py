"""Importing areas, cases and standards of a real centre from files."""
