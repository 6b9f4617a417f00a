"""What was closed in the last 24 hours, read from the own copy: there offline too, the latest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
from PySide6.QtCore import QObject, Signal

from console.tasks.slices import Slices
from console.viewmodels.case_columns import CaseColumns, Ints
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.limit_columns import WorkedTime
from console.viewmodels.queue_order import RISK, Ordered, order_plan
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BandSettings
from services.ports.picture import Projected

SPAN = timedelta(hours=24)
MOST = 5000
"""More cases than this are not listed: the latest are."""


class RecentlyClosed(QObject):
    """The cases that ended within 24 hours, as columns of their own. `changed()` follows every difference."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the seat; what it has is read in slices."""
        super().__init__(parent)
        self.seat = seat
        self._ended: dict[str, datetime] = {}
        self.columns = self._empty()
        self._slices = Slices(self)
        seat.rows_changed.connect(self._on_rows)
        seat.book.beat.connect(self._on_beat)
        self._rebuild()

    @property
    def count(self) -> int:
        """How many there are, filtered or not."""
        return len(self._ended)

    def entry(self, case_id: str) -> Projected | None:
        """Return a case of the list."""
        return self.seat.case(case_id) if case_id in self._ended else None

    def finish(self) -> None:
        """Do at once what is left of a new reading."""
        self._slices.finish()

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
            self._rebuild()
            return
        ids: frozenset[str] = getattr(change, "ids", frozenset())
        self._look(ids)

    def _on_beat(self, now: object) -> None:
        """Let go what ended longer ago."""
        assert isinstance(now, datetime)
        old = [case_id for case_id, ended in self._ended.items() if ended < now - SPAN]
        if old:
            self._look(old)

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

    def _rebuild(self) -> None:
        """Look at every case, some a slice."""
        entries = list(self.seat.cases.values())
        found: list[tuple[datetime, Projected]] = []
        self._slices.run(self._find(entries, found), lambda: self._take(found))

    def _find(self, entries: list[Projected], found: list[tuple[datetime, Projected]]) -> Iterator[None]:
        """Find what ended lately."""
        since = self.seat.now() - SPAN
        for place, entry in enumerate(entries):
            if not entry.case.open and (ended := ended_since(entry, since)) is not None:
                found.append((ended, entry))
            if place % 64 == 0:
                yield

    def _take(self, found: list[tuple[datetime, Projected]]) -> None:
        """Keep the latest; what changed while they were looked for is looked at by its own word."""
        self._ended, self.columns = {}, self._empty()
        for ended, entry in sorted(found, key=lambda pair: pair[0], reverse=True)[:MOST]:
            now = self.seat.case(entry.case.case_id) or entry
            if not now.case.open:
                self._put(now, ended)
        self.changed.emit()

    def _empty(self) -> CaseColumns:
        """Return columns without cases."""
        since = self.seat.now() - timedelta(days=1)
        return CaseColumns(WorkedTime(self.seat.rules.calendar, since), BandSettings())


def ended_since(entry: Projected, since: datetime) -> datetime | None:
    """Return when a case came to its end as the centre knows it, None when it is open or ended before `since`."""
    case = entry.cached if entry.pending and entry.cached is not None else entry.case
    if case.open or case.closed_at is None or case.closed_at < since:
        return None
    return case.closed_at
