"""The district's things and people in the field: components, cameras, positions and tracks, activity of grids."""
