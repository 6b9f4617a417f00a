"""Long fault runs; make faults."""
