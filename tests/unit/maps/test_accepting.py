"""Shapes the map is given: drawn, mended or refused with a reason, in bounded time; growth with the number of cells."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.accepting import accept
from maps.geometry.anchors import label_anchors
from maps.geometry.areas import AreaShape, prepare_areas
from maps.geometry.hierarchy import melted
from maps.layers.district import prepare_district
from tests.unit.maps.districts import code, on_the_ground, squares, voronoi

GOOD = squares(2, 1)


def shape(geometry: Any, name: str = "X") -> AreaShape:
    return AreaShape(name, "", "grid", None, geometry)


def reason(geometry: Any) -> str:
    """Why one shape among good ones is refused; the good ones must not suffer."""
    good, flat, refused = accept([GOOD[0], shape(geometry), GOOD[1]])
    assert [s.code for s in good] == [GOOD[0].code, GOOD[1].code] and len(flat) == 2
    assert [r.code for r in refused] == ["X"]
    return refused[0].reason


def nested(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = shapely.GeometryCollection([inner])
    return inner


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (shapely.Polygon([(113, 23), (113.1, np.nan), (113.1, 23.1)]), "not_a_number"),
        (shapely.Polygon([(113, 23), (113.1, np.inf), (113.1, 23.1)]), "not_a_number"),
        (shapely.box(200, 23, 201, 24), "out_of_range"),
        (shapely.box(23, 113, 24, 114), "swapped"),
        (shapely.box(0, 86, 1, 87), "out_of_range"),
        (shapely.Polygon(), "empty"),
        (shapely.MultiPolygon(), "empty"),
        (shapely.GeometryCollection(), "empty"),
        (None, "empty"),
        (shapely.Polygon([(113, 23), (113.1, 23), (113.2, 23)]), "empty"),
        (shapely.LineString([(113, 23), (114, 24)]), "not_polygon"),
        (shapely.GeometryCollection([shapely.Point(113, 23)]), "not_polygon"),
        (nested(12, shapely.box(113, 23, 114, 24)), "not_polygon"),
    ],
)
def test_a_wrong_shape_is_refused_and_the_others_stay(geometry: Any, why: str) -> None:
    assert reason(geometry) == why


def test_polygons_are_taken_out_of_collections_and_bow_ties_mended() -> None:
    box = shapely.box(113, 23, 113.1, 23.1)
    tie = shapely.Polygon([(114, 23), (114.1, 23.1), (114.1, 23), (114, 23.1)])
    high = shapely.from_wkt("POLYGON Z ((115 23 9, 115.1 23 9, 115.1 23.1 9, 115 23 9))")
    parts = shapely.GeometryCollection(
        [nested(3, box), shapely.Point(1, 1), shapely.box(113.2, 23, 113.3, 23.1)]
    )
    good, flat, refused = accept([shape(parts, "C"), shape(tie, "T"), shape(high, "H")])
    assert refused == [] and [s.code for s in good] == ["C", "H", "T"]
    assert bool(shapely.is_valid(flat).all()) and not bool(shapely.has_z(flat).any())
    assert [len(shapely.get_parts(f)) for f in flat] == [2, 1, 2]


def test_the_first_good_one_of_a_code_counts() -> None:
    bad, one, two = (
        shape(g, "A") for g in (shapely.Polygon(), shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9))
    )
    good, flat, refused = accept([bad, one, two])
    assert [(r.code, r.reason) for r in refused] == [("A", "empty"), ("A", "duplicate")]
    assert good == [one] and len(flat) == 1


def test_more_shapes_than_a_batch_come_out_in_order_of_code() -> None:
    cells = [
        shape(shapely.box(i * 0.001, 0, i * 0.001 + 0.001, 0.001), f"{9000 - i:05d}") for i in range(4500)
    ]
    good, flat, refused = accept(cells)
    assert refused == [] and [s.code for s in good] == sorted(s.code for s in cells)
    west = shapely.bounds(flat)[:, 0]
    assert bool(np.all(np.diff(west) < 0)), "shapes follow their codes"


@pytest.mark.parametrize("count", [3000, 300_000])
def test_a_tangle_is_refused_in_bounded_time(count: int) -> None:
    xy = np.random.default_rng(1).random((count, 2)) * 0.1 + np.array([113.0, 23.0])
    begin = time.process_time()
    assert reason(shapely.polygons(xy)) == "tangled"
    assert time.process_time() - begin < 4


def test_a_border_of_two_hundred_thousand_corners_is_drawn() -> None:
    angle = np.linspace(0, 2 * np.pi, 200_000)
    lake = shapely.polygons(np.column_stack([113 + 0.1 * np.cos(angle), 23 + 0.1 * np.sin(angle)]))
    begin = time.process_time()
    district = prepare_district([shape(lake)], warm=None)
    assert time.process_time() - begin < 15
    assert district.detail is not None
    coarse = district.detail.finish(9)
    assert 4 <= len(coarse.rings.xy) < 200


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(112.9, 113.1), st.floats(22.9, 23.1)), min_size=3, max_size=12),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_any_rings_are_drawn_or_refused_and_never_raise(rings: list[list[tuple[float, float]]]) -> None:
    shapes = [shape(shapely.Polygon(ring), f"R{i}") for i, ring in enumerate(rings)]
    district = prepare_district(shapes)
    drawn = len(district.areas.cells) if district.areas is not None else 0
    assert drawn + len(district.refused) == len(shapes)
    if district.areas is not None and district.detail is not None:
        cells = district.areas.cells
        assert bool(shapely.is_valid(cells.geometry).all())
        assert bool(shapely.intersects_xy(cells.geometry, cells.anchors[:, 0], cells.anchors[:, 1]).all())
        for step in (9, 5, 0):
            assert bool(np.all(shapely.area(district.detail.finish(step).cells) > 0))


def test_label_points_lie_inside_and_where_there_is_room() -> None:
    cells = voronoi(300, 6, bent=30.0)
    comb = shapely.union_all(
        [shapely.box(0, 0, 100, 5), *(shapely.box(x, 0, x + 2, 90) for x in range(0, 99, 9))]
    )
    ring = shapely.Point(0, 0).buffer(100).difference(shapely.Point(0, 0).buffer(95))
    crescent = shapely.Point(0, 0).buffer(100).difference(shapely.Point(12, 0).buffer(100))
    odd = np.array([comb, ring, crescent, shapely.box(0, 0, 1e-3, 50)], dtype=object)
    every = np.concatenate([cells, odd])
    xy, radii = label_anchors(every)
    assert bool(shapely.contains_xy(every, xy[:, 0], xy[:, 1]).all())
    exact = shapely.length(shapely.maximum_inscribed_circle(every, np.sqrt(shapely.area(every)) / 200))
    assert bool(np.all(radii <= exact * 1.02 + 1e-6))
    assert float(np.quantile(radii / exact, 0.05)) > 0.8
    away = shapely.distance(shapely.boundary(every), shapely.points(xy))
    assert np.allclose(radii, away)


def test_levels_above_are_dissolved_from_grids_by_parents_and_by_codes() -> None:
    cells = voronoi(40, 3)
    named = [
        AreaShape(f"G{i:02d}", "", "grid", "C1" if i < 20 else "C2", s.geometry)
        for i, s in enumerate(on_the_ground(cells))
    ]
    upper = [AreaShape(c, "社", "community", "S1", named[i].geometry) for i, c in enumerate(("C1", "C2"))]
    areas, _ = prepare_areas([*named, *upper])
    assert areas is not None and list(areas.levels) == ["community", "grid"]
    assert areas.owners["community"].tolist() == [0] * 20 + [1] * 20
    by_code, _ = prepare_areas(on_the_ground(cells))
    assert by_code is not None and list(by_code.levels) == ["district", "street", "community", "grid"]
    for name in ("community", "street", "district"):
        level, owner = by_code.levels[name], by_code.owners[name]
        for i in range(len(level)):
            whole = shapely.union_all(by_code.cells.geometry[owner == i])
            assert shapely.area(level.geometry[i]) == pytest.approx(whole.area)
    assert by_code.cells.parents.tolist() == by_code.owners["community"].tolist()


def test_a_circle_of_parents_ends() -> None:
    one = AreaShape("A", "", "street", "B", shapely.box(0, 0, 1, 1))
    two = AreaShape("B", "", "community", "A", shapely.box(0, 0, 1, 1))
    areas, _ = prepare_areas([one, two, AreaShape("C", "", "grid", "B", shapely.box(0, 0, 1, 1))])
    assert areas is not None and list(areas.levels) == ["street", "community", "grid"]


def test_overlapping_polygons_are_melted_the_slow_way() -> None:
    made = melted(np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)], dtype=object))
    assert made.area == pytest.approx(7.0)
    apart = melted(np.array([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)], dtype=object))
    assert apart.geom_type == "MultiPolygon"


def test_twice_the_cells_take_about_twice_the_time() -> None:
    def seconds(count: int) -> float:
        city = [
            AreaShape(code(1 + i // 1000, i // 25 % 40, i % 25), "", "grid", None, s.geometry)
            for i, s in enumerate(on_the_ground(voronoi(count, 2, side=count**0.5 * 400, bent=3.0)))
        ]
        best = np.inf
        for _ in range(2):
            begin = time.process_time()
            prepare_district(city)
            best = min(best, time.process_time() - begin)
        return best

    seconds(300)
    assert seconds(3000) / seconds(1500) < 3.0
