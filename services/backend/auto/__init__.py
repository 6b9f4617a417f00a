"""Rules that act by themselves (自动规则): kept, tried on history, followed, switched off when too much comes back."""
