"""Long forms of the fault runs around a console's core and files; the short ones stand in tests/integration/faults."""
