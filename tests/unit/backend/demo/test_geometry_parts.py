"""The steps of drawing a district: plan, cells, regions, roads and door numbers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import shapely

from services.backend.demo.geometry_cells import Cells, jagged_cells, make_cells
from services.backend.demo.geometry_plan import Course, Plan, clipped_roads, make_plan
from services.backend.demo.geometry_regions import (
    Graph,
    joined_small,
    partition,
    reading_order,
    spread_seeds,
)
from services.backend.demo.geometry_streets import AddressBook, Line, name_roads
from services.backend.demo.names import load_recipe


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load_recipe(), 300, np.random.default_rng(1))


@pytest.fixture(scope="module")
def cells(plan: Plan) -> Cells:
    return make_cells(plan, 300, np.random.default_rng(2))


# --- plan -------------------------------------------------------------------------------------------


def test_the_outline_fills_its_frame(plan: Plan) -> None:
    west, south, east, north = plan.outline.bounds
    assert (-west, -south, east, north) == pytest.approx(
        (plan.half_width, plan.half_height, plan.half_width, plan.half_height)
    )
    assert plan.outline.is_valid
    assert plan.cell_m**2 * 300 == pytest.approx(plan.outline.area)


def test_grids_are_smaller_in_the_core(plan: Plan) -> None:
    core, edge = plan.cell_at(np.array([plan.cores[0], [plan.half_width, plan.half_height]]))
    assert core < edge


def test_water_is_valid_and_reaches_out(plan: Plan) -> None:
    water = dict(plan.water())
    assert set(water) == {"river", "brook", "lake"}
    assert all(w.is_valid and w.area > 0 for w in water.values())
    assert water["brook"].intersection(water["river"]).area == pytest.approx(0.0, abs=1e-6)
    assert water["river"].bounds[0] < -plan.half_width
    assert water["river"].bounds[2] > plan.half_width


def test_small_streets_build_no_bridges(plan: Plan) -> None:
    river = dict(plan.water())["river"]
    for road in plan.roads:
        if road.klass == "tertiary":
            assert not shapely.LineString(road.xy).crosses(river)


def test_roads_are_ordered_by_class(plan: Plan) -> None:
    klasses = [r.klass for r in plan.roads]
    assert klasses == sorted(klasses, key=["primary", "secondary", "tertiary"].index)
    assert len(set(klasses)) == 3


def test_roads_are_clipped_and_crumbs_dropped() -> None:
    district = shapely.box(0, 0, 1000, 1000)
    roads = [
        Course("primary", np.array([[-500.0, 500.0], [1500.0, 500.0]])),
        Course("secondary", np.array([[100.0, 100.0], [900.0, 100.0]])),
        Course("tertiary", np.array([[900.0, 900.0], [1900.0, 900.0]])),
        Course("tertiary", np.array([[2000.0, 0.0], [3000.0, 0.0]])),
    ]
    clipped = clipped_roads(roads, district)
    assert [(c.klass, c.xy.tolist()) for c in clipped] == [
        ("primary", [[0.0, 500.0], [1000.0, 500.0]]),
        ("secondary", [[100.0, 100.0], [900.0, 100.0]]),
    ]


# --- cells ------------------------------------------------------------------------------------------


def test_cells_are_a_coverage_of_the_outline(plan: Plan, cells: Cells) -> None:
    assert len(cells.polygons) == 300
    assert shapely.coverage_is_valid(cells.polygons)
    joined = shapely.union_all(cells.polygons)
    assert joined.symmetric_difference(plan.outline).area < 0.06 * plan.outline.area


def test_pairs_are_the_neighbours(cells: Cells) -> None:
    assert cells.barrier.shape == (len(cells.pairs),)
    assert 0 < cells.barrier.sum() < 0.4 * len(cells.barrier)
    for a, b in cells.pairs[::7]:
        assert shapely.relate(cells.polygons[a], cells.polygons[b])[4] == "1"
    assert len({tuple(sorted(p)) for p in cells.pairs.tolist()}) == len(cells.pairs)


def test_barriers_run_along_river_and_main_roads(plan: Plan, cells: Cells) -> None:
    lines = [plan.river.xy, *[r.xy for r in plan.roads if r.klass == "primary"]]
    drawn = shapely.union_all([shapely.LineString(xy) for xy in lines]).buffer(0.12 * plan.cell_m)
    near = []
    for a, b in cells.pairs[cells.barrier]:
        border = shapely.intersection(cells.polygons[a], cells.polygons[b])
        near.append(shapely.intersection(border, drawn).length / border.length)
    assert np.mean(near) > 0.85


def test_borders_are_jagged(cells: Cells) -> None:
    assert 20 < np.mean(shapely.get_num_coordinates(cells.polygons)) < 120
    hulls = shapely.convex_hull(cells.polygons)
    assert np.mean(shapely.area(cells.polygons) / shapely.area(hulls)) < 0.99


def test_cells_are_of_a_size(cells: Cells) -> None:
    sizes = shapely.area(cells.polygons)
    assert np.quantile(sizes, 0.02) > 0.2 * sizes.mean()
    assert np.quantile(sizes, 0.98) < 2.5 * sizes.mean()


def test_very_thin_cells_keep_straight_edges_where_jags_would_cross() -> None:
    strips = np.array([shapely.box(0, 6.0 * i, 1500, 6.0 * i + 6.0) for i in range(12)], dtype=object)
    made = jagged_cells(strips, np.zeros(12, dtype=np.int64), 0.0, np.random.default_rng(1))
    assert shapely.is_valid(made.polygons).all()
    assert len(made.pairs) == 11
    assert shapely.get_num_coordinates(made.polygons).min() < 30


def test_near_vertices_become_one() -> None:
    """Four squares whose inner corners miss each other by half a metre meet in one point afterwards."""
    gap = 0.5
    cells = np.array(
        [
            shapely.Polygon([(-100, 0), (0, 0), (0, 100), (-100, 100)]),
            shapely.Polygon([(0, gap), (100, gap), (100, 100), (0, 100)]),
            shapely.Polygon([(-100, -100), (gap, -100), (gap, 0), (-100, 0)]),
            shapely.Polygon([(gap, -100), (100, -100), (100, gap), (gap, gap)]),
        ],
        dtype=object,
    )
    made = jagged_cells(cells, np.zeros(4, dtype=np.int64), 2.0, np.random.default_rng(1))
    assert shapely.coverage_is_valid(made.polygons)
    assert sorted(map(tuple, made.pairs.tolist())) == [(0, 1), (0, 2), (1, 3), (2, 3)]


# --- regions ----------------------------------------------------------------------------------------


def lattice(columns: int, rows: int, **options: Any) -> Graph:
    """A chessboard of cells 100 m apart; `wall` is a column after which every border is a barrier."""
    centres = np.array([(c * 100.0, -r * 100.0) for r in range(rows) for c in range(columns)])
    pairs, barrier = [], []
    for r in range(rows):
        for c in range(columns):
            i = r * columns + c
            if c + 1 < columns:
                pairs.append((i, i + 1))
                barrier.append(c == options.get("wall"))
            if r + 1 < rows:
                pairs.append((i, i + columns))
                barrier.append(False)
    return Graph(centres, np.array(pairs), np.array(barrier))


def connected(graph: Graph, group: list[int]) -> bool:
    seen, todo, inside = {group[0]}, [group[0]], set(group)
    while todo:
        for other, _ in graph.steps[todo.pop()]:
            if other in inside and other not in seen:
                seen.add(other)
                todo.append(other)
    return seen == inside


@pytest.mark.parametrize(
    ("columns", "rows", "count"), [(6, 5, 3), (10, 10, 7), (1, 9, 4), (3, 3, 9), (2, 2, 1)]
)
def test_groups_are_connected_and_complete(columns: int, rows: int, count: int) -> None:
    graph = lattice(columns, rows)
    members = list(range(columns * rows))
    groups = partition(graph, members, spread_seeds(graph, members, count))
    assert len(groups) == count
    assert sorted(i for g in groups for i in g) == members
    assert all(g and connected(graph, g) for g in groups)


def test_groups_come_to_similar_size() -> None:
    graph = lattice(20, 20)
    members = list(range(400))
    sizes = [len(g) for g in partition(graph, members, spread_seeds(graph, members, 10))]
    assert min(sizes) > 20
    assert max(sizes) < 70


def test_a_barrier_is_respected() -> None:
    graph = lattice(8, 6, wall=3)
    groups = partition(graph, list(range(48)), np.array([[100.0, -250.0], [600.0, -250.0]]))
    assert {i % 8 for i in groups[0]} == {0, 1, 2, 3}


def test_only_members_are_divided() -> None:
    graph = lattice(10, 2)
    members = [0, 1, 2, 10, 11, 12]
    groups = partition(graph, members, spread_seeds(graph, members, 2))
    assert sorted(i for g in groups for i in g) == members


def test_small_groups_join_the_smallest_beside_them() -> None:
    graph = lattice(9, 1)
    groups = joined_small(graph, [[0, 1, 2, 3], [4], [5, 6, 7, 8]], 2)
    assert sorted(map(sorted, groups)) in ([[0, 1, 2, 3, 4], [5, 6, 7, 8]], [[0, 1, 2, 3], [4, 5, 6, 7, 8]])
    assert (
        joined_small(graph, [[0], [1], [2]], 3) == [[2, 1, 0]]
        or len(joined_small(graph, [[0], [1], [2]], 3)) == 1
    )
    assert joined_small(graph, [[0]], 5) == [[0]]


def test_reading_order() -> None:
    points = np.array([[300.0, 0.0], [0.0, -10.0], [0.0, -200.0], [150.0, 20.0], [100.0, -190.0]])
    assert reading_order(points, 100.0) == [1, 3, 0, 2, 4]
    assert reading_order(np.zeros((0, 2)), 100.0) == []


# --- roads and door numbers --------------------------------------------------------------------------

LON, LAT = 113.6, 23.4
EAST, NORTH = 102047.0, 111195.0  # metres of a degree there, near enough


def at(x: float, y: float) -> tuple[float, float]:
    return LON + x / EAST, LAT + y / NORTH


@pytest.fixture
def book() -> AddressBook:
    return AddressBook(
        [
            Line("松影路", "primary", (at(0, 0), at(1000, 0))),
            Line("南苑街", "secondary", (at(500, -500), at(500, 500))),
        ]
    )


def test_door_numbers_grow_and_sides_differ(book: AddressBook) -> None:
    assert book.address(*at(1, 5)) == "松影路1号"
    assert book.address(*at(1, -5)) == "松影路2号"
    assert book.address(*at(95, 5)) == "松影路21号"
    assert book.address(*at(896, -5)) == "松影路200号"
    assert book.address(*at(498, 400)) == "南苑街201号"
    assert book.address(*at(502, 400)) == "南苑街202号"


def test_beyond_the_end_of_a_road(book: AddressBook) -> None:
    assert book.address(*at(-300, 5)) == "松影路1号"


def test_nearest_road_with_distance(book: AddressBook) -> None:
    found = book.nearest(*at(200, 30))
    assert found is not None
    road, away, along = found
    assert road.name == "松影路"
    assert away == pytest.approx(30.0, rel=0.01)
    assert along == pytest.approx(200.0, rel=0.01)


def test_crossings(book: AddressBook) -> None:
    assert book.crossing(*at(510, 10)) == "松影路与南苑街口"
    assert book.crossing(*at(600, 10)) is None
    assert book.crossing(*at(500, 200)) is None


def test_a_town_without_roads() -> None:
    empty = AddressBook([])
    assert empty.address(LON, LAT) == ""
    assert empty.nearest(LON, LAT) is None
    assert empty.crossing(LON, LAT) is None


def test_roads_are_named_by_class() -> None:
    courses = [Course(k, np.zeros((2, 2))) for k in ("primary", "secondary", "tertiary") * 60]
    names = name_roads(courses, load_recipe(), random.Random(1))
    assert len(set(names)) == len(names)
    assert all(n.endswith(("大道", "路")) for n in names[::3])
    assert all(n.endswith(("路", "街")) for n in names[1::3])
    assert all(n.endswith(("街", "巷", "里")) for n in names[2::3])
