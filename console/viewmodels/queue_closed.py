"""What was closed in the last 24 hours, read from the own copy: there offline too, the latest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
from PySide6.QtCore import QObject, Signal

from console.viewmodels.case_columns import CaseColumns, Ints
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.limit_columns import WorkedTime
from console.viewmodels.queue_order import RISK, Ordered, order_plan
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BandSettings
from services.domain.calendar import WorkCalendar
from services.ports.picture import CaseQuery, Picture, Projected

SPAN = timedelta(hours=24)
MOST = 2000
"""More cases than this are not listed: the latest are."""
LANE = "closed"
PORTION = 64
Ended = dict[str, datetime]


class RecentlyClosed(QObject):
    """The cases that ended within 24 hours, as columns of their own. `changed()` follows every difference.

    Read from the files on a lane when the whole copy is new; afterwards the cases the seat names are looked at.
    """

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the seat, and read what is there."""
        super().__init__(parent)
        self.seat = seat
        self._ended: Ended = {}
        self._late: set[str] = set()
        self._reading = False
        self.columns = _empty(seat.rules.calendar, seat.now())
        seat.rows_changed.connect(self._on_rows)
        seat.book.beat.connect(self._on_beat)
        self._read()

    @property
    def count(self) -> int:
        """How many there are, filtered or not."""
        return len(self._ended)

    def entry(self, case_id: str) -> Projected | None:
        """Return a case of the list."""
        return self.seat.case(case_id) if case_id in self._ended else None

    def shown(self, filters: FilterModel) -> Ints:
        """Return the slots that pass a filter; states and bands of open cases are not asked of closed ones."""
        return np.flatnonzero(filters.mask_of(self.columns, but=("states", "bands", "stages")))

    def in_order(self, filters: FilterModel, order: str, descending: bool) -> Ordered:
        """Return the cases that pass: the latest first, or by a column."""
        slots, columns = self.shown(filters), self.columns
        if order != RISK:
            return order_plan(columns, slots, order, descending, self.seat, self.seat.now())()
        ended = np.array([-self._ended[columns.ids[at]].timestamp() for at in slots.tolist()])
        slots = slots[np.argsort(ended, kind="stable")] if len(slots) else slots
        return Ordered(slots, columns.keys[slots].tobytes())

    # --- hearing ----------------------------------------------------------------------------------------

    def _on_rows(self, change: object) -> None:
        """Look at the changed cases."""
        if bool(getattr(change, "everything", True)):
            self._read()
            return
        ids: frozenset[str] = getattr(change, "ids", frozenset())
        if self._reading:
            self._late |= ids  # the reading may have passed them already
        book = self.seat.book.columns
        self._look(one for one in ids if one in self._ended or not _is_open(book, one))

    def _on_beat(self, now: object) -> None:
        """Let go what ended longer ago."""
        assert isinstance(now, datetime)
        self._look([case_id for case_id, ended in self._ended.items() if ended < now - SPAN])

    def _look(self, ids: Iterable[str]) -> None:
        """Take some cases anew."""
        since, different = self.seat.now() - SPAN, False
        for case_id in ids:
            entry = self.seat.case(case_id)
            if entry is not None and (ended := ended_since(entry, since)) is not None:
                self._put(entry, ended)
                different = True
            elif self._ended.pop(case_id, None) is not None:
                self.columns.drop(case_id)
                different = True
        if different:
            self.changed.emit()

    def _put(self, entry: Projected, ended: datetime) -> None:
        """Take a case; the one that ended first goes when there are too many."""
        self._ended[entry.case.case_id] = ended
        self.columns.put(entry, self.seat.now())
        if len(self._ended) > MOST:
            first = min(self._ended, key=lambda case_id: self._ended[case_id])
            del self._ended[first]
            self.columns.drop(first)

    # --- reading --------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Read what ended lately from the own files, on a lane of its own."""
        self._reading = True
        picture, calendar, now = self.seat.services.picture, self.seat.rules.calendar, self.seat.now()
        self.seat.background.submit(
            LANE, "queue-closed", lambda: read_closed(picture, calendar, now), self._taken, self._failed
        )

    def _taken(self, found: tuple[Ended, CaseColumns]) -> None:
        """Show what was read; what changed meanwhile is looked at once more."""
        self._reading = False
        self._ended, self.columns = found
        late, self._late = self._late, set()
        self._look(late)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        """Keep the list that is shown; the next whole copy is read again."""
        self._reading = False
        self._late.clear()
        self.seat.background.failed.emit(("queue-closed", error))


def read_closed(picture: Picture, calendar: WorkCalendar, now: datetime) -> tuple[Ended, CaseColumns]:
    """Read the cases that ended within 24 hours, the latest ones when there are too many; any thread."""
    since = now - SPAN
    rows = picture.rows(CaseQuery(open_only=False, closed_since=since, order="closed", limit=MOST))
    ids = [row.case_id for row in rows if row.closed_at is not None and row.closed_at >= since]
    found: list[tuple[datetime, Projected]] = []
    for start in range(0, len(ids), PORTION):
        for entry in picture.projects(ids[start : start + PORTION]).values():
            if (ended := ended_since(entry, since)) is not None:
                found.append((ended, entry))
    ended_at: Ended = {}
    columns = _empty(calendar, now)
    for ended, entry in sorted(found, key=lambda pair: pair[0], reverse=True)[:MOST]:
        ended_at[entry.case.case_id] = ended
        columns.put(entry, now)
    return ended_at, columns


def ended_since(entry: Projected, since: datetime) -> datetime | None:
    """Return when a case came to its end as the centre knows it, None when it is open or ended before `since`."""
    case = entry.cached if entry.pending and entry.cached is not None else entry.case
    if case.open or case.closed_at is None or case.closed_at < since:
        return None
    return case.closed_at


def _is_open(columns: CaseColumns, case_id: str) -> bool:
    at = columns.slot.get(case_id)
    return at is not None and bool(columns.open[at])


def _empty(calendar: WorkCalendar, now: datetime) -> CaseColumns:
    """Return columns without cases."""
    return CaseColumns(WorkedTime(calendar, now - timedelta(days=1)), BandSettings())
