"""Table and list widgets over large row sets."""
