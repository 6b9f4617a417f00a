"""The law of the field: tests of services.domain."""
