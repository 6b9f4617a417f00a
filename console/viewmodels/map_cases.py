"""Which cases the map shows: those of the one filter, handed over as columns once, then only what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.case_book import BookChange
from console.viewmodels.case_columns import Ints
from console.viewmodels.queue import QueueViewModel
from maps.layers.cases import MapCase, PreparedCases, prepare_columns, ready_cases
from maps.layers.tokens import BANDS as MAP_BANDS
from services.domain.bands import BANDS

LANE = "map-cases"
AT_ONCE = 500
"""So few cases are made ready on the spot."""
TURN_ABOVE = 4000
"""With more cases than this in the book, queue and map do not work in the same turn of the event loop."""
MANY = 400
"""More changes than this are handed over as a whole new set."""
_BAND = np.array([MAP_BANDS.index(band) for band in BANDS], dtype=np.uint8)

Describe = Callable[[str], MapCase | None]
Ready = tuple[PreparedCases, set[str]]


@dataclass(frozen=True, slots=True)
class MapChange:
    """A few cases that changed, and those that are not shown any more."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


class MapCases(QObject):
    """Follows book and filter.

    Signals: `replaced(PreparedCases)` for a whole new set, `updated(MapChange)` for a few. `describe` gives the words
    of a case when a card asks for them.
    """

    replaced = Signal(object)
    updated = Signal(object)

    def __init__(self, queue: QueueViewModel, parent: QObject | None = None) -> None:
        """Nothing is shown before `begin`."""
        super().__init__(parent)
        self.queue, self.book, self.seat = queue, queue.book, queue.seat
        self.describe: Describe = lambda _case_id: None
        self.shown: set[str] = set()
        self._away = False
        self._again = False
        self._touched: set[str] = set()
        self._begun = False
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._replace)
        self.book.changed.connect(self._on_book)
        queue.filters.changed.connect(self.replace)

    def begin(self, describe: Describe) -> None:
        """Hand everything over for the first time."""
        self.describe, self._begun = describe, True
        self.replace()

    # --- a few ------------------------------------------------------------------------------------------

    def _on_book(self, change: object) -> None:
        """Hand over what changed."""
        assert isinstance(change, BookChange)
        ids = change.changed | change.left | change.moved
        if change.everything or len(ids) > MANY:
            self.replace()
            return
        self._touched |= ids
        if not self._away:
            self._hand_over()

    def _hand_over(self) -> None:
        """Say which of the touched cases are shown and which are not."""
        ids, self._touched = self._touched, set()
        if not ids or not self._begun:
            return
        slot, mask = self.book.columns.slot, self.queue.open_mask()
        changed = tuple(i for i in sorted(ids) if i in slot and mask[slot[i]])
        removed = tuple(sorted((ids - set(changed)) & self.shown))
        self.shown.difference_update(removed)
        self.shown.update(changed)
        if changed or removed:
            self.updated.emit(MapChange(changed, removed))

    # --- all --------------------------------------------------------------------------------------------

    def replace(self) -> None:
        """Hand a whole new set over; among many cases in a turn of its own, after the queue has had its."""
        if self.book.columns.n > TURN_ABOVE:
            self._turn.start()
        else:
            self._replace()

    def _replace(self) -> None:
        """Hand a whole new set over; many cases are made ready on the lane, one set at a time."""
        if not self._begun:
            return
        if self._away:
            self._again = True
            return
        self._touched.clear()
        slots = np.flatnonzero(self.queue.open_mask())
        work = self._work(slots)
        if len(slots) <= AT_ONCE:
            self._take(work())
            return
        self._away = True
        self.seat.background.submit(LANE, "map-cases", work, self._made, self._failed)

    def _work(self, slots: Ints) -> Callable[[], Ready]:
        """Return what makes a set ready; the columns are copied now, the work may run anywhere."""
        columns = self.book.columns
        everyone = columns.ids.copy()
        lon, lat = columns.lon[slots], columns.lat[slots]
        band, urgency = columns.band[slots], columns.urgency[slots]
        pending, stage, grid = columns.pending[slots], columns.stage[slots], columns.grid[slots]
        codes, describe = tuple(columns.grids.codes), self.describe
        district = self.seat.map_ground.district
        areas, picker = (district.areas, district.picker) if district is not None else (None, None)

        def work() -> tuple[PreparedCases, set[str]]:
            ids = [everyone[at] for at in slots.tolist()]
            grids = [codes[g] for g in grid.tolist()]
            table = prepare_columns(ids, lon, lat, _BAND[band], urgency, pending, stage, grids, describe)
            return ready_cases(table, areas, picker), set(ids)

        return work

    def _made(self, ready: Ready) -> None:
        """Take what the lane made, then what changed meanwhile."""
        self._away = False
        if self._again:
            self._again = False
            self._replace()
            return
        self._take(ready)
        self._hand_over()

    def _take(self, ready: Ready) -> None:
        """Show a set."""
        prepared, self.shown = ready
        self.replaced.emit(prepared)

    def _failed(self, error: Exception) -> None:
        """Say that the map could not take the cases; the next change tries again."""
        self._away = self._again = False
        self.seat.background.failed.emit(("map-cases", error))
