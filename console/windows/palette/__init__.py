"""The command bar (命令面板), the keys that run verbs, and the verbs of the window's frame."""
