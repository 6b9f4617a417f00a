"""受理席 by keys and clicks: a call is registered without the mouse, the pools are worked off by letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from console.viewmodels.shell import ShellViewModel
from console.windows.deadline.sheet import DeadlineSheet
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.file_dialog import FileDialog
from console.windows.intake.answer_dialog import AnswerDialog
from console.windows.intake.page import IntakePage
from console.windows.shell import ShellWindow
from services.ports.centre import SimilarCase
from tests.support.blank_workspace import BlankWorkspace
from tests.support.fakes import settled, world_for
from tests.support.typing_in import type_in
from widgets.theme import theme_store

NONE = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def opened(start, qtbot):
    """Open the page of a world in its shell; returns the page."""
    shells = []

    def make(world):
        seat = start(world)
        builders = {"intake": IntakePage, "dispatch": BlankWorkspace}
        shell = ShellWindow(ShellViewModel(seat), theme_store(), builders, lambda _: True)
        shells.append(shell)
        shell.resize(1440, 976)
        shell.show()
        settled(seat, qtbot)
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        page = shell.workspaces["intake"]
        page.activate()
        return page

    yield make
    for shell in shells:
        shell.close()
        shell.deleteLater()


def fill(page, *, point=(113.005, 23.005)) -> None:
    type_in(page.form.description.editor, "雨水井盖整块缺失")
    type_in(page.form.address.editor, "松影路与南苑街口")
    if point:
        page.form.map.map.point_picked.emit(*point)


def letter(page, key, text="") -> bool:
    """Offer a letter as the shell does while no text field has the focus."""
    return page.window().hands.run(QKeyEvent(QKeyEvent.Type.KeyPress, key, NONE, text))


# --- the form -----------------------------------------------------------------------------------------


def test_the_cursor_stands_in_the_first_field(opened):
    page = opened(world_for("acceptor"))
    assert page.focusWidget() is page.form.description.editor
    assert page.form.checks.title == "还不能登记"
    assert page.form.checks.detail.startswith(
        "必填 3 / 7；请填写诉求内容；请填写发生地址；请在地图上点出位置"
    )


def test_a_call_is_registered_by_keys(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    type_in(page.form.description.editor, "雨水井盖整块缺失")
    QTest.keyClick(page, Qt.Key.Key_D, ALT)
    assert page.focusWidget() is page.form.address.editor
    type_in(page.form.address.editor, "松影路与南苑街口")
    QTest.keyClick(page, Qt.Key.Key_M, ALT)
    assert page.form.map.isAncestorOf(page.focusWidget())
    qtbot.mouseClick(page.form.map.map, Qt.MouseButton.LeftButton, pos=page.form.map.map.rect().center())
    assert page.form.place.text().startswith("已落入网格 柳岸-02")
    QTest.keyClick(page, Qt.Key.Key_L, ALT)
    type_in(page.form.category.picker.line, "ssjg")
    QTest.keyClick(page.form.category.picker.line, Qt.Key.Key_Return)
    QTest.keyClick(page, Qt.Key.Key_E, ALT)
    QTest.keyClick(page.form.urgency, Qt.Key.Key_Right)
    QTest.keyClick(page, Qt.Key.Key_T, ALT)
    type_in(page.form.name.editor, "韩女士")
    type_in(page.form.phone.editor, "13812342716")
    page.form.callback.click()
    assert page.form.checks.ready
    with qtbot.waitSignal(page.model.registered):
        QTest.keyClick(page.form.phone.editor, Qt.Key.Key_Return, CTRL)
    (command,) = world.commands
    assert command.payload["description"] == "雨水井盖整块缺失"
    assert command.payload["category"] == "component-0101"
    assert command.payload["kind"] == "component"
    assert command.payload["level"] == 1
    assert command.payload["ticket"] == {"appeal_kind": "complaint"}
    assert command.payload["caller"] == {"name": "韩女士", "phone": "13812342716"}
    assert command.payload["need_callback"]


def test_the_form_is_cleared_for_the_next_call_only_after_it_was_saved(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    fill(page)
    world.full = True
    with qtbot.waitSignal(page.model.refused):
        QTest.keyClick(page, Qt.Key.Key_Return, CTRL)
    assert page.notice.isVisible()
    assert page.form.description.text() == "雨水井盖整块缺失"
    world.full = False
    with qtbot.waitSignal(page.model.registered):
        qtbot.mouseClick(page.register_button, Qt.MouseButton.LeftButton)
    assert page.form.description.text() == ""
    assert page.form.address.text() == ""
    assert not page.notice.isVisible()
    assert page.focusWidget() is page.form.description.editor


def test_what_is_missing_is_said_at_its_field_and_gets_the_cursor(opened):
    world = world_for("acceptor")
    page = opened(world)
    type_in(page.form.description.editor, "井盖缺失")
    QTest.keyClick(page, Qt.Key.Key_Return, CTRL)
    assert page.form.address.error == "请填写发生地址"
    assert page.focusWidget() is page.form.address.editor
    assert world.commands == []
    type_in(page.form.address.editor, "松影路")
    assert page.form.address.error == "请在地图上点出位置"
    page.form.map.map.point_picked.emit(113.005, 23.005)
    assert page.form.address.error == ""


def test_a_point_outside_is_refused_with_a_clear_sentence(opened):
    world = world_for("acceptor")
    page = opened(world)
    fill(page, point=(114.0, 24.0))
    assert page.form.address.error == "地址不在本区范围内，请重选"
    QTest.keyClick(page, Qt.Key.Key_Return, CTRL)
    assert world.commands == []
    page.form.map.map.point_picked.emit(113.005, 23.005)
    assert page.form.address.error == ""
    assert page.form.place.isVisible()


def test_the_category_can_be_taken_back(opened):
    page = opened(world_for("acceptor"))
    line = page.form.category.picker.line
    type_in(line, "ssjg")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert page.model.form.category == "component-0101"
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert page.model.form.category == ""


def test_photos_are_pasted_also_while_typing(opened, qtbot):
    page = opened(world_for("acceptor"))
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(page.form.description.editor, Qt.Key.Key_V, CTRL)
    assert len(page.form.photos.photos) == 1
    assert page.form.description.text() == ""
    QGuiApplication.clipboard().setText("plain words")
    QTest.keyClick(page.form.description.editor, Qt.Key.Key_V, CTRL)
    assert page.form.description.text() == "plain words"
    QGuiApplication.clipboard().clear()


def test_kind_source_and_secrecy_are_taken(opened):
    page = opened(world_for("acceptor"))
    page.form.kind.editor.setCurrentIndex(4)
    page.form.kind.editor.activated.emit(4)
    page.form.source.editor.setCurrentIndex(3)
    page.form.source.editor.activated.emit(3)
    page.form.confidential.click()
    assert (page.model.form.kind, page.model.form.source, page.model.form.confidential) == (
        "hotline",
        "app",
        True,
    )


def test_a_known_address_is_found_by_initials_and_placed(opened, qtbot):
    world = world_for("acceptor")
    world.register("一", address="柳岸路 9 号", lon=113.015, lat=23.005)
    page = opened(world)
    settled(page.seat, qtbot)
    line = page.form.address.editor
    line.setFocus()
    type_in(line, "lal")
    assert page.form.address.picker.count == 1
    assert page.form.address.picker.list.isVisible()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "柳岸路 9 号"
    assert page.form.place.text().startswith("已落入网格 柳岸-01")
    assert not page.form.address.picker.list.isVisible()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "柳岸路 9 号"


def test_an_address_need_not_be_known(opened):
    page = opened(world_for("acceptor"))
    line = page.form.address.editor
    type_in(line, "新开的路口")
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Escape)
    QTest.keyClick(page, Qt.Key.Key_N, ALT)
    assert line.text() == "新开的路口"
    assert page.model.form.address == "新开的路口"


def test_ctrl_j_asks_for_the_answer_and_closes_the_case(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    QTest.keyClick(page, Qt.Key.Key_J, CTRL)
    assert page.form.description.error == "请填写诉求内容"
    fill(page)
    QTest.keyClick(page, Qt.Key.Key_J, CTRL)
    (dialog,) = page.window().findChildren(AnswerDialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    assert dialog.result_field.error == "请填写答复内容"
    type_in(dialog.result_field.editor, "已告知办理地点")
    assert dialog.result_field.error == ""
    with qtbot.waitSignal(page.model.registered):
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    assert [command.action for command in world.commands] == ["register", "self_close"]


# --- drafts -------------------------------------------------------------------------------------------


def test_ctrl_s_keeps_a_draft_and_begins_another_form(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    fill(page)
    QTest.keyClick(page, Qt.Key.Key_S, CTRL)
    settled(page.seat, qtbot)
    assert page.form.description.text() == ""
    assert page.drafts_button.text() == "草稿 1"
    menu = page.open_drafts()
    entry = menu.actions()[0]
    assert entry.text() == "09:30  雨水井盖整块缺失"
    entry.trigger()
    menu.close()
    settled(page.seat, qtbot)
    assert page.form.description.text() == "雨水井盖整块缺失"
    assert page.form.checks.ready


def test_typing_is_kept_by_itself_and_the_time_is_shown(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    with qtbot.waitSignal(page.model.autosaved, timeout=2000):
        type_in(page.form.description.editor, "井盖")
    assert page.autosaved.text() == "自动保存 09:30:00"
    assert len(world.drafts) == 1


def test_leaving_the_workspace_keeps_what_was_typed_at_once(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    type_in(page.form.description.editor, "井盖")
    page.deactivate()
    settled(page.seat, qtbot)
    assert [draft.title for draft in world.drafts.values()] == ["井盖"]


def test_clearing_a_form_with_words_parks_it(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    assert not page.clear_button.isVisible()
    fill(page)
    assert page.clear_button.isVisible()
    qtbot.mouseClick(page.clear_button, Qt.MouseButton.LeftButton)
    settled(page.seat, qtbot)
    assert page.form.description.text() == ""
    assert len(world.drafts) == 1


def test_without_drafts_the_menu_says_so(opened):
    page = opened(world_for("acceptor"))
    menu = page.open_drafts()
    assert [entry.text() for entry in menu.actions()] == ["没有草稿"]
    menu.close()


# --- near by ------------------------------------------------------------------------------------------


def near(page, world, qtbot):
    case = world.walk("handling")
    other = world.register("路面积水")
    world.similar = (SimilarCase(case, 8.0, 2.0, 0.92, ("同小类",)), SimilarCase(other, 64.0, 2.0, 0.38))
    fill(page)
    page.model.look_around()
    settled(page.seat, qtbot)
    return case, other


def test_candidates_stand_beside_the_form_and_in_its_verdict(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    case, _ = near(page, world, qtbot)
    assert page.candidates.count.text == "2 件"
    assert f"与在办 {case.number[4:]} 相距 8 米，请确认是并入还是新登记" in page.form.checks.detail
    QTest.keyClick(page, Qt.Key.Key_R, ALT)
    assert page.focusWidget() is page.candidates.cards


def test_alt_g_joins_the_call_to_the_case(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    case, _ = near(page, world, qtbot)
    type_in(page.form.name.editor, "韩女士")
    with qtbot.waitSignal(page.model.registered):
        QTest.keyClick(page, Qt.Key.Key_G, ALT)
    assert [(c.action, c.case_id) for c in world.commands] == [("log_call", case.case_id)]
    assert page.form.description.text() == ""


def test_alt_x_takes_a_candidate_off_and_arrows_choose(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    case, other = near(page, world, qtbot)
    QTest.keyClick(page, Qt.Key.Key_R, ALT)
    QTest.keyClick(page.candidates.cards, Qt.Key.Key_Down)
    assert page.model.candidate_id == other.case_id
    QTest.keyClick(page, Qt.Key.Key_X, ALT)
    assert [each.case_id for each in page.model.candidates] == [case.case_id]
    qtbot.mouseClick(page.candidates.cards, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert page.model.candidate_id == case.case_id


def test_a_case_that_ended_cannot_be_joined(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    case = world.register()
    ended = world.apply("reject", case.case_id, reason="不属实")
    world.similar = (SimilarCase(ended, 8.0, 2.0, 0.9),)
    fill(page)
    page.model.look_around()
    settled(page.seat, qtbot)
    assert page.candidates.join_button.reason == "这件已经办结，请新登记"
    QTest.keyClick(page, Qt.Key.Key_G, ALT)
    assert world.commands == []


def test_offline_candidates_say_where_they_come_from(opened, qtbot):
    world = world_for("acceptor")
    world.register("井盖松动", lon=113.0052, lat=23.005)
    page = opened(world)
    world.online = False
    fill(page)
    page.model.look_around()
    settled(page.seat, qtbot)
    assert page.candidates.local.isVisible()
    assert page.candidates.count.text == "1 件"


# --- pools --------------------------------------------------------------------------------------------


def test_enter_accepts_the_marked_case(opened, qtbot):
    world = world_for("acceptor")
    world.register("一")
    page = opened(world)
    page.pools.table.setFocus()
    QTest.keyClick(page.pools.table, Qt.Key.Key_Return)
    settled(page.seat, qtbot)
    assert [command.action for command in world.commands] == ["accept"]
    assert page.pools.card.waits.isVisible()


def test_letters_open_dialogs_while_the_pools_have_the_focus(opened, window, qtbot):
    world = world_for("acceptor")
    world.register("一")
    page = opened(world)
    assert not letter(page, Qt.Key.Key_X, "x"), "the cursor stands in the form"
    page.pools.table.setFocus()
    assert letter(page, Qt.Key.Key_X, "x")
    (dialog,) = page.window().findChildren(ActionDialog)
    assert dialog.model.action == "reject"
    settled(page.seat, qtbot)
    dialog.reject()
    assert not letter(page, Qt.Key.Key_N, "n")


def test_the_sheet_opens_by_its_key(opened, qtbot):
    world = world_for("acceptor")
    world.register("一")
    page = opened(world)
    page.pools.table.setFocus()
    assert letter(page, Qt.Key.Key_L, "l")
    settled(page.seat, qtbot)
    (sheet,) = page.window().findChildren(DeadlineSheet)
    assert len(sheet.sections) == 1
    sheet.reject()


def test_the_menu_holds_everything_else_and_the_sheet(opened, qtbot):
    world = world_for("acceptor")
    world.register("一")
    page = opened(world)
    page.pools.table.setFocus()
    assert letter(page, Qt.Key.Key_Period, ".")
    menu = page.pools.findChild(QMenu)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[-1] == "时限说明书"
    assert "备注" in words
    assert "作废" in words
    menu.close()


def test_the_shift_leader_files_from_the_pool(opened, qtbot):
    world = world_for("shift_leader")
    world.walk("pending_filing")
    page = opened(world)
    page.pools.tabs.choose(1)
    assert page.pools_model.tab == "pending_filing"
    page.pools.table.setFocus()
    QTest.keyClick(page.pools.table, Qt.Key.Key_Return)
    settled(page.seat, qtbot)
    (dialog,) = page.window().findChildren(FileDialog)
    dialog.reject()


def test_buttons_do_what_their_keys_do_and_say_why_not(opened, qtbot):
    world = world_for("acceptor")
    case = world.register("一")
    world.apply("send_verify", case.case_id)
    page = opened(world)
    button = page.pools.bar.buttons["accept"]
    assert button.reason.startswith("现在不能受理")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert world.commands == []
    assert page.pools.card.number.text() == case.number


def test_an_empty_pool_says_so(opened):
    page = opened(world_for("acceptor"))
    assert page.pools.empty.isVisible()
    assert not page.pools.card.isVisible()
    page.pools.run_main()
    page.pools.open_sheet()
    assert page.pools.open_more() is None


def test_a_case_is_shown_in_its_pool(opened):
    world = world_for("shift_leader")
    case = world.walk("pending_close")
    page = opened(world)
    assert page.show_case(case.case_id)
    assert page.pools_model.tab == "pending_close"
    assert page.pools.table.current_id == case.case_id
    assert not page.show_case("no-such")


# --- the workspace ------------------------------------------------------------------------------------


def test_the_workspace_offers_what_the_shell_asks_for(opened):
    page = opened(world_for("acceptor"))
    assert page.workspace_id == "intake"
    assert page.title == "受理席"
    assert ("Ctrl+Return", "登记") in page.key_legend()
    assert all(
        panel.focusPolicy() != Qt.FocusPolicy.NoFocus or panel.focusProxy() for panel in page.focus_panels()
    )


def test_own_figures_follow_what_was_done(opened, qtbot):
    world = world_for("acceptor")
    page = opened(world)
    fill(page)
    with qtbot.waitSignal(page.model.registered):
        page.register()
    qtbot.waitUntil(lambda: page.figures.tiles.tiles[0][1] == "1")
    assert page.figures.tiles.tiles[0] == ("登记", "1", "待发送 1")


def test_the_page_follows_the_theme(opened):
    page = opened(world_for("acceptor"))
    theme_store().set_name("light")
    assert page.form.map.map.scene.palette.tokens.theme == "light"
