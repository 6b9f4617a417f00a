"""Shell, workspaces and dialogs: layout and wiring, no decisions."""
