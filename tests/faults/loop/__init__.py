"""The closed loop under trouble, with real processes: long forms."""
