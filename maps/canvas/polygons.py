"""Numpy coordinates to Qt polygons without a Python loop."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

_POINT_BYTES = 2 * ctypes.sizeof(ctypes.c_double)


def polygon_of(xy: npt.ArrayLike) -> QPolygonF:
    """Make a polygon from ``(n, 2)`` coordinates, copied straight into Qt's memory where that is known."""
    pts = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(pts) == 0 or not _memory_is_known():
        return QPolygonF([QPointF(x, y) for x, y in pts.tolist()])
    polygon = QPolygonF()
    polygon.resize(len(pts))
    ctypes.memmove(_address(polygon), pts.ctypes.data, pts.nbytes)
    return polygon


@cache
def _memory_is_known() -> bool:
    """Tell whether ``data()`` gives the first point itself, not a copy of it, and points lie as two doubles.

    Seen so with PySide6 6.11.3; it is tried each run because a copy would be written past its end.
    """
    polygon = QPolygonF([QPointF(1.0, 2.0), QPointF(3.0, 4.0)])
    polygon.data().setX(5.0)
    if polygon.at(0).x() != 5.0:
        return False
    return ctypes.string_at(_address(polygon), 2 * _POINT_BYTES) == np.array([5.0, 2.0, 3.0, 4.0]).tobytes()


def _address(polygon: QPolygonF) -> int:
    return int(shiboken6.getCppPointer(polygon.data())[0])
