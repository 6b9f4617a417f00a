"""Choosing cases and areas by mouse and keyboard, and the hover card."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from maps.canvas.hits import marks_at
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.layers.cases import MapCase, Mark, risk_key
from maps.layers.officers import MapOfficer
from tests.widgets.maps.conftest import MakeMap, settle


def closer(qtbot: QtBot, widget: GridMapWidget) -> None:
    """From one cluster a street to single cases and small clusters."""
    widget.nav.jump(widget.view.zoomed_at(1.6, 450, 350))
    settle(qtbot, widget)
    assert widget.scene.layout.zoom.id == "street"


def point_of(widget: GridMapWidget, mark: Mark) -> QPoint:
    x, y = widget.view.to_screen((mark.x, mark.y))
    return QPoint(round(x), round(y))


def marks_in_sight(widget: GridMapWidget, single: bool) -> list[Mark]:
    boxes = widget.furniture.obstacles()
    assert widget.scene.layout is not None
    out = []
    for mark in widget.scene.layout.marks:
        at = point_of(widget, mark)
        inside = widget.rect().adjusted(30, 30, -30, -30).contains(at)
        if (mark.count == 1) is single and inside and not any(b.contains(QPointF(at)) for b in boxes):
            out.append(mark)
    return out


def test_a_click_on_a_case_selects_it(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    closer(qtbot, widget)
    mark = marks_in_sight(widget, single=True)[0]
    before = widget.view
    with qtbot.waitSignal(widget.case_selected) as seen:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point_of(widget, mark))
    assert seen.args == [mark.case_ids[0]]
    assert widget.selection.case_id == mark.case_ids[0]
    assert widget.selection.area_code == widget.state.cases.cases[mark.case_ids[0]].area_code
    assert widget.view == before


def test_a_double_click_opens_it(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    closer(qtbot, widget)
    mark = marks_in_sight(widget, single=True)[0]
    with qtbot.waitSignal(widget.case_activated) as seen:
        qtbot.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=point_of(widget, mark))
    assert seen.args == [mark.case_ids[0]]


def test_a_double_click_on_empty_ground_zooms_in(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    widget.set_areas([AreaShape("A", "甲", "grid", None, shapely.box(113.2, 23.1, 113.3, 23.2))])
    scale = widget.view.scale
    qtbot.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    assert widget.view.scale == pytest.approx(scale / 2)


def test_a_click_on_a_cluster_goes_nearer_until_it_parts(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    closer(qtbot, widget)
    mark = max(marks_in_sight(widget, single=False), key=lambda m: m.count)
    scale = widget.view.scale
    with qtbot.assertNotEmitted(widget.case_selected):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point_of(widget, mark))
    assert widget.view.scale < scale
    settle(qtbot, widget)
    for case_id in mark.case_ids:
        assert widget.view.contains(*widget.state.cases.point(case_id))
    parts = [m for m in widget.scene.layout.marks if set(m.case_ids) & set(mark.case_ids)]
    assert len(parts) > 1


def test_cases_on_one_spot_are_chosen_in_turn_worst_first(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    bands = ("ok", "over2", "soon")
    widget.set_cases([replace(open_cases[0], case_id=f"s{i}", band=band) for i, band in enumerate(bands)])
    closer(qtbot, widget)
    x, y = widget.view.to_screen(widget.state.cases.point("s0"))
    chosen = []
    for _ in range(4):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        widget.refresh_now()
        chosen.append(widget.selection.case_id)
    assert chosen == ["s1", "s2", "s0", "s1"]


def test_a_click_on_an_area_selects_it(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    cells = [
        AreaShape("440199001001001", "甲", "grid", None, shapely.box(113.2, 23.1, 113.25, 23.2)),
        AreaShape("440199001001002", "乙", "grid", None, shapely.box(113.25, 23.1, 113.3, 23.2)),
    ]
    widget.set_areas(cells)
    with qtbot.waitSignal(widget.area_clicked) as seen:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(600, 350))
    assert seen.args == ["440199001001002"]
    assert widget.selection.area_code == "440199001001002"
    with qtbot.waitSignal(widget.area_clicked) as seen:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(450, 3))
    assert seen.args == [""]


def test_selection_from_outside_sends_no_signal(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    with qtbot.assertNotEmitted(widget.case_selected), qtbot.assertNotEmitted(widget.area_clicked):
        widget.select_case(open_cases[3].case_id)
        widget.select_area(open_cases[3].area_code)


def test_tab_walks_the_cases_in_view_worst_first_and_then_goes_on(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(6.0, 300, 350))
    settle(qtbot, widget)
    cases = widget.state.cases
    inside = sorted(
        (c for c in cases.cases.values() if widget.view.contains(*cases.point(c.case_id))), key=risk_key
    )
    assert len(inside) > 3
    walked = []
    widget.case_selected.connect(walked.append)
    for _ in inside:
        assert widget.focusNextPrevChild(True)
    assert walked == [c.case_id for c in inside]
    assert not widget._commands.next_case(True)
    assert widget._commands.next_case(False)
    assert walked[-1] == inside[-2].case_id


def test_tab_leaves_a_map_without_cases(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    widget, field = GridMapWidget(), QLineEdit()
    column = QVBoxLayout(host)
    column.addWidget(widget)
    column.addWidget(field)
    host.show()
    qtbot.waitExposed(host)
    host.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClick(widget, Qt.Key.Key_Tab)
    qtbot.waitUntil(field.hasFocus)


def test_enter_opens_and_escape_clears(qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map()
    with qtbot.assertNotEmitted(widget.case_activated):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    widget.select_case(open_cases[0].case_id)
    with qtbot.waitSignal(widget.case_activated) as seen:
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert seen.args == [open_cases[0].case_id]
    with qtbot.waitSignal(widget.case_selected) as seen:
        qtbot.keyClick(widget, Qt.Key.Key_Escape)
    assert seen.args == [""]
    assert widget.selection.area_code == ""


def test_m_centres_on_the_case_near_enough(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    before = widget.view
    qtbot.keyClick(widget, Qt.Key.Key_M)
    assert widget.view == before
    widget.select_case(open_cases[5].case_id)
    qtbot.keyClick(widget, Qt.Key.Key_M)
    assert widget.view.to_screen(widget.state.cases.point(open_cases[5].case_id)) == pytest.approx(
        [450, 350], abs=1
    )
    assert widget.view.metres_per_pixel == pytest.approx(4, rel=0.01)
    near = widget.view.scale
    widget.nav.jump(widget.view.zoomed_at(4.0, 10, 10))
    qtbot.keyClick(widget, Qt.Key.Key_M)
    assert widget.view.scale == pytest.approx(near / 4)


def test_control_arrows_walk_from_grid_to_grid(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    control = Qt.KeyboardModifier.ControlModifier
    with qtbot.waitSignal(widget.area_clicked):
        qtbot.keyClick(widget, Qt.Key.Key_Right, control)
    cells = widget.state.areas.cells
    first = cells.index[widget.selection.area_code]
    assert first == widget.state.picker.pick(widget.view.cx, widget.view.cy)
    qtbot.keyClick(widget, Qt.Key.Key_Right, control)
    second = cells.index[widget.selection.area_code]
    assert cells.anchors[second][0] > cells.anchors[first][0]
    assert shapely.distance(cells.geometry[first], cells.geometry[second]) == 0
    qtbot.keyClick(widget, Qt.Key.Key_Up, control)
    assert cells.anchors[cells.index[widget.selection.area_code]][1] > cells.anchors[second][1]


def test_a_grid_out_of_sight_is_brought_into_view(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(9.0, 450, 350))
    for _ in range(4):
        qtbot.keyClick(widget, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        cells = widget.state.areas.cells
        assert widget.view.contains(*cells.anchors[cells.index[widget.selection.area_code]])


def test_keys_of_nobody_go_on(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    before = (widget.view, widget.selection)
    for key in (Qt.Key.Key_D, Qt.Key.Key_Q, Qt.Key.Key_F5):
        qtbot.keyClick(widget, key)
    qtbot.keyClick(widget, Qt.Key.Key_Plus, Qt.KeyboardModifier.AltModifier)
    assert (widget.view, widget.selection) == before


def test_the_nearest_symbol_is_hit(make_map: MakeMap) -> None:
    widget = make_map()
    tokens = widget.scene.palette.tokens
    x, y = widget.view.cx, widget.view.cy
    other = x + 14 * widget.view.scale
    marks = [Mark(x, y, ("a",), (("ok", 1),)), Mark(other, y, ("b",), (("ok", 1),))]
    cx, cy = 450.0, 350.0
    assert [m.case_ids[0] for m in marks_at(marks, widget.view, tokens, cx + 4, cy)] == ["a", "b"]
    assert [m.case_ids[0] for m in marks_at(marks, widget.view, tokens, cx + 9, cy)] == ["b", "a"]
    assert [m.case_ids[0] for m in marks_at(marks, widget.view, tokens, cx, cy + 11)] == ["a"]
    assert marks_at(marks, widget.view, tokens, cx, cy + 13) == []


@pytest.mark.parametrize("what", ["case", "cluster", "officer", "area"])
def test_the_hover_card_says_what_is_below(qtbot: QtBot, make_map: MakeMap, what: str) -> None:
    widget = make_map()
    if what == "area":
        widget.set_layer_visible("cases", False)
        widget.set_layer_visible("officers", False)
        at, words = QPoint(450, 350), "在办"
    elif what == "officer":
        widget.set_cases([])
        x, y = widget.state.areas.cells.anchors[40]
        widget.nav.jump(widget.view.zoomed_at(3.0, *widget.view.to_screen((x, y))))
        lon, lat = 113.26, 23.15
        widget.set_officers([MapOfficer("o", "方知夏", lon, lat, busy=True)])
        px, py = widget.view.to_screen(widget.state.officers.points[0])
        widget.nav.jump(widget.view.panned(450 - px, 350 - py))
        at, words = QPoint(450, 350), "处置中"
    else:
        closer(qtbot, widget)
        mark = marks_in_sight(widget, single=what == "case")[0]
        at = point_of(widget, mark)
        words = "件在办" if what == "cluster" else widget.state.cases.cases[mark.case_ids[0]].number
    settle(qtbot, widget)
    qtbot.mouseMove(widget, at + QPoint(60, 60))
    qtbot.mouseMove(widget, at)
    qtbot.waitUntil(lambda: widget.hover_card is not None, timeout=2000)
    assert any(words in line.text for line in widget.hover_card[1])
    widget.grab()
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=at)
    assert widget.hover_card is None
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=at)


def test_a_selected_case_without_a_place_does_no_harm(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_cases([MapCase("x", "1", math.nan, math.nan)])
    widget.select_case("x")
    settle(qtbot, widget)
    assert widget.selection.case_id == "x"
    assert not widget.centre_on_case()
    widget.grab()
