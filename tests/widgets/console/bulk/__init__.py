"""Screens of acts on many cases."""
