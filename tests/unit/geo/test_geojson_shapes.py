"""Raw GeoJSON geometry: built, mended with a note, or refused with a phrase."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping

from services.geo.geojson_shapes import Shape, ShapeError, build_shape

RING = [[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.1], [113.0, 23.0]]
HOLE = [[113.04, 23.04], [113.04, 23.06], [113.06, 23.06], [113.04, 23.04]]


def build(kind: str, coordinates: Any, most: int = 1000) -> Shape:
    return build_shape({"type": kind, "coordinates": coordinates}, most)


def phrase(raw: Any, most: int = 1000) -> str:
    with pytest.raises(ShapeError) as caught:
        build_shape(raw, most)
    return str(caught.value)


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.Point(113, 23),
        shapely.MultiPoint([(113, 23), (114, 24)]),
        shapely.LineString([(113, 23), (114, 24)]),
        shapely.MultiLineString([[(113, 23), (114, 24)], [(1, 1), (2, 2)]]),
        shapely.Polygon(RING, [HOLE]),
        shapely.MultiPolygon([shapely.Polygon(RING, [HOLE]), shapely.box(1, 1, 2, 2)]),
        shapely.GeometryCollection([shapely.Point(1, 1), shapely.Polygon(RING)]),
        shapely.GeometryCollection([shapely.GeometryCollection([shapely.Point(1, 1)])]),
    ],
    ids=lambda g: g.geom_type,
)
def test_every_type_is_built(geometry: Any) -> None:
    raw = _listed(mapping(geometry))
    shape = build_shape(raw, 1000)
    assert shape.geometry is not None
    assert shape.geometry.equals_exact(geometry, 0.0)
    assert shape.notes == ()


def _listed(raw: Any) -> Any:
    """Tuples to lists, as a JSON parser gives them."""
    if isinstance(raw, dict):
        return {k: _listed(v) for k, v in raw.items()}
    return [_listed(v) for v in raw] if isinstance(raw, tuple | list) else raw


def test_null_is_no_geometry() -> None:
    assert build_shape(None, 10) == Shape(None)


@pytest.mark.parametrize("kind", ["MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"])
def test_empty_coordinates_are_an_empty_geometry(kind: str) -> None:
    geometry = build(kind, []).geometry
    assert geometry is not None
    assert geometry.is_empty


def test_heights_and_measures_are_dropped() -> None:
    shape = build("Polygon", [[[*p, 15.0] for p in RING]])
    assert shape.geometry is not None
    assert not shape.geometry.has_z
    assert build("Point", [113, 23, 1, 2]).geometry == shapely.Point(113, 23)


def test_an_open_ring_is_closed_with_a_note() -> None:
    shape = build("Polygon", [RING[:-1]])
    assert shape.geometry is not None
    assert shape.geometry.equals(shapely.Polygon(RING))
    assert shape.notes == ("的环没有闭合，已补上",)


def test_a_hole_of_two_points_is_dropped_with_a_note() -> None:
    shape = build("Polygon", [RING, [[113.04, 23.04], [113.05, 23.05], [113.04, 23.04]]])
    assert shape.geometry is not None
    assert len(shape.geometry.interiors) == 0
    assert shape.notes == ("有内环少于三个不同的点，已舍去",)


@pytest.mark.parametrize(
    "ring", [[], [[113, 23]], [[113, 23], [114, 23]], [[113, 23], [114, 23], [113, 23]], [[113, 23]] * 5]
)
def test_a_shell_of_too_few_points_is_refused(ring: list[list[int]]) -> None:
    assert phrase({"type": "Polygon", "coordinates": [ring]}) == "的外环少于三个不同的点"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (5, "的 geometry 不是对象"),
        ([], "的 geometry 不是对象"),
        ("Polygon", "的 geometry 不是对象"),
        ({}, "的图形类型“None”不认识"),
        ({"type": "Circle"}, "的图形类型“Circle”不认识"),
        ({"type": ["Polygon"]}, "的图形类型“['Polygon']”不认识"),
        ({"type": "Feature"}, "的图形类型“Feature”不认识"),
        ({"type": "Polygon"}, "的图形缺少 coordinates"),
        ({"type": "Polygon", "coordinates": None}, "的 coordinates 层次不对，应为数组"),
        ({"type": "Polygon", "coordinates": [5]}, "的 coordinates 层次不对，应为数组"),
        ({"type": "Polygon", "coordinates": RING}, "的坐标点应为 [经度, 纬度]"),
        ({"type": "MultiPolygon", "coordinates": [RING]}, "的坐标点应为 [经度, 纬度]"),
        ({"type": "Point", "coordinates": [113]}, "的坐标点应为 [经度, 纬度]"),
        ({"type": "Point", "coordinates": [1, 2, 3, 4, 5]}, "的坐标点应为 [经度, 纬度]"),
        ({"type": "Point", "coordinates": ["113", 23]}, "的坐标不是数值"),
        ({"type": "Point", "coordinates": [True, 23]}, "的坐标不是数值"),
        ({"type": "Point", "coordinates": [None, 23]}, "的坐标不是数值"),
        ({"type": "Point", "coordinates": [10**400, 23]}, "的坐标数值过大"),
        ({"type": "LineString", "coordinates": [[1, 1]]}, "的线少于两个点"),
        ({"type": "GeometryCollection"}, "的 geometries 层次不对，应为数组"),
        ({"type": "GeometryCollection", "geometries": [False]}, "的 geometry 不是对象"),
    ],
)
def test_flaws_are_named(raw: Any, expected: str) -> None:
    assert phrase(raw) == expected


def test_collections_nested_too_deeply() -> None:
    raw: dict[str, Any] = {"type": "Point", "coordinates": [1, 1]}
    for _ in range(20):
        raw = {"type": "GeometryCollection", "geometries": [raw]}
    assert phrase(raw) == "的几何集合嵌套超过 8 层"


def test_vertices_are_counted_over_all_parts() -> None:
    assert build("MultiPolygon", [[RING], [RING]], most=10).geometry is not None
    assert phrase({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, 9) == "的顶点超过上限 9 个"


def test_nan_is_left_for_the_polygon_check() -> None:
    broken = [RING[0], [float("nan"), 23.0], *RING[2:]]
    shape = build("Polygon", [broken])
    assert shape.geometry is not None
    assert shape.notes == ()


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=25,
)
KINDS = st.sampled_from(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)


@given(KINDS, RAW)
def test_any_nesting_gives_a_geometry_or_a_phrase(kind: str, coordinates: Any) -> None:
    try:
        shape = build_shape({"type": kind, "coordinates": coordinates, "geometries": coordinates}, 1000)
    except ShapeError as error:
        assert str(error).startswith("的")
    else:
        assert shape.geometry is not None
