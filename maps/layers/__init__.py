"""What is drawn: state, symbology as tokens, selection. QtCore at most."""
