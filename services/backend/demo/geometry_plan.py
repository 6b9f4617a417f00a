"""The plan a demo district is drawn on: outline, density, river, roads. Plane metres around the centre."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from services.backend.demo.names import Recipe

Floats = NDArray[np.float64]

ROAD_WIDTH_M = {"primary": 32.0, "secondary": 20.0, "tertiary": 10.0}
_ARTERIAL_M = 2300.0
_SECONDARY_M = 1150.0
_TERTIARY_M = 480.0
_LEAST_ROAD_M = 220.0


@dataclass(frozen=True, slots=True)
class Course:
    """A line of the plan: klass `outline`, `river`, `brook`, `primary`, `secondary` or `tertiary`."""

    klass: str
    xy: Floats


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is fixed before grids are drawn."""

    outline: Polygon
    half_width: float
    half_height: float
    cell_m: float
    cores: Floats
    river: Course
    brook: Course
    lake: Polygon
    roads: list[Course] = field(default_factory=list)

    def cell_at(self, xy: Floats) -> Floats:
        """The wished grid size in metres at points (n, 2): small in the core of a town, larger outside."""
        away = np.min(np.hypot(*(xy[:, None, :] - self.cores[None, :, :]).transpose(2, 0, 1)), axis=1)
        return np.asarray(self.cell_m * (0.80 + 0.42 * np.clip(away / 5200.0, 0.0, 1.0)))

    def water(self) -> list[tuple[str, BaseGeometry]]:
        """River, brook and lake as polygons a little beyond the outline: [(kind, polygon)]."""
        cover = self.outline.buffer(1500.0)
        river = _ribbon(self.river.xy, 74.0, 22.0)
        brook = _ribbon(self.brook.xy, 17.0, 5.0).difference(river)
        return [
            ("river", river.intersection(cover)),
            ("brook", brook.intersection(cover)),
            ("lake", self.lake),
        ]


def make_plan(recipe: Recipe, grids: int, rng: np.random.Generator) -> Plan:
    """Draw the plan for a number of grids; a grid keeps its size, so the district grows with the number."""
    scale = math.sqrt(grids / recipe.grids)
    half_width, half_height = recipe.width_m * scale / 2.0, recipe.height_m * scale / 2.0
    outline = _outline(half_width, half_height, rng)
    cell = math.sqrt(outline.area / grids)
    count = max(1, round(grids / 1500))
    spread = rng.uniform(-0.7, 0.7, (count, 2)) * (half_width, half_height)
    spread[0] = (-0.06 * half_width, 0.05 * half_height)
    river = _river(half_width, half_height, rng)
    brook = _brook(river.xy, half_width, half_height, rng)
    lake = _lake(half_width, half_height, rng)
    plan = Plan(outline, half_width, half_height, cell, spread, river, brook, lake)
    plan.roads.extend(_roads(plan, rng))
    return plan


def _waves(at: Floats, rng: np.random.Generator, terms: list[tuple[float, float]]) -> Floats:
    """A smooth random curve over positions in metres: sum of sines of (wave length, height)."""
    total = np.zeros_like(at)
    for length, height in terms:
        total = total + height * np.sin(2.0 * np.pi * at / length + rng.uniform(0.0, 2.0 * np.pi))
    return total


def _outline(half_width: float, half_height: float, rng: np.random.Generator) -> Polygon:
    angle = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    power = 3.4
    radius = (np.abs(np.cos(angle)) ** power + np.abs(np.sin(angle)) ** power) ** (-1.0 / power)
    for order in range(2, 18):
        height = 0.095 / order**0.98
        radius = radius * (1.0 + height * np.sin(order * angle + rng.uniform(0.0, 2.0 * np.pi)))
    xy = np.column_stack((radius * np.cos(angle) * half_width, radius * np.sin(angle) * half_height))
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2.0
    xy = (xy - middle) * (2.0 * half_width, 2.0 * half_height) / np.ptp(xy, axis=0)
    return Polygon(xy)


def _river(half_width: float, half_height: float, rng: np.random.Generator) -> Course:
    """A river that rises from the lower left to the right, as a city's main river might."""
    reach = half_width + 3000.0
    x = np.arange(-reach, reach, 60.0)
    y = -0.10 * half_height + 0.16 * half_height * x / half_width
    y = y + _waves(x, rng, [(1.5 * half_width, 0.16 * half_height), (5200.0, 330.0), (2300.0, 90.0)])
    return Course("river", np.column_stack((x, y)))


def _brook(river: Floats, half_width: float, half_height: float, rng: np.random.Generator) -> Course:
    """A brook that joins the river from the north."""
    mouth = river[np.argmin(np.abs(river[:, 0] - 0.34 * half_width))]
    y = np.arange(mouth[1], half_height + 2500.0, 50.0)
    away = y - mouth[1]
    x = (
        mouth[0]
        + 0.10 * away
        + _waves(away, rng, [(6100.0, 260.0), (2100.0, 80.0)]) * np.minimum(1.0, away / 900.0)
    )
    return Course("brook", np.column_stack((x, y)))


def _lake(half_width: float, half_height: float, rng: np.random.Generator) -> Polygon:
    angle = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)
    radius = np.ones_like(angle)
    for order in range(2, 6):
        radius = radius + 0.16 / order * np.sin(order * angle + rng.uniform(0.0, 2.0 * np.pi))
    size = 0.036 * (half_width + half_height)
    middle = np.array([-0.47 * half_width, 0.40 * half_height])
    return Polygon(
        np.column_stack((1.25 * size * np.cos(angle), 0.8 * size * np.sin(angle))) * radius[:, None] + middle
    )


def _ribbon(xy: Floats, half_width: float, change: float) -> BaseGeometry:
    """A band along a line whose width swells and shrinks."""
    way = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    half = half_width + change * np.sin(way / 1700.0) + 0.5 * change * np.sin(way / 610.0)
    along = np.gradient(xy, axis=0)
    normal = np.column_stack((-along[:, 1], along[:, 0])) / np.hypot(*along.T)[:, None]
    ring = np.concatenate((xy + normal * half[:, None], (xy - normal * half[:, None])[::-1]))
    return shapely.make_valid(Polygon(ring)).buffer(0.0)


# --- roads: a warped lattice ----------------------------------------------------------------------


class _Lattice:
    """A turned and gently bent square lattice: straight lines of (u, v) become the lines of a town."""

    def __init__(self, half: float, rng: np.random.Generator) -> None:
        self.half = half
        self._turn = math.radians(float(rng.uniform(5.0, 10.0)))
        self._phase = rng.uniform(0.0, 2.0 * np.pi, 6)

    def bend(self, u: Floats, v: Floats) -> Floats:
        """Plane metres (n, 2) for lattice positions."""
        p = self._phase
        x = u + 210.0 * np.sin(v / 2100.0 + p[0]) + 130.0 * np.sin(u / 1900.0 + v / 3100.0 + p[1])
        y = v + 210.0 * np.sin(u / 2400.0 + p[2]) + 130.0 * np.sin(v / 1800.0 - u / 2900.0 + p[3])
        turn_x = x * math.cos(self._turn) - y * math.sin(self._turn)
        turn_y = x * math.sin(self._turn) + y * math.cos(self._turn)
        return np.column_stack((turn_x, turn_y))

    def line(self, fixed: float, start: float, end: float, upright: bool) -> Floats:
        """The lattice line with one coordinate fixed, from start to end of the other."""
        steps = max(2, math.ceil(abs(end - start) / 70.0) + 1)
        free, still = np.linspace(start, end, steps), np.full(steps, fixed)
        return self.bend(still, free) if upright else self.bend(free, still)


def _roads(plan: Plan, rng: np.random.Generator) -> list[Course]:
    lattice = _Lattice(1.2 * max(plan.half_width, plan.half_height) + 500.0, rng)
    river = _ribbon(plan.river.xy, 90.0, 22.0)
    courses: list[Course] = []
    ladders = [_ladder(lattice.half, rng) for _ in range(2)]
    for upright, lines in enumerate(ladders):
        crossing = [at for at, klass in ladders[1 - upright] if klass == "primary"]
        crossing_all = [at for at, klass in ladders[1 - upright] if klass != "tertiary"]
        for at, klass in lines:
            stops = {"primary": [], "secondary": crossing, "tertiary": crossing_all}[klass]
            chance = {"primary": 1.0, "secondary": 0.9, "tertiary": 0.72}[klass]
            for start, end in _runs([-lattice.half, *stops, lattice.half], chance, rng):
                courses.extend(_clipped(plan, klass, lattice.line(at, start, end, bool(upright)), river))
    order = {"primary": 0, "secondary": 1, "tertiary": 2}
    return sorted(courses, key=lambda c: order[c.klass])


def _ladder(half: float, rng: np.random.Generator) -> list[tuple[float, str]]:
    """Where the lattice lines of one direction lie, with their class: main roads, then what divides them."""
    main = [-half]
    while main[-1] < half:
        main.append(main[-1] + _ARTERIAL_M * float(rng.uniform(0.85, 1.15)))
    found = [(at, "primary") for at in main]
    for left, right in pairwise(main):
        parts = max(1, round((right - left) / _SECONDARY_M))
        inner = [
            left + (right - left) * (i + float(rng.uniform(-0.12, 0.12))) / parts for i in range(1, parts)
        ]
        found += [(at, "secondary") for at in inner]
        edges = [left, *inner, right]
        for low, high in pairwise(edges):
            pieces = max(1, round((high - low) / _TERTIARY_M))
            found += [
                (low + (high - low) * (i + float(rng.uniform(-0.15, 0.15))) / pieces, "tertiary")
                for i in range(1, pieces)
            ]
    return found


def _runs(stops: list[float], chance: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Stretches between stops that are built; neighbours join up to the length one name may have."""
    runs: list[tuple[float, float]] = []
    for start, end in pairwise(stops):
        if float(rng.random()) > chance:
            continue
        if (
            runs
            and runs[-1][1] == start
            and end - runs[-1][0] < 2.2 * _ARTERIAL_M
            and float(rng.random()) < 0.7
        ):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _clipped(plan: Plan, klass: str, xy: Floats, river: BaseGeometry) -> list[Course]:
    """The part of a line inside the district; small streets end at the river, no bridge is built for them."""
    inside = LineString(xy).intersection(plan.outline.buffer(-20.0) if klass != "primary" else plan.outline)
    if klass == "tertiary":
        inside = inside.difference(river).difference(plan.lake)
    parts = [p for p in shapely.get_parts(inside) if p.geom_type == "LineString" and p.length > _LEAST_ROAD_M]
    return [Course(klass, shapely.get_coordinates(p)) for p in parts]


def clipped_roads(roads: Sequence[Course], district: BaseGeometry) -> list[Course]:
    """The roads inside the district as it was drawn, which differs from the plan's outline by its jags."""
    shapely.prepare(district)
    found: list[Course] = []
    for road in roads:
        line = LineString(road.xy)
        if district.contains_properly(line):
            found.append(road)
            continue
        parts = [p for p in shapely.get_parts(line.intersection(district)) if p.geom_type == "LineString"]
        found += [Course(road.klass, shapely.get_coordinates(p)) for p in parts if p.length > _LEAST_ROAD_M]
    return found
