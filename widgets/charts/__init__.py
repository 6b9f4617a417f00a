"""Small charts and drawn bars."""
