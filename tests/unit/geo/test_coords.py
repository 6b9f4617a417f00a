"""Coordinate systems: published check points, round trips, what is left alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.geo import coords
from services.geo.coords import (
    CGCS2000,
    GCJ02,
    WGS84,
    distance_m,
    from_wgs84,
    gcj02_to_wgs84,
    in_china_box,
    metres_per_degree,
    parse_crs,
    to_wgs84,
    wgs84_to_gcj02,
)
from services.geo.errors import CoordinateError

CHECK_POINTS = [  # WGS84 lat, lon and GCJ-02 lat, lon, as published
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
]
INSIDE_LON = st.floats(72.5, 137.3)
INSIDE_LAT = st.floats(1.3, 55.3)


@pytest.mark.parametrize(("lat", "lon", "gcj_lat", "gcj_lon"), CHECK_POINTS)
def test_published_check_points_forward(lat: float, lon: float, gcj_lat: float, gcj_lon: float) -> None:
    x, y = wgs84_to_gcj02(lon, lat)
    assert abs(float(x) - gcj_lon) < 1e-12
    assert abs(float(y) - gcj_lat) < 1e-12


@pytest.mark.parametrize(("lat", "lon", "gcj_lat", "gcj_lon"), CHECK_POINTS)
def test_published_check_points_back(lat: float, lon: float, gcj_lat: float, gcj_lon: float) -> None:
    x, y = gcj02_to_wgs84(gcj_lon, gcj_lat)
    assert abs(float(x) - lon) < 1e-9
    assert abs(float(y) - lat) < 1e-9


@given(INSIDE_LON, INSIDE_LAT)
def test_gcj_round_trip(lon: float, lat: float) -> None:
    x, y = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert abs(float(x) - lon) < 1e-9
    assert abs(float(y) - lat) < 1e-9


@given(INSIDE_LON, INSIDE_LAT)
def test_gcj_shift_is_some_hundred_metres(lon: float, lat: float) -> None:
    x, y = wgs84_to_gcj02(lon, lat)
    assert 5.0 < distance_m(lon, lat, float(x), float(y)) < 1500.0


@pytest.mark.parametrize(
    ("lon", "lat"), [(-4.5, 53.2), (0.0, 0.0), (72.0, 30.0), (138.0, 30.0), (100.0, 0.8), (100.0, 55.9)]
)
def test_outside_the_china_box_nothing_moves(lon: float, lat: float) -> None:
    assert not bool(in_china_box(lon, lat))
    for shifted in (wgs84_to_gcj02(lon, lat), gcj02_to_wgs84(lon, lat)):
        assert (float(shifted[0]), float(shifted[1])) == (lon, lat)


def test_arrays_of_any_shape_go_through_at_once() -> None:
    lon = np.array([[121.5272106, -4.5], [113.912316, 200.0]])
    lat = np.array([[31.1774276, 53.2], [22.543847, 10.0]])
    x, y = wgs84_to_gcj02(lon, lat)
    assert x.shape == y.shape == (2, 2)
    assert abs(x[0, 0] - 121.531541859215) < 1e-12
    assert x[0, 1] == -4.5
    assert x[1, 1] == 200.0
    back_x, back_y = gcj02_to_wgs84(x, y)
    assert np.allclose(back_x, lon, atol=1e-9, rtol=0)
    assert np.allclose(back_y, lat, atol=1e-9, rtol=0)


def test_empty_arrays_stay_empty() -> None:
    x, y = gcj02_to_wgs84(np.zeros(0), np.zeros(0))
    assert x.shape == y.shape == (0,)


def test_nan_passes_through_without_a_warning() -> None:
    x, y = gcj02_to_wgs84(np.array([np.nan, 113.0]), np.array([23.0, np.nan]))
    assert np.isnan(x[0])
    assert np.isnan(y[1])


def test_a_point_just_inside_the_rim_comes_back_inside() -> None:
    """The shifted point may lie outside the box; its origin is found all the same."""
    for lon, lat in [(72.0041, 30.0), (137.8346, 40.0), (110.0, 55.827), (110.0, 0.8294)]:
        x, y = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
        assert math.isclose(float(x), lon, abs_tol=1e-9)
        assert math.isclose(float(y), lat, abs_tol=1e-9)


@pytest.mark.parametrize(
    "text", ["wgs84", "WGS84", "EPSG:4326", "epsg:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"]
)
def test_names_of_wgs84(text: str) -> None:
    assert parse_crs(text) is WGS84


@pytest.mark.parametrize("text", ["cgcs2000", "CGCS2000", "EPSG:4490", "urn:ogc:def:crs:EPSG::4490"])
def test_names_of_cgcs2000(text: str) -> None:
    assert parse_crs(text) is CGCS2000
    assert to_wgs84((113.5, 23.1), parse_crs(text)) == (113.5, 23.1)
    assert from_wgs84((113.5, 23.1), parse_crs(text)) == (113.5, 23.1)


@pytest.mark.parametrize("text", ["gcj02", "GCJ-02", " gcj02 "])
def test_names_of_gcj02(text: str) -> None:
    assert parse_crs(text) is GCJ02


def test_epsg_of_a_city_in_the_netherlands() -> None:
    """The corner of central Amsterdam in the box that comes with the shared record (RD New)."""
    lon, lat = to_wgs84((120079.982, 485672.075), "EPSG:28992")
    assert 4.87 < lon < 4.88
    assert 52.35 < lat < 52.36
    x, y = from_wgs84((lon, lat), "EPSG:28992")
    assert abs(x - 120079.982) < 0.01
    assert abs(y - 485672.075) < 0.01


def test_gauss_kruger_of_cgcs2000_gives_east_first() -> None:
    """EPSG:4547 (CGCS2000, 3 degrees, central meridian 114) names north first; here x is always east."""
    lon, lat = to_wgs84((500000.0, 2560000.0), "EPSG:4547")
    assert abs(lon - 114.0) < 1e-9
    assert 23.1 < lat < 23.2


def test_wkt_of_a_shapefile_is_understood() -> None:
    from pyproj import CRS

    system = parse_crs(CRS.from_epsg(4547).to_wkt("WKT1_ESRI"))
    lon, _ = to_wgs84((500000.0, 2560000.0), system)
    assert abs(lon - 114.0) < 1e-9
    assert parse_crs(CRS.from_epsg(4490).to_wkt("WKT1_ESRI")) is WGS84


def test_what_lies_outside_a_projection_is_not_finite() -> None:
    lon, lat = to_wgs84((np.array([1e20]), np.array([1e20])), "EPSG:4547")
    assert not np.isfinite([lon[0], lat[0]]).all()


@pytest.mark.parametrize("text", ["", "bd09", "EPSG:999999", "EPSG:abc", "GEOGCS[", "x" * 5000])
def test_unknown_names_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CoordinateError, match="不认识坐标系") as caught:
        parse_crs(text)
    assert len(str(caught.value)) < 200


def test_geometries_and_arrays_of_geometries() -> None:
    box = shapely.box(113.0, 23.0, 113.1, 23.1)
    shifted = from_wgs84(box, "gcj02")
    assert shifted.geom_type == "Polygon"
    assert not shifted.equals(box)
    back = to_wgs84(np.array([shifted, shapely.Point(113.0, 23.0)], dtype=object), "gcj02")
    assert np.allclose(shapely.get_coordinates(back[0]), shapely.get_coordinates(box), atol=1e-9, rtol=0)
    assert back[1].x < 113.0


def test_something_else_is_refused() -> None:
    with pytest.raises(CoordinateError):
        to_wgs84("113,23", "gcj02")


def test_numbers_in_numbers_out() -> None:
    point = to_wgs84((113.9171764808363, 22.540796131694766), "gcj02")
    assert isinstance(point[0], float)
    assert point == pytest.approx((113.912316, 22.543847), abs=1e-9)


def test_metres_per_degree() -> None:
    east, north = metres_per_degree(60.0)
    assert math.isclose(north, 111195.08, rel_tol=1e-5)
    assert math.isclose(east, north / 2.0, rel_tol=1e-9)


def test_distance_agrees_with_the_geodesic() -> None:
    from pyproj import Geod

    _, _, true_m = Geod(ellps="WGS84").inv(113.60, 23.40, 113.65, 23.43)
    assert math.isclose(distance_m(113.60, 23.40, 113.65, 23.43), true_m, rel_tol=4e-3)


def test_every_system_has_a_name_to_show() -> None:
    assert [s.name for s in (WGS84, CGCS2000, GCJ02, parse_crs("EPSG:28992"))] == [
        "WGS84",
        "CGCS2000",
        "GCJ-02",
        "Amersfoort / RD New",
    ]
    assert isinstance(parse_crs("EPSG:28992"), coords.ProjSystem)
