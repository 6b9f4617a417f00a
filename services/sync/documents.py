"""Keeps reference data, area polygons, 部件, cameras and the activity of grids up to date by their ETags."""

from __future__ import annotations

from collections.abc import Callable

from services.domain.codes import LEVELS
from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway, Tagged
from services.ports.errors import NeverValid
from services.ports.field import ACTIVITY, CAMERAS, COMPONENTS, component_part

REFERENCE = "reference"
#: 部件 in one stored part; packed and unpacked in a few milliseconds
A_PART = 2000
#: what the log teaches of units; the name under which it is cached
EXPERIENCE = "experience"


def areas_name(level: str) -> str:
    """Return the name under which a level's polygons are stored."""
    return f"areas/{level}"


#: one round of questions; what the law needs comes first
ORDER = (
    REFERENCE,
    *(areas_name(level) for level in LEVELS),
    CAMERAS,
    ACTIVITY,
    COMPONENTS,
    EXPERIENCE,
)


class Documents:
    """Fetches the centre's documents; used by one thread at a time."""

    def __init__(self, cache: CaseCache, gateway: CentreGateway) -> None:
        """Take the cache that keeps them and the gateway that gives them."""
        self._cache = cache
        self._gateway = gateway
        self._news: set[str] = set()
        self._at = 0
        self.cold = True

    def reference(self) -> bool:
        """Fetch the reference data when it changed; True when it did. Raises GatewayError."""
        return self._fetch(REFERENCE, self._gateway.reference)

    def areas(self, level: str) -> bool:
        """Fetch the polygons of one level when they changed; True when they did. Raises GatewayError."""
        return self._fetch(areas_name(level), lambda etag: self._gateway.areas(level, etag))

    def layer(self, name: str) -> bool:
        """Fetch a layer of the map or what was learned of units when it changed; True when it did.

        A centre that does not know the route has none, which is no failure. Raises other GatewayErrors.
        """
        calls: dict[str, Callable[[str | None], Tagged]] = {
            CAMERAS: self._gateway.cameras,
            ACTIVITY: self._gateway.grid_activity,
            EXPERIENCE: self._gateway.experience,
        }
        try:
            if name == COMPONENTS:
                return self._components()
            return self._fetch(name, calls[name])
        except NeverValid:
            return False

    def _components(self) -> bool:
        """Fetch the 部件 when they changed and store them in parts.

        A city has hundreds of thousands: one document of all would hold up every other thread while it is packed
        and unpacked. The parts of a state are written beside those of the last one; the head, which names
        them, comes last, so that a crash in between leaves the old state.
        """
        head = self._cache.document(COMPONENTS)
        fresh = self._gateway.components(head.etag)
        if fresh.doc is None:
            return False
        entries = list(fresh.doc.get(COMPONENTS) or ())
        side = "b" if head.doc is not None and head.doc.get("side") == "a" else "a"
        starts = range(0, len(entries), A_PART)
        for part, start in enumerate(starts):
            doc = {COMPONENTS: entries[start : start + A_PART]}
            self._cache.put_document(component_part(side, part), None, doc)
        told = {"side": side, "parts": len(starts), "version": fresh.doc.get("version")}
        self._cache.put_document(COMPONENTS, fresh.etag, told)
        return True

    def _fetch(self, name: str, call: Callable[[str | None], Tagged]) -> bool:
        """Fetch a document unless it is the one already kept."""
        fresh = call(self._cache.document(name).etag)
        if fresh.doc is None:
            return False
        self._cache.put_document(name, fresh.etag, fresh.doc)
        return True

    def step(self) -> bool:
        """Look for the next document of the round; False once the round is complete. Raises GatewayError.

        After a failure the next step asks for the same one again. `cold` tells whether it had never been here.
        """
        name = ORDER[self._at]
        self.cold = self._cache.document(name).etag is None
        if name == REFERENCE:
            changed = self.reference()
        elif name.startswith("areas/"):
            changed = self.areas(name.removeprefix("areas/"))
        else:
            changed = self.layer(name)
        if changed:
            self._news.add("areas" if name.startswith("areas/") else name)
        self._at = (self._at + 1) % len(ORDER)
        return self._at != 0

    def all(self) -> frozenset[str]:
        """Fetch everything that changed at once; returns what did (see `news`). Raises GatewayError."""
        self._at = 0
        while self.step():
            pass
        return self.news()

    def news(self) -> frozenset[str]:
        """Return what was stored and not told yet, also after a failure half-way.

        Kinds: `reference`, `areas`, `components`, `cameras`, `grids/activity`, `experience`.
        """
        told, self._news = frozenset(self._news), set()
        return told
