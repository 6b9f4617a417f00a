"""The grid map in three rings: geometry (shapely, numpy), layers (state, symbology), canvas (QPainter)."""
