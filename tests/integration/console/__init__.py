"""Console view-models on the real desk, picture and stores."""
