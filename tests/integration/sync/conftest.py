"""A real centre in a child process for these tests."""

from tests.support.demo_centre import demo_centre, demo_data

__all__ = ["demo_centre", "demo_data"]
