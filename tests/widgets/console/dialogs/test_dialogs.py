"""Dialogs by keys and clicks: typing, errors at the fields, what will happen, and that a failure loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest

from console.windows.dialogs.photo_strip import PhotoStrip
from console.windows.dialogs.registry import open_action
from tests.support.fakes import settled, world_for
from tests.support.typing_in import type_in
from widgets.charts.limit_ledger import SliceKind
from widgets.theme import theme_store

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def opened(start, window, qtbot):
    """Open a dialog on a case of a world; returns the dialog."""

    def make(world, action, case_id, **more):
        seat = start(world)
        dialog = open_action(action, case_id, seat, theme_store(), window, **more)
        settled(seat, qtbot)
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return make


def confirm(dialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)


# --- generic ------------------------------------------------------------------------------------------


def test_an_error_stands_at_its_field_and_goes_when_the_field_is_filled(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "cancel", world.walk("handling").case_id)
    confirm(dialog)
    reason = dialog.fields["reason"]
    assert reason.error == "请填写理由"
    assert dialog.focusWidget() is reason.editor
    type_in(reason.editor, "重复上报")
    assert reason.error == ""
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload == {"reason": "重复上报"}


def test_the_duplicate_is_found_by_the_end_of_its_number(opened, qtbot):
    world = world_for("shift_leader")
    kept = world.walk("handling")
    world.walk("handling")
    case = world.walk("handling")
    dialog = opened(world, "cancel", case.case_id)
    type_in(dialog.fields["reason"].editor, "重复")
    field = dialog.fields["duplicate_of"]
    type_in(field.picker.line, kept.number[-4:])
    QTest.keyClick(field.picker.line, Qt.Key.Key_Return)
    assert field.chosen == kept.case_id
    assert kept.number in field.picker.line.text()
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload["duplicate_of"] == kept.case_id


def test_a_full_disk_is_said_in_the_dialog_and_the_form_stays(opened, qtbot):
    world = world_for("dispatcher")
    dialog = opened(world, "comment", world.walk("handling").case_id)
    editor = dialog.fields["text"].editor
    type_in(editor, "现场有人看守")
    world.full = True
    with qtbot.waitSignal(dialog.model.refused):
        confirm(dialog)
    assert dialog.isVisible()
    assert dialog.notice.isVisible()
    assert editor.toPlainText() == "现场有人看守"
    world.full = False
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)


def test_a_dialog_says_what_will_happen(opened):
    world = world_for("acceptor")
    dialog = opened(world, "accept", world.register().case_id)
    assert dialog.outlook.text() == "确认后：案件进入“待立案”；立案时限 30 分钟，10:00 到期。"


def test_a_refusal_is_shown_before_confirming(opened):
    world = world_for("acceptor")
    dialog = opened(world, "accept", world.walk("handling").case_id)
    assert dialog.outlook.text() == "处置中的案件不能受理。"
    confirm(dialog)
    assert dialog.isVisible()
    assert dialog.notice.isVisible()


def test_the_shift_leaders_override_is_named(opened):
    world = world_for("shift_leader")
    dialog = opened(world, "accept", world.register().case_id)
    assert "记为值班长代办" in dialog.outlook.text()


def test_a_moment_is_entered_in_the_centres_zone(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "adjust_limit", world.walk("handling").case_id)
    field = dialog.fields["due_at"]
    assert field.editor.text() == "2026-11-20 15:30"
    field.editor.setDateTime(field.editor.dateTime().addSecs(3600))
    for name in ("reason", "basis"):
        type_in(dialog.fields[name].editor, "防汛令")
    assert "16:30 到期" in dialog.outlook.text()
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload["due_at"].startswith("2026-11-20T08:30:00")


def test_choices_are_picked_by_arrows(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "supervise", world.walk("handling").case_id)
    kind = dialog.fields["kind"].segmented
    assert kind.current == "timeout"
    QTest.keyClick(kind, Qt.Key.Key_Right)
    type_in(dialog.fields["reason"].editor, "今天办结")
    dialog.fields["need_reply"].box.click()
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    wanted = {"kind": "leader", "level": 1, "reason": "今天办结", "need_reply": False}
    assert world.commands[0].payload == wanted


def test_the_countdown_in_the_head_runs_with_the_centres_time(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id)
    assert dialog.countdown.text == "余 0:30:00"
    world.advance(minutes=40)
    dialog.model.seat.second.emit(world.now)
    assert dialog.countdown.text == "超 0:10:00"


def test_a_case_that_is_gone_cannot_be_acted_on(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "comment", "0193a5e0-0000-7000-8000-000000000001")
    assert dialog.outlook.text() == "没有找到这件案件，或它不在您的范围内。"
    confirm(dialog)
    assert world.commands == []


# --- dispatch -----------------------------------------------------------------------------------------


def test_a_dispatch_needs_no_mouse(opened, qtbot):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id)
    line = dialog.units.picker.line
    assert dialog.focusWidget() is line
    assert dialog.units.picker.current_id == "water"
    assert dialog.why.text().startswith("依据：责任清单")
    assert dialog.limit.text() == "4 工作时 · 到期 15:30"
    type_in(line, "szgy")
    assert dialog.model.values["lead_dept"] == "muni"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.note.editor
    type_in(dialog.note.editor, "先围挡")
    assert "由市政公用服务中心承办；处置时限 4 工作时，15:30 到期" in dialog.outlook.text()
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload == {"lead_dept": "muni", "note": "先围挡"}


def test_alt_digits_pick_a_row(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id)
    QTest.keyClick(dialog.units.picker.line, Qt.Key.Key_2, ALT)
    assert dialog.model.values["lead_dept"] == "street-990101001"


def test_a_preset_unit_is_marked(opened):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    dialog = opened(world, "dispatch", case.case_id, preset={"lead_dept": "sani"})
    assert dialog.units.picker.current_id == "sani"
    assert dialog.model.values["lead_dept"] == "sani"


def test_nothing_found_means_nothing_chosen(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id)
    type_in(dialog.units.picker.line, "qqqq")
    assert dialog.model.values["lead_dept"] == ""
    confirm(dialog)
    assert dialog.isVisible()
    assert world.commands == []


def test_co_units_are_chips_that_can_be_taken_out(opened, qtbot):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id, preset={"lead_dept": "muni"})
    line = dialog.co_units.field.picker.line
    for words in ("huanwei", "yllh"):
        type_in(line, words)
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert dialog.model.values["co_depts"] == ("sani", "green")
    assert line.text() == ""
    qtbot.mouseClick(dialog.co_units.buttons[0], Qt.MouseButton.LeftButton)
    assert dialog.model.values["co_depts"] == ("green",)
    assert [button.text() for button in dialog.co_units.buttons] == ["园林绿化服务中心"]


def test_a_redispatch_asks_for_its_reason_at_the_field(opened):
    world = world_for("dispatcher")
    case = world.walk("pending_sign")
    dialog = opened(world, "redispatch", case.case_id, preset={"lead_dept": "water"})
    assert dialog.reason.isVisible()
    confirm(dialog)
    assert dialog.reason.error == "请填写改派理由"
    assert dialog.focusWidget() is dialog.reason.editor


def test_keys_go_to_co_units_and_opinion(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "dispatch", world.walk("pending_dispatch").case_id)
    QTest.keyClick(dialog, Qt.Key.Key_O, ALT)
    assert dialog.focusWidget() is dialog.note.editor
    QTest.keyClick(dialog, Qt.Key.Key_C, ALT)
    assert dialog.focusWidget() is dialog.co_units.field.picker.line


# --- decisions ----------------------------------------------------------------------------------------


def asked(world, **more):
    case = world.walk("handling")
    return world.apply("apply_extension", case.case_id, reason="等备件", **more)


def test_an_extension_shows_both_due_times_as_words_and_as_a_bar(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "decide_extension", asked(world).case_id)
    facts = {fact.label: fact.text for fact in dialog.facts.facts}
    assert facts["申请延长"] == "4 工作时"
    assert facts["到期变化"] == "11-20 周五 15:30 → 11-23 周一 09:30"
    assert facts["说明"] == "等备件"
    kinds = {piece.kind for piece in dialog.ledger.bar.slices}
    assert SliceKind.EXTENSION in kinds
    assert dialog.granted.text().startswith("到期改为 11-23 周一 09:30")
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload == {"approve": True}


def test_refusing_by_alt_r_asks_for_a_word_first(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "decide_extension", asked(world).case_id)
    QTest.keyClick(dialog, Qt.Key.Key_R, ALT)
    assert dialog.note.error == "不批准时请写明意见"
    assert dialog.isVisible()
    type_in(dialog.note.editor, "材料不全")
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog, Qt.Key.Key_R, ALT)
    assert world.commands[0].payload == {"approve": False, "note": "材料不全"}


def test_the_next_waiting_application_is_one_click_away(opened, window, qtbot):
    world = world_for("shift_leader")
    first, second = asked(world), asked(world)
    order = sorted((first.case_id, second.case_id))
    dialog = opened(world, "decide_extension", order[0])
    assert dialog.place.text() == "待审批 2 件，第 1 件"
    with qtbot.waitSignal(dialog.finished):
        qtbot.mouseClick(dialog.following, Qt.MouseButton.LeftButton)
    from console.windows.dialogs.decide_dialog import DecideDialog

    other = [found for found in window.findChildren(DecideDialog) if found.isVisible()]
    assert [found.model.case_id for found in other] == [order[1]]
    settled(other[0].model.seat, qtbot)
    other[0].reject()


def test_a_suspension_has_no_bar_but_an_end(opened):
    world = world_for("dispatcher")
    case = world.walk("handling")
    until = (world.now + timedelta(days=9)).isoformat()
    world.apply("apply_suspend", case.case_id, reason="等手续", until=until)
    dialog = opened(world, "decide_suspend", case.case_id)
    facts = {fact.label: fact.text for fact in dialog.facts.facts}
    assert facts["挂账至"] == "11-29 周日 09:30"
    assert not dialog.ledger.isVisible()
    assert "自动恢复" in dialog.granted.text()


# --- filing, closing, amending ------------------------------------------------------------------------


def test_filing_by_keys_alone(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "file", world.walk("pending_filing").case_id)
    line = dialog.category.picker.line
    assert dialog.focusWidget() is line
    type_in(line, "ssjg")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert dialog.model.values["category"] == "component-0101"
    assert dialog.focusWidget() is dialog.conditions
    QTest.keyClick(dialog.conditions, Qt.Key.Key_Down)
    QTest.keyClick(dialog.conditions, Qt.Key.Key_Down)
    assert dialog.conditions.current == 1
    assert dialog.unit.text() == "责任清单：供水企业（节约用水中心）"
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload == {"category": "component-0101", "condition": 1}


def test_a_condition_is_picked_by_its_digit_or_by_a_click(opened, qtbot):
    world = world_for("shift_leader")
    case = world.register(category="component-0101")
    world.apply("accept", case.case_id)
    dialog = opened(world, "file", case.case_id)
    confirm(dialog)
    assert dialog.model.errors == {"condition": "请选择立案条件，时限由它决定"}
    QTest.keyClick(dialog.conditions, Qt.Key.Key_3)
    assert dialog.conditions.current == 2
    qtbot.mouseClick(dialog.conditions, Qt.MouseButton.LeftButton, pos=QPoint(40, 30))
    assert dialog.conditions.current == 0
    assert dialog.model.errors == {}


def test_closing_offers_conditions_and_asks_for_the_callback(opened, qtbot):
    world = world_for("shift_leader")
    dialog = opened(world, "close", world.walk("pending_close", need_callback=True).case_id)
    assert dialog.condition.text() == "更换或修复"
    assert [button.text() for button in dialog.offer_buttons] == ["更换或修复", "恢复", "修复"]
    qtbot.mouseClick(dialog.offer_buttons[1], Qt.MouseButton.LeftButton)
    assert dialog.condition.text() == "恢复"
    confirm(dialog)
    assert dialog.model.errors == {"callback.reached": "来电人要求回访，请先回访再结案"}
    dialog.reached.segmented.choose("yes")
    dialog.solved.segmented.choose("yes")
    dialog.satisfaction.segmented.choose("5")
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    callback = {"reached": True, "solved": True, "satisfaction": 5}
    assert world.commands[0].payload == {"closing_condition": "恢复", "callback": callback}


def test_without_a_wanted_callback_none_is_shown(opened):
    world = world_for("shift_leader")
    dialog = opened(world, "close", world.walk("pending_close").case_id)
    assert not dialog.callback.isVisible()


def test_amending_shows_the_deadline_that_would_follow(opened, qtbot):
    world = world_for("dispatcher")
    dialog = opened(world, "amend", world.walk("handling").case_id)
    QTest.keyClick(dialog.conditions, Qt.Key.Key_1)
    assert dialog.deadline.text() == (
        "处置时限由 4 工作时 改为 2 紧急工作时：到期 11-20 周五 15:30 → 11-20 周五 11:30，仍从 11-20 周五 09:30 起计。"
    )
    type_in(dialog.reason.editor, "现场有隐患")
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)


def test_a_moved_point_is_shown_with_its_grid_and_refused_outside(opened):
    world = world_for("dispatcher")
    dialog = opened(world, "amend", world.walk("handling").case_id)
    dialog.map.map.point_picked.emit(113.015, 23.015)
    assert dialog.place.text().startswith("已落入网格 柳岸-02")
    dialog.map.map.point_picked.emit(114.0, 24.0)
    assert dialog.place.text() == "地址不在本区范围内，请重选"
    type_in(dialog.reason.editor, "x")
    confirm(dialog)
    assert dialog.address.error == "地址不在本区范围内，请重选"


def test_splitting_adds_and_removes_parts(opened, qtbot):
    world = world_for("acceptor")
    dialog = opened(world, "split", world.register().case_id)
    assert len(dialog.rows) == 2
    QTest.keyClick(dialog, Qt.Key.Key_N, ALT)
    assert len(dialog.rows) == 3
    qtbot.mouseClick(dialog.rows[2].cross, Qt.MouseButton.LeftButton)
    type_in(dialog.rows[0].text.editor, "井盖缺失")
    confirm(dialog)
    assert dialog.rows[1].text.error == "请写明第 2 件是什么问题"
    type_in(dialog.rows[1].text.editor, "路面积水")
    assert "拆出 2 件新案件" in dialog.outlook.text()
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)


# --- photos -------------------------------------------------------------------------------------------


def picture() -> QImage:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    return image


def test_a_picture_is_pasted_by_ctrl_v_and_attached(opened, qtbot):
    world = world_for("dispatcher")
    dialog = opened(world, "attach", world.walk("handling").case_id)
    QGuiApplication.clipboard().setImage(picture())
    QTest.keyClick(dialog.strip, Qt.Key.Key_V, CTRL)
    assert len(dialog.strip.photos) == 1
    assert dialog.outlook.text().startswith("确认后：附上 1 个文件")
    with qtbot.waitSignal(dialog.accepted):
        confirm(dialog)
    assert world.commands[0].payload["mime"] == "image/png"
    QGuiApplication.clipboard().clear()


def test_files_are_dropped_and_taken_out_again(opened, qtbot, tmp_path):
    world = world_for("dispatcher")
    dialog = opened(world, "attach", world.walk("handling").case_id)
    path = tmp_path / "现场.png"
    assert picture().save(str(path))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(dialog.model.reader.arrived):
        dialog.strip.dropEvent(drop)
    assert [photo.name for photo in dialog.strip.photos] == ["现场.png"]
    QTest.keyClick(dialog.strip, Qt.Key.Key_Delete)
    assert dialog.strip.photos == ()


def test_the_cross_of_a_thumbnail_takes_it_out(qtbot):
    from console.viewmodels.actions.photos import photo_of

    strip = PhotoStrip()
    qtbot.addWidget(strip)
    strip.set_photos((photo_of(b"no picture", "说明.pdf"), photo_of(b"x", "b.txt")))
    strip.resize(strip.sizeHint())
    strip.show()
    with qtbot.waitSignal(strip.removed) as removed:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(12 + 94 - 10, 20))
    assert removed.args == [strip.photos[0].sha256]


def test_files_can_be_chosen_from_disk(qtbot, tmp_path):
    path = tmp_path / "a.jpg"
    strip = PhotoStrip(choose=lambda _parent: [str(path)])
    qtbot.addWidget(strip)
    strip.show()
    with qtbot.waitSignal(strip.files_added) as added:
        qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    assert added.args == [[path]]
    assert not strip.paste() or QGuiApplication.clipboard().mimeData().hasImage()
