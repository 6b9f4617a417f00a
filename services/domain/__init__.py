"""The law of the field: case, lifecycle, calendar and clocks, grid codes, roles, errors. Standard library only."""
