"""What is measured is true on the ellipsoid: published values, and formulas that share no code with ours."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from maps.geometry.geodesy import crosses_itself, degrees_of, ring_area, segment_lengths
from maps.geometry.mercator import project

AXIS, FLATTENING = 6378137.0, 1 / 298.257223563
ANTARCTICA = [
    (-58, -63.1), (-74, -72.9), (-102, -71.9), (-102, -74.9), (-131, -74.3), (-163, -77.5), (163, -77.4),
    (172, -71.7), (140, -65.9), (113, -65.7), (88, -66.6), (59, -66.9), (25, -69.8), (-4, -70.0), (-14, -71.0),
    (-33, -77.3), (-46, -77.9), (-61, -74.7),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "metres"),
    [
        # New York to London, from the manual of GeographicLib
        ([(-73.8, 40.6), (-0.5, 51.6)], 5551759.400),
        # nearly antipodal, from Karney, Algorithms for geodesics, table 5
        ([(0.0, -30.0), (179.8, 29.9)], 19989832.827610),
        # a quarter of the meridian of WGS84, and a degree of its equator
        ([(113.0, 0.0), (113.0, 90.0)], 10001965.729),
        ([(113.0, 0.0), (114.0, 0.0)], 111319.491),
    ],
)
def test_published_lengths(line: list[tuple[float, float]], metres: float) -> None:
    assert segment_lengths(line).tolist() == pytest.approx([metres], abs=1e-3)


def test_published_areas() -> None:
    # The ellipsoid has 510,065,621,724,088 square metres; three right angles enclose an eighth of it.
    assert ring_area([(0, 0), (90, 0), (0, 90)]) == pytest.approx(510065621724088 / 8, rel=1e-12)
    # Antarctica, from the manual of GeographicLib
    assert ring_area(ANTARCTICA) == pytest.approx(13662703680020.1, rel=1e-12)


def radii(lat: float) -> tuple[float, float]:
    """Radii of curvature of the ellipsoid along the meridian and across it, metres."""
    e2 = FLATTENING * (2 - FLATTENING)
    across = AXIS / math.sqrt(1 - e2 * math.sin(math.radians(lat)) ** 2)
    return across * (1 - e2) / (1 - e2 * math.sin(math.radians(lat)) ** 2), across


@given(lon=st.floats(73, 135), lat=st.floats(3, 54), size=st.floats(1e-4, 1e-2))
def test_small_figures_agree_with_the_radii_of_curvature(lon: float, lat: float, size: float) -> None:
    along, across = radii(lat)
    high = math.radians(size) * along
    wide = math.radians(size) * across * math.cos(math.radians(lat))
    half = size / 2
    square = [
        (lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half),
    ]  # fmt: skip
    assert ring_area(square) == pytest.approx(high * wide, rel=1e-6)
    up, left = (
        segment_lengths([(lon, lat - half), (lon, lat + half)])[0],
        segment_lengths([(lon - half, lat), (lon + half, lat)])[0],
    )
    assert up == pytest.approx(high, rel=1e-6)
    assert left == pytest.approx(wide, rel=1e-6)


@given(
    points=st.lists(st.tuples(st.floats(73, 135), st.floats(3, 54)), min_size=2, max_size=8),
)
def test_the_same_as_each_pair_alone(points: list[tuple[float, float]]) -> None:
    geod = Geod(a=AXIS, f=FLATTENING)
    wanted = [geod.inv(*a, *b)[2] for a, b in itertools.pairwise(points)]
    assert segment_lengths(points).tolist() == pytest.approx(wanted, abs=1e-6)
    assert segment_lengths(points[::-1])[::-1].tolist() == pytest.approx(wanted, abs=1e-6)


@given(start=st.integers(0, 3), closed=st.booleans(), back=st.booleans())
def test_the_area_does_not_depend_on_how_the_ring_is_told(start: int, closed: bool, back: bool) -> None:
    ring = [(113.2, 23.1), (113.3, 23.1), (113.31, 23.19), (113.22, 23.2)]
    told = ring[start:] + ring[:start]
    told = told[::-1] if back else told
    assert ring_area([*told, told[0]] if closed else told) == pytest.approx(ring_area(ring), rel=1e-12)


def test_too_few_points_measure_nothing() -> None:
    assert segment_lengths([]).tolist() == segment_lengths([(113.0, 23.0)]).tolist() == []
    assert ring_area([]) == ring_area([(113.0, 23.0), (114.0, 23.0)]) == 0.0
    assert not crosses_itself([(0, 0), (1, 1), (1, 0)])


def test_a_flat_map_would_be_wrong() -> None:
    # In Guangzhou the drawn area is a fifth too large, which is why it is not what we print.
    ring = [(113.2, 23.1), (113.21, 23.1), (113.21, 23.11), (113.2, 23.11)]
    drawn = shapely.Polygon([tuple(project(*p)) for p in ring]).area
    assert drawn / ring_area(ring) == pytest.approx(1 / math.cos(math.radians(23.105)) ** 2, rel=0.01)
    assert drawn / ring_area(ring) > 1.17


def test_crossing_rings_are_known() -> None:
    assert crosses_itself([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert crosses_itself([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)])
    assert not crosses_itself([(0, 0), (2, 0), (2, 2), (1, 1), (0, 2)])


def test_degrees_of_world_points() -> None:
    assert degrees_of([]).shape == (0, 2)
    lonlat = np.array([(113.2, 23.1), (-73.8, 40.6)])
    assert degrees_of(project(lonlat[:, 0], lonlat[:, 1])) == pytest.approx(lonlat, abs=1e-9)
