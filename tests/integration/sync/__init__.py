"""Console core and a real centre over HTTP."""
