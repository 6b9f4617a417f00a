"""The case queue: tabs of duties, one filter, risk order, and counters that stay right while cases move."""

from __future__ import annotations

import time
from datetime import datetime

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels import queue_order
from console.viewmodels.all_cases import AllCases
from console.viewmodels.case_book import BookChange
from console.viewmodels.case_columns import Bools
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.queue_closed import RecentlyClosed
from console.viewmodels.queue_counters import NO_COUNTER, Counter, counts_of
from console.viewmodels.queue_listing import AT_ONCE, CALM_MS, QueueListing, nothing
from console.viewmodels.queue_look import QueueLook
from console.viewmodels.queue_news import entered
from console.viewmodels.queue_sight import RowsInSight
from console.viewmodels.queue_tabs import CLOSED, EVERY, OPEN, Tab, dispatch_tabs
from console.viewmodels.rows import RowView, row_view
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.slack import Slack, slack_of
from services.ports.picture import Projected

__all__ = ["AT_ONCE", "CALM_MS", "CALM_S", "QueueViewModel", "Tab", "dispatch_tabs"]
CALM_S = 0.01
"""A queue that takes longer than this to publish does so at most every `CALM_MS`."""


class QueueViewModel(QObject):
    """The rows of one queue.

    Signals: `changed()` tells that rows and `counts` are new, `touched(frozenset | None)` that some rows say
    something else (None: all), `entered(ids)` names cases that are new in the list shown, in its order, after
    `changed`; another tab, filter or order brings no news. `arrived(ids)` names cases new to the seat.
    """

    changed = Signal()
    touched = Signal(object)
    entered = Signal(object)
    arrived = Signal(object)

    def __init__(
        self,
        seat: SeatViewModel,
        tabs: tuple[Tab, ...],
        parent: QObject | None = None,
        filters: FilterModel | None = None,
        look: QueueLook | None = None,
    ) -> None:
        """Listen to the book of the seat; the first tab is shown. `filters` is shared with the map.

        With a `look` the order is the remembered one.
        """
        super().__init__(parent)
        self.seat, self.book = seat, seat.book
        self.filters = filters or FilterModel(seat, parent=self)
        self.look = look or QueueLook(seat, "", parent=self)
        self.tabs = tabs
        self.tab = tabs[0].id
        self.order, self.descending = self.look.order, self.look.descending
        self.total = 0
        self.counts: dict[str, int] = {tab.id: 0 for tab in tabs}
        self._candidates: set[str] = set()
        self._shown_question: tuple[object, ...] = ()
        self._shown_packed = b""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._publish)
        self._cost_s = 0.0
        self.closed = RecentlyClosed(seat, self) if CLOSED in self.counts else None
        self.every = AllCases(seat, self.filters) if EVERY in self.counts else None
        self.sight = RowsInSight(seat, self)
        self.listing = QueueListing(seat, self)
        self.listing.shown.connect(self._on_shown)
        self.listing.wanted.connect(self._publish)
        self.book.changed.connect(self._on_book)
        self.book.beat.connect(self._on_beat)
        self.filters.changed.connect(self._publish)
        if self.closed is not None:
            self.closed.changed.connect(self._on_closed)
        if self.every is not None:
            self.every.changed.connect(self._publish)
        seat.areas_changed.connect(self._on_words)
        seat.learned.changed.connect(self._publish)
        self._publish()

    # --- what the operator chooses ------------------------------------------------------------------

    def show_tab(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab
        if self.every is not None:
            self.every.looked_at = tab == EVERY
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
        self.look.keep_order(order, descending)
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
    def packed(self) -> bytes:
        """The cases of the tab in order, sixteen bytes each."""
        return self.listing.packed

    @property
    def count(self) -> int:
        """How many rows the tab shows."""
        return self.listing.count

    @property
    def ids(self) -> tuple[str, ...]:
        """The cases of the tab in order; made when asked for."""
        return self.listing.ids

    # --- rows ---------------------------------------------------------------------------------------

    def view(self, case_id: str) -> RowView | None:
        """Return the row of a case as it is now, shown or not."""
        entry = self._entry(case_id)
        return row_view(entry, self.seat, self.seat.now(), self.book.bands) if entry is not None else None

    def slack(self, case_id: str) -> Slack | None:
        """Return what the place of a case in the risk order rests on; None for one that is not in the queue."""
        entry = self._entry(case_id)
        return slack_of(entry, self.seat, self.seat.now(), self.book.bands) if entry is not None else None

    def _entry(self, case_id: str) -> Projected | None:
        """Return a case of the book, one that was closed lately, or one of all where all are listed."""
        entry = self.book.entry(case_id)
        if entry is None and self.tab == EVERY:
            return self.seat.case(case_id)
        return self.closed.entry(case_id) if entry is None and self.closed is not None else entry

    def views_of(self, ids: tuple[str, ...]) -> tuple[RowView, ...]:
        """Return the rows of some cases; unknown ones are left out."""
        self.seat.read_cases(ids)  # in one go: they are kept for the lines that follow
        return tuple(view for case_id in ids if (view := self.view(case_id)) is not None)

    def views_here(self, ids: tuple[str, ...]) -> tuple[RowView, ...]:
        """Return those rows that are in memory; the others are read on a lane, and `sight.read` names them then."""
        here = [case_id for case_id in ids if self.sight.here(case_id)]
        if len(here) < len(ids):
            self.sight.want(ids)
        return tuple(view for case_id in here if (view := self.view(case_id)) is not None)

    @property
    def rows(self) -> tuple[RowView, ...]:
        """Return every row of the tab in order; for short lists: long ones ask `views_of` for what is seen."""
        return self.views_of(self.ids)

    def open_mask(self, *, legend: bool = True) -> Bools:
        """Tell which cases the map shows: open ones that pass the filter."""
        return np.asarray(self.book.columns.open & self.filters.mask(legend=legend), dtype=np.bool_)

    @property
    def counters(self) -> dict[str, int]:
        """How many open cases each of `COUNTERS` has under the filter."""
        return counts_of(self.filters)

    def unfiltered(self, tab: str) -> int:
        """Return how many cases a tab would show without the filter; 0 for one that is not there."""
        found = next((entry for entry in self.tabs if entry.id == tab), None)
        return int(np.count_nonzero(found.holds(self.book.columns))) if found is not None else 0

    def choose_counter(self, counter: Counter) -> None:
        """List what a counter counts, from all that is open; once more takes it back."""
        again = counter.asked(self.filter)
        self.filters.set_part(**(NO_COUNTER if again else counter.parts))
        if not again and self.tab != OPEN:
            self.show_tab(OPEN)

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
        if change.everything:
            self._candidates.clear()
            self._shown_question = ()  # a whole new copy is no news
        else:
            self._candidates |= change.changed | change.moved
        if change.everything or self.book.columns.n <= AT_ONCE or self._cost_s <= CALM_S:
            self._publish()
        elif not self._soon.isActive():
            self._soon.start(CALM_MS)
        self.touched.emit(None if change.everything else change.changed | change.moved)
        if change.arrived:
            self.arrived.emit(change.arrived)

    def _on_closed(self) -> None:
        """Count what was closed lately; list it when it is looked at."""
        if self.tab == CLOSED and self.closed is not None:
            self._candidates |= set(self.closed.columns.ids)
        self._publish()
        if self.tab == CLOSED:
            self.touched.emit(None)

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
        """Count every tab and counter, and order the rows of the tab that is shown."""
        begun = time.perf_counter()
        self._soon.stop()
        columns, mask = self.book.columns, self.filters.mask()
        shown, counts = nothing(), {}
        for tab in self.tabs:
            if tab.id == CLOSED and self.closed is not None:
                counts[CLOSED] = len(self.closed.shown(self.filters))
                continue
            if tab.id == EVERY and self.every is not None:
                counts[EVERY] = self.every.count
                continue
            held = tab.holds(columns) & mask
            counts[tab.id] = int(np.count_nonzero(held))
            if tab.id == self.tab:
                shown = np.flatnonzero(held)
        self.counts, self.total = counts, int(np.count_nonzero(columns.open))
        question = self.tab, self.filter, self.order, self.descending
        if self.tab == CLOSED and self.closed is not None:
            ordered = self.closed.in_order(self.filters, self.order, self.descending)
            self.listing.put_ready(ordered, self.closed.columns, question)
        elif self.tab == EVERY and self.every is not None:
            if self.every.ask(self.filter, self.order, self.descending):
                self.listing.put_packed(self.every.packed, question)
        else:
            self.listing.put(columns, shown, self.order, self.descending, question)
        self._cost_s = time.perf_counter() - begun
        self.changed.emit()
        self._tell_news()

    def _on_shown(self, away: bool) -> None:
        """Tell of an order the lane made; one made on the spot is told by `_publish`."""
        if away:
            self.changed.emit()
            self._tell_news()

    def _tell_news(self) -> None:
        """Name the cases that are new in the list, when it answers the same question as before."""
        listing = self.listing
        if listing.packed is self._shown_packed and listing.question == self._shown_question:
            return
        before, self._shown_packed = self._shown_packed, listing.packed
        same, self._shown_question = listing.question == self._shown_question, listing.question
        candidates, self._candidates = self._candidates, set()
        fresh = entered(candidates, before, listing.packed) if same else ()
        if fresh:
            self.entered.emit(fresh)
