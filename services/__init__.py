"""Everything that needs no screen. No Qt at all."""
