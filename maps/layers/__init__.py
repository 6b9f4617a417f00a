"""What the map draws, as values: tokens, layers, selection, legend and their state. No painter here."""
