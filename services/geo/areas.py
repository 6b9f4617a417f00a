"""The area tree: 市 → 区(县) → 街道(镇) → 社区(村) → 网格, with its polygons.

Codes of the four lower levels are prefixes of one another: 6, 9, 12 and 15 digits (GB/T 2260, GB/T 10114 or
the city's list, civil-affairs community code, sequence 001–999; see `services.domain.codes`). Polygons are
WGS84.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from services.domain.codes import LEVEL_LENGTH, LEVELS
from services.geo.coords import metres_per_degree
from services.geo.errors import AreaError

LEVEL_LABEL: Mapping[str, str] = {
    "city": "市",
    "district": "区县",
    "street": "街道",
    "community": "社区",
    "grid": "网格",
}


@dataclass(frozen=True, slots=True)
class Area:
    """One area with its polygon; `geometry` is None while only the code and name are known.

    `officer` is the person in charge as shown, `registered` whether the grid is 备案.
    """

    code: str
    name: str
    level: str
    parent: str | None
    geometry: BaseGeometry | None
    officer: str | None = None
    registered: bool = True

    def properties(self) -> dict[str, str | bool | None]:
        """The properties the centre sends with the polygon."""
        return {
            "code": self.code,
            "name": self.name,
            "level": self.level,
            "parent": self.parent,
            "officer": self.officer,
            "registered": self.registered,
        }


def upper_level(level: str) -> str | None:
    """The level above, None above 市; an unknown level raises AreaError."""
    if level not in LEVELS:
        raise AreaError(f"不认识的区域层级“{level}”，应为 {'、'.join(LEVELS)} 之一。")
    at = LEVELS.index(level)
    return LEVELS[at - 1] if at else None


def to_wkb(geometry: BaseGeometry) -> bytes:
    """Well-known binary, two dimensions, little endian: what is stored."""
    packed: bytes = shapely.to_wkb(geometry, output_dimension=2, byte_order=1)
    return packed


def from_wkb(packed: bytes) -> BaseGeometry:
    """Read what `to_wkb` wrote.

    Raises:
        AreaError: The bytes are no geometry.
    """
    try:
        found: BaseGeometry = shapely.from_wkb(packed)
    except (shapely.errors.ShapelyError, TypeError) as error:
        raise AreaError("区域图形的数据已损坏。") from error
    return found


class AreaTree:
    """Areas by code with their children; the values are shared, the tree does not change."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Build the tree.

        Raises:
            AreaError: A code comes twice, or a parent is named that is not there.
        """
        self._by_code: dict[str, Area] = {}
        for area in areas:
            if area.code in self._by_code:
                raise AreaError(f"区域编码 {area.code} 重复。")
            self._by_code[area.code] = area
        self._children: dict[str | None, list[str]] = {}
        for area in self._by_code.values():
            if area.parent is not None and area.parent not in self._by_code:
                raise AreaError(f"区域 {area.code}（{area.name}）的上级 {area.parent} 不存在。")
            self._children.setdefault(area.parent, []).append(area.code)
        for codes in self._children.values():
            codes.sort()

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Area]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Area:
        return self._by_code[code]

    def children(self, code: str | None) -> tuple[Area, ...]:
        """The areas right below a code (None: the tops), by code."""
        return tuple(self._by_code[c] for c in self._children.get(code, ()))

    def path(self, code: str) -> tuple[Area, ...]:
        """From the top down to the area itself. Raises AreaError when parents run in a circle."""
        found: list[Area] = []
        here: str | None = code
        while here is not None:
            if len(found) >= len(LEVELS):
                raise AreaError(f"区域 {code} 的上级关系成环或层级过多。")
            area = self._by_code[here]
            found.append(area)
            here = area.parent
        return tuple(reversed(found))

    def level(self, level: str) -> tuple[Area, ...]:
        """All areas of a level, by code."""
        return tuple(sorted((a for a in self if a.level == level), key=lambda a: a.code))


def union(polygons: Iterable[BaseGeometry]) -> BaseGeometry:
    """Join polygons that share their edges exactly; polygons that overlap or gape are joined the slow way."""
    array = np.array(list(polygons), dtype=object)
    with suppress(
        shapely.errors.GEOSException
    ):  # where polygons overlap or edges differ it raises or goes wrong
        joined: BaseGeometry = shapely.coverage_union_all(array)
        if joined.is_valid:
            return joined
    whole: BaseGeometry = shapely.union_all(array)
    return whole


def dissolve(areas: Sequence[Area], level: str, name_of: Callable[[str], str]) -> list[Area]:
    """Make the areas of an upper level out of those of the level below, by their `parent` codes.

    Args:
        areas: Areas of the level right below `level`, all with a parent.
        level: The level to make.
        name_of: The name for a code.

    Returns:
        One area per parent code, by code; `parent` follows from the code length of the level above.
    """
    above = upper_level(level)
    groups: dict[str, list[BaseGeometry]] = {}
    for area in areas:
        if upper_level(area.level) != level or area.parent is None:
            raise AreaError(f"区域 {area.code} 不在“{LEVEL_LABEL[level]}”的下一级。")
        if area.geometry is not None:
            groups.setdefault(area.parent, []).append(area.geometry)
    made = []
    for code in sorted(groups):
        parent = code[: LEVEL_LENGTH[above]] if above and len(code) > LEVEL_LENGTH[above] else None
        made.append(Area(code, name_of(code), level, parent, union(groups[code])))
    return made


def simplify_shared(areas: Sequence[Area], tolerance_m: float) -> list[Area]:
    """Take out vertices so that shared edges stay shared (`shapely.coverage_simplify`).

    The tolerance is the square root, in metres, of the area of the triangle a vertex may span
    (Visvalingam–Whyatt); since it is about areas, degrees need no projection first. Areas without polygon
    come back as they are. Order is kept.
    """
    rows = [i for i, area in enumerate(areas) if area.geometry is not None]
    found = list(areas)
    if not rows:
        return found
    polygons = np.array([areas[i].geometry for i in rows], dtype=object)
    _, south, _, north = shapely.total_bounds(polygons)
    east_m, north_m = metres_per_degree((south + north) / 2.0)
    simple = shapely.coverage_simplify(polygons, tolerance_m / math.sqrt(east_m * north_m))
    for i, geometry in zip(rows, simple, strict=True):
        found[i] = replace(areas[i], geometry=geometry)
    return found
