"""200 changes a second come in while a hand scrolls: how late a 10 ms timer is, and whether anything moves."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer

from console.tasks.collector import MainThreadCollector
from services.domain.case import Case
from services.ports.centre import Change, ChangesPage
from tests.bench.queue_desk import BenchDesk

BEAT_MS, SCROLL_MS = 10, 16
PAGE, PAGES_A_SECOND, SECONDS = 20, 10, 10
CHANGED = 3000
"""So many cases take turns."""


class Beat(QObject):
    """A timer of 10 ms: how late it fires, and what the main thread's own work took of the processor in between."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self.busy_ms: list[float] = []
        self._last = self._cpu = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        self._last, self._cpu = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> tuple[list[float], list[float]]:
        self._timer.stop()
        found = self.late_ms or [0.0], self.busy_ms or [0.0]
        self.late_ms, self.busy_ms = [], []
        return found

    def _on_beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.late_ms.append(max(0.0, (now - self._last) * 1e3 - BEAT_MS))
        self.busy_ms.append((cpu - self._cpu) * 1e3)
        self._last, self._cpu = now, cpu


class Feed(threading.Thread):
    """Applies pages of changes to the cache and announces them, as the feed does."""

    def __init__(self, desk: BenchDesk, cases: list[Case]) -> None:
        super().__init__(name="bench-feed", daemon=True)
        self._desk, self._cases = desk, cycle(cases)
        self._versions: dict[str, int] = {}
        self.over = threading.Event()
        self.applied = 0

    def run(self) -> None:
        seq = 1
        begun = time.monotonic()
        while not self.over.is_set():
            changes = []
            for _ in range(PAGE):
                seq += 1
                case = next(self._cases)
                version = self._versions[case.case_id] = self._versions.get(case.case_id, case.version) + 1
                changed = replace(case, version=version, level=version % 3)
                changes.append(Change(seq, case.case_id, version, 0, "amend", case=changed))
            page = ChangesPage("bench", tuple(changes), seq, seq, None)
            applied = self._desk.stores.cache.apply(page)
            self._desk.overlay.arrived(changes)
            self._desk.overlay.touch(applied.changed)
            self._desk.engine._announce({"cases"}, applied.changed)
            self.applied += len(changes)
            self.over.wait(max(0.0, begun + self.applied / (PAGE * PAGES_A_SECOND) - time.monotonic()))


def live(desk: BenchDesk) -> dict[str, Any]:
    """Measure a quiet beat, then scrolling while changes come, then a still list while changes come."""
    desk.start()
    desk.queue.show_tab("open")
    desk.settle()
    collector = MainThreadCollector()
    collector.start()
    beat = Beat()
    quiet, _ = _beats(beat, 3.0)
    ids = desk.queue.ids
    cases = [entry.case for entry in desk.overlay.projects(ids[:: max(1, len(ids) // CHANGED)]).values()]
    feed = Feed(desk, cases)
    feed.start()
    table = desk.panel.table
    bar = table.verticalScrollBar()
    scroll = QTimer()
    scroll.setInterval(SCROLL_MS)
    scroll.timeout.connect(lambda: bar.setValue((bar.value() + 3) % max(1, bar.maximum())))
    scroll.start()
    begun, seen = time.perf_counter(), feed.applied
    moving, busy = _beats(beat, SECONDS)
    rate = (feed.applied - seen) / (time.perf_counter() - begun)
    scroll.stop()
    bar.setValue(1000)
    QCoreApplication.processEvents()
    table.set_current_place(1005)
    QCoreApplication.processEvents()
    case_id = desk.panel.rows.case_id_at(table.currentIndex().row())
    where = table.visualRect(table.currentIndex()).top()
    still, _ = _beats(beat, 4.0)
    after = desk.panel.rows.case_id_at(table.currentIndex().row())
    moved = table.visualRect(table.currentIndex()).top() - where
    feed.over.set()
    feed.join(10)
    collector.stop()
    return {
        "ours_ms": round(float(np.median(moving)), 2),
        "p99_ms": round(float(np.percentile(moving, 99)), 2), "max_stall_ms": round(max(moving), 1),
        "cpu_p99_ms": round(float(np.percentile(busy, 99)), 2), "cpu_max_stall_ms": round(max(busy), 1),
        "quiet_p99_ms": round(float(np.percentile(quiet, 99)), 2), "quiet_max_ms": round(max(quiet), 1),
        "still_p99_ms": round(float(np.percentile(still, 99)), 2), "beats": len(moving),
        "changes_a_second": round(rate, 1), "selection_kept": after == case_id, "moved_px": moved,
    }  # fmt: skip


def _beats(beat: Beat, seconds: float) -> tuple[list[float], list[float]]:
    """Let the event loop run and return how late each beat was, and how busy the main thread."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    beat.start()
    loop.exec()
    return beat.stop()
