"""How dense the cases lie: a picture of cases per square kilometre, the same for every view of a scale."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray, true_scale
from maps.geometry.viewport import Bounds

Density = npt.NDArray[np.float32]

RADII_M = {"city": 1200.0, "district": 600.0, "street": 300.0, "grid": 150.0, "place": 80.0}
"""Zoom band to the distance within which a case counts, true metres, where no other is set."""
CELLS_A_RADIUS = 4
"""Cells of the picture to a radius: finer than the blur leaves anything to see."""
MOST_CELLS = 1_500_000
_TOP_SHARE = 0.995
_STEPS = 5
"""Steps of the legend."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatField:
    """Density by cells that are fixed to the world.

    Attributes:
        bounds: world rectangle of the cells, metres.
        density: ``(rows, columns)`` cases per true square kilometre, the northern row first.
        radius_m: true metres within which a case counts.
        top: density at which the ramp ends, a round number.
    """

    bounds: Bounds
    density: Density
    radius_m: float
    top: float

    def levels(self) -> npt.NDArray[np.uint8]:
        """Density as 0 to 255; the root makes the thin ends visible, as areas rather than values are compared."""
        share = np.clip(self.density / np.float32(self.top), 0.0, 1.0)
        return np.asarray(np.rint(np.sqrt(share) * 255.0), dtype=np.uint8)

    def legend(self) -> tuple[float, ...]:
        """Densities of the steps of a legend, evenly spaced in what :meth:`levels` gives."""
        return tuple(self.top * (step / _STEPS) ** 2 for step in range(1, _STEPS + 1))


def heat_field(xy: FloatArray, radius_m: float, extent: Bounds | None = None) -> HeatField | None:
    """Density of points in one go; see :func:`heat_steps`."""
    steps = heat_steps(xy, radius_m, extent)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: HeatField | None = done.value
            return made


def heat_steps(
    xy: FloatArray, radius_m: float, extent: Bounds | None = None
) -> Generator[None, None, HeatField | None]:
    """Density of points by a bell of a radius, a millisecond or two a turn.

    Args:
        xy: ``(n, 2)`` world metres.
        radius_m: true metres; half of it is the standard deviation of the bell.
        extent: world rectangle of the district; cases outside are left out. The points' own when None.

    Returns:
        The field; None when there is no point.
    """
    box = extent if extent is not None else _box(xy)
    if box is None or radius_m <= 0:
        return None
    size = _cell(radius_m, box)
    reach = CELLS_A_RADIUS * 2
    west, south = math.floor(box[0] / size) - reach, math.floor(box[1] / size) - reach
    columns = math.floor(box[2] / size) + reach + 1 - west
    rows = math.floor(box[3] / size) + reach + 1 - south
    column = np.floor(xy[:, 0] / size).astype(np.int64) - west
    row = np.floor(xy[:, 1] / size).astype(np.int64) - south
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    yield
    flat = (rows - 1 - row[inside]) * columns + column[inside]
    counts = np.bincount(flat, minlength=rows * columns).astype(np.float32).reshape(rows, columns)
    yield
    density = yield from _blurred(counts, radius_m, size, box)
    bounds = (west * size, south * size, (west + columns) * size, (south + rows) * size)
    return HeatField(bounds, density, radius_m, _top(density))


def _box(xy: FloatArray) -> Bounds | None:
    if len(xy) == 0:
        return None
    low, high = xy.min(axis=0), xy.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _latitude_scale(box: Bounds) -> float:
    """True metres a world metre, by steps, so that a case more does not move every cell."""
    return round(true_scale((box[1] + box[3]) / 2), 2)


def _cell(radius_m: float, box: Bounds) -> float:
    """Side of a cell in world metres; doubled until the picture has a bearable size."""
    size = radius_m / _latitude_scale(box) / CELLS_A_RADIUS
    while (box[2] - box[0]) / size * ((box[3] - box[1]) / size) > MOST_CELLS:
        size *= 2
    return size


def _blurred(counts: Density, radius_m: float, size: float, box: Bounds) -> Generator[None, None, Density]:
    """Counts spread by the bell, as cases per square kilometre."""
    true_size = size * _latitude_scale(box)
    sigma = radius_m / 2 / true_size
    half = min(math.ceil(sigma * 3), CELLS_A_RADIUS * 2)
    bell = np.exp(-0.5 * (np.arange(-half, half + 1) / max(sigma, 1e-6)) ** 2)
    bell = (bell / bell.sum()).astype(np.float32)
    out = counts
    for axis in (0, 1):
        spread = np.zeros_like(out)
        for shift, part in zip(range(-half, half + 1), bell, strict=True):
            to, of = _shifted(shift, axis)
            spread[to] += out[of] * part
            yield
        out = spread
    return out / np.float32((true_size / 1000.0) ** 2)


def _shifted(shift: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    low, high = slice(max(shift, 0), min(shift, 0) or None), slice(max(-shift, 0), min(-shift, 0) or None)
    rest = slice(None)
    return ((low, rest), (high, rest)) if axis == 0 else ((rest, low), (rest, high))


def _top(density: Density) -> float:
    """Round number near the densest cells: 1, 2 or 5 times a power of ten."""
    some = density[density > density.max() * 0.02] if density.size else density
    high = float(np.quantile(some, _TOP_SHARE)) if some.size else 1.0
    power = 10.0 ** math.floor(math.log10(max(high, 1e-6)))
    return next(f * power for f in (1.0, 2.0, 5.0, 10.0) if f * power >= high * (1 - 1e-6))
