"""What the legend says: classes with their printed bounds, and bands. Words come in the canvas."""

from __future__ import annotations

from dataclasses import dataclass

from maps.geometry.areas import PreparedAreas
from maps.layers.areas import NO_DATA, AreaLayer, Measure
from maps.layers.tokens import MapTokens


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One colour of the ramp with the bounds that are printed below it."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class LegendModel:
    """Content of the legend box.

    Attributes:
        measure: what the fill shows.
        level: level that is filled.
        areas: how many areas of that level there are.
        classes: the ramp, low to high.
        has_gaps: some areas have no data, so the hatch is explained.
        bands: bands in the order of the legend.
    """

    measure: Measure
    level: str
    areas: int
    classes: tuple[LegendClass, ...]
    has_gaps: bool
    bands: tuple[str, ...] = ("ok", "soon", "over1", "over2", "over3", "suspended")


def legend_of(layer: AreaLayer, areas: PreparedAreas, level: str, tokens: MapTokens) -> LegendModel:
    """Describe the present fill."""
    ramp = "map.overdue_ramp" if layer.measure is Measure.OVERDUE else "map.density_ramp"
    breaks = layer.breaks(level, tokens)
    whole = layer.measure is Measure.DENSITY
    classes = tuple(LegendClass(f"{ramp}.{i}", class_label(breaks, i, whole)) for i in range(len(breaks)))
    gaps = NO_DATA in layer.classes(areas, level, tokens)
    return LegendModel(layer.measure, level, len(areas.levels[level]), classes, gaps)


def class_label(breaks: tuple[float, ...], i: int, whole: bool) -> str:
    """Printed bounds of class ``i``: whole numbers as ``4–8``, shares as ``5–10``, the last as ``≥16``.

    A first class that ends just above zero holds zero alone. Shares are half open: 10 counts as 10–20.
    """
    low = breaks[i]
    if i == len(breaks) - 1:
        return f"≥{_number(low)}"
    high = breaks[i + 1]
    if whole:
        top = high - 1
        return _number(low) if top <= low else f"{_number(low)}–{_number(top)}"
    if low == 0 and high < 1:
        return "0"
    return f"<{_number(high)}" if low < 1 else f"{_number(low)}–{_number(high)}"


def _number(value: float) -> str:
    return f"{value:g}"
