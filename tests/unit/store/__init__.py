"""Tests of the encrypted stores."""
