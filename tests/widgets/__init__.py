"""Tests of widgets and windows by keys and clicks."""
