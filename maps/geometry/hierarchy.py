"""The levels above the cells: given polygons where there are some, else dissolved from what lies below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.shapes import AreaShape
from maps.geometry.tables import IntArray
from services.domain.codes import LEVEL_LENGTH, LEVELS

GeometryArray = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class LevelDraft:
    """A level above the cells before its label points are found; ``owner`` is its area of each cell."""

    level: str
    codes: list[str]
    names: list[str]
    geometry: GeometryArray
    owner: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Below:
    """What a level is dissolved from: shapes of a level below and the one of each cell."""

    shapes: GeometryArray
    shape_of: IntArray


def upper_levels(
    shapes: Sequence[AreaShape], geometry: GeometryArray, cells: Sequence[int], finest: str
) -> list[LevelDraft]:
    """Find the levels above the cells, coarse to fine; made fine to coarse, each from the few shapes below it.

    Args:
        shapes: accepted areas of every level, by code.
        geometry: their polygons in world metres.
        cells: which of them are the cells; their geometry is a coverage as far as it could be made one.
        finest: level of the cells.
    """
    by_code = {shape.code: shape for shape in shapes}
    chains = [_chain(shapes[at], by_code) for at in cells]
    all_cells = geometry[list(cells)]
    drafts: list[LevelDraft] = []
    below = _Below(all_cells, np.arange(len(cells), dtype=np.int64))
    for name in reversed(LEVELS[: LEVELS.index(finest)]):
        given = {shape.code: at for at, shape in enumerate(shapes) if shape.level == name}
        codes = [chain.get(name, "") for chain in chains]
        known = sorted({c for c in codes if c} | set(given))
        if not known:
            continue
        position = {c: i for i, c in enumerate(known)}
        owner = np.array([position.get(c, -1) for c in codes], dtype=np.int64)
        made = _dissolved(len(known), owner, all_cells, below)
        for code, at in given.items():
            made[position[code]] = geometry[at]
        texts = [by_code[c].name if c in given else "" for c in known]
        drafts.append(LevelDraft(name, known, texts, made, owner))
        if bool(np.all(owner >= 0)):
            below = _Below(made, owner)
    return drafts[::-1]


def _chain(shape: AreaShape, known: Mapping[str, AreaShape]) -> dict[str, str]:
    """Codes of the owners of one cell by level: the parents given, else the prefixes of a digit code."""
    chain: dict[str, str] = {}
    if shape.code.isascii() and shape.code.isdigit():
        own = LEVEL_LENGTH[shape.level]
        if len(shape.code) >= own:
            chain = {lv: shape.code[:n] for lv, n in LEVEL_LENGTH.items() if n < own and lv != "city"}
    parent = shape.parent
    for _ in LEVELS:
        above = known.get(parent or "")
        if above is None or LEVELS.index(above.level) >= LEVELS.index(shape.level):
            break
        chain[above.level] = above.code
        parent = above.parent
    return chain


def _dissolved(count: int, owner: IntArray, cells: GeometryArray, below: _Below) -> GeometryArray:
    """One polygon per area: the union of what lies in it (shared edges melt away); empty where nothing does."""
    out = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(owner, kind="stable")
    first, last = (np.searchsorted(owner[order], np.arange(count), side=side) for side in ("left", "right"))
    owners_of_shape = _owners_of(below, owner)
    for i in range(count):
        mine = order[first[i] : last[i]]
        if len(mine):
            parts = np.unique(below.shape_of[mine])
            whole = bool(np.all(owners_of_shape[parts] == i))
            out[i] = melted(below.shapes[parts] if whole else cells[mine])
    return out


def _owners_of(below: _Below, owner: IntArray) -> IntArray:
    """The one area every shape of the level below lies in, -1 where its cells lie in several."""
    low = np.full(len(below.shapes), np.iinfo(np.int64).max)
    high = np.full(len(below.shapes), -1, dtype=np.int64)
    np.minimum.at(low, below.shape_of, owner)
    np.maximum.at(high, below.shape_of, owner)
    return np.where(low == high, high, -1)


def melted(polygons: GeometryArray) -> shapely.Polygon | shapely.MultiPolygon:
    """Join polygons that share their edges; where they do not quite, the slow way."""
    try:
        joined = shapely.coverage_union_all(polygons)
    except shapely.errors.GEOSException:  # overlapping polygons
        joined = None
    if joined is None or not joined.is_valid or joined.is_empty:
        joined = shapely.union_all(polygons)
    parts = [p for p in shapely.get_parts(joined) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
