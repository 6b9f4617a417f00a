"""When a map service may be asked again: after failures it is left alone for a while, and why is told in words."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.basemaps.errors import ServiceError
from services.domain.errors import DomainError

_FIRST_S, _LONGEST_S = 2.0, 300.0
_DENIED_S = 300.0
_BUSY_S = 30.0
_PATIENCE = 2
_BAD_PICTURES = 6


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a source does not answer, and in how many seconds it is asked again (0: at once)."""

    sentence: str
    again_in_s: float


class Gate:
    """Counts failures of one source. Safe from several threads.

    One slow answer changes nothing; two in a row, or a refusal, close the gate for a time that doubles up to five
    minutes. Broken pictures close it after six in a row: a few bad tiles are not a bad service.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        rand: Callable[[], float] = random.random,
    ) -> None:
        """Start open."""
        self._clock, self._rand = clock, rand
        self._lock = threading.Lock()
        self._failures = 0
        self._pictures = 0
        self._rounds = 0
        self._until = 0.0
        self._sentence = ""

    def check(self) -> None:
        """Raise ServiceError (code `waiting`) while the gate is closed."""
        with self._lock:
            if self._clock() < self._until:
                raise ServiceError(self._sentence, code="waiting")

    def wait_s(self) -> float:
        """Return for how many seconds the gate stays closed."""
        with self._lock:
            return max(self._until - self._clock(), 0.0)

    @property
    def trouble(self) -> Trouble | None:
        """Return what is wrong at present, None when the last answer was good."""
        with self._lock:
            if not self._sentence:
                return None
            return Trouble(self._sentence, max(self._until - self._clock(), 0.0))

    def worked(self) -> None:
        """Note a good answer."""
        with self._lock:
            self._failures = self._pictures = self._rounds = 0
            self._until, self._sentence = 0.0, ""

    def failed(self, error: DomainError) -> None:
        """Note a failure; what was under way when the gate closed does not count again."""
        with self._lock:
            if self._clock() < self._until:
                return
            self._sentence = error.title
            if not isinstance(error, ServiceError):
                self._pictures += 1
                if self._pictures >= _BAD_PICTURES:
                    self._pictures = 0
                    self._close(None)
                return
            self._failures += 1
            if error.code == "denied":
                self._close(_DENIED_S)
            elif error.code == "busy":
                self._close(min(max(error.retry_after_s or _BUSY_S, 1.0), 2 * _LONGEST_S))
            elif self._failures >= _PATIENCE or not error.passing:
                self._close(None)

    def _close(self, seconds: float | None) -> None:
        """Close the gate, for longer each time when no time is given."""
        if seconds is None:
            full = min(_FIRST_S * 2.0**self._rounds, _LONGEST_S)
            seconds = full * (0.5 + 0.5 * self._rand())
            self._rounds = min(self._rounds + 1, 16)
        self._until = self._clock() + seconds
