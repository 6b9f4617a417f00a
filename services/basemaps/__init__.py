"""Base maps a centre already has (底图与图层来源): values, tile grids and parsers; no network, no database, no Qt."""
