"""Tests of one room with no other process and no screen."""
