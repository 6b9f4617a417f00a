"""The stall watchdog: a 50 ms beat on the main thread and a thread that notices when it stops.

A main thread busy for more than 250 ms is a defect (contract section 8); the stack at that moment is recorded,
because a stall that nobody sees is never mended.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

log = logging.getLogger(__name__)

BEAT_MS = 50


@dataclass(frozen=True, slots=True)
class Stall:
    """One stretch in which the main thread did not answer, in milliseconds, and where it was."""

    ms: float
    stack: str


class Watchdog(QObject):
    """Records main-thread stalls longer than `limit_ms`; made, started and stopped on the main thread."""

    def __init__(self, limit_ms: float = 250, parent: QObject | None = None) -> None:
        """Prepare the beat; nothing runs before `start`."""
        super().__init__(parent)
        self.limit_ms = limit_ms
        self.stalls: list[Stall] = []
        self.longest_ms = 0.0
        self._last = time.monotonic()
        self._stack = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._main = threading.get_ident()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to watch."""
        self._last = time.monotonic()
        self._stop.clear()
        self._timer.start()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._timer.stop()
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)
            self._thread = None

    def _beat(self) -> None:
        """Run on the main thread: judge how long it was away."""
        now = time.monotonic()
        away = (now - self._last) * 1000 - BEAT_MS
        self._last = now
        self.longest_ms = max(self.longest_ms, away)
        if away > self.limit_ms:
            stall = Stall(away, self._stack)
            self.stalls.append(stall)
            log.info("main thread stalled %.0f ms\n%s", away, stall.stack)
        self._stack = ""

    def _watch(self) -> None:
        """Run on the watching thread: take the main thread's stack while it is away."""
        while not self._stop.wait(BEAT_MS / 1000):
            away = (time.monotonic() - self._last) * 1000 - BEAT_MS
            if away > self.limit_ms * 0.6 and not self._stack:
                frame = sys._current_frames().get(self._main)
                if frame is not None:
                    self._stack = "".join(traceback.format_stack(frame, limit=12))
