"""Filters above a list."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.filter_button import FilterButton
from widgets.theme import Theme


@pytest.fixture
def button(qtbot) -> FilterButton:
    button = FilterButton("街道")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    button.show()
    return button


def test_words(button: FilterButton) -> None:
    assert button.accessibleName() == "街道：全部"
    wide = button.sizeHint().width()
    button.set_value("望塔街道")
    assert button.value == "望塔街道"
    assert button.accessibleName() == "街道：望塔街道"
    assert button.sizeHint().width() > wide
    assert button.sizeHint().height() == 24


def test_it_asks_for_choices(button: FilterButton, qtbot) -> None:
    with qtbot.waitSignal(button.clicked), qtbot.assertNotEmitted(button.cleared):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    with qtbot.waitSignal(button.clicked):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() - 8, 10))


def test_the_cross_clears(button: FilterButton, qtbot) -> None:
    button.set_value("望塔街道")
    button.resize(button.sizeHint())
    with qtbot.waitSignal(button.cleared), qtbot.assertNotEmitted(button.clicked):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() - 8, 10))
    with qtbot.waitSignal(button.clicked), qtbot.assertNotEmitted(button.cleared):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))


def test_an_active_filter_is_seen(button: FilterButton) -> None:
    look = Theme()
    assert count(picture(button), look.color("accent.base"), tolerance=30) == 0
    button.set_value("望塔街道")
    button.resize(button.sizeHint())
    assert count(picture(button), look.color("accent.base"), tolerance=30) > 100
    assert count(picture(button), look.color("accent.soft"), tolerance=3) > 500
