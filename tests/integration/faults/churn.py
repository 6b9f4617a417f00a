"""A program that opens and closes windows over a working seat, thousands of times, with the collector at its worst.

`python -m tests.integration.faults.churn COUNT` opens COUNT windows (dialogs of actions, the deadline sheet, lists)
while lanes work and announcements come in, closes each, some before their data has arrived, and prints one JSON line:
windows opened, threads before and after, the longest the main thread computed between two beats, in milliseconds of its
own time (a busy machine does not count). A crash ends it with another exit code.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import sys
import threading
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from console.app.main import make_application
from console.tasks.collector import MainThreadCollector
from console.viewmodels.seat import SeatViewModel
from console.windows.deadline.sheet import open_sheet
from console.windows.dialogs.registry import open_action
from console.windows.frame.lost import LostDialog
from console.windows.frame.waiting import WaitingDialog
from tests.support.fakes import World, close_seat, seat_of, world_for
from widgets.theme import theme_store

SEED = 20261123


class Beat:
    """Measures what the main thread computes between two beats of 50 ms."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._last = time.thread_time()
        self._timer = QTimer()
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def _on_beat(self) -> None:
        now = time.thread_time()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now

    def stop(self) -> None:
        """No more beats."""
        self._timer.stop()


def open_one(kind: int, case_id: str, seat: SeatViewModel, host: QWidget) -> QDialog:
    """Open a window of one of five kinds over the host."""
    if kind == 0:
        return open_action("dispatch", case_id, seat, theme_store(), host)
    if kind == 1:
        return open_action("comment", case_id, seat, theme_store(), host)
    if kind == 2:
        return open_sheet(case_id, seat, theme_store(), host)
    dialog = WaitingDialog(seat, host) if kind == 3 else LostDialog(seat, host)
    dialog.open()
    return dialog


def churn(world: World, seat: SeatViewModel, host: QWidget, count: int) -> Beat:
    """Open and close windows while the seat works."""
    rng, beat, ids = random.Random(SEED), Beat(), list(seat.cases)
    for n in range(count):
        dialog = open_one(rng.randrange(5), rng.choice(ids), seat, host)
        world.announce({"cases", "outbox"}, {rng.choice(ids)})
        if rng.random() < 0.7:  # the others are closed before anything has arrived
            for _ in range(3):
                QCoreApplication.processEvents()
        dialog.reject()
        if n % 7 == 0:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    return beat


def settle(seat: SeatViewModel) -> None:
    """Wait until nothing works any more."""
    ends = time.monotonic() + 60
    while seat.background.busy and time.monotonic() < ends:
        QCoreApplication.processEvents()


def main(count: int) -> None:
    """Run and print the figures."""
    faulthandler.enable()
    application = make_application()
    theme_store().apply()
    collector = MainThreadCollector()
    collector.start()
    gc.set_threshold(1)
    world = world_for("shift_leader")
    for _ in range(6):
        world.walk("pending_dispatch")
    seat = seat_of(world)
    seat.start()
    settle(seat)
    host = QWidget()
    host.resize(1440, 900)
    host.show()
    churn(world, seat, host, 10)
    settle(seat)
    before = threading.active_count()
    beat = churn(world, seat, host, count)
    settle(seat)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    beat.stop()
    left = [
        window
        for window in QApplication.topLevelWidgets()
        if isinstance(window, QDialog) and window.isVisible()
    ]
    told = {
        "windows": count, "before": before, "after": threading.active_count(), "open": len(left),
        "longest_ms": round(beat.longest_ms, 1),
    }  # fmt: skip
    close_seat(seat)
    host.close()
    collector.stop()
    application.processEvents()
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
