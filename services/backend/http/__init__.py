"""The centre over HTTP: bodies, problems, routes, the application."""
