"""Radio cards: keys, clicks, refused cards."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.choice import ChoiceCard, ChoiceList, ChoiceValue
from widgets.theme import Theme

VALUES = (
    ChoiceValue("keep", "接受结果，把我的意见记为备注", "备注不会冲突，恢复后自动送出。", "1"),
    ChoiceValue("take", "接受结果", "我的改派作废，只留在操作记录里。", "2"),
    ChoiceValue("again", "在现状上重新改派", "", "3", reason="现在不能改派：已结案"),
    ChoiceValue("later", "稍后处理"),
)


@pytest.fixture
def choices(qtbot) -> ChoiceList:
    choices = ChoiceList(VALUES, current="keep")
    qtbot.addWidget(choices)
    choices.resize(500, choices.sizeHint().height())
    with qtbot.waitActive(choices):
        choices.show()
    choices.setFocus()
    return choices


def cards(choices: ChoiceList) -> list[ChoiceCard]:
    return choices.findChildren(ChoiceCard)


def test_heights(choices: ChoiceList) -> None:
    assert [card.height() for card in cards(choices)] == [60, 60, 60, 40]


def test_keys(choices: ChoiceList, qtbot) -> None:
    with qtbot.waitSignal(choices.chosen) as told:
        QTest.keyClick(choices, Qt.Key.Key_2)
    assert told.args == ["take"]
    QTest.keyClick(choices, Qt.Key.Key_Down)
    assert choices.current == "later"  # what may not be chosen is passed over
    QTest.keyClick(choices, Qt.Key.Key_Down)
    assert choices.current == "later"
    QTest.keyClick(choices, Qt.Key.Key_Up)
    assert choices.current == "take"


def test_a_refused_card_cannot_be_chosen(choices: ChoiceList, qtbot) -> None:
    with qtbot.assertNotEmitted(choices.chosen):
        QTest.keyClick(choices, Qt.Key.Key_3)
        QTest.mouseClick(cards(choices)[2], Qt.MouseButton.LeftButton)
        choices.choose("again")
        choices.choose("unknown")
        choices.choose("keep")
    assert choices.current == "keep"
    assert cards(choices)[2].toolTip() == "现在不能改派：已结案"
    assert "现在不能改派：已结案" in cards(choices)[2].accessibleName()


def test_click(choices: ChoiceList, qtbot) -> None:
    with qtbot.waitSignal(choices.chosen) as told:
        QTest.mouseClick(cards(choices)[1], Qt.MouseButton.LeftButton)
    assert told.args == ["take"]


def test_looks(choices: ChoiceList) -> None:
    look = Theme()
    first, second, third, _ = cards(choices)
    assert count(picture(first), look.color("accent.soft"), tolerance=3) > 8000
    assert count(picture(first), look.color("accent.focus")) > 500
    assert count(picture(second), look.color("accent.soft"), tolerance=3) == 0
    assert count(picture(third), look.color("text.disabled"), tolerance=40) > 60
    choices.clearFocus()
    assert count(picture(first), look.color("accent.focus")) == 0


def test_none_chosen(qtbot) -> None:
    choices = ChoiceList(VALUES)
    qtbot.addWidget(choices)
    assert choices.current == ""
    QTest.keyClick(choices, Qt.Key.Key_Down)
    assert choices.current == "keep"
    choices.set_current("")
    assert choices.current == ""
