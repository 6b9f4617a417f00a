"""The hand on the map: wheel, pinch, thumb buttons, history by every way in, coordinates, hover cards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QNativeGestureEvent,
    QPointingDevice,
    QShortcut,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QPinchGesture
from pytestqt.qtbot import QtBot

from maps.canvas import tool_texts
from maps.canvas.cards import area_card, mark_card
from maps.canvas.keys import KEY_WORDS
from maps.canvas.pinch import MOST
from maps.canvas.pointer import HOVER_MS, WHEEL_STEP
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.layers.areas import AreaFigures, Measure
from maps.layers.cases import MapCase
from maps.layers.coordinates import CoordinateSystem, copied_text, shown_text
from maps.layers.officers import MapOfficer
from tests.widgets.maps.conftest import MakeMap, settle

K = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def turn(widget: GridMapWidget, at: tuple[float, float], angle: int, pixels: int = 0) -> None:
    """One wheel event; 120 is a notch."""
    pos = QPointF(*at)
    event = QWheelEvent(
        pos,
        widget.mapToGlobal(pos),
        QPoint(0, pixels),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def pinch(widget: GridMapWidget, kind: Qt.NativeGestureType, value: float = 0.0) -> None:
    pos = QPointF(300, 200)
    device = QPointingDevice(
        "pad",
        1,
        QInputDevice.DeviceType.TouchPad,
        QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position,
        2,
        0,
    )
    event = QNativeGestureEvent(kind, device, 2, pos, pos, widget.mapToGlobal(pos), value, QPointF(0, 0), 1)
    QApplication.sendEvent(widget, event)


@pytest.fixture
def near(make_map: MakeMap) -> GridMapWidget:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3, 450, 350))
    widget.nav.end_burst()
    return widget


# --- zoom ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [120, -120, 240, 15, -8, 1])
def test_the_wheel_keeps_the_point_below_the_pointer(near: GridMapWidget, angle: int) -> None:
    before, scale = near.view.to_world((200, 500)), near.view.scale
    turn(near, (200, 500), angle)
    assert near.view.to_world((200, 500)) == pytest.approx(before, abs=1e-6)
    assert near.view.scale == pytest.approx(scale / WHEEL_STEP ** (angle / 120))


def test_fine_steps_add_up_to_a_notch(near: GridMapWidget) -> None:
    scale = near.view.scale
    for _ in range(40):
        turn(near, (300, 300), 3)
    assert near.view.scale == pytest.approx(scale / WHEEL_STEP)


def test_a_notch_glides_and_a_fine_step_follows_at_once(qtbot: QtBot, near: GridMapWidget) -> None:
    settle(qtbot, near)
    near.set_reduced_motion(False)
    before = near.view
    turn(near, (300, 300), 120)
    assert near.view == before
    assert near.nav.goal.scale < before.scale
    turn(near, (300, 300), 30)
    assert near.view.scale == pytest.approx(before.scale / WHEEL_STEP**1.25)
    settle(qtbot, near)


def test_a_flood_from_the_wheel_stops_at_the_limit(near: GridMapWidget) -> None:
    for angle in (10**8, -(10**8)):
        turn(near, (300, 300), angle)
        assert math.isfinite(near.view.scale)
        assert near.view.scale > 0
    turn(near, (300, 300), 0)


def test_one_turn_of_the_wheel_is_one_step_of_the_history(near: GridMapWidget) -> None:
    before = near.view
    for _ in range(6):
        turn(near, (200, 500), 120)
    assert near.back()
    assert near.view == before


def test_pinching_a_touchpad(qtbot: QtBot, near: GridMapWidget) -> None:
    before, point = near.view, near.view.to_world((300, 200))
    qtbot.mousePress(near, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    pinch(near, Qt.NativeGestureType.BeginNativeGesture)
    for _ in range(5):
        pinch(near, Qt.NativeGestureType.ZoomNativeGesture, 0.1)
    pinch(near, Qt.NativeGestureType.EndNativeGesture)
    assert near.view.scale == pytest.approx(before.scale / 1.1**5)
    assert near.view.to_world((300, 200)) == pytest.approx(point, abs=1e-6)
    # The first finger held the map; the pinch took it away.
    view = near.view
    qtbot.mouseMove(near, QPoint(400, 300))
    qtbot.mouseRelease(near, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    assert near.view == view
    assert near.back()
    assert near.view == before


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, -5.0, 1e9])
def test_wild_values_of_a_pinch_do_no_harm(near: GridMapWidget, value: float) -> None:
    scale = near.view.scale
    pinch(near, Qt.NativeGestureType.ZoomNativeGesture, value)
    assert scale / MOST <= near.view.scale <= scale * MOST


def test_a_double_tap_zooms_in_and_other_gestures_are_left_alone(near: GridMapWidget) -> None:
    scale = near.view.scale
    pinch(near, Qt.NativeGestureType.RotateNativeGesture, 5.0)
    assert near.view.scale == scale
    pinch(near, Qt.NativeGestureType.SmartZoomNativeGesture)
    assert near.view.scale == pytest.approx(scale / 2)


def test_two_fingers_on_a_touch_screen_zoom_and_carry(near: GridMapWidget) -> None:
    class Fingers(QPinchGesture):
        step = Qt.GestureState.GestureStarted

        def state(self) -> Qt.GestureState:
            return self.step

    fingers = Fingers()
    start = near.view
    centre = near.mapToGlobal(QPointF(300, 200))
    fingers.setCenterPoint(centre)
    fingers.setLastCenterPoint(centre)
    fingers.setScaleFactor(1.0)
    near._pinch._touch(fingers)
    fingers.step = Qt.GestureState.GestureUpdated
    fingers.setCenterPoint(centre + QPointF(10, 5))
    fingers.setScaleFactor(1.2)
    near._pinch._touch(fingers)
    assert near.view.scale == pytest.approx(start.scale / 1.2)
    assert near.view.to_world((310, 205)) == pytest.approx(start.to_world((300, 200)), abs=1e-6)
    assert near.back()
    assert near.view == start


def test_keys_zoom_and_pan(qtbot: QtBot, near: GridMapWidget) -> None:
    scale, cx = near.view.scale, near.view.cx
    qtbot.keyClick(near, K.Key_PageUp)
    assert near.view.scale < scale
    qtbot.keyClick(near, K.Key_PageDown)
    assert near.view.scale == pytest.approx(scale)
    qtbot.keyClick(near, K.Key_Right)
    assert near.view.cx > cx
    qtbot.keyClick(near, K.Key_Home)
    assert near.view.scale > scale


# --- history ------------------------------------------------------------------------------------------


def test_back_by_key_button_box_and_verb(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    views = [widget.view]
    for n in range(1, 5):
        widget.nav.jump(widget.view.zoomed_at(1.5, 100.0 * n, 300))
        views.append(widget.view)
    qtbot.keyClick(widget, K.Key_Left, ALT)
    assert widget.view == views[3]
    qtbot.mouseClick(widget, Qt.MouseButton.BackButton, pos=QPoint(300, 300))
    assert widget.view == views[2]
    box = widget.furniture.zoom
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.zones()["back"].center().toPoint())
    assert widget.view == views[1]
    assert widget.back()
    assert widget.view == views[0]
    assert not widget.back()
    assert widget.furniture.hint.said == tool_texts.no_way(True)
    qtbot.keyClick(widget, K.Key_Right, ALT)
    qtbot.mouseClick(widget, Qt.MouseButton.ForwardButton, pos=QPoint(300, 300))
    qtbot.mouseDClick(widget, Qt.MouseButton.ForwardButton, pos=QPoint(300, 300))
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.zones()["forward"].center().toPoint())
    assert widget.view == views[4]
    assert not widget.forward()
    assert widget.furniture.hint.said == tool_texts.no_way(False)


def test_a_drag_is_one_step_however_long(qtbot: QtBot, near: GridMapWidget) -> None:
    before = near.view
    qtbot.mousePress(near, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    for i in range(20):
        qtbot.mouseMove(near, QPoint(410 + 3 * i, 300 + i))
    qtbot.mouseRelease(near, Qt.MouseButton.LeftButton, pos=QPoint(470, 320))
    assert near.view != before
    assert near.back()
    assert near.view == before


def test_the_buttons_know_whether_there_is_a_way(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    box = widget.furniture.zoom
    assert box._possible == {"back": False, "forward": False}
    with qtbot.waitSignal(widget.view_history_changed):
        widget.nav.jump(widget.view.panned(50, 0))
    assert box._possible == {"back": True, "forward": False}
    widget.back()
    assert box._possible == {"back": False, "forward": True}
    for zone in ("back", "forward"):
        assert KEY_WORDS[zone] in box.zone_tip(zone)
        assert tool_texts.command_title(zone) in box.zone_tip(zone)


def test_data_is_no_step_of_the_history(
    near: GridMapWidget, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    view, can = near.view, near.nav.can_back
    near.set_areas(shapes[:40])
    near.set_cases(open_cases[:3])
    near.set_metric({})
    near.set_measure("overdue")
    assert near.view == view
    assert near.nav.can_back == can
    near.back()
    assert not near.nav.can_back


def test_the_mini_map_leaves_the_keys_of_its_form_alone(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(352, 200), mini=True)
    widget.nav.jump(widget.view.zoomed_at(2, 100, 100))
    view = widget.view
    for key, held in ((K.Key_Left, ALT), (K.Key_C, CTRL), (K.Key_1, NONE), (K.Key_S, CTRL | SHIFT)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, held)
        event.ignore()
        QApplication.sendEvent(widget, event)
        assert not event.isAccepted()
        assert not widget.run_command({K.Key_Left: "back", K.Key_C: "copy_point"}.get(key, "measure:density"))
    assert widget.view == view


def test_keys_of_the_map_come_before_shortcuts_of_the_window(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    heard: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+C"), widget)
    shortcut.activated.connect(lambda: heard.append("window"))
    other = QShortcut(QKeySequence("Ctrl+O"), widget)
    other.activated.connect(lambda: heard.append("other"))
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(widget, K.Key_C, CTRL)
    qtbot.keyClick(widget, K.Key_O, CTRL)
    assert heard == ["other"]
    assert QGuiApplication.clipboard().text()


# --- coordinates --------------------------------------------------------------------------------------


def test_the_coordinates_follow_the_pointer(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.mouseMove(widget, QPoint(300, 299))
    qtbot.mouseMove(widget, QPoint(300, 300))
    box = widget.furniture.coordinates
    x, y = widget.world_at(QPoint(300, 300))
    wanted = shown_text(CoordinateSystem.WGS84, x, y)
    qtbot.waitUntil(lambda: box.text == wanted, timeout=1000)
    widget.nav.jump(widget.view.panned(40, 0))
    qtbot.waitUntil(lambda: box.text != wanted, timeout=1000)
    assert box.accessibleDescription().endswith("WGS84")


def test_copying_what_is_pointed_at(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    clipboard = QGuiApplication.clipboard()
    qtbot.mouseMove(widget, QPoint(301, 300))
    qtbot.mouseMove(widget, QPoint(300, 300))
    qtbot.keyClick(widget, K.Key_C, CTRL)
    assert clipboard.text() == copied_text(CoordinateSystem.WGS84, *widget.world_at(QPoint(300, 300)))
    assert clipboard.text() in widget.furniture.hint.said
    with qtbot.waitSignal(widget.coordinate_system_changed) as seen:
        qtbot.keyClick(widget, K.Key_C, SHIFT)
    assert seen.args == ["gcj02"]
    qtbot.keyClick(widget, K.Key_C, CTRL)
    assert clipboard.text().endswith(" GCJ-02")
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    widget.start_tool("distance")
    qtbot.keyClick(widget, K.Key_Right)
    qtbot.keyClick(widget, K.Key_C, CTRL)
    assert clipboard.text() == copied_text(CoordinateSystem.GCJ02, *widget.tools.active.cross)
    widget.tools.leave()
    qtbot.keyClick(widget, K.Key_C, CTRL)
    assert clipboard.text() == copied_text(CoordinateSystem.GCJ02, widget.view.cx, widget.view.cy)


def test_the_box_of_coordinates_switches_the_system(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    box = widget.furniture.coordinates
    assert "GCJ-02" in box.zone_tip("system")
    before = box.text
    with qtbot.waitSignal(widget.coordinate_system_changed):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center())
    assert box.text != before
    with qtbot.assertNotEmitted(widget.coordinate_system_changed):
        widget.set_coordinate_system("wgs84")
    assert box.text == before
    with pytest.raises(ValueError, match="mars"):
        widget.set_coordinate_system("mars")


# --- hover cards --------------------------------------------------------------------------------------


@pytest.fixture
def figured(make_map: MakeMap) -> Iterator[tuple[GridMapWidget, str]]:
    widget = make_map()
    code = widget.state.areas.cells.codes[30]
    name = widget.state.areas.name_of(code)
    figures = AreaFigures(8, 2, True, new_today=3, nearest_h=2.25, silent_days=12.0, silent=True)
    widget.set_metric({code: figures})
    widget.set_officers([MapOfficer("o1", "方知夏", 113.26, 23.15, area_name=name)])
    yield widget, code


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure.OVERDUE, "超时占比 25%"),
        (Measure.NEW_TODAY, "今日新增 3 件"),
        (Measure.NEAREST, "最近到期 2.2 小时后"),
        (Measure.SILENT, "静默 12 天，比往常久"),
    ],
)
def test_the_card_of_a_cell_has_the_shown_figure(
    figured: tuple[GridMapWidget, str], measure: Measure, words: str
) -> None:
    widget, code = figured
    widget.set_measure(measure)
    lines = [line.text for line in area_card(widget.state, code)]
    assert lines[0] == widget.state.areas.name_of(code)
    assert code in lines[1]
    assert lines[2] == words
    assert "在办 8 件 · 超时 2 件" in lines
    assert lines[-1] == "网格员 方知夏"


def test_words_of_figures_that_are_not_known() -> None:
    blank = AreaFigures()
    assert tool_texts.measure_line(Measure.DENSITY, blank) == ""
    assert tool_texts.measure_line(Measure.OFFICER, blank) == ""
    assert tool_texts.measure_line(Measure.OVERDUE, blank) == "超时占比 0%"
    assert tool_texts.measure_line(Measure.NEAREST, blank) == "没有临近到期的案件"
    late = replace(blank, open=1, nearest_h=-3.0)
    assert tool_texts.measure_line(Measure.NEAREST, late) == "最早的一件已超时 3.0 小时"
    assert tool_texts.measure_line(Measure.SILENT, blank) == "没有上报记录"
    assert tool_texts.measure_line(Measure.SILENT, replace(blank, silent_days=2.0)) == "2 天前有上报"
    assert tool_texts.officers_of_area(["甲", "乙", "丙", "丁"]) == "网格员 甲、乙、丙等 4 人"


def test_a_cluster_counts_by_band(make_map: MakeMap) -> None:
    widget = make_map()
    mark = max(widget.scene.layout.marks, key=lambda m: m.count)
    lines = mark_card(widget.state, mark)
    assert lines[0].text == f"{mark.count} 件在办"
    assert sum(int(line.text.split()[-1]) for line in lines if line.band) == mark.count


def test_the_card_comes_after_a_rest_and_stays_on_screen(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(480, 320))
    for x, y in ((30, 160), (450, 300), (240, 318), (240, 100)):
        widget.show_card(None)
        qtbot.mouseMove(widget, QPoint(x - 1, y))
        qtbot.mouseMove(widget, QPoint(x, y))
        assert widget.hover_card is None
        qtbot.wait(HOVER_MS + 60)
        widget.grab()
    assert widget.hover_card is not None


def test_no_card_while_a_tool_is_in_hand(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.mouseMove(widget, QPoint(449, 350))
    qtbot.mouseMove(widget, QPoint(450, 350))
    qtbot.waitUntil(lambda: widget.hover_card is not None, timeout=2000)
    widget.start_tool("distance")
    assert widget.hover_card is None
    qtbot.mouseMove(widget, QPoint(460, 350))
    qtbot.wait(HOVER_MS + 60)
    assert widget.hover_card is None
