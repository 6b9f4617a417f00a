"""The hotline at the centre: every call that rang at any seat, who took it, what became of it; how the seats stand."""
