"""The operator's world: who is signed in, which rules hold, what time it is at the centre, what lies where."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from services.domain.errors import ReferenceDataError
from services.domain.reference import Position, Rules
from services.domain.roles import Actor
from services.ports.cache import CaseCache
from services.ports.system import CentreTime, Clock
from services.usecases.rules_from_reference import Reference, reference_from

_log = logging.getLogger(__name__)

#: (lon, lat) -> the grid there; None when it cannot tell
Locator = Callable[[float, float], Position | None]


class World:
    """The `Surroundings` of predictions. Safe from several threads.

    `reload` reads the cached reference data again (after it changed); `locator` is set once the grid
    polygons are indexed.
    """

    def __init__(self, cache: CaseCache, clock: Clock, centre_time: CentreTime) -> None:
        """Read the reference data that is cached, if any."""
        self._cache = cache
        self._clock = clock
        self._centre_time = centre_time
        self._lock = threading.Lock()
        self._actor: Actor | None = None
        self._reference: Reference | None = None
        self._locator: Locator | None = None
        self.reload()

    def reload(self) -> bool:
        """Read the cached reference data; False when there is none or it is unreadable (the old stays)."""
        doc = self._cache.document("reference").doc
        if doc is None:
            return False
        try:
            fresh = reference_from(doc)
        except ReferenceDataError as error:
            _log.warning("reference data not usable: %s", error.title)
            return False
        with self._lock:
            self._reference = fresh
        return True

    def sign_in(self, actor: Actor | None) -> None:
        """Say who works here now (None: nobody)."""
        with self._lock:
            self._actor = actor

    def locate_by(self, locator: Locator | None) -> None:
        """Say how a point finds its grid."""
        with self._lock:
            self._locator = locator

    @property
    def reference(self) -> Reference | None:
        """Return the reference data, None before it was ever fetched."""
        with self._lock:
            return self._reference

    def rules(self) -> Rules | None:
        """Return the centre's rules."""
        reference = self.reference
        return None if reference is None else reference.rules

    def actor(self) -> Actor | None:
        """Return who is signed in (or unlocked offline)."""
        with self._lock:
            return self._actor

    def now(self) -> datetime:
        """Return centre time, or the machine's while the centre was never heard."""
        return self._centre_time.now() or self._clock.wall()

    def position(self, lon: float, lat: float) -> Position | None:
        """Return the grid of a point, None when no grid index is loaded."""
        with self._lock:
            locator = self._locator
        return None if locator is None else locator(lon, lat)

    def user_dept(self, user_id: str) -> tuple[bool, str | None]:
        """Return whether the roster knows a user, and the user's department."""
        reference = self.reference
        entries = reference.roster if reference is not None else ()
        found = next((entry for entry in entries if entry.user == user_id), None)
        return (False, None) if found is None else (True, found.dept)
