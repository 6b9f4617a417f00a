"""The figures of five published evaluation reports, counted again from logs built to their numbers."""
