"""Small made-up districts for the map's tests."""

from __future__ import annotations

import numpy as np
import shapely

from maps.geometry.areas import AreaShape

WEST, SOUTH, SIDE = 113.2, 23.1, 0.01


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
