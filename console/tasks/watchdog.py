"""The stall watchdog: a 50 ms beat on the main thread and a thread that notices when it stops.

A main thread busy for more than 250 ms is a defect (contract section 8); the stack at that moment is recorded,
because a stall that nobody sees is never mended.

The watching thread never holds a frame of the main thread. A frame keeps its local variables alive after its function
has returned; let go on another thread, they are destroyed there, and a Qt object destroyed away from its own thread
leaves its timer behind in the main loop (measured on PySide6 6.11: segmentation fault at the next timer). So the stack
is written as text by the interpreter's own fault handler, which touches no object.
"""

from __future__ import annotations

import faulthandler
import linecache
import logging
import re
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import IO

from PySide6.QtCore import QObject, QTimer

log = logging.getLogger(__name__)

BEAT_MS = 50
DEPTH = 12
"""So many innermost frames of a stall are kept."""
_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')


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
        try:
            with tempfile.TemporaryFile(buffering=0) as notes:
                self._follow(notes)
        except OSError as error:
            # a full disk, say: the beat goes on measuring
            log.info("where stalls happen cannot be told: %s", error)

    def _follow(self, notes: IO[bytes]) -> None:
        """Look again and again until `stop`; OSError when the notes cannot be written."""
        while not self._stop.wait(BEAT_MS / 1000):
            away = (time.monotonic() - self._last) * 1000 - BEAT_MS
            if away > self.limit_ms * 0.6 and not self._stack:
                self._stack = stack_of(self._main, notes)


def stack_of(thread: int, notes: IO[bytes]) -> str:
    """Return where a thread is, innermost last; empty if it cannot be told. No reference to its frames is taken.

    `thread` is its `threading.get_ident()`. `notes` is an unbuffered file of the caller that is written over: the
    fault handler writes to a file alone.
    """
    notes.seek(0)
    notes.truncate()
    faulthandler.dump_traceback(notes, all_threads=True)
    notes.seek(0)
    found: list[str] = []
    ours = False
    for line in notes.read().decode("utf-8", "replace").splitlines():
        head = _THREAD.match(line)
        if head is not None:
            ours = int(head[1], 16) == thread
        elif ours and len(found) < DEPTH and (frame := _FRAME.match(line)):
            text = linecache.getline(frame[1], int(frame[2])).strip()
            found.append(f"{line}\n    {text}\n" if text else f"{line}\n")
    return "".join(reversed(found))
