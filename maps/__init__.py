"""The grid map in three rings: geometry (shapely and numpy), layers (state and symbology), canvas (QPainter)."""
