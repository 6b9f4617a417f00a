"""Tests of the desk and what it stands on."""
