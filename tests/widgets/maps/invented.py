"""An invented district for tests and pictures: grids that share edges, a river, roads, cases, officers."""

from __future__ import annotations

import math

import numpy as np
import shapely

from maps.geometry.areas import AreaShape
from maps.layers.areas import AreaFigures, figures_of_cases
from maps.layers.base import BaseShape
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer

WEST, SOUTH, EAST, NORTH = 113.20, 23.10, 113.32, 23.20
STREETS = ("青禾街道", "云栈街道", "望塔街道", "松荫街道", "柳岸街道", "新圩街道", "石鼓塘街道", "临溪街道")
TITLES = ("井盖缺失", "占道经营", "噪音扰民", "暴露垃圾", "路灯故障", "道路破损")
BANDS = ("ok", "ok", "ok", "ok", "ok", "ok", "soon", "soon", "over1", "over2", "over3", "suspended")


def district(grids: int = 135, seed: int = 5, level_names: bool = True) -> list[AreaShape]:
    """Grids by Voronoi cells bent at their corners, dealt out to eight streets by distance."""
    rng = np.random.default_rng(seed)
    side = math.ceil(math.sqrt(grids))
    sites = np.array([(i % side + 0.5, i // side + 0.5) for i in range(side * side)], dtype=float)[:grids]
    sites = (sites + rng.uniform(-0.36, 0.36, sites.shape)) / side
    sites = sites * [EAST - WEST, NORTH - SOUTH] + [WEST, SOUTH]
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = 0.46 + 0.025 * np.sin(angle * 5 + 1) + 0.02 * np.cos(angle * 9)
    rim = np.column_stack([np.cos(angle) * wobble + 0.5, np.sin(angle) * wobble + 0.5])
    frame = shapely.Polygon(rim * [EAST - WEST, NORTH - SOUTH] + [WEST, SOUTH])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=frame))
    cells = shapely.intersection(cells, frame, grid_size=1e-7)
    # Rounded after cutting: the two sides of an edge are cut from opposite ends.
    cells = shapely.transform(shapely.segmentize(cells, 0.0012), lambda xy: _bend(np.round(xy, 7)))
    cells = np.array([c for c in cells if c.area > 1e-6 and c.geom_type == "Polygon"], dtype=object)
    hubs = np.array(
        [[0.3, 0.8], [0.75, 0.8], [0.4, 0.5], [0.75, 0.5], [0.22, 0.25], [0.6, 0.2], [0.15, 0.55], [0.9, 0.3]]
    )
    hubs = hubs * [EAST - WEST, NORTH - SOUTH] + [WEST, SOUTH]
    middle = shapely.get_coordinates(shapely.centroid(cells))
    owner = np.argmin(np.hypot(*(middle[:, None, :] - hubs[None]).transpose(2, 0, 1)), axis=1)
    shapes = []
    seen: dict[int, int] = {}
    for cell, street in zip(cells, owner.tolist(), strict=True):
        seen[street] = seen.get(street, 0) + 1
        number = seen[street]
        code = f"440199{street + 1:03d}{(number - 1) // 6 + 1:03d}{number:03d}"
        shapes.append(AreaShape(code, f"{STREETS[street][:-2]}-{number:02d}", "grid", None, cell))
    if level_names:
        for street in sorted(seen):
            union = shapely.coverage_union_all(cells[owner == street])
            shapes.append(AreaShape(f"440199{street + 1:03d}", STREETS[street], "street", "440199", union))
        shapes.append(AreaShape("440199", "示例区", "district", None, shapely.coverage_union_all(cells)))
    return shapes


def _bend(xy):
    """Move every corner by a value that depends on the place only, so that neighbours stay joined."""
    x, y = xy[:, 0] * 230, xy[:, 1] * 230
    return (
        xy
        + np.column_stack([np.sin(y * 3.1) + np.sin(x * 7.3 + y), np.cos(x * 2.7) + np.sin(y * 6.1 - x)])
        * 0.0002
    )


def base():
    """Roads and a river."""
    t = np.linspace(-0.1, 1.1, 40)
    span = np.array([EAST - WEST, NORTH - SOUTH])
    river = np.column_stack([t, 0.33 + 0.25 * t + 0.05 * np.sin(t * 7)]) * span + [WEST, SOUTH]
    roads = []
    for name, points in {
        "环山路": [(0.05, 0.62), (0.3, 0.66), (0.6, 0.7), (0.97, 0.72)],
        "南苑大道": [(0.45, 0.05), (0.47, 0.4), (0.5, 0.7), (0.52, 0.97)],
        "松影路": [(0.08, 0.45), (0.4, 0.47), (0.7, 0.44), (0.95, 0.4)],
    }.items():
        roads.append(BaseShape(shapely.LineString(np.array(points) * span + [WEST, SOUTH]), name, 24.0))
    return roads, [BaseShape(shapely.LineString(river), "示例河", 170.0)]


def cases(shapes: list[AreaShape], count: int = 214, seed: int = 9) -> list[MapCase]:
    """Cases crowded around a few hot spots, each inside a grid."""
    rng = np.random.default_rng(seed)
    grids = [s for s in shapes if s.level == "grid"]
    tree = shapely.STRtree([s.geometry for s in grids])
    hot = rng.random((9, 2)) * 0.7 + 0.15
    out: list[MapCase] = []
    while len(out) < count:
        near = hot[rng.integers(0, len(hot))] + rng.normal(0, 0.07, 2)
        lon, lat = near * [EAST - WEST, NORTH - SOUTH] + [WEST, SOUTH]
        found = tree.query(shapely.Point(lon, lat), predicate="intersects")
        if not len(found):
            continue
        grid = grids[int(found[0])]
        i = len(out)
        out.append(
            MapCase(
                f"case-{i:04d}",
                f"1120-{i:04d}",
                float(lon),
                float(lat),
                BANDS[int(rng.integers(0, len(BANDS)))],
                int(rng.integers(0, 4)),
                TITLES[i % len(TITLES)],
                f"松影路 {i + 1} 号",
                grid.code,
                grid.name,
                "余 0:14:52",
                i % 40 == 0,
            )
        )
    return out


def officers(shapes: list[AreaShape], seed: int = 3, every: int = 8) -> list[MapOfficer]:
    """One officer in every eighth grid, or as asked."""
    rng = np.random.default_rng(seed)
    names = ("方知夏", "林远山", "周映雪", "陈一鸣", "许未央", "何静姝", "罗子安", "梁清禾")
    out = []
    for i, shape in enumerate([s for s in shapes if s.level == "grid"][::every]):
        at = shapely.point_on_surface(shape.geometry)
        state = int(rng.integers(0, 6))
        out.append(
            MapOfficer(
                f"o{i}", names[i % len(names)], at.x, at.y, state == 1, state == 0, "14:07", shape.name
            )
        )
    return out


def figures(shapes: list[AreaShape], open_cases: list[MapCase]) -> dict[str, AreaFigures]:
    """Figures counted from the cases; every ninth grid has no officer."""
    codes = [s.code for s in shapes if s.level == "grid"]
    duty = {code: i % 9 != 0 for i, code in enumerate(codes)}
    return figures_of_cases(codes, [(c.area_code, c.band) for c in open_cases], duty)
