"""Tests over several rooms, real processes and real databases."""
