"""Polygons: what is fit, what is mended with a note, what is refused and why."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon

from services.geo.polygons import Refused, Repaired, repair_polygon

NAME = "第 3 个要素“新塘社区”"
BOX = shapely.box(113.0, 23.0, 113.1, 23.1)


def repaired(geometry: object, **options: float) -> Repaired:
    result = repair_polygon(geometry, NAME, **options)
    assert isinstance(result, Repaired), result
    assert result.geometry.is_valid
    return result


def refused(geometry: object, **options: float) -> str:
    result = repair_polygon(geometry, NAME, **options)
    assert isinstance(result, Refused), result
    assert result.reason.startswith(NAME)
    return result.reason.removeprefix(NAME)


def test_a_good_polygon_is_given_back_as_it_is() -> None:
    result = repaired(BOX)
    assert result.geometry.equals_exact(BOX, 0.0)
    assert result.note is None


def test_a_good_multi_polygon_with_a_hole_too() -> None:
    holed = BOX.difference(shapely.box(113.04, 23.04, 113.06, 23.06))
    both = MultiPolygon([holed, shapely.box(114, 23, 114.1, 23.1)])
    assert repaired(both).geometry.equals_exact(both, 0.0)


def test_heights_are_dropped() -> None:
    lifted = shapely.force_3d(BOX, 15.0)
    assert not repaired(lifted).geometry.has_z


@pytest.mark.parametrize("geometry", [None, Polygon(), MultiPolygon(), GeometryCollection()])
def test_nothing_is_refused(geometry: object) -> None:
    assert refused(geometry) == "没有图形。"


@pytest.mark.parametrize(
    ("geometry", "label"),
    [
        (Point(113, 23), "点"),
        (LineString([(113, 23), (114, 24)]), "线"),
        (shapely.MultiPoint([(113, 23)]), "多点"),
        (shapely.MultiLineString([[(113, 23), (114, 24)]]), "多线"),
        (shapely.LinearRing([(113, 23), (114, 24), (113, 24)]), "线"),
    ],
)
def test_other_types_are_refused_by_name(geometry: object, label: str) -> None:
    assert refused(geometry) == f"的图形是{label}，不是面。"


def test_a_collection_gives_its_polygons() -> None:
    nested = GeometryCollection(
        [GeometryCollection([BOX, Point(1, 1)]), MultiPolygon([shapely.box(114, 23, 115, 24)])]
    )
    result = repaired(nested)
    assert result.geometry.geom_type == "MultiPolygon"
    assert result.geometry.area == pytest.approx(BOX.area + 1.0)
    assert result.note == f"{NAME}是几何集合，已取出其中的面，舍去 1 个点或线。"


def test_a_collection_with_one_polygon_gives_a_polygon() -> None:
    result = repaired(GeometryCollection([BOX]))
    assert result.geometry.geom_type == "Polygon"
    assert result.note == f"{NAME}是几何集合，已取出其中的面。"


def test_a_collection_without_polygons_is_refused() -> None:
    assert refused(GeometryCollection([Point(1, 1)])) == "的几何集合中没有面。"


def test_a_collection_nested_too_deeply_is_refused() -> None:
    deep: object = BOX
    for _ in range(12):
        deep = GeometryCollection([deep])
    assert "嵌套超过 8 层" in refused(deep)


def test_a_broken_polygon_in_a_collection_keeps_both_notes() -> None:
    bow = Polygon([(113, 23), (113.1, 23), (113.1, 23.1), (113.05, 22.99), (113, 23.1), (113, 23)])
    note = repaired(GeometryCollection([bow])).note
    assert note is not None
    assert note.count(NAME) == 1
    assert "几何集合" in note
    assert "自相交" in note


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.polygons(shapely.linearrings([(113, 23), (114, 23), (114, bad), (113, 23)]))
    assert refused(broken) == "的坐标含有 NaN 或无穷大。"


def test_swapped_axes_are_guessed() -> None:
    swapped = shapely.box(23.0, 113.0, 23.1, 113.1)
    assert refused(swapped) == "的坐标 113.1 超出经纬度范围。经纬度可能写反。"


def test_swapped_axes_are_guessed_where_both_are_in_range() -> None:
    """Kashgar written the wrong way round lies in the Arctic Ocean."""
    assert refused(shapely.box(39.4, 75.9, 39.5, 76.0)) == "的经纬度可能写反。"


def test_projected_metres_ask_for_a_coordinate_system() -> None:
    assert "--crs" in refused(shapely.box(500000, 2590000, 501000, 2591000))


def test_a_little_out_of_range() -> None:
    reason = refused(shapely.box(179, 10, 181, 11))
    assert reason == "的坐标 181 超出经纬度范围。"


def test_too_many_vertices() -> None:
    ring = shapely.Point(113, 23).buffer(0.1, quad_segs=100)
    assert "401 个顶点，超过上限 400" in refused(ring, most_vertices=400)
    repaired(ring, most_vertices=401)


def test_a_small_loop_is_mended_and_told() -> None:
    loop = Polygon([(113, 23), (113.1, 23), (113.1, 23.1), (113.052, 23.1), (113.048, 23.099), (113.048, 23.1),
                    (113.052, 23.099), (113.04, 23.1), (113, 23.1), (113, 23)])  # fmt: skip
    result = repaired(loop)
    assert result.note is not None
    assert "自相交（113.0" in result.note
    assert "已修复，面积变化 0.0" in result.note
    assert result.geometry.area == pytest.approx(0.01, rel=0.01)


def test_a_ring_that_touches_itself_keeps_its_area() -> None:
    """The flaw of all 23 invalid Welsh areas."""
    touching = Polygon([(0, 0), (2, 0), (2, 2), (1, 1), (0.5, 2), (1, 1), (0, 2), (0, 0)])
    result = repaired(touching)
    assert result.note is not None
    assert result.note.startswith(NAME)
    assert "已修复" in result.note


def test_an_even_bow_tie_is_refused() -> None:
    bow = Polygon([(113, 23), (113.1, 23.1), (113.1, 23), (113, 23.1), (113, 23)])
    assert "修复会使面积改变 100%" in refused(bow)
    result = repair_polygon(bow, NAME, most_change=1.0)
    assert isinstance(result, Repaired)


def test_a_flat_polygon_is_refused() -> None:
    flat = Polygon([(113, 23), (113.1, 23), (113.2, 23), (113, 23)])
    assert "没有剩下面积" in refused(flat) or "面积为零" in refused(flat)


def test_overlapping_parts_are_joined() -> None:
    parts = MultiPolygon([BOX, shapely.box(113.09, 23.0, 113.2, 23.1)])
    result = repaired(parts)
    assert result.geometry.area == pytest.approx(0.02, rel=1e-6)
    assert result.note is not None


def test_a_hole_outside_becomes_a_part_of_its_own() -> None:
    """Tools that write several shells into one Polygon leave such rings; the note tells it."""
    odd = Polygon(BOX.exterior.coords, [shapely.box(113.2, 23.2, 113.21, 23.21).exterior.coords])
    result = repaired(odd)
    assert result.geometry.geom_type == "MultiPolygon"
    assert result.geometry.area == pytest.approx(BOX.area + 0.0001)
    assert result.note is not None
    assert "内环在外环之外" in result.note


@given(
    st.lists(
        st.tuples(st.floats(112.0, 115.0, width=32), st.floats(22.0, 25.0, width=32)), min_size=3, max_size=12
    )
)
def test_whatever_comes_is_a_valid_polygon_or_a_sentence(points: list[tuple[float, float]]) -> None:
    result = repair_polygon(Polygon(points), NAME)
    if isinstance(result, Repaired):
        assert result.geometry.is_valid
        assert result.geometry.geom_type in ("Polygon", "MultiPolygon")
        assert result.geometry.area > 0.0
    else:
        assert result.reason.startswith(NAME)
        assert result.reason.endswith("。")
