"""Cells at the detail a zoom step needs, with shared edges kept shared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import PreparedAreas
from maps.geometry.borders import border_lines
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import LineTable, RingTable
from services.domain.codes import LEVELS

FINEST_STEP = -1
"""Below half a metre a pixel the full geometry is drawn."""
COARSEST_STEP = 9
"""Above 512 metres a pixel nothing is simplified further."""


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What is drawn at one zoom step: rings of the cells and border lines, both as flat arrays.

    Attributes:
        step: the zoom step it was made for, see :meth:`DetailCache.step_of`.
        rings: rings of every cell, world metres.
        lines: border lines by level with their boxes; select with :meth:`LineTable.within`.
        cells: the same cells as shapely polygons.
    """

    step: int
    cells: npt.NDArray[np.object_]
    rings: RingTable
    lines: LineTable

    @property
    def borders(self) -> dict[str, tuple[FloatArray, ...]]:
        """Lines as one polyline each, by level; slow for many: draw from ``lines``."""
        return {name: self.lines.of_level(name) for name in LEVELS if name in self.lines.levels}


class DetailCache:
    """Simplified copies of one district, one per power of two of the scale.

    `ready` never computes and is for the thread that draws; `at` makes what is missing and is for a lane.
    """

    def __init__(self, areas: PreparedAreas) -> None:
        """Keep the district; nothing is simplified yet."""
        self._areas = areas
        self._made: dict[int, Detail] = {}

    @staticmethod
    def step_of(scale: float) -> int:
        """Zoom step of a scale in world metres a pixel: the power of two at or below it, within bounds."""
        return min(max(math.floor(math.log2(scale)), FINEST_STEP), COARSEST_STEP)

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps that are finished, ascending."""
        return tuple(sorted(self._made))

    def ready(self, scale: float) -> Detail | None:
        """Return the finished detail nearest to a scale (the finer of two), None while there is none."""
        made = dict(self._made)
        if not made:
            return None
        wanted = self.step_of(scale)
        return made[min(made, key=lambda step: (abs(step - wanted), step))]

    def at(self, scale: float) -> Detail:
        """Detail for a scale, made now when it is missing: no point is off by more than half a pixel."""
        return self.finish(self.step_of(scale))

    def finish(self, step: int) -> Detail:
        """Make a step unless it is there."""
        if step not in self._made:
            self._made[step] = self._make(step)
        return self._made[step]

    def _make(self, step: int) -> Detail:
        cells = self._areas.cells.geometry
        if step > FINEST_STEP:
            cells = self._simplified(2.0**step / 2)
        return Detail(step, cells, RingTable.of(cells), border_lines(self._areas, cells))

    def _simplified(self, tolerance: float) -> npt.NDArray[np.object_]:
        # Edges that an inexact coverage does share stay shared too; the others are simplified one by one.
        return np.asarray(shapely.coverage_simplify(self._areas.cells.geometry, tolerance), dtype=object)
