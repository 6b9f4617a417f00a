"""Acts on many cases: the bar below a list, the preview, what became of each, and the hands that join them."""
