"""Windows of automatic rules."""
