"""Tests of tokens, colours, fonts, stylesheet and icons."""
