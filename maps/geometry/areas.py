"""Areas made ready for the map: shapes in world metres by level, with owners, bounds and label points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from maps.geometry.anchors import label_anchors
from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.geometry.viewport import Bounds
from services.domain.codes import LEVEL_LENGTH, LEVELS

IntArray = npt.NDArray[np.int64]
GeometryArray = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One area as it comes in: WGS84 lon/lat polygon with its code, name, level and parent code."""

    code: str
    name: str
    level: str
    parent: str | None
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class RefusedArea:
    """An area that is not drawn, and why: empty, not_polygon, out_of_range, duplicate, bad_level, no_code."""

    code: str
    reason: str


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
    """

    levels: Mapping[str, AreaLevel]
    finest: str
    owners: Mapping[str, IntArray]
    valid_coverage: bool

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
    """Accept, project and index the shapes.

    Returns:
        The district, None when not one shape can be drawn, and the shapes left out with their reasons.
    """
    accepted, refused = _accept(shapes)
    if not accepted:
        return None, tuple(refused)
    finest = max((s.level for s in accepted), key=LEVELS.index)
    cells = [s for s in accepted if s.level == finest]
    geometry = np.array([s.geometry for s in cells], dtype=object)
    valid = bool(shapely.coverage_is_valid(geometry))
    by_code = {s.code: s for s in accepted}
    chains = [_chain(s, by_code) for s in cells]
    levels: dict[str, AreaLevel] = {}
    owners: dict[str, IntArray] = {}
    coarser: IntArray | None = None
    for draft in _upper_drafts(accepted, chains, geometry, valid, LEVELS[: LEVELS.index(finest)]):
        parents = _parents(len(draft.codes), draft.owner, coarser)
        levels[draft.level] = _level(draft.level, draft.codes, draft.names, draft.geometry, parents)
        owners[draft.level] = coarser = draft.owner
    everyone = np.arange(len(cells), dtype=np.int64)
    parents = _parents(len(cells), everyone, coarser)
    levels[finest] = _level(finest, [s.code for s in cells], [s.name for s in cells], geometry, parents)
    owners[finest] = everyone
    return PreparedAreas(levels, finest, owners, valid), tuple(refused)


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """A level above the cells before its label points are found; ``owner`` is its area of each cell."""

    level: str
    codes: list[str]
    names: list[str]
    geometry: GeometryArray
    owner: IntArray


def _upper_drafts(
    accepted: Sequence[AreaShape],
    chains: Sequence[Mapping[str, str]],
    cells: GeometryArray,
    valid: bool,
    names: Sequence[str],
) -> list[_Draft]:
    """The levels above the cells, coarse to fine; made fine to coarse, each from the few shapes below it."""
    drafts: list[_Draft] = []
    below = _Below(cells, cells, np.arange(len(cells), dtype=np.int64), valid)
    for name in reversed(names):
        given = {s.code: s for s in accepted if s.level == name}
        codes = [chain.get(name, "") for chain in chains]
        known = sorted({c for c in codes if c} | set(given))
        if not known:
            continue
        position = {c: i for i, c in enumerate(known)}
        owner = np.array([position.get(c, -1) for c in codes], dtype=np.int64)
        geometry = _dissolved(known, given, owner, below)
        texts = [given[c].name if c in given else "" for c in known]
        drafts.append(_Draft(name, known, texts, geometry, owner))
        if bool(np.all(owner >= 0)):
            below = _Below(cells, geometry, owner, valid)
    return drafts[::-1]


def _accept(shapes: Iterable[AreaShape]) -> tuple[list[AreaShape], list[RefusedArea]]:
    good: dict[str, AreaShape] = {}
    bad: list[RefusedArea] = []
    for shape in shapes:
        reason = _fault(shape, good)
        geometry = None if reason else _projected(shape.geometry)
        if geometry is None:
            bad.append(RefusedArea(shape.code, reason or "empty"))
        else:
            good[shape.code] = AreaShape(shape.code, shape.name, shape.level, shape.parent, geometry)
    return [good[code] for code in sorted(good)], bad


def _fault(shape: AreaShape, taken: Mapping[str, AreaShape]) -> str:
    geometry = shape.geometry
    if not shape.code:
        return "no_code"
    if shape.code in taken:
        return "duplicate"
    if shape.level not in LEVELS:
        return "bad_level"
    if geometry is None or geometry.is_empty:
        return "empty"
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return "not_polygon"
    xy = shapely.get_coordinates(geometry)
    return "" if bool(np.all(valid_mask(xy[:, 0], xy[:, 1]))) else "out_of_range"


def _projected(geometry: BaseGeometry) -> BaseGeometry | None:
    """World metres rounded to the millimetre: equal inputs stay equal whatever the vector unit does."""
    flat = shapely.transform(geometry, lambda xy: np.round(project(xy[:, 0], xy[:, 1]), 3))
    if not flat.is_valid:
        parts = shapely.get_parts(shapely.make_valid(flat))
        polygons = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
        flat = shapely.union_all(polygons)
    return None if flat.is_empty or flat.area <= 0 else flat


def _chain(shape: AreaShape, known: Mapping[str, AreaShape]) -> dict[str, str]:
    """Codes of the owners of one cell by level: the parents given, else the prefixes of a digit code."""
    chain: dict[str, str] = {}
    if shape.code.isdigit():
        own = LEVEL_LENGTH[shape.level]
        if len(shape.code) >= own:
            chain = {lv: shape.code[:n] for lv, n in LEVEL_LENGTH.items() if n < own and lv != "city"}
    parent = shape.parent
    for _ in LEVELS:
        above = known.get(parent or "")
        if above is None:
            break
        chain[above.level] = above.code
        parent = above.parent
    return chain


@dataclass(frozen=True, slots=True, eq=False)
class _Below:
    """What a level is dissolved from: the cells, and the shapes of the level below with the one of each cell."""

    cells: GeometryArray
    shapes: GeometryArray
    shape_of: IntArray
    valid: bool


def _dissolved(
    known: Sequence[str], given: Mapping[str, AreaShape], owner: IntArray, below: _Below
) -> GeometryArray:
    """One polygon per code: the one given, else the union of what lies in it (shared edges melt away)."""
    out = np.empty(len(known), dtype=object)
    for i, code in enumerate(known):
        mine = owner == i
        if code in given:
            out[i] = given[code].geometry
        elif below.valid:
            out[i] = shapely.coverage_union_all(below.cells[mine])
        else:
            parts = np.unique(below.shape_of[mine])
            whole = not bool(np.any(np.isin(below.shape_of, parts) & ~mine))
            out[i] = shapely.union_all(below.shapes[parts] if whole else below.cells[mine])
    return out


def _parents(count: int, owner: IntArray, coarser: IntArray | None) -> IntArray:
    parents = np.full(count, -1, dtype=np.int64)
    if coarser is not None:
        inside = owner >= 0
        parents[owner[inside]] = coarser[inside]
    return parents


def _level(
    name: str, codes: Sequence[str], names: Sequence[str], geometry: GeometryArray, parents: IntArray
) -> AreaLevel:
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
