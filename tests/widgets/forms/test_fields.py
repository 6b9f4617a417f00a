"""Fields: announcing, errors, locks, labels."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.fields import ComboField, FieldLabel, FieldRow, LineField, TextField
from widgets.theme import Theme, theme_store

SENTENCE = "地址不在本区范围内，请重选"


@pytest.fixture
def line(qtbot) -> LineField:
    field = LineField("发生地址", "Alt+D", "地名、门牌、路口", required=True)
    qtbot.addWidget(field)
    field.resize(300, field.sizeHint().height())
    field.show()
    return field


# --- one line ----------------------------------------------------------------------------------------


def test_typing_is_announced_setting_is_not(line: LineField, qtbot) -> None:
    with qtbot.assertNotEmitted(line.text_changed):
        line.set_text("松影路")
    assert line.text() == "松影路"
    with qtbot.waitSignal(line.text_changed) as told:
        QTest.keyClicks(line.editor, "1")
    assert told.args == ["松影路1"]


def test_enter_submits(line: LineField, qtbot) -> None:
    line.set_text("松影路")
    with qtbot.waitSignal(line.submitted) as told:
        QTest.keyClick(line.editor, Qt.Key.Key_Return)
    assert told.args == ["松影路"]


def test_the_same_text_keeps_the_cursor(line: LineField) -> None:
    line.set_text("松影路")
    line.editor.setCursorPosition(1)
    line.set_text("松影路")
    assert line.editor.cursorPosition() == 1


def test_an_error_has_frame_sign_and_sentence(line: LineField) -> None:
    low = line.sizeHint().height()
    line.set_error(SENTENCE)
    assert line.error == SENTENCE
    assert line.editor.accessibleDescription() == SENTENCE
    assert line.sizeHint().height() > low
    line.resize(300, line.sizeHint().height())
    image, red = picture(line), Theme().color("sla.over2.text")
    frame = line.editor.geometry()
    assert count(image.copy(frame), red, tolerance=20) > 500
    assert count(image.copy(0, frame.bottom() + 1, 300, 40), red, tolerance=60) > 60


def test_typing_clears_the_error(line: LineField) -> None:
    line.set_error(SENTENCE)
    QTest.keyClicks(line.editor, "x")
    assert line.error == ""
    assert line.editor.property("invalid") is False


def test_read_only_is_locked(line: LineField) -> None:
    line.set_text("138****2716")
    line.set_read_only(True)
    QTest.keyClicks(line.editor, "9")
    assert line.text() == "138****2716"
    assert count(picture(line).copy(line.editor.geometry()), Theme().color("bg.raised"), tolerance=2) > 5000
    assert line._mark.isVisible()
    line.set_read_only(False)
    assert not line._mark.isVisible()


def test_names(line: LineField) -> None:
    assert line.editor.accessibleName() == "发生地址（必填）"
    assert line.required
    assert line.focusProxy() is line.editor


def test_the_sign_follows_the_theme(line: LineField) -> None:
    line.set_error(SENTENCE)
    theme_store().set_name("light")
    image = line._mark.icon().pixmap(16, 16).toImage()
    assert count(image, Theme("light").color("sla.over2.text"), tolerance=60) > 5


# --- the words above ---------------------------------------------------------------------------------


def test_label(qtbot) -> None:
    label = FieldLabel("诉求内容", "Alt+N", required=True)
    qtbot.addWidget(label)
    label.resize(300, 20)
    look = Theme()
    image = picture(label)
    assert count(image.copy(0, 0, 8, 20), look.color("sla.over2.text"), tolerance=40) > 8
    assert count(image, look.color("text.secondary"), tolerance=50) > 40
    narrow = label.sizeHint().width()
    label.set_label("诉求")
    assert label.sizeHint().width() < narrow
    label.set_remark("自动保存 14:32:06")
    assert count(picture(label).copy(180, 0, 120, 20), look.color("text.tertiary"), tolerance=60) > 40


# --- several lines -----------------------------------------------------------------------------------


@pytest.fixture
def text(qtbot) -> TextField:
    field = TextField("派遣意见", "Alt+O", required=True)
    qtbot.addWidget(field)
    field.show()
    return field


def test_text_is_announced_when_typed(text: TextField, qtbot) -> None:
    with qtbot.assertNotEmitted(text.text_changed):
        text.set_text("请立即更换。")
        text.set_text("请立即更换。")
    with qtbot.waitSignal(text.text_changed) as told:
        text.append("完成后上传照片。")
    assert told.args == ["请立即更换。\n完成后上传照片。"]
    assert text.text() == told.args[0]


def test_text_is_at_least_64_high_and_tab_leaves_it(qtbot) -> None:
    text = TextField("派遣意见")
    row = FieldRow(text, LineField("核查人"))
    qtbot.addWidget(row)
    with qtbot.waitActive(row):
        row.show()
    assert text.editor.minimumHeight() == 64
    text.setFocus()
    QTest.keyClick(text.editor, Qt.Key.Key_Tab)
    assert text.text() == ""
    assert row.findChild(LineField).editor.hasFocus()


def test_text_errors(text: TextField) -> None:
    text.set_error("请填写意见")
    assert text.editor.property("invalid") is True
    QTest.keyClicks(text.editor, "x")
    assert text.error == ""
    text.set_read_only(True)
    QTest.keyClicks(text.editor, "y")
    assert text.text() == "x"


# --- one of a list -----------------------------------------------------------------------------------


@pytest.fixture
def combo(qtbot) -> ComboField:
    field = ComboField("回访方式")
    qtbot.addWidget(field)
    field.set_entries((("p", "电话回访"), ("s", "短信回访"), ("n", "不回访")), "s")
    field.show()
    return field


def test_combo(combo: ComboField, qtbot) -> None:
    assert combo.current() == "s"
    with qtbot.assertNotEmitted(combo.chosen):
        combo.set_current("n")
        combo.set_current("unknown")
    assert combo.current() == ""
    combo.set_current("p")
    combo.set_error("请选择")
    with qtbot.waitSignal(combo.chosen) as told:
        QTest.keyClick(combo.editor, Qt.Key.Key_Down)
    assert told.args == ["s"]
    assert combo.error == ""


def test_a_turned_wheel_changes_nothing(combo: ComboField) -> None:
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    combo.editor.setFocus()
    from PySide6.QtWidgets import QApplication

    QApplication.sendEvent(combo.editor, wheel)
    assert combo.current() == "s"


def test_fields_beside_each_other(qtbot) -> None:
    row = FieldRow(LineField("甲"), LineField("乙"), LineField("丙"))
    qtbot.addWidget(row)
    row.resize(620, 60)
    row.show()
    lefts = [field.x() for field in row.findChildren(LineField)]
    assert lefts[1] - lefts[0] == lefts[2] - lefts[1]
    assert {field.y() for field in row.findChildren(LineField)} == {0}
