"""Drawing marks by mouse and by keyboard; notes, colours, undo, delete."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from maps.canvas.tools.draw import DrawTool, NoteField
from maps.canvas.widget import GridMapWidget
from maps.layers.drawings import MOST_MARKS, DrawingLayer, DrawnMark
from tests.widgets.maps.conftest import MakeMap

K = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grid_map(qtbot: QtBot, make_map: MakeMap) -> GridMapWidget:
    widget = make_map()
    widget.operator = "方知夏"
    widget.setFocus()
    qtbot.keyClick(widget, K.Key_B, SHIFT)
    return widget


def tool_of(widget: GridMapWidget) -> DrawTool:
    tool = widget.tools.active
    assert isinstance(tool, DrawTool)
    return tool


def note_of(widget: GridMapWidget) -> NoteField:
    note = tool_of(widget).note
    assert note is not None
    return note


def marks(widget: GridMapWidget) -> tuple[DrawnMark, ...]:
    return widget.state.drawings.marks


def write(qtbot: QtBot, widget: GridMapWidget, text: str) -> None:
    note = note_of(widget)
    note.setText(text)
    qtbot.keyClick(note, K.Key_Return)


def test_a_point_by_mouse_with_a_note(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    with qtbot.waitSignal(grid_map.drawings_changed) as told:
        qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 300))
        write(qtbot, grid_map, " 集结点 ")
    assert isinstance(told.args[0], DrawingLayer)
    (mark,) = marks(grid_map)
    assert (mark.shape, mark.text, mark.by, mark.colour) == ("point", "集结点", "方知夏", "ink")
    assert mark.at.endswith("+08:00") and "T" in mark.at
    px, py = grid_map.view.to_screen(mark.world()[0]).tolist()
    assert (px, py) == pytest.approx((420, 300), abs=0.6)
    assert grid_map.hasFocus()
    assert grid_map.selection.case_id == ""


def test_a_line_by_keyboard_alone(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.keyClick(grid_map, K.Key_2)
    qtbot.keyClick(grid_map, K.Key_C)
    for _ in range(3):
        qtbot.keyClick(grid_map, K.Key_Space)
        for _ in range(4):
            qtbot.keyClick(grid_map, K.Key_Right)
    assert len(tool_of(grid_map).points) == 3
    qtbot.keyClick(grid_map, K.Key_Backspace)
    assert len(tool_of(grid_map).points) == 2
    qtbot.keyClick(grid_map, K.Key_Return)
    write(qtbot, grid_map, "绕行")
    (mark,) = marks(grid_map)
    assert (mark.shape, mark.colour, mark.text, len(mark.lonlat)) == ("line", "blue", "绕行", 3)


def test_an_area_by_mouse_ends_with_a_double_click(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.keyClick(grid_map, K.Key_3)
    for at in ((300, 300), (420, 300), (420, 380)):
        qtbot.mouseClick(grid_map, LEFT, pos=QPoint(*at))
    qtbot.mouseDClick(grid_map, LEFT, pos=QPoint(420, 380))
    qtbot.keyClick(note_of(grid_map), K.Key_Escape)
    (mark,) = marks(grid_map)
    assert (mark.shape, len(mark.lonlat), mark.text) == ("polygon", 3, "")


def test_too_few_corners_make_no_mark(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.keyClick(grid_map, K.Key_3)
    for at in ((300, 300), (420, 300)):
        qtbot.mouseClick(grid_map, LEFT, pos=QPoint(*at))
    qtbot.mouseDClick(grid_map, LEFT, pos=QPoint(420, 300))
    assert tool_of(grid_map).note is None and marks(grid_map) == ()


def test_words_need_words(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.keyClick(grid_map, K.Key_4)
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 300))
    write(qtbot, grid_map, "   ")
    assert marks(grid_map) == ()
    assert tool_of(grid_map).hint() == "没有写字，没有画上。"
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 300))
    qtbot.keyClick(note_of(grid_map), K.Key_Escape)
    assert marks(grid_map) == ()
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 300))
    write(qtbot, grid_map, "演练区域")
    assert [m.text for m in marks(grid_map)] == ["演练区域"]


def test_undo_redo_and_delete(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    for x in (300, 500):
        qtbot.mouseClick(grid_map, LEFT, pos=QPoint(x, 300))
        write(qtbot, grid_map, str(x))
    qtbot.keyClick(grid_map, K.Key_Z, CTRL)
    assert [m.text for m in marks(grid_map)] == ["300"]
    qtbot.keyClick(grid_map, K.Key_Y, CTRL)
    assert [m.text for m in marks(grid_map)] == ["300", "500"]
    qtbot.keyClick(grid_map, K.Key_Z, CTRL)
    qtbot.keyClick(grid_map, K.Key_Z, CTRL | SHIFT)
    assert len(marks(grid_map)) == 2
    grid_map.refresh_now()
    qtbot.mouseMove(grid_map, QPoint(300, 296))
    qtbot.keyClick(grid_map, K.Key_Delete)
    assert [m.text for m in marks(grid_map)] == ["500"]
    qtbot.keyClick(grid_map, K.Key_Delete)
    assert len(marks(grid_map)) == 1


def test_colours_go_round(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    colours = grid_map.scene.palette.tokens.drawn_colours
    seen = []
    for _ in range(len(colours) + 1):
        seen.append(tool_of(grid_map).colour)
        qtbot.keyClick(grid_map, K.Key_C)
    assert seen == [*colours, colours[0]]


def test_escape_drops_what_is_begun_then_leaves(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.keyClick(grid_map, K.Key_2)
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(300, 300))
    qtbot.keyClick(grid_map, K.Key_Escape)
    assert tool_of(grid_map).points == []
    qtbot.keyClick(grid_map, K.Key_Escape)
    assert grid_map.tools.active is None


def test_leaving_with_an_open_note_draws_nothing(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(300, 300))
    note = note_of(grid_map)
    grid_map.tools.leave()
    assert note.isHidden()
    assert marks(grid_map) == ()
    assert grid_map.selection.case_id == ""


def test_a_full_sheet_is_told(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    grid_map.set_drawings(
        DrawingLayer(tuple(DrawnMark(str(i), "point", ((113.2, 23.1),)) for i in range(MOST_MARKS)))
    )
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(300, 300))
    with qtbot.assertNotEmitted(grid_map.drawings_changed):
        write(qtbot, grid_map, "多")
    assert tool_of(grid_map).hint().startswith("标绘已满")
    assert len(marks(grid_map)) == MOST_MARKS


def test_what_is_drawn_is_seen(make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_book(widget.book.shown("drawings", False))
    widget.start_tool("draw")
    assert widget.book.shows("drawings")


def test_the_note_stays_inside_a_small_map(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(480, 320))
    widget.start_tool("draw")
    for at in ((470, 310), (2, 2)):
        qtbot.mouseClick(widget, LEFT, pos=QPoint(*at))
        assert widget.rect().contains(note_of(widget).geometry())
        write(qtbot, widget, "边")
    assert len(marks(widget)) == 2


def test_the_mark_so_far_is_painted(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    for key, x in ((K.Key_1, 340), (K.Key_2, 360), (K.Key_3, 380)):
        qtbot.keyClick(grid_map, key)
        before = grid_map.grab().toImage()
        if key != K.Key_1:
            qtbot.mouseClick(grid_map, LEFT, pos=QPoint(300, 300))
            qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 330))
        qtbot.mouseMove(grid_map, QPoint(x, 420))
        assert grid_map.grab().toImage() != before
    with pytest.raises(KeyError):
        tool_of(grid_map).choose("circle")


def test_marks_survive_the_document(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    qtbot.mouseClick(grid_map, LEFT, pos=QPoint(420, 300))
    write(qtbot, grid_map, "集结点")
    again, left_out = DrawingLayer.from_doc(grid_map.state.drawings.to_doc())
    assert (again.marks, left_out) == (marks(grid_map), 0)
    with qtbot.assertNotEmitted(grid_map.drawings_changed):
        grid_map.set_drawings(again)
