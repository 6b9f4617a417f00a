"""The beat of the hotline: calls nobody speaks of any more get their outcome."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from services.backend.calls.book import settle

if TYPE_CHECKING:
    from services.backend.centre import Centre

EVERY_S = 2.0


class CallTurns:
    """Settles calls at most every `EVERY_S` seconds, on the ticker's thread; every process may."""

    def __init__(self, centre: Centre) -> None:
        """Take the centre."""
        self._centre = centre
        self._next = time.monotonic() + EVERY_S

    def turn(self) -> None:
        """Settle what is due, when it is time to look."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_S
            settle(self._centre)
