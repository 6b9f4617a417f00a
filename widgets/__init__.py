"""Reusable widgets: values in, signals out; they know no service and no view-model."""
