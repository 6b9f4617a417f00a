"""Which sounds this desk is due: what is new among its own cases, what became of its commands, what is set."""
