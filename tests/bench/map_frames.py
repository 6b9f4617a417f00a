"""Frames of a map while a hand pans and zooms, and the beat that shows how long the main thread kept still."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent

from maps.canvas.widget import GridMapWidget

BEAT_MS = 2
TICK_MS = 16


class TimedMap(GridMapWidget):
    """A map that notes how long each of its frames took, by the clock and by the processor."""

    def __init__(self) -> None:
        self.clock_ms: list[float] = []
        self.cpu_ms: list[float] = []
        super().__init__()

    def paintEvent(self, event: QPaintEvent) -> None:
        cpu, clock = time.thread_time(), time.perf_counter()
        super().paintEvent(event)
        self.clock_ms.append((time.perf_counter() - clock) * 1e3)
        self.cpu_ms.append((time.thread_time() - cpu) * 1e3)


class Beat(QObject):
    """A timer that should fire every 2 ms; what it misses is the time the main thread answered nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self.cpu_ms: list[float] = []
        self._last = self._cpu = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        self._last, self._cpu = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _on_beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.gaps_ms.append((now - self._last) * 1e3)
        self.cpu_ms.append((cpu - self._cpu) * 1e3)
        self._last, self._cpu = now, cpu


@dataclass
class Frames:
    """What was measured: frame times and gaps of the beat, milliseconds by the clock and by the processor."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


def hand(widget: GridMapWidget) -> Iterator[None]:
    """What the hand does, one step a tick: long pans, zooms in and out, a rest, pans near the ground."""
    w, h = widget.width(), widget.height()
    for _ in range(2):
        for i in range(40):
            widget.nav.jump(widget.nav.goal.panned(14 if i < 20 else -14, 9 if i < 20 else -9))
            yield
        for factor, times in ((1.3, 8), (1 / 1.3, 5)):
            for i in range(times):
                widget.nav.zoom_at(factor, w * (0.3 + 0.05 * i), h * 0.4)
                for _ in range(9):
                    yield
        for i in range(40):
            widget.nav.jump(widget.nav.goal.panned(25 if i % 20 < 10 else -25, 12))
            yield
        for _ in range(12):
            yield
        widget.fit_all()
        for _ in range(20):
            yield


def run(widget: TimedMap, script: Callable[[GridMapWidget], Iterator[None]] = hand) -> Frames:
    """Let the hand move the map in the event loop; the widget is shown and up to date before."""
    widget.refresh_now()
    gc.collect()
    gc.disable()
    QCoreApplication.processEvents()
    widget.clock_ms.clear()
    widget.cpu_ms.clear()
    loop, beat, ticks, steps = QEventLoop(), Beat(), QTimer(), script(widget)

    def tick() -> None:
        if next(steps, loop) is loop:
            loop.quit()

    ticks.setTimerType(Qt.TimerType.PreciseTimer)
    ticks.setInterval(TICK_MS)
    ticks.timeout.connect(tick)
    beat.start()
    ticks.start()
    loop.exec()
    ticks.stop()
    beat.stop()
    gc.enable()
    return Frames(list(widget.clock_ms), list(widget.cpu_ms), beat.gaps_ms, beat.cpu_ms)


def blit_ms(width: int, height: int, times: int) -> list[float]:
    """The floor: a copy of a picture of a size, so many times."""
    picture, target = (QImage(width, height, QImage.Format.Format_RGB32) for _ in range(2))
    picture.fill(0xFF203040)
    painter = QPainter(target)
    out = []
    for _ in range(times):
        begun = time.perf_counter()
        painter.drawImage(0, 0, picture)
        out.append((time.perf_counter() - begun) * 1e3)
    painter.end()
    return out


def high(values: list[float], percent: float = 99.0) -> float:
    """A percentile, rounded for printing."""
    return round(float(np.percentile(values, percent)), 2) if values else 0.0
