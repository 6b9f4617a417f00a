"""Mark, command field, bell, seat and clock."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from tests.widgets.gallery_rows import NOW
from tests.widgets.pixels import count, picture, same
from widgets.indicators.top_bar import BellButton, CommandField, ProductMark, SeatLabel, TopClock
from widgets.theme import Theme


def test_mark(qtbot) -> None:
    mark = ProductMark("网格调度席")
    qtbot.addWidget(mark)
    mark.resize(mark.sizeHint())
    assert mark.accessibleName() == "网格调度席"
    assert count(picture(mark), QColor("#2468BF")) > 100


def test_command_field_is_a_button(qtbot) -> None:
    field = CommandField("搜索案件、网格、人员，或输入命令")
    qtbot.addWidget(field)
    field.resize(field.sizeHint())
    assert field.size().toTuple() == (360, 32)
    assert field.accessibleName().startswith("搜索案件")
    with qtbot.waitSignal(field.clicked):
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert count(picture(field), Theme().color("bg.field"), tolerance=2) > 8000


@pytest.mark.parametrize(("number", "shown"), [(0, False), (3, True), (250, True)])
def test_bell(qtbot, number: int, shown: bool) -> None:
    bell = BellButton()
    qtbot.addWidget(bell)
    bell.set_count(number)
    bell.resize(56, 32)
    assert bell.count == number
    assert bell.accessibleName() == f"通知，{number} 条未读"
    assert (count(picture(bell), Theme().color("sla.over2.fill")) > 60) is shown
    with qtbot.waitSignal(bell.clicked):
        QTest.mouseClick(bell, Qt.MouseButton.LeftButton)


def test_seat(qtbot) -> None:
    seat = SeatLabel()
    qtbot.addWidget(seat)
    seat.set_lines("白班 A 组 · 派遣 03 席 · 江予安", "08:00–20:00 · 值班长 顾怀舟")
    wide = seat.sizeHint().width()
    assert wide > 150
    assert seat.accessibleName().count("，") == 1
    seat.set_lines("江予安", "")
    assert seat.sizeHint().width() < wide
    assert seat.accessibleName() == "江予安"
    seat.resize(seat.sizeHint())
    assert count(picture(seat), Theme().color("text.primary"), tolerance=60) > 20


def test_clock(qtbot) -> None:
    clock = TopClock()
    qtbot.addWidget(clock)
    clock.tick(NOW)
    clock.resize(clock.sizeHint())
    assert clock.accessibleName() == "11-20 周五 14:32"
    before = picture(clock)
    clock.tick(NOW + timedelta(seconds=1))
    assert not same(before, picture(clock))
    assert clock.sizeHint() == clock.size()
