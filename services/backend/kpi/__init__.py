"""Figures of the centre: sums kept up to date with the log, and the questions put to them."""
