"""A desk over the files of a bench: seat, queue and panel as the console puts them together, without a line.

``python -m tests.bench.queue_desk <folder> <times|memory|live>`` measures in a process of its own and prints one
JSON document.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication

from console.notices.centre import NoticeCentre
from console.tasks.runner import Background
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.seat import SeatViewModel, Services
from console.windows.dispatch.queue_panel import QueuePanel
from services.api.gateway import HttpCentreGateway
from services.domain.roles import Actor
from services.ports.system import RandomIds, SystemClock
from services.store.stores import Stores, open_stores
from services.sync.centre_time import CentreTimeKeeper
from services.sync.engine import Parts, SyncEngine
from services.sync.overlay import Overlay
from services.usecases.desk import Desk, Ground
from services.usecases.world import World
from tests.bench.case_rows import NOW
from tests.bench.queue_files import KEY
from tests.support.fakes import shipped_rules

ROUNDS = 7
SIZE = (900, 1000)
ACTOR = Actor("d1", "江予安", ("dispatcher",), "990101")
_NOWHERE = "http://127.0.0.1:9"


class Painted(QObject):
    """Counts the paintings of a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


class BenchDesk:
    """Everything of one desk; the engine is there and does not run: nothing comes but what the bench brings."""

    def __init__(self, stores: Stores) -> None:
        clock = SystemClock()
        centre = CentreTimeKeeper(clock, NOW)
        centre.heard(NOW)
        world = World(stores.cache, clock, centre)
        world.sign_in(ACTOR)
        overlay = Overlay(stores.outbox, stores.cache, world)
        gateway = HttpCentreGateway(_NOWHERE)
        parts = Parts(stores.outbox, stores.cache, gateway, overlay, clock, centre, RandomIds())
        self.engine = SyncEngine(parts)
        desk = Desk(
            Ground(stores.outbox, overlay, world, centre, clock, RandomIds(), "bench", self.engine.saved)
        )
        services = Services(
            gateway, overlay, stores.outbox, desk, self.engine, stores.cache, stores.drafts, stores.settings,
            centre, world,
        )  # fmt: skip
        self.stores, self.overlay = stores, overlay
        self.background = Background()
        rules = world.rules() or shipped_rules()
        self.seat = SeatViewModel(services, ACTOR, rules, self.background, NoticeCentre())
        self.queue = QueueViewModel(self.seat, dispatch_tabs())
        self.panel = QueuePanel(self.queue)
        self.panel.resize(*SIZE)
        self.view = self.panel.table.viewport()
        self.painted = Painted()
        self.view.installEventFilter(self.painted)

    def start(self) -> None:
        """Show the panel and read the desk."""
        self.panel.show()
        self.seat.start()
        self.settle()

    def settle(self, timeout: float = 300.0) -> None:
        """Go on until every lane is idle and the list that was asked for is shown."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self.answered and not self.background.busy:
                QApplication.processEvents()
                return
            self.wait()
        raise TimeoutError("the desk does not settle")

    @staticmethod
    def wait() -> None:
        """Sleep until something happens, as an event loop does: asking in a circle would slow the lanes down."""
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    @property
    def answered(self) -> bool:
        """Whether the list shown answers what is asked."""
        queue = self.queue
        return queue.listing.question == (queue.tab, queue.filter, queue.order, queue.descending)

    @property
    def rows_here(self) -> bool:
        """Whether every row in sight can be painted; those that are not here are asked for."""
        table = self.panel.table
        return all(table.row_of(place) is not None for place in table.shown_places())

    def to_paint(self, act: Callable[[], None]) -> float:
        """Milliseconds from an act to the painted rows of its answer."""
        begun = time.perf_counter()
        act()
        while not self.answered or not self.rows_here:
            self.wait()
        self.view.repaint()
        return (time.perf_counter() - begun) * 1e3

    def close(self) -> None:
        """Close everything."""
        self.seat.close()
        self.panel.close()
        self.background.close()
        self.stores.close()


def opened(folder: Path) -> BenchDesk:
    """Open a folder's files and build a desk on them."""
    QApplication.instance() or QApplication([])
    return BenchDesk(open_stores(folder, KEY, synchronous="NORMAL"))


# --- times -----------------------------------------------------------------------------------------------

_OPEN = "SELECT case_id FROM cases WHERE open = 1"
_BY_DUE = " ORDER BY urgent DESC, due_ms IS NULL, due_ms"
_NEWEST = " ORDER BY open DESC, created_ms DESC, id DESC"
_HITS = "SELECT case_id FROM cases WHERE id IN (SELECT rowid FROM case_words WHERE case_words MATCH ?)"
WORD, PLACE = "护栏松动", "建设路12"


class Bare:
    """A bare statement on the same file, all rows fetched."""

    def __init__(self, desk: BenchDesk, sql: str, values: tuple[str, ...]) -> None:
        self._file, self._sql, self._values = desk.stores.cache._file, sql, values

    def __call__(self) -> None:
        with self._file.read() as conn:
            raw = conn.connection.driver_connection
            assert raw is not None
            raw.execute(self._sql, self._values).fetchall()


class Timed:
    """Times of several rounds, by the clock and by the processor (all threads), in milliseconds."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.cpu: list[float] = []

    def run(self, work: Callable[[], object]) -> None:
        cpu, begun = time.process_time(), time.perf_counter()
        work()
        self.clock.append((time.perf_counter() - begun) * 1e3)
        self.cpu.append((time.process_time() - cpu) * 1e3)

    def medians(self, name: str) -> dict[str, float]:
        """The first round is a warm-up."""
        return {
            f"{name}_ms": round(statistics.median(self.clock[1:]), 2),
            f"{name}_cpu_ms": round(statistics.median(self.cpu[1:]), 2),
        }


def times(desk: BenchDesk) -> dict[str, Any]:
    """Measure every question: ours, the bare statement, the repaint."""
    desk.start()
    queue = desk.queue
    calm: dict[str, Callable[[], None]] = {
        "open": lambda: queue.show_tab("late"),
        "sort": lambda: queue.set_order("risk"),
        "filter": lambda: queue.filters.clear(),
        "search": lambda: queue.filters.clear(),
        "search_all": lambda: queue.filters.clear(),
    }
    acts: dict[str, tuple[Callable[[], None], str, tuple[str, ...]]] = {
        "open": (lambda: queue.show_tab("open"), _OPEN + _BY_DUE, ()),
        "sort": (lambda: queue.set_order("number"), _OPEN + " ORDER BY number", ()),
        "filter": (
            lambda: queue.filters.set_part(stages=("handle",)), _OPEN + " AND stage = 'handle'" + _BY_DUE, (),
        ),
        "search": (
            lambda: queue.filters.set_part(text=PLACE), _HITS + " AND open = 1" + _BY_DUE, (f'"{PLACE}"',),
        ),
        "search_all": (lambda: queue.filters.set_part(text=WORD), _HITS + _NEWEST, (f'"{WORD}"',)),
    }  # fmt: skip
    answers = {}
    for name, (act, sql, values) in acts.items():
        if name == "search_all":
            queue.show_tab("every")
            desk.settle()
        ours, bare, repaint = Timed(), Timed(), Timed()
        statement = Bare(desk, sql, values)
        for _ in range(ROUNDS + 1):
            desk.to_paint(calm[name])
            desk.settle()
            ours.run(lambda act=act: desk.to_paint(act))  # type: ignore[misc] # bound in this turn
            desk.settle()
            bare.run(statement)
            repaint.run(desk.view.repaint)
        answers[name] = {
            "rows": queue.count, **ours.medians("ours"), **bare.medians("sql"), **repaint.medians("repaint"),
        }  # fmt: skip
        calm[name]()
        queue.show_tab("open")
        queue.set_order("risk")
        desk.settle()
    return answers


def memory(desk: BenchDesk) -> dict[str, Any]:
    """Bytes that Python and numpy hold for the queue: open cases, then the list of all cases on top."""
    import gc
    import tracemalloc

    desk.panel.show()
    QApplication.processEvents()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    desk.seat.reread()
    desk.settle()
    desk.queue.show_tab("open")
    desk.settle()
    desk.view.repaint()
    gc.collect()
    opened_ = tracemalloc.get_traced_memory()[0] - before
    desk.queue.show_tab("every")
    desk.settle()
    desk.view.repaint()
    gc.collect()
    every = tracemalloc.get_traced_memory()[0] - before
    return {
        "open_bytes": opened_,
        "all_bytes": every,
        "open": desk.seat.book.columns.n,
        "all": desk.queue.count,
    }


def main(folder: str, what: str) -> None:
    """Measure and print."""
    desk = opened(Path(folder))
    if what == "live":
        from tests.bench.queue_live import live

        found = live(desk)
    else:
        found = {"times": times, "memory": memory}[what](desk)
    desk.close()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
