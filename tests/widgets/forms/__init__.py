"""Tests of what a form is made of."""
