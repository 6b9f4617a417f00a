"""Time, ids and background work as ports, with the plain standard-library implementations."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from services.domain.ids import uuid7


class Clock(Protocol):
    """Where time comes from. Durations are measured with `monotonic` only."""

    def wall(self) -> datetime:
        """Return the machine's own time (UTC); orders nothing and decides nothing."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump back and go on while the machine sleeps, where the system can."""
        ...


class CentreTime(Protocol):
    """The centre's time as far as this console knows it (contract section 2, `seen_at`)."""

    def now(self) -> datetime | None:
        """Return the centre's present time, None before the first answer ever."""
        ...

    def heard(self, server_time: datetime | None) -> None:
        """Take note of a `server_time` that has just arrived."""
        ...


class IdSource(Protocol):
    """Where identifiers come from."""

    def new_id(self) -> str:
        """Return a new UUIDv7."""
        ...


class TaskRunner(Protocol):
    """One way to work in the background: plain values in and out."""

    def run(
        self,
        key: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
        *,
        lane: str = "bulk",
    ) -> None:
        """Run `work` on a lane; a newer task of the same key drops the older one's result."""
        ...


class SystemClock:
    """The machine's clocks. CLOCK_BOOTTIME goes on in suspend where `time.monotonic` stands still."""

    def __init__(self) -> None:
        """Choose the clock once."""
        self._boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)

    def wall(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since start of the machine, sleep included where the system can tell."""
        return time.monotonic() if self._boottime is None else time.clock_gettime(self._boottime)


class RandomIds:
    """UUIDv7 from the machine's clock and random source."""

    def new_id(self) -> str:
        """Return a new UUIDv7."""
        return uuid7()
