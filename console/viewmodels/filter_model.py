"""The one filter of a workspace: queue, map and counters read it, hands on any of them change it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.case_columns import UNKNOWN, Bools, CaseColumns, Ints
from console.viewmodels.case_filter import (
    EMPTY,
    CaseFilter,
    LegendPart,
    Region,
    cheap_mask,
    legend_mask,
    sounds_like,
    text_hits,
    unknown,
)
from console.viewmodels.filter_words import FilterPart, parts_of
from console.viewmodels.seat import STORE, SeatViewModel

LANE = "filter"
AWAY_FROM = 4000
"""More cases than this are asked about a region on the lane."""
KEEP_AFTER_MS = 800
"""The filter is written down when it has not changed for this long."""


class FilterModel(QObject):
    """Holds a `CaseFilter` and answers it for all cases of the book.

    `changed()` tells that the filter is another one, or that a region has now been worked out. With a `name` the
    filter is remembered for the user on this machine.
    """

    changed = Signal()

    def __init__(self, seat: SeatViewModel, name: str = "", parent: QObject | None = None) -> None:
        """Start with what was remembered, or with nothing."""
        super().__init__(parent)
        self.seat, self.book = seat, seat.book
        self._name = f"{name}.filter" if name else ""
        self._text_key, self._region_key = f"text:{id(self)}", f"region:{id(self)}"
        self._asked: Region | None = None
        self._answers = 0
        self._mask: tuple[tuple[Any, ...] | None, Bools] = (None, np.zeros(0, np.bool_))
        self.filter = EMPTY
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(KEEP_AFTER_MS)
        self._keep.timeout.connect(self._write)
        if self._name:
            self.filter = CaseFilter.from_doc(seat.services.settings.value(self._name))

    # --- what the operator asks -------------------------------------------------------------------------

    def put(self, wanted: CaseFilter) -> None:
        """Ask for something else."""
        if wanted == self.filter:
            return
        columns = self.book.columns
        if wanted.text != self.filter.text:
            columns.forget(self._text_key)
        if wanted.region != self.filter.region:
            columns.forget(self._region_key)
        self.filter = wanted
        if self._name:
            self._keep.start()
        self.changed.emit()

    def set_part(self, **parts: Any) -> None:
        """Replace some parts, keep the others."""
        self.put(self.filter.with_(**parts))

    def clear(self) -> None:
        """Ask for nothing."""
        self.put(EMPTY)

    def clear_map(self) -> bool:
        """Take back what was asked on the map (areas, region, legend, single cases); False when nothing was."""
        before = self.filter
        self.set_part(areas=(), region=None, legend=None, ids=None, ids_words="", unplaced=False)
        return self.filter != before

    def toggle_area(self, code: str, *, add: bool = False) -> None:
        """Ask for an area, or no longer; with `add` beside the others, else instead of them."""
        areas = self.filter.areas
        if code in areas:
            rest = tuple(a for a in areas if a != code) if add else ()
        else:
            rest = (*areas, code) if add else (code,)
        self.set_part(areas=rest)

    def show_cases(self, ids: Iterable[str], words: str) -> None:
        """Ask for these very cases (a cluster, a figure that was opened)."""
        self.set_part(ids=frozenset(ids), ids_words=words)

    def hide_classes(self, hidden: Iterable[str], words: str) -> None:
        """Leave the areas of some legend classes out; none takes the part away."""
        codes = frozenset(hidden)
        self.set_part(legend=LegendPart(codes, words) if codes else None)

    def remove(self, key: str) -> None:
        """Take away what one chip stands for."""
        name, _, value = key.partition(":")
        if name == "ids":
            self.set_part(ids=None, ids_words="")
        elif value:
            kept = tuple(v for v in getattr(self.filter, name) if str(v) != value)
            self.set_part(**{name: kept})
        else:
            self.set_part(**{name: getattr(EMPTY, name)})

    @property
    def parts(self) -> tuple[FilterPart, ...]:
        """The chips."""
        return parts_of(self.filter, self.seat)

    @property
    def words(self) -> str:
        """The whole filter in words: 区域：望塔街道，时限：即将超时."""
        return "，".join(part.words for part in self.parts)

    # --- answering --------------------------------------------------------------------------------------

    def mask(self, *, legend: bool = True) -> Bools:
        """Tell which cases of the book pass; without `legend` the classes of the map are left aside."""
        wanted, columns = self.filter, self.book.columns
        asked = (wanted.with_(legend=None), columns, columns.revision, self._answers, self.seat.areas)
        if self._mask[0] is None or any(
            a is not b and a != b for a, b in zip(asked, self._mask[0], strict=True)
        ):
            self._mask = (asked, self._plain_mask(wanted, columns))
        found = self._mask[1]
        if legend and wanted.legend is not None:
            return found & legend_mask(wanted.legend, columns)
        return found

    def mask_but(self, *parts: str) -> Bools:
        """Tell which cases pass when some parts are not asked (what a counter would show if it were chosen)."""
        plain = self.filter.with_(**{name: getattr(EMPTY, name) for name in parts})
        if plain == self.filter:
            return self.mask()
        found = self._plain_mask(plain, self.book.columns)
        return found & legend_mask(plain.legend, self.book.columns) if plain.legend is not None else found

    def mask_of(self, columns: CaseColumns, but: tuple[str, ...] = ()) -> Bools:
        """Tell which cases of other columns (few of them) pass, some parts left aside; nothing is remembered."""
        columns.forget(self._text_key)
        columns.forget(self._region_key)
        return self._plain_mask(self.filter.with_(**{name: getattr(EMPTY, name) for name in but}), columns)

    def _plain_mask(self, wanted: CaseFilter, columns: CaseColumns) -> Bools:
        """Ask everything but the classes of the legend."""
        found = cheap_mask(wanted, columns)
        if wanted.text:
            found &= self._text_mask(columns, wanted.text.lower())
        if wanted.region is not None:
            found &= self._region_mask(columns, wanted.region)
        found.flags.writeable = False  # it is remembered and shared
        return found

    def passes(self, case_id: str) -> bool:
        """Tell whether one case passes."""
        at = self.book.columns.slot.get(case_id)
        return at is not None and bool(self.mask()[at])

    def _text_mask(self, columns: CaseColumns, needle: str) -> Bools:
        """Ask for a text; category and grid names are asked once each, not once a case."""
        kept = columns.derived(self._text_key)
        slots = unknown(kept)
        if len(slots):
            kept[slots] = text_hits(columns, slots, needle)
        names, areas = self.seat.rules.categories, self.seat.areas
        by_name = columns.by_code(
            columns.category,
            columns.categories,
            ("category-name", needle),
            lambda codes: [code in names and sounds_like(needle, names[code].name) for code in codes],
        )
        by_grid = columns.by_code(
            columns.grid,
            columns.grids,
            ("grid-name", needle, areas),
            lambda codes: [bool(code) and sounds_like(needle, areas.name(code)) for code in codes],
        )
        units = self.seat.rules.departments
        by_unit = columns.by_code(
            columns.dept,
            columns.depts,
            ("unit-name", needle),
            lambda codes: [c in units and sounds_like(needle, units[c].name, units[c].short) for c in codes],
        )
        return np.asarray((kept == 1) | by_name | by_grid | by_unit, dtype=np.bool_)

    def _region_mask(self, columns: CaseColumns, region: Region) -> Bools:
        """Ask for a region; many points are asked on the lane, and nothing passes before its answer."""
        kept = columns.derived(self._region_key)
        slots = unknown(kept)
        if len(slots) > AWAY_FROM:
            self._ask_lane(columns, region, slots)
        elif len(slots):
            kept[slots] = region.holds(columns.x[slots], columns.y[slots])
        return np.asarray(kept == 1, dtype=np.bool_)

    def _ask_lane(self, columns: CaseColumns, region: Region, slots: Ints) -> None:
        """Let the lane ask many points."""
        if self._asked is region:
            return
        self._asked = region
        x, y, stamps = columns.x[slots].copy(), columns.y[slots].copy(), columns.stamp[slots].copy()

        def work() -> tuple[Region, Ints, Ints, Bools]:
            return region, slots, stamps, region.holds(x, y)

        self.seat.background.submit(LANE, "filter-region", work, self._region_asked, self._region_failed)

    def _region_asked(self, answer: tuple[Region, Ints, Ints, Bools]) -> None:
        """Keep the answers of the cases that are still what they were."""
        region, slots, stamps, inside = answer
        self._asked = None
        if region != self.filter.region:
            return
        columns = self.book.columns
        kept = columns.derived(self._region_key)
        there = slots < columns.n
        same = np.zeros(len(slots), np.bool_)
        same[there] = columns.stamp[slots[there]] == stamps[there]
        if not same.any():
            kept[:] = UNKNOWN  # a new copy came meanwhile
        kept[slots[same]] = inside[same]
        self._answers += 1
        self.changed.emit()

    def _region_failed(self, error: Exception) -> None:
        """Give the region up rather than show an empty list for ever."""
        self._asked = None
        self.set_part(region=None)
        self.seat.background.failed.emit(("filter-region", error))

    # --- remembering ------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Write the filter down on the store's lane."""
        doc, name, settings = self.filter.to_doc(), self._name, self.seat.services.settings
        self.seat.background.submit(STORE, name, lambda: settings.put_value(name, doc))
