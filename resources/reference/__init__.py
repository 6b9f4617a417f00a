"""Reference tables of the default centre: data only, replaceable per centre (see services.backend.reference)."""
