"""A place in words of one system or the other."""

from __future__ import annotations

import pytest

from maps.geometry.mercator import project
from maps.layers.coordinates import CoordinateSystem, copied_text, degrees_in, shown_text
from services.geo.coords import gcj02_to_wgs84

HERE = tuple(float(v) for v in project(113.26434, 23.12908))


def test_wgs84_is_what_the_map_holds() -> None:
    assert degrees_in(CoordinateSystem.WGS84, *HERE) == pytest.approx((113.26434, 23.12908), abs=1e-9)
    assert copied_text(CoordinateSystem.WGS84, *HERE) == "113.264340,23.129080 WGS84"
    assert shown_text(CoordinateSystem.WGS84, *HERE) == "113.26434, 23.12908"


def test_gcj02_goes_back_to_the_same_place() -> None:
    lon, lat = degrees_in(CoordinateSystem.GCJ02, *HERE)
    assert 0.003 < lon - 113.26434 < 0.008
    back = gcj02_to_wgs84(lon, lat)
    assert (float(back[0]), float(back[1])) == pytest.approx((113.26434, 23.12908), abs=1e-8)
    text = copied_text(CoordinateSystem.GCJ02, *HERE)
    assert text == f"{lon:.6f},{lat:.6f} GCJ-02"


def test_outside_china_both_are_the_same() -> None:
    london = tuple(float(v) for v in project(-0.12, 51.5))
    assert degrees_in(CoordinateSystem.GCJ02, *london) == degrees_in(CoordinateSystem.WGS84, *london)


def test_systems_by_name() -> None:
    assert CoordinateSystem("gcj02").other is CoordinateSystem.WGS84
    assert CoordinateSystem("wgs84").other is CoordinateSystem.GCJ02
    with pytest.raises(ValueError, match="bd09"):
        CoordinateSystem("bd09")
