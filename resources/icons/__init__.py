"""Vector drawings in a 16-unit box, 1.4 stroke, round ends; black, tinted when they are drawn."""
