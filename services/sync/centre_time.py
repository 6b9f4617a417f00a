"""The centre's time on this machine: the last `server_time` heard plus the monotonic time since.

The machine's own date plays no part, so a console that is a day off still stamps `seen_at` rightly.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from services.ports.system import Clock


class CentreTimeKeeper:
    """Keeps centre time. Before the first answer of this run it stands still at what the cache last heard.

    That is a lower bound: an action taken on it looks older than it is and is asked about, never the reverse.
    """

    def __init__(self, clock: Clock, last_heard: datetime | None = None) -> None:
        """Start from the `server_time` stored with the cache."""
        self._clock = clock
        self._lock = threading.Lock()
        self._base = last_heard
        self._at: float | None = None

    def heard(self, server_time: datetime | None) -> None:
        """Take note of a `server_time` that has just arrived; None is ignored."""
        if server_time is None:
            return
        with self._lock:
            self._base, self._at = server_time, self._clock.monotonic()

    def now(self) -> datetime | None:
        """Return centre time, None when the centre was never heard on this machine."""
        with self._lock:
            base, at = self._base, self._at
        if base is None or at is None:
            return base
        return base + timedelta(seconds=max(0.0, self._clock.monotonic() - at))
