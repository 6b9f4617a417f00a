"""View-models of the action dialogs."""
