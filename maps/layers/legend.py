"""What the legend says: classes with their printed bounds and how many areas each holds, and bands.

Words come in the canvas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maps.geometry.areas import PreparedAreas
from maps.layers.areas import AreaLayer, Measure
from maps.layers.measures import is_whole
from maps.layers.tokens import MapTokens


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One class: colour of the ramp, the bounds that are printed below it, number of areas, second cue."""

    token: str
    label: str
    count: int = 0
    pattern: str = ""
    pattern_token: str = "line.strong"


@dataclass(frozen=True, slots=True)
class LegendModel:
    """Content of the legend box.

    Attributes:
        measure: what the fill shows.
        level: level that is filled.
        areas: how many areas of that level there are.
        classes: the classes, low to high; none for officers.
        has_gaps: some areas have no data, so the hatch is explained.
        bands: bands in the order of the legend.
        counts: areas per class (for officers: not manned, manned).
        gaps: areas without data; with ``counts`` they add up to ``areas``.
        is_finest: the level is that of the cells; silence is days there and a share above.
    """

    measure: Measure
    level: str
    areas: int
    classes: tuple[LegendClass, ...]
    has_gaps: bool
    bands: tuple[str, ...] = ("ok", "soon", "over1", "over2", "over3", "suspended")
    counts: tuple[int, ...] = ()
    gaps: int = 0
    is_finest: bool = True


def legend_of(layer: AreaLayer, areas: PreparedAreas, level: str, tokens: MapTokens) -> LegendModel:
    """Describe the present fill."""
    breaks = layer.breaks(level, tokens, areas.finest)
    is_finest = level == areas.finest
    whole = is_whole(layer.measure) or (layer.measure is Measure.SILENT and is_finest)
    whole = whole and all(b == int(b) for b in breaks)
    apart = layer.measure is not Measure.NEAREST
    found = layer.area_classes(areas, level, tokens)
    styles = layer.styles()
    per_class = np.bincount(found[found >= 0].astype(np.int64), minlength=len(styles)).tolist()
    gaps = int(np.count_nonzero(found < 0))
    classes = tuple(
        LegendClass(s.token, class_label(breaks, i, whole, apart), per_class[i], s.pattern, s.pattern_token)
        for i, s in enumerate(styles[: len(breaks)])
    )
    return LegendModel(
        layer.measure,
        level,
        len(areas.levels[level]),
        classes,
        gaps > 0,
        counts=tuple(per_class),
        gaps=gaps,
        is_finest=is_finest,
    )


def class_label(breaks: tuple[float, ...], i: int, whole: bool, zero_apart: bool = True) -> str:
    """Printed bounds of class ``i``: whole numbers as ``4–8``, shares as ``5–10``, the last as ``≥16``.

    A first class that ends just above zero holds zero alone, where ``zero_apart``. Shares and hours are half
    open: 10 counts as 10–20.
    """
    low = breaks[i]
    if i == len(breaks) - 1:
        return f"≥{_number(low)}"
    high = breaks[i + 1]
    if whole:
        top = high - 1
        return _number(low) if top <= low else f"{_number(low)}–{_number(top)}"
    if low == 0 and high < 1 and zero_apart:
        return "0"
    return f"<{_number(high)}" if low == 0 or (zero_apart and low < 1) else f"{_number(low)}–{_number(high)}"


def _number(value: float) -> str:
    return f"{value:g}"
