"""交接班: what a shift leaves to the next, drafted from what is known, signed by two people."""
