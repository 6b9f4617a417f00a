"""The same ground as the short forms."""

from tests.integration.faults.conftest import centre, cheap_hashes, furnished, hall

__all__ = ["centre", "cheap_hashes", "furnished", "hall"]
