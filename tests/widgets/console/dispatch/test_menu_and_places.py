"""更多 by keyboard, files named by what is in them, tracks that come too late, marks that are there again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from console.viewmodels.case_actions import ActionView
from console.windows.dispatch.action_bar import SIDE, ActionBar
from console.windows.dispatch.map_export import Format, formats, place_for
from console.windows.dispatch.map_progress import ShareBar
from maps.layers.drawings import DrawingLayer, DrawnMark
from services.ports.errors import Unknown
from services.ports.field import Track, TrackPoint
from tests.support.fakes import SOUTH, STEP, WEST, World
from tests.widgets.console.dispatch.conftest import Open, choose_first, press
from widgets.theme import theme

DOWN, ENTER, ESCAPE = Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape
ACTIONS = (
    ActionView("dispatch", "派遣", "D"),
    ActionView("return_to_filing", "退回", "B"),
    ActionView("send_check", "发起核查", "S", "现在不能发起核查：还没有派遣。"),
    ActionView("urge", "催办", "R"),
    ActionView("comment", "批注", "C"),
    ActionView("attach", "附件", ""),
    ActionView("cancel", "作废", "X"),
)


def in_menu(*keys: Qt.Key) -> list[QMenu]:
    """Press keys in the menu that is about to open; returns a list the menu is put into."""
    seen: list[QMenu] = []

    def work() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        seen.append(menu)
        for key in keys:
            QTest.keyClick(menu, key)

    QTimer.singleShot(0, work)
    return seen


@pytest.fixture
def bar(qtbot: Any) -> ActionBar:
    made = ActionBar()
    qtbot.addWidget(made)
    made.resize(420, 96)
    made.set_actions(ACTIONS, ACTIONS[0], "派遣到 城管大队")
    made.show()
    return made


def words(menu: QMenu) -> list[str]:
    return [action.text().split("\t")[0] for action in menu.actions() if action.text()]


# --- the action bar ---------------------------------------------------------------------------------------------


def test_the_menu_lists_every_action_with_its_key_and_why_not(bar: ActionBar) -> None:
    seen: list[tuple[list[str], dict[str, str], list[bool]]] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        named = [action for action in menu.actions() if action.text()]
        tips = {a.text().split("\t")[0]: a.toolTip() for a in named if not a.isEnabled()}
        seen.append((words(menu), tips, [menu.toolTipsVisible()]))
        QTest.keyClick(menu, ESCAPE)

    QTimer.singleShot(0, look)
    bar.open_more()
    ((listed, refused, tips),) = seen
    assert listed == [*(action.word for action in ACTIONS), "时限说明书"]
    assert refused == {"发起核查": "现在不能发起核查：还没有派遣。"}
    assert tips == [True]


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ((DOWN, ENTER), ["dispatch"]),
        ((DOWN, DOWN, ENTER), ["return_to_filing"]),
        ((DOWN, ESCAPE), []),
        ((ESCAPE,), []),
    ],
)
def test_an_action_is_taken_from_the_menu_by_keys(bar: ActionBar, keys: Any, chosen: list[str]) -> None:
    taken: list[str] = []
    bar.chosen.connect(taken.append)
    in_menu(*keys)
    bar.open_more()
    assert taken == chosen


def test_what_is_not_allowed_cannot_be_taken(bar: ActionBar) -> None:
    taken: list[str] = []
    bar.chosen.connect(taken.append)
    bar.set_actions((ACTIONS[2],), None, "")
    in_menu(DOWN, ENTER, ESCAPE)
    bar.open_more()
    assert "send_check" not in taken


def test_the_last_line_of_the_menu_opens_the_sheet(bar: ActionBar, qtbot: Any) -> None:
    taken: list[str] = []
    bar.chosen.connect(taken.append)
    in_menu(Qt.Key.Key_Up, ENTER)
    with qtbot.waitSignal(bar.sheet_wanted, timeout=1000):
        bar.open_more()
    assert taken == []


def test_buttons_stand_for_what_may_be_done_now(bar: ActionBar, qtbot: Any) -> None:
    """The main action does not stand twice, what is not allowed is in the menu only, the rest has no room."""
    shown = [button for button in bar._side if button.isVisible()]
    assert [button.text() for button in shown] == ["退回", "催办", "批注", "附件"]
    assert len(shown) == SIDE
    with qtbot.waitSignal(bar.chosen) as taken:
        QTest.mouseClick(shown[1], Qt.MouseButton.LeftButton)
    assert taken.args == ["urge"]
    with qtbot.waitSignal(bar.chosen) as taken:
        bar.main.setFocus()
        QTest.keyClick(bar.main, Qt.Key.Key_Space)
    assert (taken.args, bar.main.text()) == (["dispatch"], "派遣到 城管大队")


def test_a_case_nobody_can_act_on_has_no_buttons_but_the_menu(bar: ActionBar) -> None:
    bar.set_actions((ACTIONS[2],), None, "")
    assert not bar.main.isVisible()
    assert not any(button.isVisible() for button in bar._side)
    assert bar.more.isVisible()
    bar.set_actions(ACTIONS[:2], ACTIONS[1], "退回")
    assert [button.text() for button in bar._side if button.isVisible()] == ["派遣"]


def test_a_full_stop_opens_the_menu_on_the_page(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    seen = in_menu(ESCAPE)
    press(page, Qt.Key.Key_Period)
    assert len(seen) == 1


# --- where an export goes ---------------------------------------------------------------------------------------


def of(suffix: str) -> Format:
    return next(choice for choice in formats() if choice.suffix == suffix)


@pytest.mark.parametrize(
    ("picked", "suffix", "name"),
    [
        ("图", ".png", "图.png"),
        ("图.png", ".png", "图.png"),
        ("图.PNG", ".png", "图.PNG"),
        ("案件 11.20", ".pdf", "案件 11.20.pdf"),
        ("v1.5 网格", ".geojson", "v1.5 网格.geojson"),
        ("图.png", ".pdf", "图.pdf"),
        ("图.png", ".gpkg", "图.gpkg"),
        ("a.b.pdf", ".png", "a.b.png"),
        ("案件.json", ".geojson", "案件.json"),
    ],
)
def test_a_file_is_named_by_what_is_in_it(tmp_path: Path, picked: str, suffix: str, name: str) -> None:
    """The dialog offers `….png`; who then chooses PDF gets a PDF that opens as one."""
    assert place_for(tmp_path / picked, of(suffix)) == tmp_path / name


def test_a_file_the_operator_was_not_asked_about_is_not_overwritten(tmp_path: Path) -> None:
    """The dialog asked about `图.png`; that `图.pdf` is there already nobody has said yes to."""
    (tmp_path / "图.pdf").write_bytes(b"old")
    assert place_for(tmp_path / "图.png", of(".pdf")) == tmp_path / "图 (2).pdf"
    (tmp_path / "图 (2).pdf").write_bytes(b"old")
    assert place_for(tmp_path / "图.png", of(".pdf")) == tmp_path / "图 (3).pdf"
    assert place_for(tmp_path / "图.pdf", of(".pdf")) == tmp_path / "图.pdf", "here the dialog has asked"


@settings(max_examples=80, deadline=None)
@given(
    name=st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\"), min_size=1, max_size=12
    ),
    choice=st.sampled_from(formats()),
)
def test_every_name_ends_as_its_kind(tmp_path_factory: Any, name: str, choice: Format) -> None:
    folder = Path(tmp_path_factory.getbasetemp())
    if name in (".", ".."):
        name = "图"
    found = place_for(folder / name, choice)
    assert found.parent == folder
    assert found.suffix.lower() in (choice.suffix, ".json" if choice.key == "geojson" else choice.suffix)
    assert place_for(found, choice) == found, "a right name is taken as it is"


def test_the_dialogs_own_name_with_another_kind(
    open_page: Open, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, page = open_page("pending_dispatch")

    def choose(_parent: object, _title: str, name: str, _filters: str, _first: str) -> tuple[str, str]:
        return str(tmp_path / name), of(".geojson").words

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    with qtbot.waitSignal(page.map.export.finished, timeout=20_000) as told:
        page.map.export.ask()
    (made,) = tmp_path.iterdir()
    assert made.suffix == ".geojson"
    assert told.args == [f"已导出 {made.name}"]
    assert made.read_text(encoding="utf-8").startswith("{")


# --- tracks that come too late -------------------------------------------------------------------------------------


def test_a_track_that_comes_after_the_bar_was_closed_is_not_shown(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator has closed the bar: neither the way nor the reason why there is none comes back to the map."""
    _, _, page = open_page("pending_dispatch")
    answers: list[tuple[Callable[[Track], None], Callable[[Exception], None]]] = []
    monkeypatch.setattr(page.seat, "load_track", lambda _u, _d, done, failed: answers.append((done, failed)))
    people, bar = page.map.people, page.map.bar
    people.show_track("g1")
    assert bar.layer.sentence == "正在读取轨迹…"
    people.close_track()
    ((done, failed),) = answers
    failed(Unknown("网络已断开，中心没有答复。"))
    assert page.map.map.state.tracks.sentence == ""
    now = page.seat.now()
    done(Track("g1", "方知夏", now, now, (TrackPoint(now, WEST, SOUTH),)))
    assert page.map.map.state.tracks.track is None
    assert not bar.isVisible()


def test_why_there_is_no_track_is_said_in_words(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, page = open_page("pending_dispatch")
    failures: list[Callable[[Exception], None]] = []
    monkeypatch.setattr(page.seat, "load_track", lambda _u, _d, _done, failed: failures.append(failed))
    page.map.people.show_track("g1")
    failures[0](RuntimeError("boom"))
    assert page.map.bar.layer.sentence == "轨迹要等连上中心才能读取。"
    failures[0](Unknown("网络已断开，中心没有答复。"))
    assert page.map.bar.layer.sentence == "网络已断开，中心没有答复。"
    assert page.map.bar.isVisible()


# --- marks, progress -----------------------------------------------------------------------------------------------


def test_drawn_marks_are_there_again_at_the_next_start(open_page: Open, qtbot: Any) -> None:
    world, _, page = open_page()
    mark = DrawnMark("m1", "text", ((WEST + STEP, SOUTH + STEP),), "临时封路", by="值班员")
    page.map.map.change_drawings(DrawingLayer().put(mark))
    qtbot.waitUntil(lambda: (world.settings.get("dispatch.map") or {}).get("drawings") is not None)
    kept = dict(world.settings)

    def again(other: World) -> None:
        other.settings.update(kept)

    _, _, page = open_page(prepare=again)
    assert page.map.map.state.drawings.get("m1") == mark


@pytest.mark.parametrize(("share", "filled"), [(0.0, 0), (0.25, 50), (1.0, 200), (7.0, 200), (-1.0, 0)])
def test_the_bar_of_the_first_load_is_filled_so_far(qtbot: Any, share: float, filled: int) -> None:
    bar = ShareBar()
    qtbot.addWidget(bar)
    bar.resize(200, 6)
    bar.set_share(share)
    image = bar.grab().toImage()
    scale = image.width() / 200
    done = theme().color("accent.base").rgb()
    coloured = sum(image.pixel(round(x * scale), 2) == done for x in range(200))
    assert abs(coloured - filled) <= 1
