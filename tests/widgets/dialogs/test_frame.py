"""The dialog frame: keys, focus, scrim, refusal with a reason."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from tests.widgets.pixels import count, picture
from widgets.dialogs.frame import DialogFrame, Scrim
from widgets.forms.fields import LineField, TextField
from widgets.indicators.key_legend import KeyHint
from widgets.theme import Theme, theme_store


class Desk(QWidget):
    """A window with a field, as behind every dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(1400, 900)
        self.field = QLineEdit(self)
        self.shortcuts = 0
        QVBoxLayout(self).addWidget(self.field)
        QShortcut(QKeySequence("Ctrl+J"), self).activated.connect(self._on_shortcut)

    def _on_shortcut(self) -> None:
        self.shortcuts += 1


@pytest.fixture
def desk(qtbot) -> Desk:
    theme_store().set_reduced_motion(True)
    desk = Desk()
    qtbot.addWidget(desk)
    with qtbot.waitActive(desk):
        desk.show()
    desk.field.setFocus()
    return desk


@pytest.fixture
def dialog(desk: Desk, qtbot) -> DialogFrame:
    dialog = DialogFrame(
        desk, "派遣", "1120-0417 井盖缺失", "send", 880, main="派遣", hints=(KeyHint(("Tab",), "下一项"),)
    )
    qtbot.addWidget(dialog)
    dialog.note = LineField("承办单位")
    dialog.opinion = TextField("派遣意见")
    dialog.content.addWidget(dialog.note)
    dialog.content.addWidget(dialog.opinion)
    dialog.set_first_field(dialog.note)
    return dialog


def opened(dialog: DialogFrame, qtbot) -> DialogFrame:
    with qtbot.waitActive(dialog):
        dialog.open()
    return dialog


def test_nothing_is_shown_before_it_opens(dialog: DialogFrame, desk: Desk) -> None:
    assert desk.isActiveWindow()
    assert not dialog.main_button.isVisible()


def test_size_and_place(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    opened(dialog, qtbot)
    card = dialog.card_rect()
    assert abs(card.width() - 880) <= 2
    assert dialog.head.height() == 56
    middle = dialog.geometry().center()
    assert abs(middle.x() - desk.geometry().center().x()) <= 2
    assert abs(middle.y() - desk.geometry().center().y()) <= 2


def test_never_larger_than_the_window(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    desk.resize(600, 400)
    opened(dialog, qtbot)
    assert dialog.width() <= 600


def test_it_opens_in_its_first_field(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    qtbot.waitUntil(lambda: dialog.note.editor.hasFocus())
    assert dialog.accessibleName() == "派遣，1120-0417 井盖缺失"


def test_control_enter_confirms_from_any_field(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    dialog.opinion.editor.setFocus()
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_plain_enter_never_confirms(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    with qtbot.assertNotEmitted(dialog.accepted), qtbot.assertNotEmitted(dialog.rejected):
        QTest.keyClick(dialog.note.editor, Qt.Key.Key_Return)
        QTest.keyClick(dialog, Qt.Key.Key_Enter)
    assert dialog.isVisible()


def test_escape_leaves(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog.note.editor, Qt.Key.Key_Escape)


def test_buttons(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    with qtbot.waitSignal(dialog.rejected):
        QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    opened(dialog, qtbot)
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(dialog.main_button, Qt.MouseButton.LeftButton)


def test_a_refused_main_action_tells_why(dialog: DialogFrame, qtbot) -> None:
    opened(dialog, qtbot)
    dialog.set_main_reason("请先选承办单位")
    with qtbot.assertNotEmitted(dialog.accepted), qtbot.waitSignal(dialog.main_button.refused) as told:
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert told.args == ["请先选承办单位"]
    dialog.set_main_reason("")
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_without_a_main_action_control_enter_does_nothing(desk: Desk, qtbot) -> None:
    dialog = DialogFrame(desk, "快捷键", width=480, cancel="关闭")
    qtbot.addWidget(dialog)
    opened(dialog, qtbot)
    assert not dialog.main_button.isVisible()
    assert dialog.cancel_button.text() == "关闭"
    with qtbot.assertNotEmitted(dialog.accepted):
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_the_focus_goes_back(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    opened(dialog, qtbot)
    dialog.reject()
    assert desk.focusWidget() is desk.field


def test_a_field_that_is_gone_gets_no_focus_back(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    opened(dialog, qtbot)
    shiboken6.delete(desk.field)
    dialog.reject()
    assert not dialog.isVisible()
    assert desk.focusWidget() is None


def test_the_scrim_is_behind_and_goes(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    before = count(picture(desk), Theme().color("bg.app"), tolerance=2)
    opened(dialog, qtbot)
    scrim = desk.findChild(Scrim)
    assert scrim.geometry() == desk.rect()
    assert count(picture(desk), Theme().color("bg.app"), tolerance=2) < before / 2
    desk.resize(1200, 800)
    qtbot.waitUntil(lambda: scrim.geometry() == desk.rect())
    dialog.reject()
    qtbot.waitUntil(lambda: desk.findChild(Scrim) is None)


def test_it_fades_in(desk: Desk, qtbot) -> None:
    theme_store().set_reduced_motion(False)
    scrim = Scrim(desk)
    scrim.appear()
    qtbot.waitUntil(lambda: scrim._strength > 0.99, timeout=3000)


def test_shortcuts_of_the_screen_behind_rest(dialog: DialogFrame, desk: Desk, qtbot) -> None:
    QTest.keyClick(desk.field, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert desk.shortcuts == 1
    opened(dialog, qtbot)
    QTest.keyClick(dialog.note.editor, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert desk.shortcuts == 1
    assert dialog.windowModality() == Qt.WindowModality.WindowModal


@pytest.mark.parametrize("name", ["dark", "light"])
def test_look(dialog: DialogFrame, qtbot, name: str) -> None:
    theme_store().set_name(name)
    opened(dialog, qtbot)
    image, look = picture(dialog), Theme(name)
    assert count(image, look.color("bg.overlay"), tolerance=2) > 50000
    assert count(image, look.color("accent.fill"), tolerance=2) > 1000
    assert image.pixelColor(2, 2).alpha() < 60  # only shadow outside the card


def test_danger(desk: Desk, qtbot) -> None:
    dialog = DialogFrame(desk, "作废", width=480, main="作废", danger=True, icon="trash", tone="sla.over2")
    qtbot.addWidget(dialog)
    opened(dialog, qtbot)
    assert count(picture(dialog), Theme().color("danger.fill"), tolerance=2) > 800
    assert count(picture(dialog.head), Theme().color("sla.over2.text"), tolerance=60) > 10
