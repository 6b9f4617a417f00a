"""Buttons: looks, keys, focus ring, and refusal with a reason."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from tests.widgets.pixels import count, picture
from widgets.forms.buttons import Button, ButtonKind, ButtonSize, IconButton
from widgets.theme import Theme

REASON = "现在不能挂账：处置中才能申请挂账"


@pytest.fixture
def button(qtbot) -> Button:
    button = Button("派遣", ButtonKind.MAIN, "D")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    with qtbot.waitActive(button):
        button.show()
    button.clearFocus()
    return button


@pytest.mark.parametrize(
    ("size", "height"), [(ButtonSize.SMALL, 24), (ButtonSize.NORMAL, 32), (ButtonSize.LARGE, 40)]
)
def test_heights(qtbot, size: ButtonSize, height: int) -> None:
    button = Button("派遣", size=size)
    qtbot.addWidget(button)
    assert button.sizeHint().height() == height
    square = IconButton("star", "关注", size)
    qtbot.addWidget(square)
    assert square.sizeHint().toTuple() == (height, height)


def test_the_key_takes_room(qtbot) -> None:
    plain, keyed, long = Button("派遣"), Button("派遣", keys="D"), Button("派遣", keys="Ctrl+Return")
    for one in (plain, keyed, long):
        qtbot.addWidget(one)
    assert plain.sizeHint().width() < keyed.sizeHint().width() < long.sizeHint().width()
    assert keyed.sizeHint().width() - plain.sizeHint().width() == 26
    keyed.set_keys("")
    assert keyed.sizeHint() == plain.sizeHint()
    plain.set_icon("filter")
    assert plain.sizeHint().width() - keyed.sizeHint().width() == 23
    menu = Button("派遣", opens_menu=True)
    qtbot.addWidget(menu)
    assert menu.sizeHint().width() > keyed.sizeHint().width()
    assert menu.minimumSizeHint() == menu.sizeHint()


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        (ButtonKind.MAIN, "accent.fill"),
        (ButtonKind.PLAIN, "bg.raised"),
        (ButtonKind.DANGER, "bg.raised"),
        (ButtonKind.HANG_UP, "danger.fill"),
    ],
)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_kinds(qtbot, kind: ButtonKind, token: str, name: str) -> None:
    from widgets.theme import theme_store

    theme_store().set_name(name)
    button = Button("作废", kind)
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    assert button.kind is kind
    assert count(picture(button), Theme(name).color(token), tolerance=3) > 800


def test_danger_is_a_red_word(qtbot) -> None:
    button = Button("作废", ButtonKind.DANGER)
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    red = Theme().color("sla.over2.text")
    assert count(picture(button), red, tolerance=60) > 30
    button.set_kind(ButtonKind.PLAIN)
    assert count(picture(button), red, tolerance=40) == 0


def test_clicking(button: Button, qtbot) -> None:
    with qtbot.waitSignal(button.clicked):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Space)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Return)
    with qtbot.waitSignal(button.clicked):
        button.click_or_refuse()


def test_pressed_looks_pressed(button: Button) -> None:
    look = Theme()
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert count(picture(button), look.color("accent.fill_pressed"), tolerance=2) > 800
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)


def test_keyboard_focus_has_a_ring_and_a_click_has_none(button: Button) -> None:
    ring = Theme().color("accent.focus")
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    assert count(picture(button), ring) == 0
    button.clearFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert count(picture(button), ring) > 150
    button.clearFocus()
    assert count(picture(button), ring) == 0


# --- not allowed now ---------------------------------------------------------------------------------


def test_a_refused_button_never_clicks(button: Button, qtbot) -> None:
    button.set_reason(REASON)
    with qtbot.assertNotEmitted(button.clicked):
        for act in (
            lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton),
            lambda: QTest.keyClick(button, Qt.Key.Key_Space),
            lambda: QTest.keyClick(button, Qt.Key.Key_Return),
            button.click_or_refuse,
        ):
            with qtbot.waitSignal(button.refused) as told:
                act()
            assert told.args == [REASON]


def test_it_stays_in_reach_and_tells_why(button: Button, qtbot) -> None:
    button.set_reason(REASON)
    assert button.isEnabled()
    assert button.reason == button.toolTip() == button.accessibleDescription() == REASON
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QToolTip.text() == REASON)
    QToolTip.hideText()


def test_it_looks_disabled(button: Button) -> None:
    look = Theme()
    button.set_reason(REASON)
    image = picture(button)
    assert count(image, look.color("accent.fill")) == 0
    assert count(image, look.color("text.disabled"), tolerance=40) > 20


def test_allowed_again(button: Button, qtbot) -> None:
    button.set_reason(REASON)
    button.set_reason("")
    assert button.toolTip() == ""
    with qtbot.waitSignal(button.clicked):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_refused_toggle_keeps_its_state(qtbot) -> None:
    button = Button("关注", ButtonKind.GHOST, icon="star")
    qtbot.addWidget(button)
    button.setCheckable(True)
    button.set_reason(REASON)
    button.click()
    assert not button.isChecked()
    button.set_reason("")
    button.click()
    assert button.isChecked()
    button.resize(button.sizeHint())
    assert count(picture(button), Theme().color("bg.selected"), tolerance=2) > 500


def test_disabled_as_usual(button: Button, qtbot) -> None:
    button.setEnabled(False)
    with qtbot.assertNotEmitted(button.clicked), qtbot.assertNotEmitted(button.refused):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        button.click_or_refuse()


def test_enter_with_control_is_left_to_the_form(button: Button, qtbot) -> None:
    with qtbot.assertNotEmitted(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_words_are_cut_not_the_key(qtbot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    row = QHBoxLayout(host)
    button = Button("派遣到市政园林中心排水设施班", keys="D")
    row.addWidget(button)
    button.setMinimumWidth(80)
    button.resize(100, 32)
    assert count(picture(button), Theme().color("text.primary"), tolerance=60) > 20


def test_icon_button_has_a_name(qtbot) -> None:
    button = IconButton("star", "关注")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "关注"
    button.resize(button.sizeHint())
    assert count(picture(button), Theme().color("text.secondary"), tolerance=60) > 10
