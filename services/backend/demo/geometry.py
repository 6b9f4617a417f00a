"""The demo district: areas, roads, water and places from one seed, any number of grids.

The same recipe, seed and number of grids give the same district, bit by bit, with the same versions of numpy
and GEOS. Positions are WGS84 lon/lat rounded to 1e-7 degrees (1 cm); edges between grids are shared exactly.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from services.backend.demo.geometry_cells import make_cells
from services.backend.demo.geometry_plan import Floats, Plan, clipped_roads, make_plan
from services.backend.demo.geometry_regions import Graph, joined_small, partition, reading_order, spread_seeds
from services.backend.demo.geometry_streets import AddressBook, Line, Place, Water, name_roads
from services.backend.demo.names import Recipe, load_recipe, stems, street_stems
from services.geo.areas import Area, union
from services.geo.coords import metres_per_degree
from services.geo.errors import AreaError
from services.geo.grids import GridIndex, label_point

LEAST_GRIDS, MOST_GRIDS = 50, 40_000
_LEAST_IN_COMMUNITY = 4


class Rng(Protocol):
    """What `random_point` needs: `random.Random` and `numpy.random.Generator` both have it."""

    def random(self) -> float:
        """A number in [0, 1)."""
        ...


@dataclass(frozen=True)
class District:
    """A made district; a value, to be shared freely.

    `areas` holds district, streets, communities and grids, in this order and by code within a level;
    `bounds` is west, south, east, north of the district.
    """

    code: str
    name: str
    seed: int
    areas: tuple[Area, ...]
    roads: tuple[Line, ...]
    water: tuple[Water, ...]
    places: tuple[Place, ...]

    @cached_property
    def grids(self) -> tuple[Area, ...]:
        """The areas of grid level."""
        return tuple(a for a in self.areas if a.level == "grid")

    @cached_property
    def by_code(self) -> dict[str, Area]:
        """All areas by code."""
        return {a.code: a for a in self.areas}

    @cached_property
    def index(self) -> GridIndex:
        """Finds the grid of a point."""
        return GridIndex([a.code for a in self.grids], [_polygon(a) for a in self.grids])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = _polygon(self.areas[0]).bounds
        return west, south, east, north

    @cached_property
    def addresses(self) -> AddressBook:
        """Finds the road and door number of a point."""
        return AddressBook(self.roads)

    def address_at(self, lon: float, lat: float) -> str:
        """Road and door number of the nearest road, e.g. `松影路118号`."""
        return self.addresses.address(lon, lat)

    def full_address_at(self, lon: float, lat: float) -> str:
        """With district and street in front: `示例区望塔街道松影路118号`; a crossing is named as one."""
        hit = self.index.locate(lon, lat)
        street = self.by_code[hit.code[:9]].name if hit else ""
        return self.name + street + (self.addresses.crossing(lon, lat) or self.address_at(lon, lat))

    def random_point(self, code: str, rng: Rng) -> tuple[float, float]:
        """A point inside an area of any level, evenly spread: lon, lat. KeyError for an unknown code."""
        polygon = _polygon(self.by_code[code])
        west, south, east, north = polygon.bounds
        for _ in range(200):
            lon, lat = west + rng.random() * (east - west), south + rng.random() * (north - south)
            if shapely.contains_xy(polygon, lon, lat):
                return lon, lat
        return label_point(polygon)

    def base_map(self) -> dict[str, Any]:
        """Roads, water and places as three GeoJSON feature collections: `roads`, `water`, `places`."""
        layers: dict[str, Sequence[Line] | Sequence[Water] | Sequence[Place]] = {
            "roads": self.roads,
            "water": self.water,
            "places": self.places,
        }
        return {
            key: {"type": "FeatureCollection", "features": [v.as_feature() for v in values]}
            for key, values in layers.items()
        }


def _polygon(area: Area) -> BaseGeometry:
    if area.geometry is None:
        raise AreaError(f"区域 {area.code} 没有图形。")
    return area.geometry


def make_district(
    seed: int | None = None, grids: int | None = None, recipe: Recipe | None = None
) -> District:
    """Make a district of exactly so many grids.

    Args:
        seed: Decides everything; the recipe's own by default.
        grids: How many grids; the recipe's number by default.
        recipe: The recipe that comes with the product by default.

    Raises:
        AreaError: A number of grids that can't be made.
    """
    recipe = recipe or load_recipe()
    seed = recipe.seed if seed is None else seed
    grids = recipe.grids if grids is None else grids
    if not LEAST_GRIDS <= grids <= MOST_GRIDS:
        raise AreaError(f"示例区的网格数应在 {LEAST_GRIDS} 到 {MOST_GRIDS} 之间。")
    draw, words = np.random.default_rng(seed), random.Random(seed)
    plan = make_plan(recipe, grids, draw)
    cells = make_cells(plan, grids, draw)
    graph = Graph(cells.centres, cells.pairs, cells.barrier)
    streets = _streets(recipe, plan, graph, words)
    ground = _Ground(recipe, plan)
    polygons = ground.degrees(cells.polygons)
    areas = _areas(recipe, streets, polygons, graph, plan.cell_m, words)
    courses = clipped_roads(plan.roads, union(cells.polygons))
    names = name_roads(courses, recipe, words)
    roads = [Line(n, c.klass, ground.pairs(c.xy)) for n, c in zip(names, courses, strict=True)]
    water = [
        Water(str(recipe.names[kind]), kind, ground.degrees(np.array([shape], dtype=object))[0])
        for kind, shape in plan.water()
    ]
    district = District(recipe.code, recipe.name, seed, tuple(areas), tuple(roads), tuple(water), ())
    return replace(district, places=_places(recipe, district, words))


class _Ground:
    """Plane metres of the plan to degrees."""

    def __init__(self, recipe: Recipe, plan: Plan) -> None:
        self._scale = 1.0 / np.array(metres_per_degree(recipe.lat))
        self._origin = np.array([recipe.lon, recipe.lat])

    def xy(self, metres: Floats) -> Floats:
        return np.asarray(np.round(metres * self._scale + self._origin, 7))

    def pairs(self, metres: Floats) -> tuple[tuple[float, float], ...]:
        return tuple((float(x), float(y)) for x, y in self.xy(metres))

    def degrees(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        return np.asarray(shapely.transform(shapes, self.xy))


@dataclass(frozen=True)
class _Street:
    """Cells of a street by community, both in reading order."""

    stem: str
    communities: list[list[int]]


def _streets(recipe: Recipe, plan: Plan, graph: Graph, words: random.Random) -> list[_Street]:
    everything = list(range(len(graph.centres)))
    count = min(recipe.most_streets, max(2, round(len(everything) / recipe.grids_per_street)))
    named = street_stems(recipe, count, words)
    if count == len(recipe.streets):
        seeds = np.array([s.at for s in recipe.streets]) * (plan.half_width, plan.half_height)
    else:
        seeds = spread_seeds(graph, everything, count)
    groups = partition(graph, everything, seeds)
    if count != len(recipe.streets):
        groups = [groups[i] for i in reading_order(_middles(graph, groups), 8.0 * plan.cell_m)]
    return [
        _Street(stem, _communities(recipe, graph, group, plan.cell_m))
        for stem, group in zip(named, groups, strict=True)
    ]


def _communities(recipe: Recipe, graph: Graph, group: list[int], cell_m: float) -> list[list[int]]:
    count = max(1, round(len(group) / recipe.grids_per_community))
    made = joined_small(
        graph, partition(graph, group, spread_seeds(graph, group, count)), _LEAST_IN_COMMUNITY
    )
    made = [made[i] for i in reading_order(_middles(graph, made), 3.2 * cell_m)]
    return [[cells[i] for i in reading_order(graph.centres[cells], cell_m)] for cells in made]


def _middles(graph: Graph, groups: list[list[int]]) -> Floats:
    return np.array([graph.centres[g].mean(axis=0) for g in groups])


def _areas(
    recipe: Recipe,
    streets: list[_Street],
    polygons: NDArray[np.object_],
    graph: Graph,
    cell_m: float,
    words: random.Random,
) -> list[Area]:
    """Codes, names and polygons of all levels, from the district down."""
    pool = stems(recipe.words("community_first"), recipe.words("community_second"), words)
    upper: list[Area] = []
    middle: list[Area] = []
    lower: list[Area] = []
    for i, street in enumerate(streets, 1):
        code = f"{recipe.code}{i:03d}"
        number = 0
        for j, cells in enumerate(street.communities, 1):
            community = f"{code}{j:03d}"
            for k, cell in enumerate(cells, 1):
                number += 1
                name = f"{street.stem}-{number:02d}"
                lower.append(Area(f"{community}{k:03d}", name, "grid", community, polygons[cell]))
            middle.append(Area(community, f"{next(pool)}社区", "community", code, union(polygons[cells])))
        inner = [m.geometry for m in middle if m.parent == code and m.geometry is not None]
        upper.append(Area(code, f"{street.stem}街道", "street", recipe.code, union(inner)))
    whole = union([u.geometry for u in upper if u.geometry is not None])
    return [Area(recipe.code, recipe.name, "district", None, whole), *upper, *middle, *lower]


def _places(recipe: Recipe, district: District, words: random.Random) -> tuple[Place, ...]:
    """Schools, parks, markets, ... spread over the grids; no two names alike."""
    made: dict[str, Place] = {}
    grids = district.grids
    for kind in recipe.places:
        for grid in words.sample(grids, max(1, len(grids) // kind.per)):
            community = district.by_code[grid.code[:12]].name.removesuffix("社区")
            street = district.by_code[grid.code[:9]].name.removesuffix("街道")
            for pattern in words.sample(kind.names, len(kind.names)):
                name = pattern.format(stem=words.choice([community, community, street]))
                if name not in made:
                    lon, lat = (round(v, 7) for v in district.random_point(grid.code, words))
                    made[name] = Place(name, kind.kind, lon, lat, district.address_at(lon, lat), grid.code)
                    break
    return tuple(made.values())
