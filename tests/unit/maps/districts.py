"""Small made-up districts for the map's tests."""

from __future__ import annotations

import numpy as np
import shapely

from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project, unproject

WEST, SOUTH, SIDE = 113.2, 23.1, 0.01
ORIGIN = project(WEST, SOUTH)


def squares(columns: int = 6, rows: int = 4, level: str = "grid", wobble: bool = True) -> list[AreaShape]:
    """Cells in a checkerboard with bent shared edges; the left half is street 001, the right half 002."""
    xs = np.linspace(WEST, WEST + SIDE * columns, columns + 1)
    ys = np.linspace(SOUTH, SOUTH + SIDE * rows, rows + 1)
    out = []
    for j in range(rows):
        for i in range(columns):
            box = shapely.segmentize(shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]), SIDE / 7.5)
            cell = shapely.transform(box, lambda xy: np.round(xy, 7))
            if wobble:
                cell = shapely.transform(cell, bend)
            street = 1 if i < columns // 2 else 2
            out.append(AreaShape(code(street, j, i), f"测试-{j * columns + i + 1:02d}", level, None, cell))
    return out


def code(street: int, community: int, number: int) -> str:
    """A 15-digit grid code."""
    return f"440199{street:03d}{community + 1:03d}{number + 1:03d}"


def bend(xy: np.ndarray) -> np.ndarray:
    """Move a corner by what depends on its place alone, so that neighbours keep their edge."""
    x, y = xy[:, 0] * 900, xy[:, 1] * 900
    return xy + np.column_stack([np.sin(y), np.cos(x)]) * 0.0006


def with_gap() -> list[AreaShape]:
    """Two cells that leave a gap two metres wide between them, closed at both ends by shared corners."""
    left = shapely.Polygon([(0, 0), (0.01, 0), (0.00999, 0.005), (0.01, 0.01), (0, 0.01)])
    right = shapely.Polygon([(0.01, 0), (0.02, 0), (0.02, 0.01), (0.01, 0.01), (0.01001, 0.005)])
    return [AreaShape("A", "甲", "grid", None, left), AreaShape("B", "乙", "grid", None, right)]


def overlapping() -> list[AreaShape]:
    """Two cells that overlap by a tenth: no exact coverage."""
    return [
        AreaShape("A", "甲", "grid", None, shapely.box(0, 0, 0.011, 0.01)),
        AreaShape("B", "乙", "grid", None, shapely.box(0.01, 0, 0.02, 0.01)),
    ]


def voronoi(count: int, seed: int, side: float = 4000.0, bent: float = 20.0) -> np.ndarray:
    """Irregular cells in world metres that share bent edges exactly: an exact coverage of valid polygons."""
    rng = np.random.default_rng(seed)
    sites = shapely.MultiPoint(rng.random((count, 2)) * side)
    frame = shapely.box(0, 0, side, side)
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=frame)), frame)
    cells = shapely.segmentize(shapely.transform(cells, lambda xy: np.round(xy, 3)), 60.0)

    def bend(xy: np.ndarray) -> np.ndarray:
        moved = xy + np.column_stack([np.sin(xy[:, 1] / 37.0), np.cos(xy[:, 0] / 41.0)]) * bent
        return np.round(moved, 3)

    moved = shapely.transform(cells, bend)
    fit = bool(np.all(shapely.is_valid(moved))) and bool(shapely.coverage_is_valid(moved))
    return np.asarray(moved if fit else shapely.coverage_clean(shapely.make_valid(cells)), dtype=object)


def on_the_ground(cells: np.ndarray, level: str = "grid") -> list[AreaShape]:
    """Cells in world metres near the origin as areas in degrees, with codes of one street."""
    degrees = shapely.transform(cells, lambda xy: unproject(xy + ORIGIN))
    return [
        AreaShape(code(1 + i // 200, i // 20 % 10, i % 20), f"格{i}", level, None, cell)
        for i, cell in enumerate(degrees)
    ]
