"""The area layer: a measure per area code, turned into one of five fixed classes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from maps.geometry.areas import PreparedAreas
from maps.layers.tokens import MapTokens

NO_DATA = -1
"""Class of an area without figures: hatched, never shown as zero."""


class Measure(Enum):
    """What the fill shows (图层切换)."""

    DENSITY = "density"
    OVERDUE = "overdue"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Figures of one finest cell: open cases (在办), those of them overdue (超时), officer on duty (在岗)."""

    open: int = 0
    overdue: int = 0
    on_duty: bool | None = None


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """Choropleth state.

    Attributes:
        measure: what the fill shows.
        figures: finest area code to its figures; a code that is missing has no data.
        level: level to fill: a level name, or ``auto`` (streets when zoomed out to the city).
    """

    measure: Measure = Measure.DENSITY
    figures: Mapping[str, AreaFigures] = field(default_factory=dict)
    level: str = "auto"

    def with_measure(self, measure: Measure) -> AreaLayer:
        """Same figures, other measure."""
        return replace(self, measure=measure)

    def figures_at(self, areas: PreparedAreas, level: str) -> dict[str, AreaFigures]:
        """Sum the figures of the cells of each area of ``level``; areas with no known cell are left out.

        An area counts as manned when any of its cells is, as not manned when all known ones are not.
        """
        if level == areas.finest:
            return {c: self.figures[c] for c in areas.cells.codes if c in self.figures}
        codes = areas.levels[level].codes
        sums: dict[str, AreaFigures] = {}
        for code, owner in zip(areas.cells.codes, areas.owners[level].tolist(), strict=True):
            mine = self.figures.get(code)
            if mine is not None and owner >= 0:
                sums[codes[owner]] = _added(sums.get(codes[owner]), mine)
        return sums

    def value(self, figures: AreaFigures) -> float | None:
        """The measured value of some figures: cases, percent, or 1 / 0 for manned; None for no data."""
        if self.measure is Measure.DENSITY:
            return float(figures.open)
        if self.measure is Measure.OVERDUE:
            return 100.0 * figures.overdue / figures.open if figures.open else 0.0
        return None if figures.on_duty is None else float(figures.on_duty)

    def classes(self, areas: PreparedAreas, level: str, tokens: MapTokens) -> list[int]:
        """Class of each area of ``level``, in its index order; :data:`NO_DATA` where nothing is known.

        For officers: 1 manned, 0 not manned.
        """
        figures = self.figures_at(areas, level)
        breaks = self.breaks(level, tokens)
        out: list[int] = []
        for code in areas.levels[level].codes:
            value = self.value(figures[code]) if code in figures else None
            if value is None:
                out.append(NO_DATA)
            elif self.measure is Measure.OFFICER:
                out.append(int(value))
            else:
                out.append(class_of(value, breaks))
        return out

    def breaks(self, level: str, tokens: MapTokens) -> tuple[float, ...]:
        """Lower bounds of the classes of the present measure; none for officers."""
        if self.measure is Measure.OFFICER:
            return ()
        if self.measure is Measure.OVERDUE:
            return tokens.overdue_breaks
        # No breaks are fixed above the street; a district is read with those of streets.
        return tokens.density_breaks.get(level, tokens.density_breaks["street"])

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


def figures_of_cases(
    codes: Iterable[str], cases: Iterable[tuple[str, str]], on_duty: Mapping[str, bool] | None = None
) -> dict[str, AreaFigures]:
    """Count cases into figures.

    Args:
        codes: all finest area codes; each gets figures, zero where no case lies.
        cases: (area code, band) of every open case; a code that is not listed is ignored.
        on_duty: area code to whether its officer is on duty; None where unknown.
    """
    counts: dict[str, list[int]] = {code: [0, 0] for code in codes}
    for code, band in cases:
        if code in counts and band != "closed":
            counts[code][0] += 1
            counts[code][1] += band.startswith("over")
    duty = on_duty or {}
    return {code: AreaFigures(n, late, duty.get(code)) for code, (n, late) in counts.items()}


def _added(a: AreaFigures | None, b: AreaFigures) -> AreaFigures:
    if a is None:
        return b
    duty = b.on_duty if a.on_duty is None else a.on_duty if b.on_duty is None else a.on_duty or b.on_duty
    return AreaFigures(a.open + b.open, a.overdue + b.overdue, duty)
