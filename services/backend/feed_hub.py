"""The head of the log as this process knows it, and those who wait for it to move.

Waiters are coroutines and hold no database session; the ticker thread tells the head, the event loop wakes
them.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

#: news that come this soon after the last ones are answered a little later, together with what follows: so much
#: later for every poll that waits here, at most so much in all
BUSY_S = 0.15
GATHER_EACH_S = 0.003
GATHER_S = 0.12
KEPT = 4096


class Recent:
    """The last numbered rows of the log in memory, so that fifty waiting consoles do not read them fifty times.

    Thread-safe; rows are mappings of `changes`, in order and without gaps.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._rows: list[Mapping[str, Any]] = []
        self._lock = threading.Lock()
        #: the highest number kept, 0 before the first
        self.last = 0

    def start(self, head: int) -> None:
        """Begin (again) after a number; what was kept is forgotten."""
        with self._lock:
            self._rows, self.last = [], head

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add the rows that follow; rows that do not follow make it begin again after them."""
        with self._lock:
            for row in rows:
                if row["seq"] != self.last + 1:
                    self._rows = []
                else:
                    self._rows.append(row)
                self.last = row["seq"]
            if len(self._rows) > self._most:
                del self._rows[: -self._most]

    def after(self, seq: int, limit: int) -> list[Mapping[str, Any]] | None:
        """Return up to `limit` rows after a number; None when the memory does not reach back so far."""
        with self._lock:
            begin = len(self._rows) - (self.last - seq)
            if begin < 0 or seq > self.last:
                return None
            return self._rows[begin : begin + limit]


class FeedHub:
    """Wakes long polls when the log grows or the process stops."""

    def __init__(self) -> None:
        self.head = 0
        #: how many polls wait right now
        self.waiting = 0
        self._moved_at = (0.0, 0.0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved: asyncio.Event | None = None
        self._closed = False

    def open(self, loop: asyncio.AbstractEventLoop, head: int) -> None:
        """Begin to serve an event loop."""
        self._loop, self._moved = loop, asyncio.Event()
        self.head, self._closed = head, False

    @property
    def closed(self) -> bool:
        """Whether the process is stopping: waiters are answered at once."""
        return self._closed

    def tell(self, head: int) -> None:
        """Take up a new head; may be called from any thread."""
        if head <= self.head:
            return
        self.head = head
        self._moved_at = (self._moved_at[1], time.monotonic())
        self._wake()

    @property
    def busy(self) -> bool:
        """Whether the last news came soon after those before."""
        return self._moved_at[1] - self._moved_at[0] < BUSY_S

    def close(self) -> None:
        """Answer everybody who waits; may be called from any thread."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop closed in between
                loop.call_soon_threadsafe(self._swap)

    def _swap(self) -> None:
        """Wake those who wait now; who comes later waits for the next time."""
        moved, self._moved = self._moved, asyncio.Event()
        if moved is not None:
            moved.set()

    async def beyond(self, seq: int, seconds: float) -> bool:
        """Wait until the head is beyond `seq`, at most `seconds`; tells whether it is.

        In a busy stretch it waits a moment longer, so that the news come together and not one by one.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        self.waiting += 1
        try:
            while self.head <= seq and not self._closed:
                left = deadline - asyncio.get_running_loop().time()
                moved = self._moved
                if left <= 0 or moved is None:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), left)
            if self.head > seq and self.busy and not self._closed:
                await asyncio.sleep(min(GATHER_S, self.waiting * GATHER_EACH_S))
        finally:
            self.waiting -= 1
        return self.head > seq
