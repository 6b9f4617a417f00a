"""Windows of 交接班: the draft, the signatures, the hand-overs to be read."""
