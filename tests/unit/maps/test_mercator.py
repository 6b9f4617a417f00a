"""Projection against published values, its way back, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from maps.geometry.mercator import (
    EARTH_RADIUS_M,
    MAX_LATITUDE,
    WORLD_HALF_M,
    MapDataError,
    project,
    true_distance,
    true_scale,
    unproject,
    valid_mask,
)

LON = st.floats(-180, 180)
LAT = st.floats(-85, 85)


def test_known_values_of_epsg_3857() -> None:
    assert project(0.0, 0.0) == pytest.approx([0.0, 0.0], abs=1e-8)
    assert project(180.0, 0.0)[0] == pytest.approx(20037508.342789244)
    assert project(0.0, MAX_LATITUDE)[1] == pytest.approx(WORLD_HALF_M)
    # The worked example of the EPSG guidance note 7-2 for "Popular Visualisation Pseudo Mercator".
    lon, lat = -(100 + 20 / 60), 24 + 22 / 60 + 54.433 / 3600
    assert project(lon, lat) == pytest.approx([-11169055.58, 2800000.00], abs=0.01)


def test_agrees_with_proj_over_china() -> None:
    lon, lat = np.meshgrid(np.linspace(73, 135, 40), np.linspace(18, 54, 40))
    theirs = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(lon, lat)
    assert np.allclose(project(lon, lat), np.stack(theirs, axis=-1), atol=1e-6)


@given(LON, LAT)
def test_there_and_back(lon: float, lat: float) -> None:
    assert unproject(project(lon, lat)) == pytest.approx([lon, lat], abs=1e-9)


@given(LAT, LAT)
def test_north_is_up(a: float, b: float) -> None:
    ya, yb = float(project(0.0, a)[1]), float(project(0.0, b)[1])
    assert (ya <= yb) or (a > b)


def test_shapes_are_kept() -> None:
    assert project([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).shape == (3, 2)
    assert project(np.zeros((2, 3)), np.zeros((2, 3))).shape == (2, 3, 2)
    assert unproject(np.zeros((5, 2))).shape == (5, 2)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (math.nan, 0.0),
        (0.0, math.nan),
        (math.inf, 0.0),
        (0.0, -math.inf),
        (181.0, 0.0),
        (0.0, 86.0),
        (1e300, 1e300),
    ],
)
def test_refuses_what_is_no_place(lon: float, lat: float) -> None:
    assert not valid_mask(lon, lat)
    with pytest.raises(MapDataError):
        project(lon, lat)


def test_one_bad_point_refuses_the_array_and_the_mask_names_it() -> None:
    lon, lat = [113.0, math.nan, 114.0], [23.0, 23.0, 99.0]
    assert valid_mask(lon, lat).tolist() == [True, False, False]
    with pytest.raises(MapDataError):
        project(lon, lat)


@given(LAT)
def test_true_scale_is_the_cosine_of_the_latitude(lat: float) -> None:
    assert true_scale(float(project(0.0, lat)[1])) == pytest.approx(math.cos(math.radians(lat)))


def test_distance_is_true_within_a_third_of_a_percent() -> None:
    a, b = (113.30, 23.10), (113.34, 23.13)
    _, _, metres = Geod(ellps="WGS84").inv(*a, *b)
    # The sphere of Web Mercator is up to 0.3 % off the ellipsoid.
    assert true_distance(project(*a), project(*b)) == pytest.approx(metres, rel=0.0035)


def test_a_degree_at_the_equator() -> None:
    assert true_distance(project(0, 0), project(1, 0)) == pytest.approx(math.radians(1) * EARTH_RADIUS_M)
