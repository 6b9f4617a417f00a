"""The action dialogs, one small class each; `registry.open_action` opens the right one."""
