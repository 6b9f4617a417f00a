"""Cells at the detail a zoom step needs, with shared edges kept shared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import PreparedAreas
from maps.geometry.borders import RingTable, ranked_borders
from maps.geometry.mercator import FloatArray

FINEST_STEP = -1
"""Below half a metre a pixel the full geometry is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What is drawn at one zoom step: cells, their rings and the border lines by level."""

    step: int
    cells: npt.NDArray[np.object_]
    rings: RingTable
    borders: dict[str, tuple[FloatArray, ...]]


class DetailCache:
    """Simplified copies of one district, one per power of two of the scale, made when first asked for."""

    def __init__(self, areas: PreparedAreas) -> None:
        """Keep the district; nothing is simplified yet."""
        self._areas = areas
        self._made: dict[int, Detail] = {}

    @staticmethod
    def step_of(scale: float) -> int:
        """Zoom step of a scale in world metres a pixel: the power of two at or below it."""
        return max(math.floor(math.log2(scale)), FINEST_STEP)

    def at(self, scale: float) -> Detail:
        """Detail for a scale: no point is off by more than about half a pixel."""
        step = self.step_of(scale)
        if step not in self._made:
            self._made[step] = self._make(step)
        return self._made[step]

    def _make(self, step: int) -> Detail:
        cells = self._areas.cells.geometry
        if step > FINEST_STEP:
            cells = self._simplified(2.0**step / 2)
        return Detail(step, cells, RingTable.of(cells), ranked_borders(self._areas, cells))

    def _simplified(self, tolerance: float) -> npt.NDArray[np.object_]:
        # Edges that an inexact coverage does share stay shared too; the others are simplified one by one.
        return np.asarray(shapely.coverage_simplify(self._areas.cells.geometry, tolerance), dtype=object)
