"""How the map is drawn and handled: QPainter, pointer, keys, boxes."""
