"""Memory of a process with a window: bare, with an empty map, or with the whole city. Prints MiB.

All of them have loaded the same libraries.

Usage: ``python -m tests.bench.map_memory bare|empty|city [WIDTH HEIGHT]``
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from maps.canvas.widget import GridMapWidget
from tests.bench.map_city import grid


def resident_mib() -> float:
    """Memory of this process that is in use and its own."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def fill(widget: GridMapWidget) -> None:
    """The city with its cases, looked at from several places."""
    city = grid(20_000)
    assert city is not None
    district, cases, figures = city.district(), city.cases(), city.figures()
    for made in (type(city).shapes, type(city).district, type(city).cases):
        made.cache_clear()
    widget.set_prepared(district)
    widget.set_prepared_cases(cases)
    widget.set_metric(figures)
    widget.refresh_now()
    for factor in (2.0, 3.0, 0.2, 1.0):
        widget.nav.jump(widget.view.zoomed_at(factor, 300, 300))
        widget.refresh_now()
        widget.repaint()


def main(what: str, width: int, height: int) -> None:
    app = QApplication([])
    widget = QWidget() if what == "bare" else GridMapWidget()
    widget.resize(width, height)
    widget.show()
    app.processEvents()
    if what == "city" and isinstance(widget, GridMapWidget):
        fill(widget)
    widget.grab()
    app.processEvents()
    gc.collect()
    print(round(resident_mib(), 1))


if __name__ == "__main__":
    main(sys.argv[1], *(int(v) for v in sys.argv[2:4] or ("1920", "1080")))
