"""Engines and column types shared by the centre, the console's store and the importers; it names no table."""
