"""Areas made ready for the map: shapes in world metres by level, with owners, bounds and label points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.accepting import accept
from maps.geometry.anchors import label_anchors
from maps.geometry.arcs import ArcTable
from maps.geometry.hierarchy import upper_levels
from maps.geometry.mercator import FloatArray
from maps.geometry.repair import repaired
from maps.geometry.shapes import AreaShape as AreaShape
from maps.geometry.shapes import MendedArea as MendedArea
from maps.geometry.shapes import RefusedArea as RefusedArea
from maps.geometry.tables import IntArray as IntArray
from maps.geometry.viewport import Bounds
from services.domain.codes import LEVELS

GeometryArray = npt.NDArray[np.object_]
_WORTH_TELLING = 1e-4
"""Share of its area below which a mended cell is not listed."""


@dataclass(frozen=True, slots=True, eq=False)
class AreaLevel:
    """All areas of one level, as parallel arrays over the area index.

    Attributes:
        level: name of the level.
        codes: area codes, ascending.
        names: display names; empty where only the code is known.
        parents: index into the next coarser level present, -1 where none.
        geometry: shapely polygons in world metres.
        bounds: ``(n, 4)`` west, south, east, north in world metres.
        anchors: ``(n, 2)`` label points, inside the polygon.
        radii: ``(n,)`` distance from the label point to the nearest border, world metres.
        index: area code to area index.
    """

    level: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    parents: IntArray
    geometry: GeometryArray
    bounds: FloatArray
    anchors: FloatArray
    radii: FloatArray
    index: Mapping[str, int]

    def __len__(self) -> int:
        """Number of areas of this level."""
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedAreas:
    """Every level of the district; the finest one is a coverage, the coarser ones own its cells.

    Attributes:
        levels: level name to its arrays; coarser levels that were missing are dissolved from the finest.
        finest: name of the finest level present.
        owners: level name to ``(n,)`` index of the owner of each finest cell, -1 where none.
        valid_coverage: True when the finest cells share their edges exactly (no gap, no overlap).
        arcs: borders of the finest cells, each piece once.
        mended: cells whose shape was changed so that neighbours share their edge.
    """

    levels: Mapping[str, AreaLevel]
    finest: str
    owners: Mapping[str, IntArray]
    valid_coverage: bool
    arcs: ArcTable = field(default_factory=ArcTable.nothing)
    mended: tuple[MendedArea, ...] = ()

    @property
    def cells(self) -> AreaLevel:
        """The finest level."""
        return self.levels[self.finest]

    @property
    def extent(self) -> Bounds:
        """World rectangle around everything."""
        b = self.cells.bounds
        return (float(b[:, 0].min()), float(b[:, 1].min()), float(b[:, 2].max()), float(b[:, 3].max()))

    def name_of(self, code: str) -> str:
        """Display name of an area of any level, the code itself where no name is known."""
        for level in self.levels.values():
            at = level.index.get(code)
            if at is not None:
                return level.names[at] or code
        return code

    def locate(self, code: str) -> tuple[str, int] | None:
        """Level and index of a code, None if unknown."""
        for name, level in self.levels.items():
            at = level.index.get(code)
            if at is not None:
                return name, at
        return None


def prepare_areas(shapes: Iterable[AreaShape]) -> tuple[PreparedAreas | None, tuple[RefusedArea, ...]]:
    """Accept, project, mend and index the shapes.

    Returns:
        The district, None when not one shape can be drawn, and the shapes left out with their reasons.
    """
    accepted, geometry, refused = accept(shapes)
    if not accepted:
        return None, tuple(refused)
    finest = max((s.level for s in accepted), key=LEVELS.index)
    cells = [at for at, shape in enumerate(accepted) if shape.level == finest]
    before = geometry[cells]
    after, arcs, exact = repaired(before)
    geometry[cells] = after
    codes = [accepted[at].code for at in cells]
    levels: dict[str, AreaLevel] = {}
    owners: dict[str, IntArray] = {}
    coarser: IntArray | None = None
    for draft in upper_levels(accepted, geometry, cells, finest):
        parents = _parents(len(draft.codes), draft.owner, coarser)
        levels[draft.level] = area_level(draft.level, draft.codes, draft.names, draft.geometry, parents)
        owners[draft.level] = coarser = draft.owner
    everyone = np.arange(len(cells), dtype=np.int64)
    parents = _parents(len(cells), everyone, coarser)
    levels[finest] = area_level(finest, codes, [accepted[at].name for at in cells], after, parents)
    owners[finest] = everyone
    return PreparedAreas(levels, finest, owners, exact, arcs, _mended(codes, before, after)), tuple(refused)


def _mended(codes: Sequence[str], before: GeometryArray, after: GeometryArray) -> tuple[MendedArea, ...]:
    """Cells that were changed noticeably."""
    changed = np.flatnonzero(np.not_equal(before, after))
    was = shapely.area(before[changed])
    share = np.abs(shapely.area(after[changed]) - was) / was
    return tuple(
        MendedArea(codes[i], part)
        for i, part in zip(changed.tolist(), share.tolist(), strict=True)
        if part > _WORTH_TELLING
    )


def _parents(count: int, owner: IntArray, coarser: IntArray | None) -> IntArray:
    parents = np.full(count, -1, dtype=np.int64)
    if coarser is not None:
        inside = owner >= 0
        parents[owner[inside]] = coarser[inside]
    return parents


def area_level(
    name: str, codes: Sequence[str], names: Sequence[str], geometry: GeometryArray, parents: IntArray
) -> AreaLevel:
    """Make a level of polygons in world metres and find their boxes and label points."""
    anchors, radii = label_anchors(geometry)
    return AreaLevel(
        level=name,
        codes=tuple(codes),
        names=tuple(names),
        parents=parents,
        geometry=geometry,
        bounds=np.asarray(shapely.bounds(geometry), dtype=np.float64),
        anchors=anchors,
        radii=radii,
        index={code: i for i, code in enumerate(codes)},
    )
