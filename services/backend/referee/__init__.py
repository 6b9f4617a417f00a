"""退单 referee: what the log and the ground say about a case that goes from unit to unit, and 会商."""
