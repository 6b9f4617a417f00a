"""What the map draws, as values: tokens, layers, selection, legend, and the state that ties them. No painter here."""
