"""The head of the log as this process knows it, and those who wait for it to move.

Waiters are coroutines and hold no database session; the ticker thread tells the head, the event loop wakes
them.
"""

from __future__ import annotations

import asyncio
import contextlib


class FeedHub:
    """Wakes long polls when the log grows or the process stops."""

    def __init__(self) -> None:
        self.head = 0
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
        self._wake()

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
        """Wait until the head is beyond `seq`, at most `seconds`; tells whether it is."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.head <= seq and not self._closed:
            left = deadline - asyncio.get_running_loop().time()
            moved = self._moved
            if left <= 0 or moved is None:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), left)
        return self.head > seq
