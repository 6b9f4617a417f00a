"""Numpy coordinates to Qt polygons without a Python loop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF


def polygon_of(xy: npt.ArrayLike) -> QPolygonF:
    """Make a polygon from ``(n, 2)`` coordinates.

    The points are copied straight into Qt's memory; should a Qt build hand out something else than that
    memory, which the first and last point show, the slow way is taken.
    """
    pts = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
    polygon = QPolygonF()
    count = len(pts)
    if count == 0:
        return polygon
    polygon.resize(count)
    memory = shiboken6.VoidPtr(polygon.data(), count * 16, True)
    np.frombuffer(memory, dtype=np.float64)[:] = pts.ravel()  # type: ignore[call-overload] # VoidPtr is a buffer
    last = polygon.at(count - 1)
    if last.x() == pts[-1, 0] and last.y() == pts[-1, 1]:
        return polygon
    return QPolygonF([QPointF(float(x), float(y)) for x, y in pts])
