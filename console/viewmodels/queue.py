"""The case queue: tabs of duties, one filter, risk order, and counters that stay right while cases move."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from console.viewmodels import queue_order
from console.viewmodels.case_book import BookChange
from console.viewmodels.case_columns import Bools, CaseColumns, Ints
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.queue_order import LATE, RISK, Ordered, order_plan
from console.viewmodels.rows import RowView, row_view
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BANDS

CALM_S = 0.01
"""A queue that takes longer than this to publish does so at most every `CALM_MS`."""
CALM_MS = 250
LANE = "queue"
AT_ONCE = 4000
"""A list of so few rows is ordered on the spot."""
_LATE = np.array([band in LATE for band in BANDS])


def tr(text: str) -> str:
    """Translate a word of the queue."""
    return QCoreApplication.translate("Queue", text)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: id, title, and which cases belong to it."""

    id: str
    title: str
    holds: Callable[[CaseColumns], Bools]


def in_states(*states: str) -> Callable[[CaseColumns], Bools]:
    """Return a test for the state the centre knows."""
    return lambda columns: queue_order.in_states(columns, *states)


def _my_turn(columns: CaseColumns) -> Bools:
    """Tell which cases wait for the dispatch post: 待派遣, 回退, 待批转, or an application to decide."""
    waits = queue_order.in_states(columns, "pending_dispatch", "returned", "feedback_review")
    return np.asarray(waits | columns.applied)


def _late(columns: CaseColumns) -> Bools:
    """Tell which cases are late."""
    return np.asarray(_LATE[columns.band], dtype=np.bool_)


def dispatch_tabs() -> tuple[Tab, ...]:
    """Return the tabs of 派遣席: the seat's own duties first (design section 4)."""
    return (
        Tab("turn", tr("轮到我办"), _my_turn),
        Tab("pending_dispatch", tr("待派遣"), in_states("pending_dispatch")),
        Tab("returned", tr("回退"), in_states("returned")),
        Tab("feedback_review", tr("待批转"), in_states("feedback_review")),
        Tab("open", tr("在办"), lambda columns: np.asarray(columns.open, dtype=np.bool_)),
        Tab("late", tr("超时"), _late),
    )


class QueueViewModel(QObject):
    """The rows of one queue.

    Signals: `changed()` tells that rows and `counts` are new, `touched(frozenset | None)` that some rows say
    something else (None: all), `arrived(ids)` names new rows.
    """

    changed = Signal()
    touched = Signal(object)
    arrived = Signal(object)

    def __init__(
        self,
        seat: SeatViewModel,
        tabs: tuple[Tab, ...],
        parent: QObject | None = None,
        filters: FilterModel | None = None,
    ) -> None:
        """Listen to the book of the seat; the first tab is shown. `filters` is shared with the map."""
        super().__init__(parent)
        self.seat, self.book = seat, seat.book
        self.filters = filters or FilterModel(seat, parent=self)
        self.tabs = tabs
        self.tab = tabs[0].id
        self.order = RISK
        self.descending = False
        self.packed = b""
        self._ids: tuple[str, ...] | None = ()
        self._ordered: tuple[Ordered, CaseColumns, int] | None = None
        self._away, self._again = False, False
        self.total = 0
        self.counts: dict[str, int] = {tab.id: 0 for tab in tabs}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._publish)
        self._cost_s = 0.0
        self.book.changed.connect(self._on_book)
        self.book.beat.connect(self._on_beat)
        self.filters.changed.connect(self._publish)
        seat.areas_changed.connect(self._on_words)
        seat.learned.changed.connect(self._publish)
        self._publish()

    # --- what the operator chooses ------------------------------------------------------------------

    def show_tab(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab
        self._publish()

    @property
    def filter(self) -> CaseFilter:
        """What is asked for."""
        return self.filters.filter

    def set_filter(self, wanted: CaseFilter) -> None:
        """Ask for something else."""
        self.filters.put(wanted)

    def clear_filter(self) -> None:
        """Show everything of the tab."""
        self.filters.clear()

    def set_order(self, order: str, descending: bool = False) -> None:
        """Order by `risk`, `limit`, `number`, `category`, `grid`, `source`, `stage` or `holder`."""
        self.order, self.descending = order, descending
        self._publish()

    def next_waiting(self, after: str = "") -> str:
        """Return the next case that waits for dispatch in the order shown, empty when there is none."""
        columns = self.book.columns
        waits = queue_order.in_states(columns, "pending_dispatch", "returned")
        if not waits.any():
            return ""
        waiting = [i for i in self.ids if i in columns.slot and waits[columns.slot[i]]]
        if not waiting:
            return ""
        if after in waiting and waiting[-1] != after:
            return waiting[waiting.index(after) + 1]
        return next((case_id for case_id in waiting if case_id != after), "")

    @property
    def count(self) -> int:
        """How many rows the tab shows."""
        return len(self.packed) // 16

    @property
    def ids(self) -> tuple[str, ...]:
        """The cases of the tab in order; made when asked for."""
        if self._ids is None:
            assert self._ordered is not None
            ordered, columns, layout = self._ordered
            if columns is self.book.columns and layout == columns.layout:
                self._ids = tuple(self.book.ids_at(ordered.slots.tolist()))
            else:  # cases have moved to other slots since
                packed = self.packed
                self._ids = tuple(str(UUID(bytes=packed[at : at + 16])) for at in range(0, len(packed), 16))
        return self._ids

    # --- rows ---------------------------------------------------------------------------------------

    def view(self, case_id: str) -> RowView | None:
        """Return the row of a case as it is now, shown or not."""
        entry = self.book.entry(case_id)
        return row_view(entry, self.seat, self.seat.now(), self.book.bands) if entry is not None else None

    def views_of(self, ids: tuple[str, ...]) -> tuple[RowView, ...]:
        """Return the rows of some cases; unknown ones are left out."""
        return tuple(view for case_id in ids if (view := self.view(case_id)) is not None)

    @property
    def rows(self) -> tuple[RowView, ...]:
        """Return every row of the tab in order; for short lists: long ones ask `views_of` for what is seen."""
        return self.views_of(self.ids)

    def open_mask(self, *, legend: bool = True) -> Bools:
        """Tell which cases the map shows: open ones that pass the filter."""
        return np.asarray(self.book.columns.open & self.filters.mask(legend=legend), dtype=np.bool_)

    @property
    def unplaced(self) -> int:
        """How many open cases that pass the filter have no position."""
        return int(np.count_nonzero(self.open_mask() & ~self.book.columns.placed))

    def holds(self, tab: str, case_id: str) -> bool:
        """Tell whether a case belongs to a tab, filtered or not."""
        at = self.book.columns.slot.get(case_id)
        found = next((entry for entry in self.tabs if entry.id == tab), None)
        return at is not None and found is not None and bool(found.holds(self.book.columns)[at])

    # --- keeping up -----------------------------------------------------------------------------------

    def _on_book(self, change: object) -> None:
        """Publish what changed, at once where that is cheap."""
        assert isinstance(change, BookChange)
        if change.everything or self.book.columns.n <= AT_ONCE or self._cost_s <= CALM_S:
            self._publish()
        elif not self._soon.isActive():
            self._soon.start(CALM_MS)
        self.touched.emit(None if change.everything else change.changed | change.moved)
        if change.arrived:
            self.arrived.emit(change.arrived)

    def _on_beat(self, now: object) -> None:
        """Order anew: slack shrinks at different paces. Rows are read again, their clocks may stand still now."""
        assert isinstance(now, datetime)
        self._publish()
        self.touched.emit(None)

    def _on_words(self) -> None:
        """Names of areas are new: a text filter may find others."""
        self._publish()
        self.touched.emit(None)

    def _publish(self) -> None:
        """Count every tab, and order the rows of the one that is shown."""
        begun = time.perf_counter()
        self._soon.stop()
        columns, mask = self.book.columns, self.filters.mask()
        shown: Ints = np.zeros(0, np.int64)
        counts = {}
        for tab in self.tabs:
            held = tab.holds(columns) & mask
            counts[tab.id] = int(np.count_nonzero(held))
            if tab.id == self.tab:
                shown = np.flatnonzero(held)
        self.counts, self.total = counts, int(np.count_nonzero(columns.open))
        self._put_in_order(columns, shown)
        self._cost_s = time.perf_counter() - begun
        self.changed.emit()

    # --- the order --------------------------------------------------------------------------------------

    def _put_in_order(self, columns: CaseColumns, shown: Ints) -> None:
        """Order the rows of the tab; a long list is ordered on a lane, the old one stands until then."""
        if self._away and len(shown) > AT_ONCE:
            self._again = True
            return
        question, layout = self._question, columns.layout
        work = order_plan(columns, shown, self.order, self.descending, self.seat, self.seat.now())
        if len(shown) <= AT_ONCE:
            self._again = False
            self._show_order(work(), columns, layout)
            return
        self._away = True

        def away() -> tuple[object, Ordered, CaseColumns, int]:
            return question, work(), columns, layout

        self.seat.background.submit(LANE, "queue-order", away, self._order_made, self._order_failed)

    @property
    def _question(self) -> tuple[object, ...]:
        """What the list answers: tab, filter, order."""
        return self.tab, self.filter, self.order, self.descending

    def _order_made(self, made: tuple[object, Ordered, CaseColumns, int]) -> None:
        """Show what the lane ordered, unless something else is asked by now; what changed meanwhile follows."""
        question, ordered, columns, layout = made
        self._away = False
        same = question == self._question
        if same:
            self._show_order(ordered, columns, layout)
            self.changed.emit()
        if self._again:
            self._again = False
            self._soon.start(CALM_MS if same else 0)

    def _order_failed(self, error: Exception) -> None:
        """Keep the rows that are shown; the next change tries again."""
        self._away = self._again = False
        self.seat.background.failed.emit(("queue-order", error))

    def _show_order(self, ordered: Ordered, columns: CaseColumns, layout: int) -> None:
        """Take an order."""
        if ordered.packed != self.packed:
            self.packed, self._ids = ordered.packed, None
        self._ordered = ordered, columns, layout
