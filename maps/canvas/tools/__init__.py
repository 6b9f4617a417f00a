"""Tools of the hand on the map: one at a time; each is a small object that hears mouse and keys and paints."""
