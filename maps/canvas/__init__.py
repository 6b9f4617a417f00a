"""How it is drawn: raster, labels, pan, zoom and tools."""
