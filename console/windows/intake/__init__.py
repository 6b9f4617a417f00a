"""受理席: the pools, the register form, and what is near by."""
