"""Tests of the dialog frame."""
