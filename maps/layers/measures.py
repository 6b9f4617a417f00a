"""What the fill can show (图层切换): the measures, their values, class breaks, colours and second cues."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray
from maps.layers.figures import FigureColumns
from maps.layers.tokens import MapTokens

ClassArray = npt.NDArray[np.int8]
NO_DATA = -1
"""Class of an area without figures: hatched, never shown as zero."""
CLASSES = 5


class Measure(Enum):
    """What the fill shows; the order is that of the keys 1 to 6."""

    DENSITY = "density"
    OVERDUE = "overdue"
    OFFICER = "officer"
    NEW_TODAY = "new_today"
    NEAREST = "nearest"
    SILENT = "silent"


LEVEL_MEASURES = (Measure.DENSITY, Measure.NEW_TODAY)
"""Measures that count: their breaks grow with the level."""


class BreaksError(ValueError):
    """Class breaks that cannot be used; ``reason`` is count, number, order or first."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"class breaks refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """How one class looks: colour token of the fill and, as a second cue, a pattern in another token.

    Attributes:
        token: colour token of the fill.
        pattern: empty, ``hatch`` (45° lines, fixed to the world) or ``dots`` (a dot every 8 px).
        pattern_token: colour token of the pattern.
    """

    token: str
    pattern: str = ""
    pattern_token: str = "line.strong"


NO_DATA_STYLE = ClassStyle("map.density_ramp.0", "hatch")
"""Hatch with the word 无数据."""
_RAMPS = {
    Measure.OVERDUE: "map.overdue_ramp",
    Measure.NEAREST: "map.deadline_ramp",
    Measure.SILENT: "map.silent_ramp",
}


def ramp_of(measure: Measure) -> str:
    """Name of the colour ramp of a measure; counts share the teal one."""
    return _RAMPS.get(measure, "map.density_ramp")


def class_styles(measure: Measure) -> tuple[ClassStyle, ...]:
    """Look of each class of a measure, class 0 first; officers have two classes, all others five."""
    ramp = ramp_of(measure)
    if measure is Measure.OFFICER:
        return (ClassStyle(f"{ramp}.0", "hatch"), ClassStyle(f"{ramp}.1"))
    if measure is Measure.NEAREST:
        # Nearer is stronger: the class of the least hours has the far end of the ramp.
        return tuple(ClassStyle(f"{ramp}.{CLASSES - 1 - i}") for i in range(CLASSES))
    if measure is Measure.SILENT:
        # Grey says nothing by itself; the dots do, light on the dark half of the ramp and the reverse.
        ink = ("text.secondary", "text.secondary", "text.secondary", "map.halo", "map.halo")
        return tuple(ClassStyle(f"{ramp}.{i}", "dots" if i else "", ink[i]) for i in range(CLASSES))
    return tuple(ClassStyle(f"{ramp}.{i}") for i in range(CLASSES))


def break_key(measure: Measure, level: str, finest: str = "grid") -> str:
    """Name under which breaks are kept: measure and level, or the measure alone where levels share them.

    Silence is days in a cell and a share of cells above; every other share or time is read alike everywhere.
    """
    name: str = measure.value
    if measure in LEVEL_MEASURES:
        return f"{name}/{level if level in ('grid', 'community') else 'street'}"
    if measure is Measure.SILENT:
        return f"{name}/{'cell' if level == finest else 'share'}"
    return name


def break_keys() -> tuple[str, ...]:
    """Every name breaks can be kept under."""
    counted = tuple(f"{m.value}/{level}" for m in LEVEL_MEASURES for level in ("grid", "community", "street"))
    return (*counted, Measure.OVERDUE.value, Measure.NEAREST.value, "silent/cell", "silent/share")


def breaks_of(
    measure: Measure,
    level: str,
    tokens: MapTokens,
    custom: Mapping[str, tuple[float, ...]] | None = None,
    finest: str = "grid",
) -> tuple[float, ...]:
    """Lower bounds of the classes; none for officers. Kept ones go before those of the tokens."""
    if measure is Measure.OFFICER:
        return ()
    key = break_key(measure, level, finest)
    kept = (custom or {}).get(key)
    if kept is not None:
        return kept
    if measure is Measure.OVERDUE:
        return tokens.overdue_breaks
    if measure is Measure.NEAREST:
        return tokens.nearest_breaks
    if measure is Measure.SILENT:
        return tokens.silent_breaks if level == finest else tokens.silent_share_breaks
    table = tokens.density_breaks if measure is Measure.DENSITY else tokens.new_today_breaks
    # No breaks are fixed above the street; a district is read with those of streets.
    return table.get(level, table["street"])


def checked_breaks(values: Sequence[float], whole: bool = False) -> tuple[float, ...]:
    """Take class breaks from a setting: five numbers, ascending, the first of them zero.

    Args:
        values: lower bounds of the five classes.
        whole: only whole numbers make sense (counts).

    Raises:
        BreaksError: they cannot be used, with the reason.
    """
    if len(values) != CLASSES:
        raise BreaksError("count")
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise BreaksError("number")
    out = tuple(float(v) for v in values)
    if not all(math.isfinite(v) and abs(v) <= 1e9 for v in out):
        raise BreaksError("number")
    if whole and any(v != math.floor(v) for v in out):
        raise BreaksError("number")
    if out[0] != 0.0:
        raise BreaksError("first")
    if any(a >= b for a, b in pairwise(out)):
        raise BreaksError("order")
    return out


def is_whole(measure: Measure) -> bool:
    """Tell whether the bounds of a measure are whole numbers (cases)."""
    return measure in LEVEL_MEASURES


def measured(measure: Measure, columns: FigureColumns, is_cell: bool) -> FloatArray:
    """Value of each area, NaN for no data.

    Cases, percent, 1 or 0 for manned, hours; for silence days without a report in a cell (0 when it is not
    silent) and the percentage of silent cells above.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure is Measure.DENSITY:
            out = columns.open.astype(np.float64)
        elif measure is Measure.NEW_TODAY:
            out = columns.new_today.astype(np.float64)
        elif measure is Measure.OVERDUE:
            out = np.where(columns.open > 0, 100.0 * columns.overdue / columns.open, 0.0)
        elif measure is Measure.OFFICER:
            out = np.where(columns.duty < 0, np.nan, columns.duty.astype(np.float64))
        elif measure is Measure.NEAREST:
            out = columns.nearest_h.copy()
        elif is_cell:
            out = np.where(columns.judged > 0, np.where(columns.silent > 0, columns.silent_days, 0.0), np.nan)
        else:
            out = np.where(columns.judged > 0, 100.0 * columns.silent / columns.judged, np.nan)
    out[~columns.known] = np.nan
    return out


def classified(measure: Measure, values: FloatArray, breaks: tuple[float, ...]) -> ClassArray:
    """Class of each value: the last break at or below it, values below the first break are class 0."""
    none = np.isnan(values)
    if measure is Measure.OFFICER:
        out = np.where(none, NO_DATA, values)
    else:
        at = np.searchsorted(np.array(breaks), values, side="right") - 1
        out = np.where(none, NO_DATA, np.maximum(at, 0))
    return np.asarray(out, dtype=np.int8)
