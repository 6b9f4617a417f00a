"""Preparing areas: levels, owners, label points, and what is left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from maps.geometry.anchors import label_anchors
from maps.geometry.areas import AreaShape, PreparedAreas, prepare_areas
from maps.geometry.mercator import project
from tests.unit.maps.districts import code, overlapping, squares, with_gap


def prepared(shapes: list[AreaShape]) -> PreparedAreas:
    areas, refused = prepare_areas(shapes)
    assert areas is not None
    assert refused == ()
    return areas


def test_levels_are_dissolved_where_they_are_missing() -> None:
    areas = prepared(squares(6, 4))
    assert areas.finest == "grid"
    assert areas.valid_coverage
    assert {name: len(level) for name, level in areas.levels.items()} == {
        "district": 1,
        "street": 2,
        "community": 8,
        "grid": 24,
    }
    whole = float(areas.cells.geometry[0].area)
    assert areas.levels["district"].geometry[0].area == pytest.approx(sum(shapely.area(areas.cells.geometry)))
    assert areas.levels["street"].geometry[0].area > whole
    assert areas.levels["district"].names == ("",)


def test_given_levels_keep_their_names_and_shapes() -> None:
    cells = squares(6, 4)
    union = shapely.union_all([s.geometry for s in cells if s.code[6:9] == "001"])
    street = AreaShape("440199001", "望塔街道", "street", "440199", union)
    areas = prepared(
        [*cells, street, AreaShape("440199", "示例区", "district", None, shapely.box(113, 23, 113.3, 23.2))]
    )
    assert areas.levels["street"].names == ("望塔街道", "")
    assert areas.name_of("440199001") == "望塔街道"
    assert areas.name_of("440199002") == "440199002"
    assert areas.name_of("440199") == "示例区"
    assert areas.name_of("nowhere") == "nowhere"


def test_owners_and_parents_agree() -> None:
    areas = prepared(squares(6, 4))
    for name in ("district", "street", "community"):
        level = areas.levels[name]
        for cell, owner in enumerate(areas.owners[name].tolist()):
            assert areas.cells.codes[cell].startswith(level.codes[owner])
            x, y = areas.cells.anchors[cell]
            assert shapely.contains_xy(level.geometry[owner], x, y)
    community = areas.levels["community"]
    for i, parent in enumerate(community.parents.tolist()):
        assert community.codes[i].startswith(areas.levels["street"].codes[parent])
    assert areas.levels["district"].parents.tolist() == [-1]


def test_parents_given_win_over_codes() -> None:
    cells = [
        AreaShape("W1", "甲", "grid", "S1", shapely.box(0, 0, 0.01, 0.01)),
        AreaShape("W2", "乙", "grid", "S1", shapely.box(0.01, 0, 0.02, 0.01)),
        AreaShape("W3", "丙", "grid", None, shapely.box(0.02, 0, 0.03, 0.01)),
        AreaShape("S1", "一街", "street", "D", shapely.box(0, 0, 0.02, 0.01)),
        AreaShape("D", "区", "district", None, shapely.box(0, 0, 0.03, 0.01)),
    ]
    areas = prepared(cells)
    assert areas.owners["street"].tolist() == [0, 0, -1]
    assert areas.owners["district"].tolist() == [0, 0, -1]
    assert areas.locate("S1") == ("street", 0)
    assert areas.locate("W3") == ("grid", 2)
    assert areas.locate("X") is None


def test_a_ring_of_parents_does_not_hang() -> None:
    cells = [
        AreaShape("W1", "甲", "grid", "S1", shapely.box(0, 0, 0.01, 0.01)),
        AreaShape("S1", "一街", "street", "S2", shapely.box(0, 0, 0.01, 0.01)),
        AreaShape("S2", "二街", "street", "S1", shapely.box(0, 0, 0.01, 0.01)),
    ]
    assert prepared(cells).owners["street"].tolist() in ([0], [1])


def test_label_points_lie_inside_even_in_odd_shapes() -> None:
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(9))
    hook = shapely.Polygon([(0, 0), (10, 0), (10, 10), (8, 10), (8, 1), (0, 1)])
    far = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(100, 0, 103, 3)])
    sliver = shapely.Polygon([(0, 0), (100, 0), (100, 1e-7)])
    shapes = np.array([ring, hook, far, sliver], dtype=object)
    points, radii = label_anchors(shapes)
    for shape, point, radius in zip(shapes, points, radii, strict=True):
        assert shapely.intersects_xy(shape, *point)
        assert radius <= shapely.distance(shapely.boundary(shape), shapely.Point(point)) * 1.05 + 1e-6
    assert points[2] == pytest.approx([101.5, 1.5], abs=0.2)
    assert radii[2] == pytest.approx(1.5, rel=0.05)


def test_label_points_of_nothing() -> None:
    points, radii = label_anchors(np.empty(0, dtype=object))
    assert points.shape == (0, 2)
    assert radii.shape == (0,)


def test_label_points_of_the_district_lie_inside() -> None:
    areas = prepared(squares(9, 7))
    for level in areas.levels.values():
        assert bool(np.all(shapely.contains_xy(level.geometry, level.anchors[:, 0], level.anchors[:, 1])))
        assert bool(np.all(level.radii > 0))


def test_bounds_and_extent_are_in_world_metres() -> None:
    areas = prepared(squares(2, 2, wobble=False))
    low, high = project(113.2, 23.1), project(113.22, 23.12)
    assert areas.extent == pytest.approx((*low, *high), abs=0.01)
    assert areas.cells.bounds.shape == (4, 4)


BAD = {
    "no_code": AreaShape("", "无", "grid", None, shapely.box(0, 0, 1, 1)),
    "bad_level": AreaShape("L", "层", "village", None, shapely.box(0, 0, 1, 1)),
    "empty": AreaShape("E", "空", "grid", None, shapely.Polygon()),
    "not_polygon": AreaShape("P", "点", "grid", None, shapely.Point(1, 1)),
    "out_of_range": AreaShape("R", "远", "grid", None, shapely.box(500, 0, 501, 1)),
}


@pytest.mark.parametrize("reason", list(BAD))
def test_bad_shapes_are_left_out_with_a_reason(reason: str) -> None:
    areas, refused = prepare_areas([*squares(2, 1), BAD[reason]])
    assert areas is not None
    assert len(areas.cells) == 2
    assert [(r.code, r.reason) for r in refused] == [(BAD[reason].code, reason)]


def test_nan_coordinates_are_left_out() -> None:
    xy = np.array([(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
    nan = shapely.transform(
        shapely.Polygon(xy), lambda at: at + np.array([[0, 0], [0, math.nan], [0, 0], [0, 0]])
    )
    areas, refused = prepare_areas([AreaShape("N", "", "grid", None, nan)])
    assert areas is None
    assert refused[0].reason == "not_a_number"


def test_no_geometry_at_all_is_left_out() -> None:
    areas, refused = prepare_areas([AreaShape("N", "", "grid", None, None)])  # type: ignore[arg-type]
    assert areas is None
    assert refused[0].reason == "empty"


def test_the_second_of_two_equal_codes_is_left_out() -> None:
    cells = squares(2, 1)
    areas, refused = prepare_areas([*cells, AreaShape(cells[0].code, "又", "grid", None, cells[1].geometry)])
    assert areas is not None
    assert areas.cells.names[0] == "测试-01"
    assert [r.reason for r in refused] == ["duplicate"]


def test_a_bow_tie_is_repaired_and_a_collapsed_shape_is_not() -> None:
    bow = shapely.Polygon([(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)])
    flat = shapely.Polygon([(0, 0), (0.01, 0), (0.02, 0)])
    areas, refused = prepare_areas(
        [AreaShape("B", "", "grid", None, bow), AreaShape("F", "", "grid", None, flat)]
    )
    assert areas is not None
    assert areas.cells.codes == ("B",)
    assert areas.cells.geometry[0].is_valid
    assert [(r.code, r.reason) for r in refused] == [("F", "empty")]


def test_nothing_at_all() -> None:
    assert prepare_areas([]) == (None, ())


def test_only_a_coarse_level() -> None:
    areas = prepared([AreaShape("440199001", "一街", "street", None, shapely.box(0, 0, 0.01, 0.01))])
    assert areas.finest == "street"
    assert list(areas.levels) == ["district", "street"]


def test_overlap_goes_to_one_cell_and_is_told() -> None:
    areas = prepared(overlapping())
    assert areas.valid_coverage
    assert [(m.code, round(m.share, 3)) for m in areas.mended] == [("B", 0.1)]
    assert len(areas.cells) == 2


def test_a_narrow_gap_is_no_reason_to_refuse() -> None:
    assert len(prepared(with_gap()).cells) == 2


def test_order_of_input_does_not_matter() -> None:
    shapes = squares(5, 3)
    one, other = prepared(shapes), prepared(shapes[::-1])
    assert one.cells.codes == other.cells.codes
    assert np.array_equal(one.cells.anchors, other.cells.anchors)
    assert one.cells.index[code(1, 0, 0)] == 0
