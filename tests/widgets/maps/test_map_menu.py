"""The context menu and the pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from maps.canvas import tool_texts
from maps.canvas.card_box import CardLine
from maps.canvas.keys import KEY_WORDS
from maps.canvas.menu import GROUPS, MenuPlace
from maps.canvas.pictures import picture_of
from maps.canvas.widget import GridMapWidget
from maps.layers.coordinates import CoordinateSystem, copied_text, degrees_in
from tests.widgets.maps.conftest import MakeMap, settle


def ask(widget: GridMapWidget, at: QPoint, reason: QContextMenuEvent.Reason) -> MenuPlace | None:
    """Send the event that asks for a menu; what the map says of it."""
    seen: list[MenuPlace] = []
    widget.menu_opening.connect(seen.append)
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    widget.menu_opening.disconnect()
    return seen[0] if seen else None


def action(menu: QMenu, command: str) -> QAction:
    return next(a for a in menu.actions() if a.data() == command)


def test_every_verb_stands_in_the_menu_with_its_key(make_map: MakeMap) -> None:
    widget = make_map()
    place = ask(widget, QPoint(400, 300), QContextMenuEvent.Reason.Mouse)
    commands = [a.data() for a in place.menu.actions() if not a.isSeparator()]
    assert commands == [c for group in GROUPS for c in group]
    for one in place.menu.actions():
        if not one.isSeparator():
            key = KEY_WORDS.get(one.data(), "")
            assert one.text().endswith(f"\t{key}") if key else "\t" not in one.text()
            # A real shortcut would take the key from the map, or from another panel.
            assert one.shortcut().isEmpty()
    assert not action(place.menu, "back").isEnabled()
    assert not action(place.menu, "clear_region").isEnabled()
    assert not action(place.menu, "legend_all").isEnabled()
    assert action(place.menu, "tool:distance").isEnabled()
    place.menu.close()


def test_the_menu_knows_its_place(make_map: MakeMap) -> None:
    widget = make_map()
    at = QPoint(450, 350)
    place = ask(widget, at, QContextMenuEvent.Reason.Mouse)
    x, y = widget.world_at(at)
    assert place.area_code == widget.state.area_at(x, y) != ""
    assert place.lonlat == pytest.approx((113.26, 23.15), abs=0.02)
    QGuiApplication.clipboard().clear()
    action(place.menu, "copy_point").trigger()
    assert QGuiApplication.clipboard().text() == copied_text(CoordinateSystem.WGS84, x, y)
    place.menu.close()


def test_the_menu_of_a_single_case(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_cases([next(iter(widget.state.cases.cases.values()))])
    settle(qtbot, widget)
    case_id = next(iter(widget.state.cases.cases))
    x, y = (round(float(v)) for v in widget.view.to_screen(widget.state.cases.point(case_id)))
    place = ask(widget, QPoint(x, y), QContextMenuEvent.Reason.Mouse)
    assert place.case_id == case_id
    place.menu.close()


def test_verbs_of_the_menu_work(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    before = widget.view
    widget.nav.jump(before.panned(80, 0))
    widget.legend_filter.toggle(1)
    widget.start_tool("area")
    place = ask(widget, QPoint(450, 350), QContextMenuEvent.Reason.Mouse)
    assert action(place.menu, "tool:area").isChecked()
    action(place.menu, "tool:distance").trigger()
    assert widget.tools.name == "distance"
    action(place.menu, "back").trigger()
    assert widget.view == before
    action(place.menu, "legend_all").trigger()
    assert widget.state.legend_off == frozenset()
    action(place.menu, "system").trigger()
    assert widget.coordinate_system is CoordinateSystem.GCJ02
    with qtbot.waitSignal(widget.picture_wanted):
        action(place.menu, "save_picture").trigger()
    place.menu.close()


def test_others_may_add_their_verbs(make_map: MakeMap) -> None:
    widget = make_map()
    widget.menu_opening.connect(lambda place: place.menu.addAction("派遣到此"))
    widget.furniture.open_menu(QPoint(100, 100))
    menu = widget.findChildren(QMenu)[-1]
    assert menu.actions()[-1].text() == "派遣到此"
    menu.close()


def test_the_menu_by_keyboard_and_by_the_button(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    place = ask(widget, QPoint(2, 2), QContextMenuEvent.Reason.Keyboard)
    # At the middle, to the pixel: nothing else is pointed at.
    middle = degrees_in(CoordinateSystem.WGS84, widget.view.cx, widget.view.cy)
    assert place.lonlat == pytest.approx(middle, abs=3e-4)
    place.menu.close()
    box = widget.furniture.zoom
    with qtbot.waitSignal(widget.menu_opening):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.zones()["menu"].center().toPoint())
    widget.findChildren(QMenu)[-1].close()
    assert tool_texts.command_title("menu") in box.zone_tip("menu")


def test_a_closed_menu_is_gone(make_map: MakeMap) -> None:
    widget = make_map()
    for _ in range(3):
        place = ask(widget, QPoint(300, 300), QContextMenuEvent.Reason.Mouse)
        place.menu.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert widget.findChildren(QMenu) == []


def test_the_mini_map_has_no_menu(make_map: MakeMap) -> None:
    widget = make_map(size=(352, 200), mini=True)
    assert ask(widget, QPoint(100, 100), QContextMenuEvent.Reason.Mouse) is None


# --- pictures -----------------------------------------------------------------------------------------


def test_the_picture_goes_to_the_clipboard_without_the_focus_frame(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    focus = widget.scene.palette.color("accent.focus")
    assert widget.grab().toImage().pixelColor(1, 400) == focus
    qtbot.keyClick(
        widget, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    image = QGuiApplication.clipboard().image()
    assert image.width() == widget.width() * widget.devicePixelRatio()
    assert image.pixelColor(1, 400) != focus
    assert not widget.bare


def test_the_picture_has_map_legend_and_scale_and_nothing_for_the_hand(
    qtbot: QtBot, make_map: MakeMap
) -> None:
    widget = make_map()
    plain = picture_of(widget)
    widget.say("已复制地图图片")
    widget.show_card(QPointF(450, 350), [CardLine("卡片")])
    # The hint and the card of the moment are not part of it, and they are still there afterwards.
    assert picture_of(widget) == plain
    assert widget.hover_card is not None
    assert "hint" in widget.furniture.plan.taken
    overlay = widget.scene.palette.color("bg.overlay")
    at = widget.furniture.legend.geometry().center() + QPoint(120, 55)
    assert plain.pixelColor(at) == overlay
    # No buttons: below the zoom box is the sea, or the district.
    button = widget.furniture.zoom.geometry().center()
    assert plain.pixelColor(button.x() - 12, button.y() - 4) != overlay


def test_the_picture_goes_into_a_file(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map()
    path = tmp_path / "地图 示例.png"
    assert widget.save_picture(path)
    assert path.name in widget.furniture.hint.said
    image = QImage(str(path))
    assert (image.width(), image.height()) == (widget.width(), widget.height())
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(
    make_map: MakeMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = make_map()
    assert not widget.save_picture(tmp_path / "nowhere" / "a.png")
    assert widget.furniture.hint.said == tool_texts.picture_not_saved("a.png")
    old = tmp_path / "old.png"
    old.write_bytes(b"old")
    monkeypatch.setattr("maps.canvas.pictures.picture_of", lambda _map: QImage())  # nothing to encode
    assert not widget.save_picture(old)
    assert old.read_bytes() == b"old"
