"""Which part of the screen is taken already: a coarse picture in which a question costs the same at any crowd."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from maps.geometry.mercator import FloatArray

FINE_PX, COARSE_PX = 1.0, 2.0
"""Side of a square of the picture on usual and on very large screens, logical pixels."""
_LARGE = 2_200_000.0
_A_TURN = 400


class LabelRoom:
    """Free room on screen. What touches a square takes all of it, so nothing called free is ever covered."""

    def __init__(self, width: float, height: float, margin: float = 4.0) -> None:
        """All is free but a margin along the edges.

        Args:
            width: logical pixels.
            height: logical pixels.
            margin: kept free of labels along every edge.
        """
        self._side = COARSE_PX if width * height > _LARGE else FINE_PX
        self._low = (margin, margin)
        self._high = (width - margin, height - margin)
        shape = (math.ceil(height / self._side) + 1, math.ceil(width / self._side) + 1)
        self._taken: npt.NDArray[np.bool_] = np.zeros(shape, dtype=bool)

    def take(self, left: float, top: float, right: float, bottom: float) -> None:
        """Take a rectangle; parts off screen do not matter."""
        side = self._side
        x0, y0 = max(math.floor(left / side), 0), max(math.floor(top / side), 0)
        x1, y1 = math.ceil(right / side), math.ceil(bottom / side)
        if x1 > x0 and y1 > y0:
            self._taken[y0:y1, x0:x1] = True

    def take_boxes(self, boxes: Iterable[QRectF]) -> None:
        """Take some rectangles."""
        for box in boxes:
            self.take(box.left(), box.top(), box.right(), box.bottom())

    def take_many(self, middle: FloatArray, radius: FloatArray) -> Generator[None]:
        """Take squares of ``2 * radius`` around ``(n, 2)`` points, some hundreds a turn."""
        rows, columns = self._taken.shape
        limit = np.array([columns, rows])
        low = np.floor((middle - radius[:, None]) / self._side).astype(np.int64)
        high = np.ceil((middle + radius[:, None]) / self._side).astype(np.int64)
        seen = np.flatnonzero(np.all((low < limit) & (high > 0), axis=1))
        boxes = np.hstack([np.maximum(low[seen], 0), high[seen]]).tolist()
        taken = self._taken
        for start in range(0, len(boxes), _A_TURN):
            for x0, y0, x1, y1 in boxes[start : start + _A_TURN]:
                taken[y0:y1, x0:x1] = True
            yield

    def free(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a rectangle lies on screen and meets nothing that is taken."""
        if left < self._low[0] or top < self._low[1] or right > self._high[0] or bottom > self._high[1]:
            return False
        side = self._side
        part = self._taken[
            int(top / side) : math.ceil(bottom / side), int(left / side) : math.ceil(right / side)
        ]
        return not part.any()
