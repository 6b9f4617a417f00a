"""Choosing a point for a form: pin, grid, exactness, circle."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from maps.canvas.pin import pin_at_lonlat, pin_at_pixel
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.mercator import MapDataError, unproject
from maps.layers.cases import MapCase
from tests.widgets.maps.conftest import MakeMap, settle


def test_a_click_places_the_pin(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    with qtbot.waitSignal(widget.point_picked) as seen:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(450, 350))
    lon, lat = unproject(widget.view.to_world((450.0, 350.0)))
    assert seen.args == pytest.approx([lon, lat], abs=1e-6)
    assert widget.pin.area_code == widget.selection.area_code != ""
    assert widget.pin.accuracy_m == pytest.approx(2 * widget.view.metres_per_pixel)
    widget.grab()


def test_a_click_outside_is_told_and_marked(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    with qtbot.waitSignal(widget.point_picked):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(20, 350))
    assert widget.pin.area_code == ""
    assert widget.selection.area_code == ""
    image = widget.grab().toImage()
    assert image.pixelColor(20, 350 - 12).name() == widget.scene.palette.color("danger.fill").name()


def test_a_click_in_pick_mode_chooses_no_case(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    x, y = widget.view.to_screen(widget.state.cases.point(open_cases[0].case_id))
    with qtbot.assertNotEmitted(widget.case_selected), qtbot.waitSignal(widget.point_picked):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert widget.cursor().shape() == Qt.CursorShape.CrossCursor
    widget.set_pick_mode(False)
    assert widget.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_pin_can_be_dragged_and_the_map_stays(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(450, 350))
    view = widget.view
    start = QPoint(450, 332)
    with qtbot.waitSignal(widget.point_picked) as seen:
        qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(widget, QPoint(470, 350))
        qtbot.mouseMove(widget, QPoint(500, 380))
        qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(500, 380))
    assert widget.view == view
    # The hand holds the head of the pin, 18 px above its tip; the tip moves as far as the hand.
    lon, lat = unproject(view.to_world((500.0, 398.0)))
    assert seen.args == pytest.approx([lon, lat], abs=1e-6)


def test_dragging_beside_the_pin_moves_the_map(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(450, 350))
    pin, view = widget.pin, widget.view
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=QPoint(600, 400))
    qtbot.mouseMove(widget, QPoint(620, 400))
    qtbot.mouseMove(widget, QPoint(650, 400))
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(650, 400))
    assert widget.pin == pin
    assert widget.view.cx == pytest.approx(view.cx - 50 * view.scale)


def test_keyboard_places_and_nudges(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_pick_mode(True)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(widget, Qt.Key.Key_Right, shift)
    assert widget.pin is None
    with qtbot.waitSignal(widget.point_picked):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    x, y = widget.pin.x, widget.pin.y
    assert (x, y) == pytest.approx((widget.view.cx, widget.view.cy))
    with qtbot.waitSignal(widget.point_picked):
        qtbot.keyClick(widget, Qt.Key.Key_Right, shift)
    assert widget.pin.x == pytest.approx(x + 4 * widget.view.scale)
    with qtbot.waitSignal(widget.point_picked):
        qtbot.keyClick(widget, Qt.Key.Key_Up, shift)
    assert widget.pin.y == pytest.approx(y + 4 * widget.view.scale)
    assert not widget._commands.next_case(True)


def test_a_known_point_is_shown_without_a_signal(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    with qtbot.assertNotEmitted(widget.point_picked), qtbot.assertNotEmitted(widget.area_clicked):
        widget.set_point(113.26, 23.15, 8.0)
    assert widget.pin.lonlat == pytest.approx((113.26, 23.15), abs=1e-7)
    assert widget.pin.accuracy_m == 8.0
    assert widget.selection.area_code == widget.pin.area_code != ""
    assert widget.view.to_screen((widget.pin.x, widget.pin.y)) == pytest.approx([450, 350], abs=1e-6)
    widget.clear_point()
    assert widget.pin is None
    assert widget.selection.area_code == ""


def test_a_known_point_may_leave_the_view(make_map: MakeMap) -> None:
    widget = make_map()
    before = widget.view
    widget.set_point(113.26, 23.15, centre=False)
    assert widget.view == before


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 23.0), (113.0, math.inf), (999.0, 23.0), (113.0, 90.0)])
def test_a_point_that_is_no_place_is_refused(make_map: MakeMap, lon: float, lat: float) -> None:
    widget = make_map()
    with pytest.raises(MapDataError):
        widget.set_point(lon, lat)
    assert widget.pin is None
    with pytest.raises(MapDataError):
        pin_at_lonlat(widget.state, lon, lat, 1.0)


def test_the_mini_map_shows_the_circle_whole(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(352, 200), mini=True)
    widget.set_point(113.26, 23.15, 5.0)
    settle(qtbot, widget)
    assert widget.radius_m / widget.view.metres_per_pixel == pytest.approx(80, rel=0.01)
    assert all(
        box.isHidden() for box in (widget.furniture.switch, widget.furniture.legend, widget.furniture.zoom)
    )
    picture = widget.grab().toImage()
    edge = picture.pixelColor(176 + 80, 100)
    middle = picture.pixelColor(176 + 60, 60)
    assert edge != middle


def test_the_mini_map_picks_and_has_no_layer_keys(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(352, 200), mini=True)
    with qtbot.waitSignal(widget.point_picked):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(176, 100))
    with qtbot.assertNotEmitted(widget.measure_changed):
        qtbot.keyClick(widget, Qt.Key.Key_2)
    qtbot.keyClick(widget, Qt.Key.Key_L)
    assert widget.furniture.layers.isHidden()


def test_a_point_set_before_the_areas_keeps_its_view(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape]
) -> None:
    widget = make_map(size=(352, 200), mini=True, filled=False)
    widget.set_point(113.26, 23.15, 5.0)
    before = widget.view
    widget.set_areas(shapes)
    assert widget.view == before


def test_a_point_set_before_the_window_has_its_size_is_framed_when_it_has(
    qtbot: QtBot, shapes: list[AreaShape]
) -> None:
    widget = GridMapWidget(mini=True)
    qtbot.addWidget(widget)
    widget.set_areas(shapes)
    widget.set_point(113.26, 23.15, 5.0)
    widget.resize(352, 200)
    widget.grab()
    assert widget.radius_m / widget.view.metres_per_pixel == pytest.approx(80, rel=0.01)
    widget.nav.jump(widget.view.zoomed_at(2.0, 100, 100))
    moved = widget.view
    widget.resize(352, 240)
    widget.grab()
    assert (widget.view.cx, widget.view.cy, widget.view.scale) == (moved.cx, moved.cy, moved.scale)


def test_pin_values() -> None:
    from maps.geometry.viewport import Viewport
    from maps.layers.state import MapState

    pin = pin_at_pixel(MapState(), Viewport(0.0, 0.0, 5.0, 100, 100), 50, 50)
    assert pin.lonlat == (0.0, 0.0)
    assert pin.area_code == ""
    assert pin.accuracy_m == pytest.approx(10.0)
