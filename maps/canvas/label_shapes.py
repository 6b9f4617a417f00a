"""Where in an area its name stands, along which piece of a road, and which number a cell has."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely
from PySide6.QtCore import QRectF

from maps.geometry.areas import AreaLevel, PreparedAreas
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport

LEAST_PX = 120.0
"""An area of which less than a square of this side is in sight is not named there."""
_FULL = 0.6
"""Part of its box that an area usually fills."""


def in_view(level: AreaLevel, view: Viewport) -> npt.NDArray[np.bool_]:
    """Which areas have a box that meets the view."""
    west, south, east, north = view.bounds
    b = level.bounds
    seen = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
    return np.asarray(seen)


def area_anchor(areas: PreparedAreas, level: AreaLevel, i: int, view: Viewport) -> tuple[float, float]:
    """Label point of an area; where it is off screen, a point inside the part that is on screen.

    Of an area of many cells that is the label point of one of its cells, the nearest to the middle of those in
    sight: no large outline is cut.
    """
    x, y = level.anchors[i].tolist()
    if view.contains(x, y, 40):
        return x, y
    cells = areas.cells
    own = np.array([i]) if level is cells else np.flatnonzero(areas.owners[level.level] == i)
    west, south, east, north = view.bounds
    b = cells.bounds[own]
    wide = np.minimum(b[:, 2], east) - np.maximum(b[:, 0], west)
    high = np.minimum(b[:, 3], north) - np.maximum(b[:, 1], south)
    seen = np.clip(wide, 0, None) * np.clip(high, 0, None)
    if float(seen.sum()) * _FULL < (LEAST_PX * view.scale) ** 2:
        return x, y
    spots = cells.anchors[own]
    shown = seen > 0
    there = (
        shown & (spots[:, 0] > west) & (spots[:, 0] < east) & (spots[:, 1] > south) & (spots[:, 1] < north)
    )
    if there.any() and level is not cells:
        middle = np.average(spots[there], axis=0, weights=seen[there])
        best = int(np.argmin(np.hypot(*(spots[there] - middle).T)))
        px, py = spots[there][best].tolist()
        return px, py
    part = shapely.clip_by_rect(cells.geometry[own[int(np.argmax(seen))]], west, south, east, north)
    if part.is_empty:
        return x, y
    px, py = shapely.get_coordinates(shapely.point_on_surface(part))[0].tolist()
    return px, py


def longest_piece(
    xy: FloatArray, room: tuple[float, float, float, float]
) -> tuple[FloatArray, FloatArray] | None:
    """Middle and direction of the longest straight piece of a line inside a rectangle."""
    clipped = shapely.get_parts(shapely.clip_by_rect(shapely.linestrings(xy), *room))
    seen = [shapely.get_coordinates(part) for part in clipped]
    ends = [np.hstack([p[:-1], p[1:]]) for p in seen if len(p) >= 2]
    if not ends:
        return None
    pieces = np.vstack(ends)
    a, b = pieces[:, :2], pieces[:, 2:]
    at = int(np.argmax(np.hypot(*(b - a).T)))
    return (a[at] + b[at]) / 2, b[at] - a[at]


def turned(size: tuple[float, float], angle: float) -> tuple[float, float]:
    """Room of a text turned by degrees."""
    if not angle:
        return size
    turn = math.radians(angle)
    across, along = abs(math.cos(turn)), abs(math.sin(turn))
    return across * size[0] + along * size[1], along * size[0] + across * size[1]


def rect_around(x: float, y: float, width: float, height: float) -> QRectF:
    """Rectangle of a size around its middle."""
    return QRectF(x - width / 2, y - height / 2, width, height)


def cell_number(code: str, name: str) -> str:
    """Short number of a grid: what follows the last dash of its name, else the last digits of its code."""
    tail = name.rpartition("-")[2]
    return tail if tail.isdigit() else short_code(code)


def short_code(code: str) -> str:
    """Last two digits of a code, the last three where two would hide a hundred."""
    tail = code[-3:]
    return tail[1:] if tail.startswith("0") else tail
