"""Tools of the hand: by mouse and by keyboard alone, one at a time, and nothing is taken from text fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from maps.canvas import tool_texts
from maps.canvas.tools.base import FAR_PX, FINE_PX, STEP_PX, MapTool
from maps.canvas.tools.toolbox import TOOLS
from maps.canvas.widget import GridMapWidget
from maps.geometry.geodesy import ring_area, segment_lengths
from maps.geometry.mercator import unproject
from maps.layers.cases import MapCase
from tests.widgets.maps.conftest import MakeMap, settle

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
K = Qt.Key


def click(qtbot: QtBot, widget: GridMapWidget, *points: tuple[int, int]) -> None:
    for x, y in points:
        qtbot.mouseMove(widget, QPoint(x, y))
        qtbot.mouseClick(widget, LEFT, pos=QPoint(x, y))


def drag(
    qtbot: QtBot,
    widget: GridMapWidget,
    way: Sequence[tuple[int, int]],
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    button: Qt.MouseButton = LEFT,
) -> None:
    qtbot.mousePress(widget, button, held, QPoint(*way[0]))
    for x, y in way[1:]:
        qtbot.mouseMove(widget, QPoint(x, y))
    qtbot.mouseRelease(widget, button, held, QPoint(*way[-1]))


def press_keys(qtbot: QtBot, widget: GridMapWidget, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(widget, key)


def lonlat(widget: GridMapWidget, *points: tuple[float, float]) -> np.ndarray:
    return unproject(widget.view.to_world(np.array(points, dtype=float)))


# --- the box of tools ---------------------------------------------------------------------------------


def test_one_tool_at_a_time_and_the_same_again_puts_it_away(make_map: MakeMap) -> None:
    widget = make_map()
    assert widget.start_tool("distance")
    assert widget.cursor().shape() is Qt.CursorShape.CrossCursor
    first = widget.tools.active
    assert widget.start_tool("area")
    assert widget.tools.active is not first
    assert not widget.start_tool("area")
    assert widget.tools.active is None
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    with pytest.raises(KeyError):
        widget.start_tool("hammer")


def test_every_tool_says_what_to_do_and_is_painted(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    for name in TOOLS:
        assert widget.start_tool(name)
        assert tool_texts.leave() in widget.tools.hint()
        assert widget.accessibleDescription() == widget.tools.hint()
        assert "hint" in widget.furniture.plan.taken
        for key in (K.Key_Space, K.Key_Right, K.Key_Down, K.Key_Right):
            qtbot.keyClick(widget, key)
        assert not widget.grab().isNull()
        widget.tools.leave()
    assert "hint" not in widget.furniture.plan.taken
    assert widget.accessibleDescription() == ""


def test_keys_of_the_tools(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    for key, name in {
        K.Key_S: "rectangle",
        K.Key_P: "polygon",
        K.Key_M: "distance",
        K.Key_A: "area",
        K.Key_L: "legend",
    }.items():
        qtbot.keyClick(widget, key, SHIFT)
        assert widget.tools.name == name
    assert set(TOOLS) >= {"rectangle", "polygon", "distance", "area", "legend"}


def test_escape_drops_what_is_half_done_then_leaves(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("distance")
    click(qtbot, widget, (300, 300))
    press_keys(qtbot, widget, K.Key_Escape)
    assert widget.tools.name == "distance"
    assert widget.tools.active.points == []
    press_keys(qtbot, widget, K.Key_Escape)
    assert widget.tools.active is None


def test_the_mini_map_has_no_tools(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(352, 200), mini=True)
    assert not widget.start_tool("distance")
    qtbot.keyClick(widget, K.Key_S, SHIFT)
    assert widget.tools.active is None
    drag(qtbot, widget, [(100, 100), (180, 150)], SHIFT)
    assert widget.region.empty
    widget.grab()


def test_a_tool_asks_for_nothing_by_itself(make_map: MakeMap) -> None:
    tool = MapTool(make_map())
    at = QPointF(3, 3)
    assert not tool.press(at)
    tool.drag(at)
    tool.release(at)
    tool.click(at)
    tool.hover(at)
    tool.double_click(at)
    assert not tool.key(K.Key_A, Qt.KeyboardModifier.NoModifier)
    assert not tool.takes_key(K.Key_A, Qt.KeyboardModifier.NoModifier)
    assert not tool.cancel()
    assert tool.hint() == tool.spoken() == ""


def test_a_text_field_keeps_focus_and_keys(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    widget.start_tool("distance")
    assert field.hasFocus()
    for key in (K.Key_Space, K.Key_A, K.Key_Backspace, K.Key_1):
        qtbot.keyClick(field, key)
    assert field.text() == " 1"
    assert widget.tools.active.points == []


def test_choosing_waits_while_a_tool_is_in_hand(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    mark = widget.scene.layout.marks[0]
    x, y = (round(float(v)) for v in widget.view.to_screen((mark.x, mark.y)))
    widget.start_tool("distance")
    with qtbot.assertNotEmitted(widget.case_selected), qtbot.assertNotEmitted(widget.area_clicked):
        click(qtbot, widget, (x, y))
    assert len(widget.tools.active.points) == 1


def test_pick_mode_puts_the_tool_away(make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("area")
    widget.set_pick_mode(True)
    assert widget.tools.active is None
    assert widget.cursor().shape() is Qt.CursorShape.CrossCursor


# --- measuring ----------------------------------------------------------------------------------------


def test_measuring_a_way_by_mouse(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("distance")
    points = [(200, 300), (380, 360), (420, 220)]
    wanted = segment_lengths(lonlat(widget, *points))
    click(qtbot, widget, *points[:2])
    assert tool_texts.metres(wanted[0]) in widget.tools.hint()
    qtbot.mouseMove(widget, QPoint(420, 220))
    open_end = widget.tools.active.measured(open_end=True)
    assert open_end.segments_m == pytest.approx(wanted.tolist())
    assert len(widget.tools.active.measured().segments_m) == 1
    click(qtbot, widget, points[2])
    with qtbot.waitSignal(widget.measured, timeout=500) as seen:
        qtbot.mouseDClick(widget, LEFT, pos=QPoint(420, 220))
    found = seen.args[0]
    assert found.kind == "distance"
    assert found.segments_m == pytest.approx(wanted.tolist())
    assert found.total_m == pytest.approx(wanted.sum())
    assert found.area_m2 is None
    assert np.array(found.lonlat) == pytest.approx(lonlat(widget, *points))
    assert tool_texts.metres(wanted.sum()) in widget.tools.hint()
    # The figures stay until the next click begins anew.
    click(qtbot, widget, (600, 500))
    assert len(widget.tools.active.points) == 1
    assert not widget.tools.active.done


def test_measuring_a_way_by_keyboard_alone(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.keyClick(widget, K.Key_M, SHIFT)
    qtbot.keyClick(widget, K.Key_Space)
    for _ in range(5):
        qtbot.keyClick(widget, K.Key_Right)
    qtbot.keyClick(widget, K.Key_Down, CTRL)
    qtbot.keyClick(widget, K.Key_Up, SHIFT)
    middle = (widget.view.width / 2, widget.view.height / 2)
    end = (middle[0] + 5 * STEP_PX, middle[1] + FAR_PX - FINE_PX)
    with qtbot.waitSignal(widget.measured, timeout=500) as seen:
        qtbot.keyClick(widget, K.Key_Return)
    assert seen.args[0].total_m == pytest.approx(segment_lengths(lonlat(widget, middle, end)).sum())
    assert tool_texts.metres(seen.args[0].total_m) in widget.accessibleDescription()


def test_backspace_takes_points_back_and_opens_a_finished_measurement(
    qtbot: QtBot, make_map: MakeMap
) -> None:
    widget = make_map()
    widget.start_tool("distance")
    click(qtbot, widget, (200, 300), (300, 300), (400, 300))
    press_keys(qtbot, widget, K.Key_Backspace)
    assert len(widget.tools.active.points) == 2
    press_keys(qtbot, widget, K.Key_Return)
    assert widget.tools.active.done
    press_keys(qtbot, widget, K.Key_Backspace)
    assert not widget.tools.active.done
    press_keys(qtbot, widget, K.Key_Backspace, K.Key_Backspace)
    assert widget.tools.active.points == []


def test_return_alone_sets_the_first_point_and_one_point_is_no_way(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("distance")
    press_keys(qtbot, widget, K.Key_Return)
    assert len(widget.tools.active.points) == 1
    with qtbot.assertNotEmitted(widget.measured):
        press_keys(qtbot, widget, K.Key_Return)
    assert len(widget.tools.active.points) == 1


def test_measuring_an_area(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("area")
    points = [(200, 300), (380, 360), (420, 220)]
    click(qtbot, widget, *points[:2])
    assert tool_texts.three_corners() in widget.tools.hint()
    click(qtbot, widget, points[2])
    with qtbot.waitSignal(widget.measured, timeout=500) as seen:
        press_keys(qtbot, widget, K.Key_Return)
    found = seen.args[0]
    ring = lonlat(widget, *points)
    assert found.area_m2 == pytest.approx(ring_area(ring))
    assert found.total_m == pytest.approx(segment_lengths(np.vstack([ring, ring[:1]])).sum())
    assert tool_texts.square_metres(found.area_m2) in widget.tools.hint()
    widget.grab()


def test_an_area_whose_rim_crosses_itself_is_refused_in_words(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("area")
    click(qtbot, widget, (200, 300), (400, 400), (400, 300), (200, 400))
    assert tool_texts.crossing() in widget.tools.hint()
    with qtbot.waitSignal(widget.measured, timeout=500) as seen:
        press_keys(qtbot, widget, K.Key_Return)
    assert seen.args[0].area_m2 is None
    assert widget.tools.active.points


def test_the_map_can_be_dragged_and_zoomed_while_measuring(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3, 450, 350))
    widget.start_tool("distance")
    click(qtbot, widget, (300, 300))
    point = widget.tools.active.points[0]
    before = widget.view
    drag(qtbot, widget, [(500, 300), (530, 330), (560, 340)])
    assert widget.view == before.panned(60, 40)
    assert widget.tools.active.points == [point]
    assert widget.cursor().shape() is Qt.CursorShape.CrossCursor
    qtbot.keyClick(widget, K.Key_PageUp)
    settle(qtbot, widget)
    assert widget.view.scale < before.scale
    assert widget.tools.active.points == [point]
    click(qtbot, widget, (300, 300))
    assert widget.tools.active.measured().total_m > 0


def test_the_crosshair_moves_the_map_at_the_edge(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(500, 400))
    widget.nav.jump(widget.view.zoomed_at(8, 250, 200))
    widget.start_tool("distance")
    before = widget.view
    for _ in range(30):
        qtbot.keyClick(widget, K.Key_Right)
        assert widget.view.contains(*widget.tools.active.cross)
    assert widget.view.cx > before.cx
    assert widget.view.scale == before.scale


def test_the_mouse_takes_the_crosshair_away(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("distance")
    press_keys(qtbot, widget, K.Key_Right)
    assert widget.tools.active.cross is not None
    qtbot.mouseMove(widget, QPoint(310, 300))
    qtbot.mouseMove(widget, QPoint(311, 300))
    assert widget.tools.active.cross is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0.0 米"),
        (182.44, "182.4 米"),
        (999.94, "999.9 米"),
        (999.96, "1.000 公里"),
        (1234.4, "1.234 公里"),
        (1234567.0, "1,234.567 公里"),
    ],
)
def test_lengths_in_words(value: float, words: str) -> None:
    assert tool_texts.metres(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0 平方米"),
        (9999.4, "9,999 平方米"),
        (9999.6, "1.00 公顷"),
        (123456.0, "12.35 公顷"),
        (999_949.0, "99.99 公顷"),
        (999_951.0, "1.000 平方公里"),
        (12_345_678.0, "12.346 平方公里"),
    ],
)
def test_areas_in_words(value: float, words: str) -> None:
    assert tool_texts.square_metres(value) == words


# --- rubber bands -------------------------------------------------------------------------------------


def inside(widget: GridMapWidget, cases: list[MapCase], box: tuple[int, int, int, int]) -> set[str]:
    out = set()
    for case in cases:
        x, y = widget.view.to_screen(widget.state.cases.point(case.case_id))
        if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
            out.add(case.case_id)
    return out


def test_shift_and_drag_chooses_a_rectangle(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    view = widget.view
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as seen:
        drag(qtbot, widget, [(300, 200), (320, 210), (500, 400)], SHIFT)
    found = seen.args[0]
    assert set(found.case_ids) == inside(widget, open_cases, (300, 200, 500, 400)) != set()
    assert found.area_codes
    assert found.bounds == pytest.approx((*view.to_world((300, 400)), *view.to_world((500, 200))), abs=1e-6)
    assert widget.view == view
    assert widget.tools.active is None
    assert widget.region is found
    assert f"{len(found.case_ids)} 件" in widget.furniture.hint.said
    widget.grab()


def test_a_shift_click_is_a_click(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    with qtbot.waitSignal(widget.area_clicked), qtbot.assertNotEmitted(widget.rubber_selected):
        qtbot.mouseClick(widget, LEFT, SHIFT, QPoint(250, 420))


def test_a_band_that_is_drawn_back_to_its_start_chooses_nothing(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    with qtbot.assertNotEmitted(widget.rubber_selected):
        drag(qtbot, widget, [(300, 200), (340, 240), (301, 201)], SHIFT)
    assert widget.tools.active is None


def test_the_rectangle_by_two_clicks_and_by_keyboard(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("rectangle")
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as by_mouse:
        click(qtbot, widget, (300, 200), (500, 400))
    assert widget.tools.active is None
    widget.clear_region()
    qtbot.keyClick(widget, K.Key_S, SHIFT)
    press_keys(qtbot, widget, K.Key_Space)
    for _ in range(6):
        press_keys(qtbot, widget, K.Key_Right, K.Key_Down)
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as by_keys:
        press_keys(qtbot, widget, K.Key_Space)
    west, south, east, north = by_keys.args[0].bounds
    assert (east - west) == pytest.approx(6 * STEP_PX * widget.view.scale)
    assert (north - south) == pytest.approx(6 * STEP_PX * widget.view.scale)
    assert by_mouse.args[0].bounds != by_keys.args[0].bounds


def test_a_polygon_by_corners_and_by_a_free_line(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("polygon")
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as corners:
        click(qtbot, widget, (300, 200), (500, 220), (480, 400))
        qtbot.mouseDClick(widget, LEFT, pos=QPoint(480, 400))
    assert len(corners.args[0].ring) == 3
    widget.start_tool("polygon")
    angle = np.linspace(0, 2 * np.pi, 60)
    circle = [(round(400 + 90 * np.cos(a)), round(300 + 90 * np.sin(a))) for a in angle]
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as lasso:
        drag(qtbot, widget, circle)
    found = lasso.args[0]
    assert found.geometry.area == pytest.approx(np.pi * (90 * widget.view.scale) ** 2, rel=0.03)
    assert widget.tools.active is None


def test_a_polygon_by_keyboard_and_one_with_too_few_corners(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.keyClick(widget, K.Key_P, SHIFT)
    with qtbot.assertNotEmitted(widget.rubber_selected):
        press_keys(qtbot, widget, K.Key_Space, K.Key_Right, K.Key_Return)
    press_keys(qtbot, widget, K.Key_Right, K.Key_Right, K.Key_Down)
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as seen:
        press_keys(qtbot, widget, K.Key_Return)
    assert len(seen.args[0].ring) == 3


def test_a_line_that_encloses_nothing_is_told(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    with qtbot.assertNotEmitted(widget.rubber_selected):
        widget.finish_region([widget.world_at(QPoint(x, 100)) for x in (100, 200, 300)])
    assert widget.furniture.hint.said == tool_texts.no_region()


def test_escape_takes_the_region_back_then_the_choice(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    drag(qtbot, widget, [(300, 200), (320, 210), (500, 400)], SHIFT)
    widget.select_case(open_cases[0].case_id)
    with qtbot.waitSignal(widget.rubber_selected, timeout=500) as seen:
        press_keys(qtbot, widget, K.Key_Escape)
    assert seen.args[0].empty
    assert widget.region.empty
    assert widget.selection.case_id
    press_keys(qtbot, widget, K.Key_Escape)
    assert not widget.selection.case_id


def test_a_region_from_outside_sends_nothing(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    drag(qtbot, widget, [(300, 200), (320, 210), (500, 400)], SHIFT)
    region = widget.region
    with qtbot.assertNotEmitted(widget.rubber_selected):
        widget.set_region(None)
        assert widget.region.empty
        widget.set_region(region)
    assert widget.region is region
    widget.grab()


def test_the_middle_button_moves_the_map_whatever_is_in_hand(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3, 450, 350))
    for name in ("", "rectangle", "polygon", "area"):
        if name:
            widget.start_tool(name)
        before = widget.view
        drag(qtbot, widget, [(400, 300), (420, 320), (430, 310)], button=Qt.MouseButton.MiddleButton)
        assert widget.view == before.panned(30, 10)


def test_a_drag_of_the_map_shows_a_closed_hand(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.mousePress(widget, LEFT, pos=QPoint(400, 300))
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    qtbot.mouseMove(widget, QPoint(430, 300))
    assert widget.cursor().shape() is Qt.CursorShape.ClosedHandCursor
    qtbot.mouseRelease(widget, LEFT, pos=QPoint(430, 300))
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    view = widget.view
    qtbot.wait(120)
    # No inertia: the picture stays where the hand left it.
    assert widget.view == view


def test_a_release_that_got_lost_lets_go(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    qtbot.mousePress(widget, LEFT, pos=QPoint(400, 300))
    qtbot.mouseMove(widget, QPoint(430, 300))
    view = widget.view
    # The button went up over a dialog: the next move comes without one.
    at = QPointF(500, 400)
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        at,
        widget.mapToGlobal(at),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, move)
    assert widget.view == view
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    qtbot.mouseRelease(widget, LEFT, pos=QPoint(500, 400))
    with qtbot.assertNotEmitted(widget.area_clicked):
        QApplication.sendEvent(widget, move)


def test_who_cannot_see_the_crosshair_hears_where_it_stands(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.start_tool("distance")
    said: list[str] = []
    widget.furniture.hint.announce = said.append
    press_keys(qtbot, widget, K.Key_Space)
    here = widget.state.area_at(*widget.tools.active.cross)
    assert widget.accessibleDescription().endswith(widget.state.areas.name_of(here))
    for _ in range(8):
        qtbot.keyClick(widget, K.Key_Right, CTRL)
    assert widget.accessibleDescription().endswith(tool_texts.no_grid())
    assert said[-1] == widget.accessibleDescription()
    assert len(said) == len(set(said))


def test_a_chosen_area_is_described(make_map: MakeMap) -> None:
    widget = make_map()
    code = widget.state.areas.cells.codes[7]
    widget.select_area(code)
    words = widget.accessibleDescription()
    assert widget.state.areas.name_of(code) in words
    assert code in words
    assert "在办" in words
    widget.select_area("")
    assert widget.accessibleDescription() == ""
