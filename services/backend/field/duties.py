"""What the centre does for the field by itself: tracks past their retention go; in a demo the people walk on.

Runs on the ticker's thread, like the timed commands; nothing here is a command or in the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.backend.db.opening import read_meta
from services.backend.field.positions import forget_old
from services.backend.reference_store import NoReferenceError
from services.sql.engine import glancing

if TYPE_CHECKING:
    from services.backend.centre import Centre

logger = logging.getLogger(__name__)
#: retention is a matter of days; a full portion is followed by the next one soon
RETENTION_EVERY_S = 600.0
RETENTION_AGAIN_S = 5.0
#: key under which a demo keeps the ways of its people; the centre of a real district has none
ROUTES_KEY = "demo_routes"
WALK_EVERY_S = 20.0


class FieldDuties:
    """Retention and, in a demo district, people who move. `monotonic` may be replaced by tests."""

    def __init__(self, centre: Centre, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._centre = centre
        self._monotonic = monotonic
        self._retention_at = monotonic() + RETENTION_AGAIN_S
        self._walk_at = monotonic()
        self._walk: Callable[[], int] | None = None
        self._asked = False

    def turn(self) -> None:
        """Do what is due, when it is time to look."""
        now = self._monotonic()
        if now >= self._retention_at:
            self._retention_at = now + (RETENTION_AGAIN_S if self.forget() else RETENTION_EVERY_S)
        if now >= self._walk_at:
            self._walk_at = now + WALK_EVERY_S
            self.walk()

    def forget(self) -> int:
        """Delete a portion of old tracks; returns how many points went."""
        try:
            return forget_old(self._centre)
        except NoReferenceError:
            return 0

    def walk(self) -> int:
        """Let the people of a demo walk on; returns how many positions were written."""
        if not self._asked:
            self._asked = True
            with glancing(self._centre.engine) as conn:
                told = read_meta(conn, ROUTES_KEY)
            if told is not None:
                from services.backend.demo.patrol import Patrol

                patrol = Patrol.read(told)
                self._walk = lambda: patrol.advance(self._centre.engine, self._centre.now())
        return 0 if self._walk is None else self._walk()
