"""Long work on the main thread in short slices: between two slices the window answers the operator.

For work on values that only the main thread may touch. What fits into the first slice is done at once, so that
a small change needs no turn of the event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer

SLICE_S = 0.008


class Slices(QObject):
    """Runs one generator at a time; every `yield` of it is a place where it may be interrupted."""

    def __init__(
        self,
        parent: QObject | None = None,
        slice_s: float = SLICE_S,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Nothing runs yet; `slice_s` is how long a slice may take, in seconds."""
        super().__init__(parent)
        self._slice_s, self._clock = slice_s, clock
        self._work: Iterator[object] | None = None
        self._done: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether work is left."""
        return self._work is not None

    def run(self, work: Iterator[object], done: Callable[[], None] | None = None) -> None:
        """Begin new work (unfinished work is dropped); `done` is called after its last step."""
        self._work, self._done = work, done
        self._go_on()

    def stop(self) -> None:
        """Drop what is left."""
        self._work, self._done = None, None
        self._timer.stop()

    def finish(self) -> None:
        """Do all that is left at once (a test, a picture)."""
        while self._work is not None:
            self._step(float("inf"))

    def _go_on(self) -> None:
        """Run one slice."""
        if self._work is not None:
            self._step(self._clock() + self._slice_s)
        if self._work is not None:
            self._timer.start()

    def _step(self, until: float) -> None:
        """Work until the moment given, or to the end."""
        work = self._work
        assert work is not None
        for _ in work:
            if self._work is not work:
                return  # stopped or replaced by what it called
            if self._clock() >= until:
                return
        if self._work is work:
            done, self._work, self._done = self._done, None, None
            if done is not None:
                done()
