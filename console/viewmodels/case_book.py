"""The one place where a seat keeps its open cases as columns; queue, map and counters all read it.

Closed ones that were reported today stay too (column `open` is False), for the figure of the day.

It hears which cases changed and looks at those alone. A whole new copy comes as columns that were made on the store's
lane; the cases the operator has acted on are put on top of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.tasks.slices import Slices
from console.viewmodels.case_columns import CaseColumns
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.desk_reading import Clocks, clocks_of
from console.viewmodels.limit_columns import ODD, WorkedTime
from services.domain.bands import BandSettings
from services.ports.picture import Projected

if TYPE_CHECKING:
    from console.viewmodels.seat import SeatViewModel

BEAT_S = 15
ODD_LANE = "clocks"
#: cases taken in one step, and after how many the others are told when more are coming
PART, TOLD = 4, 512


@dataclass(frozen=True, slots=True)
class BookChange:
    """What is different in the book.

    Attributes:
        everything: the columns are new ones; look at all cases again.
        changed: cases that say something else or are new.
        left: cases that are no longer in the book.
        arrived: those of `changed` that were not there before.
        moved: cases whose band the clock alone has moved.
    """

    everything: bool = False
    changed: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    arrived: tuple[str, ...] = ()
    moved: frozenset[str] = frozenset()


class CaseBook(QObject):
    """Keeps `columns` right, bands to the second.

    Signals: `changed(BookChange)` follows every change, `beat(datetime)` comes every 15 seconds.
    """

    changed = Signal(object)
    beat = Signal(object)

    def __init__(self, seat: SeatViewModel) -> None:
        """Listen to the seat, and take what it has."""
        super().__init__(seat)
        self.seat = seat
        self.bands = BandSettings()
        self.columns = self._empty()
        self._slices = Slices(self)
        self._late: set[str] = set()
        self._coming: dict[str, None] = {}
        self._looks = Slices(self)
        self._last: datetime | None = None
        self._day = self.day_start(seat.now())
        self._odd = Slices(self)
        self._odd_away = False
        seat.rows_changed.connect(self._on_rows)
        seat.reference_changed.connect(self._on_reference)
        seat.second.connect(self._on_second)

    @property
    def reading(self) -> bool:
        """Whether a new copy is being read."""
        return self._slices.busy

    def finish(self) -> None:
        """Do at once what is left of a new copy and of the clocks that are read one by one."""
        self._slices.finish()
        self._looks.finish()
        self._odd.finish()

    def rebuild(self) -> None:
        """Read every case anew, beside the columns that are shown."""
        if isinstance(self.seat.cases, CaseShelf):
            self.seat.reread()
            return
        self._late.clear()
        self._last = self.seat.now()
        fresh = self._empty()
        self._slices.run(self._fill(fresh, list(self.seat.cases.values())), lambda: self._take(fresh))

    def entry(self, case_id: str) -> Projected | None:
        """Return a case that is open or has own undecided commands, None for another."""
        entry = self.seat.case(case_id) if case_id in self.columns.slot else None
        return entry if entry is not None and (entry.case.open or entry.pending) else None

    def ids_at(self, slots: Iterable[int]) -> list[str]:
        """Return the cases in some slots, in that order."""
        ids = self.columns.ids
        return [ids[at] for at in slots]

    # --- hearing ----------------------------------------------------------------------------------------

    def _on_rows(self, change: object) -> None:
        """Look at the changed cases."""
        ids: frozenset[str] = getattr(change, "ids", frozenset())
        if bool(getattr(change, "everything", True)):
            fresh: CaseColumns | None = getattr(change, "columns", None)
            if fresh is None:
                self.rebuild()
                return
            self._slices.stop()
            self._looks.stop()
            self._coming.clear()
            self._late = set(ids)
            self._last = self.seat.now()
            self._take(fresh)
            return
        if self._slices.busy:
            self._late |= ids  # the new copy may have passed them already
        self._look(ids)

    def _look(self, ids: Iterable[str]) -> None:
        """Take some cases anew and tell of them; many at once are taken in slices, the window answers between them."""
        self._coming.update(dict.fromkeys(ids))
        if not self._looks.busy:
            self._looks.run(self._in_parts())

    def _in_parts(self) -> Iterator[None]:
        """Take what is coming, a few a step, and tell of it in parts."""
        changed: set[str] = set()
        left: set[str] = set()
        arrived: list[str] = []
        while self._coming:
            part = list(islice(self._coming, PART))
            for case_id in part:
                del self._coming[case_id]
            more, gone, new = self._put(part)
            changed |= more
            left |= gone
            arrived += new
            if not self._coming or len(changed) + len(left) >= TOLD:
                if changed or left:
                    self.changed.emit(BookChange(False, frozenset(changed), frozenset(left), tuple(arrived)))
                changed, left, arrived = set(), set(), []
            yield

    def _on_reference(self) -> None:
        """Take other rules: another calendar makes other times, other names only other words."""
        if self.columns.worked.calendar.same(self.seat.rules.calendar):
            self.changed.emit(BookChange(everything=True))
        else:
            self.rebuild()

    def _put(self, ids: Iterable[str]) -> tuple[set[str], set[str], list[str]]:
        """Take some cases anew; returns those that changed, left and came."""
        columns, now = self.columns, self.seat.now()
        self._day = self.day_start(now)
        changed: set[str] = set()
        left: set[str] = set()
        arrived: list[str] = []
        for case_id in ids:
            entry = self.seat.case(case_id)
            if entry is None or not self._belongs(entry, self._day):
                if columns.drop(case_id):
                    left.add(case_id)
                continue
            if columns.put(entry, now) and entry.case.open:
                arrived.append(case_id)
            changed.add(case_id)
        return changed, left, arrived

    def _on_second(self, now: object) -> None:
        """Let the bands move by the clock."""
        assert isinstance(now, datetime)
        self._say_moved(self.ids_at(self.columns.move_to(now).tolist()))
        if self._last is None or (now - self._last).total_seconds() >= BEAT_S or now < self._last:
            self._last = now
            self.beat.emit(now)
            if not self._odd.busy and not self._odd_away:
                self._look_at_odd(now)

    def _say_moved(self, moved: list[str]) -> None:
        """Tell whose band the clock has moved."""
        if moved:
            self.changed.emit(BookChange(moved=frozenset(moved)))

    def _look_at_odd(self, now: datetime) -> None:
        """Read the clocks that do not count evenly; from files on a lane, a district has thousands of them."""
        ids = self.ids_at(self.columns.odd().tolist())
        if not isinstance(self.seat.cases, CaseShelf):
            self._take_odd((now, self.columns, self._clocks_in_memory(ids)))
        elif ids:
            picture, columns = self.seat.services.picture, self.columns
            self._odd_away = True
            self.seat.background.submit(
                ODD_LANE,
                "odd",
                lambda: (now, columns, clocks_of(picture, ids)),
                self._take_odd,
                self._odd_failed,
            )

    def _clocks_in_memory(self, ids: list[str]) -> Clocks:
        """Return the clocks of cases that are all in memory."""
        entries = ((case_id, self.seat.case(case_id)) for case_id in ids)
        return [
            (case_id, entry.case.version, entry.case.clock) for case_id, entry in entries if entry is not None
        ]

    def _take_odd(self, read: tuple[datetime, CaseColumns, Clocks]) -> None:
        """Put what was read into the columns it was read for, a few a step."""
        self._odd_away = False
        now, columns, clocks = read
        moved: list[str] = []
        if columns is self.columns:
            self._odd.run(self._put_odd(now, clocks, moved), lambda: self._say_moved(moved))

    def _put_odd(self, now: datetime, clocks: Clocks, moved: list[str]) -> Iterator[None]:
        """Read clocks anew; a case that changed since its clock was read is passed over, it is right already."""
        columns = self.columns
        for case_id, version, clock in clocks:
            at = columns.slot.get(case_id)
            if at is None or columns.kind[at] != ODD or self._newer(case_id, version):
                continue
            if columns.read_again(at, clock, now):
                moved.append(case_id)
            yield

    def _newer(self, case_id: str, version: int) -> bool:
        """Tell whether memory has a newer version of a case."""
        cases = self.seat.cases
        return isinstance(cases, CaseShelf) and cases.kept(case_id) and cases[case_id].case.version > version

    def _odd_failed(self, error: Exception) -> None:
        """Leave the clocks as they are; the next beat reads them."""
        self._odd_away = False
        self.seat.background.failed.emit(("odd", error))

    # --- a new copy -------------------------------------------------------------------------------------

    def _empty(self) -> CaseColumns:
        """Return columns without cases."""
        since = self.seat.now() - timedelta(days=1)
        return CaseColumns(WorkedTime(self.seat.rules.calendar, since), self.bands)

    def _fill(self, columns: CaseColumns, entries: list[Projected]) -> Iterator[None]:
        """Take every case, one a step."""
        now = self.seat.now()
        day = self.day_start(now)
        for entry in entries:
            if self._belongs(entry, day):
                columns.put(entry, now)
            yield

    def _take(self, fresh: CaseColumns) -> None:
        """Show the new copy; what changed while it was read is looked at once more."""
        self.columns = fresh
        late, self._late = self._late, set()
        if late:
            self._put(late)
        self.columns.move_to(self.seat.now())
        self.changed.emit(BookChange(everything=True))

    # --- which cases ------------------------------------------------------------------------------------

    def day_start(self, now: datetime) -> datetime:
        """Return the midnight at which the centre's present day began."""
        return self.seat.rules.calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)

    @staticmethod
    def _belongs(entry: Projected, day: datetime) -> bool:
        """Tell whether a case stands in the book: open, own commands undecided, or reported today."""
        return entry.case.open or bool(entry.pending) or entry.case.created_at >= day
