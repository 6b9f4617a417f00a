"""Keeps reference data and area polygons up to date by their ETags."""

from __future__ import annotations

from services.domain.codes import LEVELS
from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway

REFERENCE = "reference"


def areas_name(level: str) -> str:
    """Return the name under which a level's polygons are stored."""
    return f"areas/{level}"


class Documents:
    """Fetches the centre's documents; used by one thread at a time."""

    def __init__(self, cache: CaseCache, gateway: CentreGateway) -> None:
        """Take the cache that keeps them and the gateway that gives them."""
        self._cache = cache
        self._gateway = gateway

    def reference(self) -> bool:
        """Fetch the reference data when it changed; True when it did. Raises GatewayError."""
        known = self._cache.document(REFERENCE)
        fresh = self._gateway.reference(known.etag)
        if fresh.doc is None:
            return False
        self._cache.put_document(REFERENCE, fresh.etag, fresh.doc)
        return True

    def areas(self, level: str) -> bool:
        """Fetch the polygons of one level when they changed; True when they did. Raises GatewayError."""
        known = self._cache.document(areas_name(level))
        fresh = self._gateway.areas(level, known.etag)
        if fresh.doc is None:
            return False
        self._cache.put_document(areas_name(level), fresh.etag, fresh.doc)
        return True

    def all(self) -> frozenset[str]:
        """Fetch everything that changed; returns what did: `reference`, `areas`. Raises GatewayError."""
        kinds = {REFERENCE} if self.reference() else set()
        for level in LEVELS:
            if self.areas(level):
                kinds.add("areas")
        return frozenset(kinds)
