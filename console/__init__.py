"""The operator's program: composition root, windows, view-models, notices and background tasks."""
