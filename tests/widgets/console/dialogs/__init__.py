"""The action dialogs."""
