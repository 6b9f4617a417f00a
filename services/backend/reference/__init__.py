"""Reference data of a centre: reading its tables, the `/reference` document, and the `Rules` made from it."""
