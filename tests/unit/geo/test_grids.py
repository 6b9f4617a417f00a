"""The grid index against a brute-force search, ties, nearness, neighbours, labels."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from services.geo.coords import metres_per_degree
from services.geo.errors import AreaError
from services.geo.grids import GridHit, GridIndex, label_point

STEP = 0.01  # about 1 km


def squares(columns: int, rows: int) -> GridIndex:
    """Squares of 0.01 degrees from 113.00, 23.00; code `<row><column>`, so the lower left is `00`."""
    cells = {f"{r}{c}": square(c, r) for c, r in product(range(columns), range(rows))}
    return GridIndex(list(cells), list(cells.values()))


def square(column: int, row: int) -> BaseGeometry:
    west, south = round(113.0 + column * STEP, 2), round(23.0 + row * STEP, 2)
    return shapely.box(west, south, round(west + STEP, 2), round(south + STEP, 2))


@pytest.fixture(scope="module")
def index() -> GridIndex:
    return squares(4, 3)


def voronoi(points: list[tuple[float, float]]) -> tuple[list[str], list[BaseGeometry]]:
    frame = shapely.box(113.0, 23.0, 113.1, 23.1)
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=frame))
    cells = [c for c in shapely.intersection(cells, frame) if c.geom_type == "Polygon" and c.area > 0]
    return [f"g{i:03d}" for i in range(len(cells))], cells


def moved(polygon: BaseGeometry, dx: float, dy: float) -> BaseGeometry:
    return shapely.affinity.translate(polygon, dx, dy)


def slow_distance_m(polygon: BaseGeometry, lon: float, lat: float) -> float:
    """Distance to the border by shapely in a plane around the point."""
    scale = metres_per_degree(lat)
    flat = shapely.transform(polygon, lambda xy: (xy - (lon, lat)) * scale)
    return float(Point(0, 0).distance(flat.boundary))


def test_a_point_in_the_middle(index: GridIndex) -> None:
    hit = index.locate(113.005, 23.005)
    assert hit is not None
    assert hit.code == "00"
    assert hit.boundary_m == pytest.approx(metres_per_degree(23.005)[0] * 0.005, rel=1e-6)
    assert not hit.near_boundary
    assert hit.neighbour is None


def test_a_point_near_the_border_names_the_neighbour(index: GridIndex) -> None:
    hit = index.locate(113.0099, 23.005)
    assert hit is not None
    assert (hit.code, hit.near_boundary, hit.neighbour) == ("00", True, "01")
    assert hit.boundary_m == pytest.approx(10.23, abs=0.05)


def test_nearness_ends_at_thirty_metres() -> None:
    grids = squares(2, 1)
    east, _ = metres_per_degree(23.005)
    near, far = grids.locate(113.01 - 29.9 / east, 23.005), grids.locate(113.01 - 30.1 / east, 23.005)
    assert near is not None
    assert far is not None
    assert near.near_boundary
    assert not far.near_boundary


def test_at_the_outer_rim_nobody_is_beside(index: GridIndex) -> None:
    hit = index.locate(113.0001, 23.015)
    assert hit == GridHit("10", pytest.approx(10.23, abs=0.05), True, None)


def test_shared_edges_and_corners_go_to_the_lowest_code(index: GridIndex) -> None:
    corners = [(113.01, 23.005, "00"), (113.005, 23.01, "00"), (113.01, 23.01, "00"), (113.02, 23.02, "11")]
    for lon, lat, code in corners:
        hit = index.locate(lon, lat)
        assert hit is not None
        assert hit.code == code
        assert hit.boundary_m == pytest.approx(0.0, abs=1e-6)
        assert hit.near_boundary
        assert hit.neighbour is not None


def test_the_order_of_building_does_not_matter() -> None:
    left, right = square(0, 0), square(1, 0)
    for codes, polygons in ((["b", "a"], [left, right]), (["a", "b"], [right, left])):
        hit = GridIndex(codes, polygons).locate(113.01, 23.005)
        assert hit is not None
        assert (hit.code, hit.neighbour) == ("a", "b")


@pytest.mark.parametrize(
    ("lon", "lat"), [(112.99, 23.0), (113.2, 23.005), (math.nan, 23.0), (113.0, math.inf)]
)
def test_no_grid(index: GridIndex, lon: float, lat: float) -> None:
    assert index.locate(lon, lat) is None


def test_many_points_at_once(index: GridIndex) -> None:
    lons = np.array([113.005, 113.015, 99.0, math.nan, 113.01])
    lats = np.array([23.005, 23.025, 23.0, 23.0, 23.01])
    assert index.locate_many(lons, lats).tolist() == ["00", "21", None, None, "00"]
    assert index.locate_rows(lons, lats).tolist() == [0, 9, -1, -1, 0]
    assert index.locate_many([], []).tolist() == []


def test_many_threads_may_ask_at_once() -> None:
    codes, cells = voronoi(
        list(map(tuple, np.random.default_rng(4).uniform((113, 23), (113.1, 23.1), (300, 2))))
    )
    points = np.random.default_rng(5).uniform((113, 23), (113.1, 23.1), (4000, 2)).T
    expected = GridIndex(codes, cells).locate_many(*points).tolist()
    shared = GridIndex(codes, [shapely.from_wkb(shapely.to_wkb(c)) for c in cells])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shared.locate_many(*points).tolist(), range(16)))
    assert all(answer == expected for answer in answers)


def test_an_empty_index_finds_nothing() -> None:
    empty = GridIndex([], [])
    assert len(empty) == 0
    assert empty.locate(113.0, 23.0) is None
    assert empty.locate_many([113.0], [23.0]).tolist() == [None]


def test_holes_belong_to_nobody() -> None:
    ring = square(0, 0).difference(shapely.box(113.004, 23.004, 113.006, 23.006))
    grids = GridIndex(["a"], [ring])
    assert grids.locate(113.005, 23.005) is None
    hit = grids.locate(113.0039, 23.005)
    assert hit is not None
    assert hit.boundary_m == pytest.approx(10.23, abs=0.05)


def test_parts_of_a_multi_polygon_are_one_grid() -> None:
    grids = GridIndex(["a", "b"], [MultiPolygon([square(0, 0), square(2, 0)]), square(1, 0)])
    assert grids.locate_many([113.005, 113.015, 113.025], [23.005] * 3).tolist() == ["a", "b", "a"]
    hit = grids.locate(113.0199, 23.005)
    assert hit is not None
    assert (hit.code, hit.neighbour) == ("b", "a")
    assert grids.neighbours("a") == ("b",)


def test_codes_must_differ_and_match() -> None:
    with pytest.raises(AreaError, match="重复"):
        GridIndex(["a", "a"], [square(0, 0), square(1, 0)])
    with pytest.raises(AreaError, match="不一致"):
        GridIndex(["a"], [])


def test_what_the_index_tells_about_itself(index: GridIndex) -> None:
    assert len(index) == 12
    assert index.codes[:3] == ("00", "01", "02")
    assert "00" in index
    assert "99" not in index
    assert index.polygon("23").equals(square(3, 2))
    with pytest.raises(KeyError):
        index.polygon("99")


def test_neighbours_share_a_line_not_a_corner(index: GridIndex) -> None:
    assert index.neighbours("00") == ("01", "10")
    assert index.neighbours("11") == ("01", "10", "12", "21")


def test_neighbours_across_a_crack_and_an_overlap() -> None:
    crack = 0.5 / metres_per_degree(23.0)[0]
    apart = moved(square(1, 0), crack, 0.0)
    wide = moved(square(1, 0), 10 * crack, 0.0)
    overlapping = moved(square(1, 0), -crack, 0.0)
    assert GridIndex(["a", "b"], [square(0, 0), apart]).neighbours("a") == ("b",)
    assert GridIndex(["a", "b"], [square(0, 0), wide]).neighbours("a") == ()
    assert GridIndex(["a", "b"], [square(0, 0), overlapping]).neighbours("a") == ("b",)


def test_corners_across_a_crack_are_no_neighbours() -> None:
    crack = 0.3 / metres_per_degree(23.0)[0]
    corner = moved(square(1, 1), crack, crack)
    assert GridIndex(["a", "b"], [square(0, 0), corner]).neighbours("a") == ()


def test_label_is_inside_even_where_the_centroid_is_not() -> None:
    horseshoe = shapely.box(0, 50, 10, 60).difference(shapely.box(1, 51, 9, 60))
    lon, lat = label_point(horseshoe)
    assert horseshoe.contains(Point(lon, lat))


def test_label_takes_the_largest_part_and_the_round_middle() -> None:
    lon, lat = label_point(MultiPolygon([square(0, 0), shapely.box(114.0, 23.0, 114.1, 23.1)]))
    assert 114.0 < lon < 114.1
    index = squares(1, 1)
    lon, lat = index.label_point("00")
    assert 113.0 < lon < 113.01
    assert lat == pytest.approx(23.005, abs=0.001)


POINTS = st.lists(
    st.tuples(st.floats(113.001, 113.099), st.floats(23.001, 23.099)), min_size=2, max_size=14, unique=True
)
QUERIES = st.lists(st.tuples(st.floats(112.99, 113.11), st.floats(22.99, 23.11)), min_size=1, max_size=12)


@settings(max_examples=60)
@given(POINTS, QUERIES)
def test_index_agrees_with_a_brute_force_search(
    seeds: list[tuple[float, float]], queries: list[tuple[float, float]]
) -> None:
    codes, cells = voronoi(seeds)
    if not cells:
        return
    index = GridIndex(codes, cells)
    corner = shapely.get_coordinates(cells[0])[0]
    queries = [*queries, (float(corner[0]), float(corner[1]))]
    expected = [
        next((code for code, cell in zip(codes, cells, strict=True) if cell.intersects(Point(q))), None)
        for q in queries
    ]
    assert index.locate_many(*np.array(queries).T).tolist() == expected
    for (lon, lat), code in zip(queries, expected, strict=True):
        hit = index.locate(lon, lat)
        if code is None:
            assert hit is None
            continue
        assert hit is not None
        assert hit.code == code
        slow = {c: slow_distance_m(cell, lon, lat) for c, cell in zip(codes, cells, strict=True)}
        assert hit.boundary_m == pytest.approx(slow[code], abs=1e-6)
        assert hit.near_boundary == (hit.boundary_m < 30.0)
        if hit.neighbour is not None:
            assert slow[hit.neighbour] == pytest.approx(
                min(v for c, v in slow.items() if c != code), abs=1e-6
            )


@settings(max_examples=40)
@given(POINTS)
def test_neighbours_are_mutual_and_share_a_line(seeds: list[tuple[float, float]]) -> None:
    codes, cells = voronoi(seeds)
    if not cells:
        return
    index = GridIndex(codes, cells)
    for code in codes:
        for other in index.neighbours(code):
            assert code in index.neighbours(other)
            assert index.polygon(code).distance(index.polygon(other)) * 111_000.0 < 2.0
