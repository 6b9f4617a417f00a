"""HTTP adapter to the centre: the only client room that knows requests."""
