"""What each action dialog shows and can do: one small view-model per dialog, a table for the simple ones."""
