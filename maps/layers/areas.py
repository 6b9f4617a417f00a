"""The area layer: a measure per area code, turned into one of five fixed classes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from maps.geometry.areas import IntArray, PreparedAreas
from maps.layers.figures import AreaFigures, FigureColumns, FigureTable, figures_of_cases
from maps.layers.measures import (
    NO_DATA,
    ClassArray,
    ClassStyle,
    Measure,
    break_key,
    breaks_of,
    class_styles,
    classified,
    measured,
)
from maps.layers.tokens import MapTokens, shipped_tokens

__all__ = (
    "NO_DATA",
    "AreaFigures",
    "AreaLayer",
    "Measure",
    "class_of",
    "figures_of_cases",
)


class _Worked:
    """What has been worked out from one set of figures; shared by layers that differ in measure alone."""

    __slots__ = ("areas", "classes", "columns")

    def __init__(self) -> None:
        self.areas: PreparedAreas | None = None
        self.columns: dict[str, FigureColumns] = {}
        self.classes: dict[tuple[Measure, str, tuple[float, ...]], ClassArray] = {}

    def clear_for(self, areas: PreparedAreas) -> None:
        """Drop everything when the district is another one."""
        if self.areas is not areas:
            self.areas = areas
            self.columns.clear()
            self.classes.clear()


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """Choropleth state.

    Attributes:
        measure: what the fill shows.
        figures: finest area code to its figures; a code that is missing has no data.
        level: level to fill: a level name, or ``auto`` (streets when zoomed out to the city).
        custom: class breaks that a setting has put in the place of those of the tokens, by their key.
    """

    measure: Measure = Measure.DENSITY
    figures: Mapping[str, AreaFigures] = field(default_factory=dict)
    level: str = "auto"
    custom: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    _worked: _Worked = field(default_factory=_Worked, compare=False, repr=False)

    def with_measure(self, measure: Measure) -> AreaLayer:
        """Same figures, other measure."""
        return replace(self, measure=measure)

    def with_breaks(self, custom: Mapping[str, tuple[float, ...]]) -> AreaLayer:
        """Same figures, other class breaks."""
        return replace(self, custom=dict(custom))

    def with_figures(self, figures: Mapping[str, AreaFigures]) -> AreaLayer:
        """Same measure, all figures anew."""
        return replace(self, figures=figures, _worked=_Worked())

    def with_table(self, table: FigureTable, areas: PreparedAreas) -> AreaLayer:
        """Same measure, all figures anew as columns in the order of the finest areas; nothing is copied."""
        fresh = _Worked()
        fresh.areas = areas
        fresh.columns[areas.finest] = table.columns
        return replace(self, figures=table, _worked=fresh)

    def updated(self, changed: Mapping[str, AreaFigures | None]) -> AreaLayer:
        """Same measure, the figures of a few codes anew; None takes an area's figures away."""
        real = {code: mine for code, mine in changed.items() if self.figures.get(code) != mine}
        if not real:
            return self
        figures = dict(self.figures)
        for code, mine in real.items():
            if mine is None:
                figures.pop(code, None)
            else:
                figures[code] = mine
        fresh, before = _Worked(), self._worked
        if before.areas is not None and before.areas.finest in before.columns:
            cells = before.areas.cells
            fresh.areas = before.areas
            fresh.columns[before.areas.finest] = before.columns[before.areas.finest].patched(
                real, cells.index
            )
        return replace(self, figures=figures, _worked=fresh)

    def columns(self, areas: PreparedAreas, level: str) -> FigureColumns:
        """Figures of the areas of a level as arrays; worked out once."""
        worked = self._worked
        worked.clear_for(areas)
        if areas.finest not in worked.columns:
            worked.columns[areas.finest] = FigureColumns.of(self.figures, areas.cells.codes)
        if level not in worked.columns:
            cells = worked.columns[areas.finest]
            worked.columns[level] = cells.summed(areas.owners[level], len(areas.levels[level]))
        return worked.columns[level]

    def figures_at(self, areas: PreparedAreas, level: str) -> dict[str, AreaFigures]:
        """Figures of each area of ``level`` by code; areas with no known cell are left out."""
        columns = self.columns(areas, level)
        found = ((code, columns.at(i)) for i, code in enumerate(areas.levels[level].codes))
        return {code: mine for code, mine in found if mine is not None}

    def value(self, figures: AreaFigures) -> float | None:
        """The measured value of the figures of one cell, None for no data."""
        columns = FigureColumns.of({"": figures}, ("",))
        value = float(measured(self.measure, columns, True)[0])
        return None if np.isnan(value) else value

    def area_classes(self, areas: PreparedAreas, level: str, tokens: MapTokens | None = None) -> ClassArray:
        """Class of each area of ``level`` in its index order, :data:`NO_DATA` where nothing is known.

        For officers: 1 manned, 0 not manned. The array is shared: it is not to be written to.
        """
        tokens = tokens or shipped_tokens()
        columns = self.columns(areas, level)
        breaks = self.breaks(level, tokens, areas.finest)
        key = (self.measure, level, breaks)
        made = self._worked.classes.get(key)
        if made is None:
            made = classified(self.measure, measured(self.measure, columns, level == areas.finest), breaks)
            if self.measure is Measure.SILENT:
                # A silent cell is never in the class of those that are not, however short its silence.
                made[(columns.silent > 0) & (made == 0)] = 1
            made.flags.writeable = False
            self._worked.classes[key] = made
        return made

    def cell_classes(self, areas: PreparedAreas, level: str, tokens: MapTokens | None = None) -> ClassArray:
        """Class of each finest cell when areas of ``level`` are filled: that of its owner."""
        classes = self.area_classes(areas, level, tokens)
        if level == areas.finest:
            return classes
        owners = areas.owners[level]
        return np.where(owners >= 0, classes[np.maximum(owners, 0)], NO_DATA).astype(np.int8)

    def changed_since(self, before: AreaLayer, areas: PreparedAreas, level: str) -> IntArray:
        """Indices of the finest cells whose class is another one than in an earlier layer."""
        now, then = self.cell_classes(areas, level), before.cell_classes(areas, level)
        return np.flatnonzero(now != then) if self.measure is before.measure else np.arange(len(now))

    def classes(self, areas: PreparedAreas, level: str, tokens: MapTokens) -> list[int]:
        """Return ``area_classes`` as a list."""
        return [int(c) for c in self.area_classes(areas, level, tokens)]

    def styles(self) -> tuple[ClassStyle, ...]:
        """Look of each class, class 0 first."""
        return class_styles(self.measure)

    def breaks(self, level: str, tokens: MapTokens, finest: str = "grid") -> tuple[float, ...]:
        """Lower bounds of the classes of the present measure; none for officers."""
        return breaks_of(self.measure, level, tokens, self.custom, finest)

    def break_key(self, level: str, finest: str = "grid") -> str:
        """Name under which the breaks of the present measure are kept, empty for officers."""
        return "" if self.measure is Measure.OFFICER else break_key(self.measure, level, finest)

    def fill_level(self, areas: PreparedAreas, zoom_id: str) -> str:
        """Level that is filled at a zoom band."""
        if self.level in areas.levels:
            return self.level
        if zoom_id == "city" and "street" in areas.levels:
            return "street"
        return areas.finest


def class_of(value: float, breaks: tuple[float, ...]) -> int:
    """Class of a value: the last break at or below it; values below the first break are class 0."""
    return max(bisect_right(breaks, value) - 1, 0)
