"""Where things stand in the small picture of the ground: north up, metres alike, everything inside the frame."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage

from console.windows.referee.ground import GroundPicture, _Place
from services.geo.coords import metres_per_degree
from tests.support.rule_centre import sheet_doc
from widgets.theme import theme

FRAME = QRectF(0, 0, 360, 240)
LON, LAT = 113.36, 23.12
USUAL = QSize(360, 240)


def ground(
    half_lon: float = 0.002, half_lat: float = 0.002, dx: float = 0.0, dy: float = 0.0, **more: Any
) -> dict[str, Any]:
    """A square grid, and a point moved from its middle by a share of its half sides."""
    west, east, south, north = LON - half_lon, LON + half_lon, LAT - half_lat, LAT + half_lat
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    area = {
        "code": "g",
        "name": "一格",
        "street": "s",
        "street_name": "甲街道",
        "distance_m": 0.0,
        "outline": [ring],
    }
    return {
        "lon": LON + dx * half_lon, "lat": LAT + dy * half_lat, "address": "", "inside": True, "edge_m": 1.0,
        "grid": area, "neighbours": [], **more,
    }  # fmt: skip


def test_north_is_up_and_east_is_right() -> None:
    place = _Place(ground(), FRAME)
    here, north, east = place.at(LON, LAT), place.at(LON, LAT + 0.001), place.at(LON + 0.001, LAT)
    assert north.y() < here.y() and north.x() == pytest.approx(here.x())
    assert east.x() > here.x() and east.y() == pytest.approx(here.y())


def test_a_metre_is_a_metre_in_both_directions() -> None:
    """Degrees are not: at 23° one of longitude is a twelfth shorter, at 60° half as long."""
    for lat in (0.0, 23.12, 45.0, 60.0):
        place = _Place({**ground(), "lat": lat}, FRAME)
        east, north = metres_per_degree(lat)
        here = place.at(LON, lat)
        right, up = place.at(LON + 100 / east, lat), place.at(LON, lat + 100 / north)
        assert right.x() - here.x() == pytest.approx(100 * place.pixels_per_metre)
        assert here.y() - up.y() == pytest.approx(100 * place.pixels_per_metre)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-5, 0.02), st.floats(1e-5, 0.02), st.floats(-0.99, 0.99), st.floats(-0.99, 0.99))
def test_the_whole_grid_and_the_point_are_seen(
    half_lon: float, half_lat: float, dx: float, dy: float
) -> None:
    made = ground(half_lon, half_lat, dx, dy)
    place = _Place(made, FRAME)
    inner = FRAME.adjusted(27, 27, -27, -27)
    for lon, lat in [*made["grid"]["outline"][0], [made["lon"], made["lat"]]]:
        assert inner.contains(place.at(lon, lat)), (lon, lat)


def test_a_tiny_grid_is_not_blown_up() -> None:
    """Never less than sixty metres around the point: else the border of a stairwell would look like a mile."""
    tiny, small = (_Place(ground(half, half), FRAME) for half in (1e-6, 1e-5))
    assert tiny.pixels_per_metre == pytest.approx(small.pixels_per_metre)
    assert tiny.pixels_per_metre == pytest.approx((240 - 56) / 120)
    assert _Place(ground(0.002, 0.002), FRAME).pixels_per_metre < tiny.pixels_per_metre


def test_the_longer_side_decides(qapp: Any) -> None:
    wide, high = _Place(ground(0.01, 0.001), FRAME), _Place(ground(0.001, 0.01), FRAME)
    assert wide.pixels_per_metre > high.pixels_per_metre, "the frame is wider than high"


# --- painted ---------------------------------------------------------------------------------------------------


def drawn(qtbot: Any, doc: dict[str, Any] | None, size: QSize = USUAL) -> QImage:
    picture = GroundPicture()
    qtbot.addWidget(picture)
    picture.resize(size)
    picture.set_ground(doc, "边界")
    return picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def near(one: QColor, other: QColor) -> bool:
    parts = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return all(abs(a - b) <= 12 for a, b in parts)


def test_the_point_is_painted_where_it_stands(qtbot: Any) -> None:
    for dx, dy in ((0.0, 0.0), (0.8, 0.8), (-0.8, -0.5)):
        doc = ground(dx=dx, dy=dy)
        image = drawn(qtbot, doc)
        spot = _Place(doc, QRectF(0.5, 0.5, 359, 239)).at(doc["lon"], doc["lat"])
        assert near(image.pixelColor(int(spot.x()), int(spot.y())), theme().color("sla.over2.fill")), (dx, dy)


def test_the_own_grid_is_filled_and_the_rest_is_outside(qtbot: Any) -> None:
    doc = ground(dx=0.9, dy=0.9)
    image = drawn(qtbot, doc)
    place = _Place(doc, QRectF(0.5, 0.5, 359, 239))
    inside = place.at(LON - 0.001, LAT - 0.0012)
    assert near(image.pixelColor(int(inside.x()), int(inside.y())), theme().ramp("map.density_ramp")[2])
    assert near(image.pixelColor(12, 120), theme().color("map.outside"))


def test_without_a_ground_only_the_frame_is_painted(qtbot: Any) -> None:
    image = drawn(qtbot, None)
    inner = {image.pixelColor(x, y).name() for x in range(20, 340, 7) for y in range(20, 220, 7)}
    assert inner == {theme().color("map.outside").name()}


@pytest.mark.parametrize("size", [QSize(360, 240), QSize(120, 90), QSize(800, 240)])
def test_every_size_is_painted(qtbot: Any, size: QSize) -> None:
    image = drawn(qtbot, sheet_doc()["ground"], size)
    assert image.size() == size
    colours = {
        image.pixelColor(x, y).name() for x in range(0, size.width(), 3) for y in range(0, size.height(), 3)
    }
    assert len(colours) > 3


def test_a_grid_of_several_parts_is_painted_whole(qtbot: Any) -> None:
    doc = ground()
    ring = doc["grid"]["outline"][0]
    apart = [[lon + 0.01, lat] for lon, lat in ring]
    doc["grid"] = {**doc["grid"], "outline": [ring, apart]}
    image = drawn(qtbot, doc)
    place = _Place(doc, QRectF(0.5, 0.5, 359, 239))
    for lon in (LON - 0.001, LON + 0.009):
        spot = place.at(lon, LAT - 0.0015)
        assert near(image.pixelColor(int(spot.x()), int(spot.y())), theme().ramp("map.density_ramp")[2])


def test_what_is_said_follows_what_is_shown(qtbot: Any) -> None:
    picture = GroundPicture()
    qtbot.addWidget(picture)
    picture.set_ground(ground(), "在 一格 内")
    assert picture.accessibleName() == "在 一格 内"
    picture.set_ground(None)
    assert picture.accessibleName() == ""
    assert picture.sizeHint().height() >= 200
