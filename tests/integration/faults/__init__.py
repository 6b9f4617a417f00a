"""Short forms of the fault runs that need the console's real core and a real centre, or their real files."""
