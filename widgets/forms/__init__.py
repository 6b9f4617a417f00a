"""Input fields, pickers and the forms made of them."""
