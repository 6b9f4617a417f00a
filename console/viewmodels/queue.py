"""The case queue: tabs of duties, filters, risk order, and counters that stay right while cases move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.rows import RowView, row_view
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BandSettings
from services.ports.picture import Projected

#: bands in which a case can still be kept in time, and those already lost
KEEPABLE = ("soon", "ok")
LATE = ("over1", "over2", "over3")
REBAND_S = 15


def tr(text: str) -> str:
    """Translate a word of the queue."""
    return QCoreApplication.translate("Queue", text)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: id, title, and which cases belong to it."""

    id: str
    title: str
    holds: Callable[[Projected, RowView], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the filter bar asks for; empty means any. `street` is a 9-digit code, `major` a category prefix."""

    street: str = ""
    source: str = ""
    major: str = ""
    text: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.street or self.source or self.major or self.text)


def in_states(*states: str) -> Callable[[Projected, RowView], bool]:
    """Return a test for the state the centre knows."""
    wanted = frozenset(states)
    return lambda entry, row: row.state in wanted


def _my_turn(entry: Projected, row: RowView) -> bool:
    """Tell whether a case waits for the dispatch post: 待派遣, 回退, 待批转, or an application to decide."""
    if row.state in ("pending_dispatch", "returned", "feedback_review"):
        return True
    return bool(entry.case.flags & {"extension_pending", "suspend_pending"})


def dispatch_tabs() -> tuple[Tab, ...]:
    """Return the tabs of 派遣席: the seat's own duties first (design section 4)."""
    return (
        Tab("turn", tr("轮到我办"), _my_turn),
        Tab("pending_dispatch", tr("待派遣"), in_states("pending_dispatch")),
        Tab("returned", tr("回退"), in_states("returned")),
        Tab("feedback_review", tr("待批转"), in_states("feedback_review")),
        Tab("open", tr("在办"), lambda entry, row: entry.case.open),
        Tab("late", tr("超时"), lambda entry, row: row.band in LATE),
    )


def risk_key(entry: Projected, row: RowView, safety: bool) -> tuple[int, float, str]:
    """Return the place in the risk order: urgent and safety first, then least slack, then late, then suspended.

    What is already late comes after what can still be kept: closing it never improves 按期 (design 3.1).
    """
    left = float(row.reading.remaining_s) if row.reading is not None else 0.0
    if entry.case.urgent or (safety and row.band in KEEPABLE):
        return 0, left, row.case_id
    if row.band in KEEPABLE:
        return 1, left, row.case_id
    if row.band in LATE:
        return 2 + LATE.index(row.band), left, row.case_id
    return 5, left, row.case_id


class QueueViewModel(QObject):
    """The rows of one queue. `changed()` tells that `rows` and `counts` are new; `arrived(ids)` names new rows."""

    changed = Signal()
    arrived = Signal(object)

    def __init__(self, seat: SeatViewModel, tabs: tuple[Tab, ...], parent: QObject | None = None) -> None:
        """Listen to the seat; the first tab is shown."""
        super().__init__(parent)
        self.seat = seat
        self.tabs = tabs
        self.tab = tabs[0].id
        self.filter = Filter()
        self.order = "risk"
        self.descending = False
        self.bands = BandSettings()
        self.rows: tuple[RowView, ...] = ()
        self.counts: dict[str, int] = {tab.id: 0 for tab in tabs}
        self._views: dict[str, RowView] = {}
        self._last: datetime | None = None
        seat.rows_changed.connect(self._on_rows_changed)
        seat.reference_changed.connect(self._rebuild)
        seat.areas_changed.connect(self._rebuild)
        seat.second.connect(self._on_second)
        self._rebuild()

    # --- what the operator chooses ------------------------------------------------------------------

    def show_tab(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab
        self._publish()

    def set_filter(self, wanted: Filter) -> None:
        """Filter by street, source, category or text."""
        self.filter = wanted
        self._publish()

    def clear_filter(self) -> None:
        """Show everything of the tab."""
        self.set_filter(Filter())

    def set_order(self, order: str, descending: bool = False) -> None:
        """Order by `risk`, `limit`, `number`, `category`, `grid`, `source`, `stage` or `holder`."""
        self.order, self.descending = order, descending
        self._publish()

    def next_waiting(self, after: str = "") -> str:
        """Return the next case that waits for dispatch in the order shown, empty when there is none."""
        waiting = [row.case_id for row in self.rows if row.state in ("pending_dispatch", "returned")]
        if not waiting:
            return ""
        if after in waiting and waiting[-1] != after:
            return waiting[waiting.index(after) + 1]
        return next((case_id for case_id in waiting if case_id != after), "")

    def view(self, case_id: str) -> RowView | None:
        """Return the row of a case, shown or not."""
        return self._views.get(case_id)

    @property
    def views(self) -> tuple[RowView, ...]:
        """Return every open case of the seat that passes the filter, for the map."""
        return tuple(row for row in self._views.values() if self._passes(row))

    # --- keeping up -----------------------------------------------------------------------------------

    def _on_rows_changed(self, change: object) -> None:
        """Look at the changed cases again."""
        everything = bool(getattr(change, "everything", True))
        ids: frozenset[str] = getattr(change, "ids", frozenset())
        if everything:
            self._rebuild()
            return
        now = self.seat.now()
        fresh = []
        for case_id in ids:
            entry = self.seat.case(case_id)
            if entry is None or not (entry.case.open or entry.pending):
                self._views.pop(case_id, None)
                continue
            if case_id not in self._views:
                fresh.append(case_id)
            self._views[case_id] = row_view(entry, self.seat, now, self.bands)
        self._publish()
        if fresh:
            self.arrived.emit(tuple(fresh))

    def _rebuild(self) -> None:
        """Make every row anew."""
        now = self._last = self.seat.now()
        self._views = {
            entry.case.case_id: row_view(entry, self.seat, now, self.bands)
            for entry in self.seat.open_cases()
        }
        self._publish()

    def _on_second(self, now: object) -> None:
        """Let bands move by the clock, not only by events."""
        assert isinstance(now, datetime)
        if self._last is None or (now - self._last).total_seconds() >= REBAND_S:
            self._rebuild()

    def _passes(self, row: RowView) -> bool:
        """Tell whether a row passes the filter."""
        entry = self.seat.case(row.case_id)
        if entry is None:
            return False
        wanted, case = self.filter, entry.case
        if wanted.street and not (case.grid or "").startswith(wanted.street):
            return False
        if wanted.source and case.source != wanted.source:
            return False
        if wanted.major and not (case.category or "").startswith(wanted.major):
            return False
        if wanted.text:
            where = (
                f"{case.number or ''} {case.description} {case.location.address} {row.category} {row.grid}"
            )
            return wanted.text.lower() in where.lower()
        return True

    def _publish(self) -> None:
        """Count every tab, and order the rows of the one that is shown."""
        shown: list[tuple[Projected, RowView]] = []
        counts = dict.fromkeys(self.counts, 0)
        for row in self._views.values():
            entry = self.seat.case(row.case_id)
            if entry is None:
                continue
            for tab in self.tabs:
                if tab.holds(entry, row):
                    counts[tab.id] += 1
                    if tab.id == self.tab and self._passes(row):
                        shown.append((entry, row))
        self.counts = counts
        self.rows = tuple(row for _, row in self._ordered(shown))
        self.changed.emit()

    def _ordered(self, shown: list[tuple[Projected, RowView]]) -> list[tuple[Projected, RowView]]:
        """Put rows in the chosen order; equal ones stay in the order of their numbers."""
        shown.sort(key=lambda pair: (pair[1].number_short, pair[1].case_id))
        if self.order == "risk":
            shown.sort(key=lambda pair: risk_key(pair[0], pair[1], self._safety(pair[0])))
        else:
            shown.sort(key=lambda pair: _column_key(pair[1], self.order), reverse=self.descending)
        return shown

    def _safety(self, entry: Projected) -> bool:
        """Tell whether the category of a case is one of safety."""
        category = self.seat.rules.categories.get(entry.case.category or "")
        return category is not None and category.safety


def _column_key(row: RowView, column: str) -> tuple[float, str]:
    """Return the sort key of a column."""
    if column == "limit":
        return (float(row.reading.remaining_s) if row.reading is not None else float("inf")), row.case_id
    if column == "stage":
        return float(row.stage_index), row.stage
    if column == "urgency":
        return float(-row.urgency), row.case_id
    values = {
        "number": row.number_short,
        "category": row.category,
        "grid": row.grid,
        "summary": row.summary,
        "source": row.source,
        "holder": row.holder,
    }
    return 0.0, values.get(column, row.case_id)
