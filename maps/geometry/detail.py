"""Cells at the detail a zoom step needs, with shared edges kept shared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from maps.geometry.arcs import BoolArray
from maps.geometry.areas import PreparedAreas
from maps.geometry.borders import BorderChains
from maps.geometry.mercator import FloatArray
from maps.geometry.steps import Thinner
from maps.geometry.tables import LineTable, RingTable
from services.domain.codes import LEVELS

FINEST_STEP = -1
"""Below half a metre a pixel the full geometry is drawn."""
COARSEST_STEP = 9
"""Above 512 metres a pixel nothing is simplified further."""
_WORTH_A_COPY = 0.65
"""A step that keeps a greater share of a finer step's points is drawn from that finer step: memory is dearer."""


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What is drawn at one zoom step: rings of the cells and border lines, both as flat arrays.

    Attributes:
        step: the zoom step whose tolerance it keeps; steps that differ little share one detail.
        rings: rings of every cell, world metres.
        lines: border lines by level with their boxes; select with :meth:`LineTable.within`.
        count: number of cells.
    """

    step: int
    rings: RingTable
    lines: LineTable
    count: int

    @property
    def cells(self) -> npt.NDArray[np.object_]:
        """The cells as shapely polygons, put together anew at each call; draw from ``rings``."""
        return self.rings.polygons(self.count)

    @property
    def borders(self) -> dict[str, tuple[FloatArray, ...]]:
        """Lines as one polyline each, by level; slow for many: draw from ``lines``."""
        return {name: self.lines.of_level(name) for name in LEVELS if name in self.lines.levels}


@dataclass(frozen=True, slots=True, eq=False)
class StepPlan:
    """What all steps of a district have in common: the order of its border lines, and which steps are one.

    ``leaders[i]`` is the step whose detail serves step ``FINEST_STEP + i``.
    """

    chains: BorderChains
    leaders: tuple[int, ...]


class StepKeeper(Protocol):
    """Where what was found out about the steps outlives the program; what it does not know is None."""

    def plan(self) -> StepPlan | None:
        """Return the plan of the steps."""

    def keep_plan(self, plan: StepPlan) -> None:
        """Remember the plan."""

    def kept(self, step: int) -> BoolArray | None:
        """Return the points of the arcs kept at a step."""

    def keep(self, step: int, kept: BoolArray) -> None:
        """Remember the points of a step."""


class DetailCache:
    """Simplified copies of one district, one per power of two of the scale.

    `ready` never computes and is for the thread that draws; `at` and `finish` make what is missing and are for
    one lane at a time.
    """

    def __init__(self, areas: PreparedAreas, keeper: StepKeeper | None = None) -> None:
        """Keep the district; nothing is simplified yet."""
        self._areas = areas
        self._keeper = keeper
        self._made: dict[int, Detail] = {}
        self._thinner: Thinner | None = None
        self._plan: StepPlan | None = None

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
        found = self._made.get(step)
        if found is None:
            shared = self._planned().leaders[step - FINEST_STEP]
            found = self._made.get(shared) or self._make(shared)
            self._made[shared] = self._made[step] = found
        return found

    def rest(self) -> None:
        """Let go of what only the making of steps needs; it is made again when another step is asked for."""
        self._thinner = None

    def _planned(self) -> StepPlan:
        if self._plan is None:
            self._plan = self._keeper.plan() if self._keeper is not None else None
        if self._plan is None:
            self._plan = StepPlan(BorderChains.of(self._areas), self._leaders())
            if self._keeper is not None:
                self._keeper.keep_plan(self._plan)
        return self._plan

    def _leaders(self) -> tuple[int, ...]:
        """Go through the steps from the finest: one with hardly fewer points than a finer one is drawn from it."""
        leader, count = FINEST_STEP, len(self._areas.arcs.xy)
        found = [FINEST_STEP]
        for step in range(FINEST_STEP + 1, COARSEST_STEP + 1):
            fewer = self._thin().count(_tolerance(step))
            if fewer < _WORTH_A_COPY * count:
                leader, count = step, fewer
            found.append(leader)
        return tuple(found)

    def _thin(self) -> Thinner:
        if self._thinner is None:
            self._thinner = Thinner(self._areas.arcs)
        return self._thinner

    def _make(self, step: int) -> Detail:
        kept, arcs = self._kept(step), self._areas.arcs
        return Detail(
            step, arcs.whole(kept), self._planned().chains.lines(arcs, kept), len(self._areas.cells)
        )

    def _kept(self, step: int) -> BoolArray:
        if step == FINEST_STEP:
            return np.ones(len(self._areas.arcs.xy), dtype=bool)
        found = self._keeper.kept(step) if self._keeper is not None else None
        if found is None:
            found = self._thin().kept(_tolerance(step))
            if self._keeper is not None:
                self._keeper.keep(step, found)
        return found


def _tolerance(step: int) -> float:
    """Half a pixel at the finest scale of a step, world metres."""
    return float(2.0**step / 2)
