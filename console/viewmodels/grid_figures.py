"""Figures of the grids for the measures of the map: open, overdue, new today, nearest deadline, duty, silence.

All grids are counted on columns in a few milliseconds; handed over is only what differs from the last time. The
clock alone moves hours and lateness, once a minute.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from console.tasks.slices import Slices
from console.viewmodels.case_book import BookChange
from console.viewmodels.case_columns import Bools, CaseColumns
from console.viewmodels.limit_columns import PAUSED
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_order import LATE
from maps.layers.figures import AreaFigures
from services.domain.bands import BANDS
from services.domain.silence import SilenceSettings
from services.ports.field import GridActivity

SOON_MS = 150
"""Changes that come in a burst are counted together."""
MINUTE_S = 60
_LATE = np.array([band in LATE for band in BANDS])
Ints32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GridCounts:
    """Counts of `n` grids: open, overdue and new cases, and hours to the nearest deadline (infinite: none runs)."""

    open: Ints32
    overdue: Ints32
    new_today: Ints32
    nearest_h: Floats

    def differs(self, other: GridCounts) -> Bools:
        """Tell which grids have other counts."""
        if len(other.open) != len(self.open):
            return np.ones(len(self.open), np.bool_)
        same_hours = self.nearest_h == other.nearest_h
        found = (self.open != other.open) | (self.overdue != other.overdue)
        return np.asarray(found | (self.new_today != other.new_today) | ~same_hours, dtype=np.bool_)


def counted(
    columns: CaseColumns, mask: Bools, index: Mapping[str, int], now: float, day: float
) -> GridCounts:
    """Count the cases that pass a mask into grids.

    Args:
        columns: the cases.
        mask: which of them count, shape `(n,)`.
        index: grid code to place.
        now: the moment, seconds since 1970.
        day: the midnight before it.
    """
    n = len(index)
    places = np.array([index.get(code, -1) for code in columns.grids.codes], dtype=np.int64)
    place = places[columns.grid]
    here = mask & (place >= 0)
    running = here & columns.open & np.isfinite(columns.due) & (columns.kind != PAUSED)
    hours = np.full(n, np.inf)
    np.minimum.at(hours, place[running], (columns.due[running] - now) / 3600.0)
    return GridCounts(
        _count(place, here & columns.open, n),
        _count(place, here & columns.open & _LATE[columns.band], n),
        _count(place, here & (columns.created >= day), n),
        _rounded(hours),
    )


def _count(place: npt.NDArray[np.int64], which: Bools, n: int) -> Ints32:
    """Return how many cases stand in each place."""
    return np.bincount(place[which], minlength=n).astype(np.int32)


def _rounded(hours: Floats) -> Floats:
    """Round down to what is read: tenths below a day, whole hours above; so a minute moves only a few grids."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(hours) < 24.0, np.floor(hours * 10.0) / 10.0, np.floor(hours))


class GridFigures(QObject):
    """Keeps the figures of every grid. `changed(dict[str, AreaFigures])` gives those that are new or different."""

    changed = Signal(object)

    def __init__(self, queue: QueueViewModel, parent: QObject | None = None) -> None:
        """Follow book, filter, areas and activity; nothing is known before the areas are there."""
        super().__init__(parent)
        self.queue, self.book, self.seat = queue, queue.book, queue.seat
        self.figures: dict[str, AreaFigures] = {}
        self.activity: GridActivity | None = None
        self.silence = SilenceSettings()
        self.duty: dict[str, bool] = {}
        self._index: dict[str, int] = {}
        self._codes: tuple[str, ...] = ()
        self._counts: GridCounts | None = None
        self._other: set[str] = set()
        self._waiting: set[str] = set()
        self._minute, self._hour = -1, -1
        self._slices = Slices(self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.count)
        self.book.changed.connect(self._on_book)
        self.book.beat.connect(self._on_beat)
        queue.filters.changed.connect(self._ask)

    @property
    def busy(self) -> bool:
        """Whether figures are still being made."""
        return self._slices.busy or self._soon.isActive()

    def finish(self) -> None:
        """Make what is left at once."""
        if self._soon.isActive():
            self.count()
        self._slices.finish()

    # --- what is known ----------------------------------------------------------------------------------

    def set_codes(self, codes: tuple[str, ...]) -> None:
        """Take the grids."""
        if codes != self._codes:
            self._codes, self._index = codes, {code: at for at, code in enumerate(codes)}
            self._counts, self.figures = None, {}
            self.count()

    def set_duty(self, duty: Mapping[str, bool]) -> None:
        """Take for each grid whether its officer is on duty; a grid that is missing is not known."""
        fresh = dict(duty)
        self._other |= {code for code, on in fresh.items() if self.duty.get(code) is not on}
        self._other |= self.duty.keys() - fresh.keys()
        self.duty = fresh
        if self._other:
            self._ask()

    def set_activity(self, activity: GridActivity | None, silence: SilenceSettings) -> None:
        """Take the reports of the grids, from which silence follows; None: nothing is known."""
        if activity is not self.activity or silence != self.silence:
            self.activity, self.silence = activity, silence
            self._other |= self._index.keys()
            self._ask()

    # --- counting ---------------------------------------------------------------------------------------

    def _on_book(self, change: object) -> None:
        """Count at once when all is new, else soon."""
        assert isinstance(change, BookChange)
        if change.everything:
            self.count()
        else:
            self._ask()

    def _on_beat(self, now: object) -> None:
        """Let the clock move hours and lateness, once a minute."""
        assert isinstance(now, datetime)
        if int(now.timestamp()) // MINUTE_S != self._minute:
            self._ask()

    def _ask(self) -> None:
        """Count soon."""
        if not self._soon.isActive():
            self._soon.start()

    def count(self) -> None:
        """Count, and hand over what differs."""
        self._soon.stop()
        if not self._codes:
            return
        now = self.seat.now()
        self._minute = int(now.timestamp()) // MINUTE_S
        if self.activity is not None and self._minute // 60 != self._hour:
            self._hour = self._minute // 60
            self._other |= self._index.keys()  # silence grows by itself
        mask = self.queue.filters.mask(legend=False)
        day = self.book.day_start(now).timestamp()
        fresh = counted(self.book.columns, mask, self._index, now.timestamp(), day)
        places = (
            np.arange(len(self._codes)) if self._counts is None else fresh.differs(self._counts).nonzero()[0]
        )
        if self._slices.busy:  # what the last counting had not handed over yet
            self._other |= self._waiting
        self._counts = fresh
        wanted = {self._codes[at] for at in places.tolist()} | (self._other & self._index.keys())
        self._other = set()
        if wanted:
            self._waiting = wanted
            made: dict[str, AreaFigures] = {}
            self._slices.run(self._make(wanted, fresh, now, made), lambda: self._made(made))

    def _make(
        self, wanted: set[str], counts: GridCounts, now: datetime, made: dict[str, AreaFigures]
    ) -> Iterator[None]:
        """Make the figures of some grids, one a step."""
        opened, late = counts.open.tolist(), counts.overdue.tolist()
        new, hours = counts.new_today.tolist(), counts.nearest_h.tolist()
        activity, duty = self.activity, self.duty
        for code in wanted:
            at = self._index[code]
            days = activity.silent_days(code, now) if activity is not None else None
            made[code] = AreaFigures(
                opened[at],
                late[at],
                duty.get(code),
                new[at],
                hours[at] if opened[at] else None,
                math.floor(days * 10) / 10 if days is not None else None,
                activity.silent(code, now, self.silence) if activity is not None else None,
            )
            yield

    def _made(self, made: dict[str, AreaFigures]) -> None:
        """Hand over what is another figure than before."""
        self._waiting = set()
        real = {code: mine for code, mine in made.items() if self.figures.get(code) != mine}
        self.figures.update(real)
        if real:
            self.changed.emit(real)
