"""Toasts: place, order, staying, actions; the keyboard stays where it is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from tests.widgets.pixels import count, picture
from widgets.forms.buttons import Button
from widgets.indicators import toast as module
from widgets.indicators.toast import LIMIT, WIDTH, Toast, ToastStack, ToastValue
from widgets.theme import Theme


@pytest.fixture
def host(qtbot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 700)
    host.show()
    return host


@pytest.fixture
def stack(host: QWidget) -> ToastStack:
    return ToastStack(host)


def error(key: str) -> ToastValue:
    return ToastValue(
        key, "派遣还没有答复", "1120-0411 → 排水抢险班", "error", (("again", "立即再送", "Alt+R"),)
    )


def test_bottom_right(stack: ToastStack, host: QWidget) -> None:
    toast = stack.show(ToastValue("a", "已派出", "1120-0417 → 市政园林中心", "good"))
    assert toast.width() == WIDTH == 392
    assert toast.geometry().right() == host.width() - 25
    assert toast.geometry().bottom() == host.height() - 25
    host.resize(800, 500)
    assert toast.geometry().bottom() == 500 - 25


def test_newest_on_top(stack: ToastStack) -> None:
    first, second = stack.show(ToastValue("a", "一")), stack.show(ToastValue("b", "二"))
    assert second.geometry().bottom() == first.geometry().top() - 9
    assert stack.keys() == ("a", "b")


def test_at_most_three_and_errors_stay(stack: ToastStack) -> None:
    for value in (error("e"), ToastValue("a", "一"), ToastValue("b", "二"), ToastValue("c", "三")):
        stack.show(value)
    assert stack.keys() == ("e", "b", "c")
    assert len(stack.keys()) == LIMIT
    for key in ("f", "g", "h"):
        stack.show(error(key))
    assert stack.keys() == ("f", "g", "h")


def test_the_same_key_takes_its_place(stack: ToastStack) -> None:
    stack.show(ToastValue("a", "正在送出 3 项…"))
    stack.show(ToastValue("a", "已送出 3 项"))
    assert stack.keys() == ("a",)


def test_it_goes_by_itself(stack: ToastStack, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STAY_MS", 20)
    stack.show(ToastValue("a", "已派出"))
    stack.show(error("e"))
    stack.show(ToastValue("w", "网络已断开", stays=True))
    qtbot.waitUntil(lambda: stack.keys() == ("e", "w"), timeout=2000)


@pytest.mark.parametrize(
    ("value", "stays"),
    [(error("e"), True), (ToastValue("a", "一"), False), (ToastValue("a", "一", stays=True), True)],
)
def test_which_stay(qtbot, value: ToastValue, stays: bool) -> None:
    toast = Toast(value)
    qtbot.addWidget(toast)
    assert toast.stays is stays


def test_action(stack: ToastStack, qtbot) -> None:
    toast = stack.show(error("e"))
    button = next(one for one in toast.findChildren(Button) if one.text())
    with qtbot.waitSignal(stack.acted) as told:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == ["e", "again"]
    assert stack.keys() == ()


def test_the_cross(stack: ToastStack, qtbot) -> None:
    toast = stack.show(error("e"))
    cross = next(one for one in toast.findChildren(Button) if not one.text())
    assert cross.accessibleName() == "关闭"
    with qtbot.assertNotEmitted(stack.acted):
        QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert stack.keys() == ()


def test_at_most_two_buttons(qtbot) -> None:
    toast = Toast(ToastValue("a", "一", actions=tuple((str(n), f"动作{n}", "") for n in range(4))))
    qtbot.addWidget(toast)
    assert len([one for one in toast.findChildren(Button) if one.text()]) == 2


def test_the_keyboard_stays_where_it_is(stack: ToastStack, host: QWidget, qtbot) -> None:
    field = QLineEdit(host)
    field.show()
    field.setFocus()
    stack.show(error("e"))
    assert host.focusWidget() is field
    QTest.keyClicks(field, "sz")
    assert field.text() == "sz"


def test_look(stack: ToastStack) -> None:
    toast = stack.show(error("e"))
    image, look = picture(toast), Theme()
    assert count(image, look.color("bg.overlay"), tolerance=3) > 20000
    assert count(image.copy(0, 0, 3, toast.height()), look.color("sla.over2.fill"), tolerance=20) > 150
    assert toast.accessibleName() == "派遣还没有答复，1120-0411 → 排水抢险班"


def test_closing_what_is_not_there(stack: ToastStack) -> None:
    stack.close("nobody")
    assert stack.keys() == ()


def test_they_move_to_another_widget(stack: ToastStack, host: QWidget, qtbot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.resize(600, 400)
    other.show()
    toast = stack.show(error("e"))
    stack.move_to(other)
    assert toast.parentWidget() is other and toast.isVisible()
    assert toast.geometry().bottom() == 400 - 25
    host.resize(500, 300)  # the old place is no longer followed
    assert toast.geometry().bottom() == 400 - 25
    other.resize(700, 500)
    assert toast.geometry().bottom() == 500 - 25
    stack.move_to(other)
    assert stack.keys() == ("e",)
