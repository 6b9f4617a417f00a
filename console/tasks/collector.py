"""Python's cyclic garbage, collected on the main thread only.

The interpreter collects on whatever thread happens to allocate. A window or timer held by a cycle is then destroyed
on a worker, and Qt takes the process with it (measured on PySide6 6.11: segmentation fault or abort). So automatic
collection is off while a console runs, and a timer of the main thread collects in small steps: the young often, all
objects only when nobody is at work, because that walk can take longer than a hand notices.
"""

from __future__ import annotations

import gc
import logging
import time
from typing import ClassVar

from PySide6.QtCore import QObject, QTimer

log = logging.getLogger(__name__)

BEAT_MS = 250
YOUNG = 2_000
"""Young objects that are worth a walk; a fifth of a second of work leaves about as many."""
MIDDLE_EVERY = 10
FULL_EVERY = 10
"""As in the interpreter: so many walks of one generation for one of the next."""
REST_S = 2.0
"""After so long without key or mouse a full walk disturbs nobody."""
LONGEST_WAIT_S = 600.0
"""A hall that never rests gets its full walk all the same."""
LONG_WALK_MS = 30.0
"""A full walk that took longer sets its survivors aside, so that the next one passes them by."""


class MainThreadCollector(QObject):
    """Takes over cyclic garbage collection between `start` and `stop`; made and used on the main thread.

    Several may run in one process; automatic collection comes back, if it was on, when the last one stops.
    """

    _running: ClassVar[int] = 0
    _was_enabled: ClassVar[bool] = False

    def __init__(self, parent: QObject | None = None) -> None:
        """Prepare the beat; nothing changes before `start`."""
        super().__init__(parent)
        self.full_walks = 0
        self.longest_ms = 0.0
        self._walks = [0, 0]
        self._last_full = self._last_touch = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.step)

    @property
    def running(self) -> bool:
        """Whether this collector has taken over."""
        return self._timer.isActive()

    def start(self) -> None:
        """Switch automatic collection off and begin the beat."""
        if self.running:
            return
        if not MainThreadCollector._running:
            MainThreadCollector._was_enabled = gc.isenabled()
            gc.disable()
        MainThreadCollector._running += 1
        self._timer.start()

    def stop(self) -> None:
        """Collect a last time; give automatic collection back when this was the last collector."""
        if not self.running:
            return
        self._timer.stop()
        MainThreadCollector._running -= 1
        self.collect_all()
        if not MainThreadCollector._running and MainThreadCollector._was_enabled:
            gc.enable()

    def touched(self) -> None:
        """Note that somebody is at work."""
        self._last_touch = time.monotonic()

    def step(self) -> None:
        """Walk what is due: at most the middle generation while somebody works."""
        if gc.get_count()[0] < YOUNG:
            return
        self._walks[0] += 1
        if self._walks[0] % MIDDLE_EVERY:
            self._walk(0)
            return
        self._walks[1] += 1
        if self._walks[1] < FULL_EVERY or not self._may_walk_all():
            self._walk(1)
            return
        if self._walk(2) > LONG_WALK_MS:
            gc.freeze()

    def collect_all(self) -> None:
        """Walk everything, also what was set aside; for moments when a stall is seen by nobody (lock, end)."""
        gc.unfreeze()
        self._walk(2)

    def _may_walk_all(self) -> bool:
        """Tell whether nobody is at work, or whether it has been put off long enough."""
        now = time.monotonic()
        return now - self._last_touch >= REST_S or now - self._last_full >= LONGEST_WAIT_S

    def _walk(self, generation: int) -> float:
        """Collect a generation; how long it took, in milliseconds."""
        begun = time.monotonic()
        gc.collect(generation)
        took = (time.monotonic() - begun) * 1000
        self.longest_ms = max(self.longest_ms, took)
        if generation == 2:
            self._walks[1] = 0
            self._last_full = time.monotonic()
            self.full_walks += 1
            log.debug("full collection took %.0f ms", took)
        return took
