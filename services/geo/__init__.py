"""Grid index, coordinate systems and polygon repair, shared by backend, store, importers and maps."""
