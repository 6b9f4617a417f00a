"""Tabs of panels and of the top bar."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.theme import Theme

TABS = (
    Tab("turn", "轮到我办", 23),
    Tab("back", "回退", 0),
    Tab("open", "在办", 214),
    Tab("late", "超时", 14, "over2"),
)


@pytest.fixture
def strip(qtbot) -> TabStrip:
    strip = TabStrip(TABS)
    qtbot.addWidget(strip)
    strip.resize(strip.sizeHint())
    with qtbot.waitActive(strip):
        strip.show()
    return strip


def test_the_first_is_current(strip: TabStrip) -> None:
    assert strip.current == "turn"
    assert strip.height() == 28


@pytest.mark.parametrize(("place", "key"), [(0, "turn"), (1, "back"), (3, "late")])
def test_choose_by_place(strip: TabStrip, place: int, key: str) -> None:
    assert strip.choose(place)
    assert strip.current == key


def test_places_that_do_not_exist(strip: TabStrip) -> None:
    assert not strip.choose(4)
    assert not strip.choose(-1)
    assert strip.current == "turn"


def test_click_says_which(strip: TabStrip, qtbot) -> None:
    x = strip._width(TABS[0], Theme()) + 10
    with qtbot.waitSignal(strip.chosen) as told:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(x), 14))
    assert told.args == ["back"]


def test_keys(strip: TabStrip, qtbot) -> None:
    strip.setFocus()
    with qtbot.waitSignal(strip.chosen) as told:
        QTest.keyClick(strip, Qt.Key.Key_Right)
    assert told.args == ["back"]
    QTest.keyClick(strip, Qt.Key.Key_Left)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert strip.current == "turn"


def test_setting_is_silent(strip: TabStrip, qtbot) -> None:
    with qtbot.assertNotEmitted(strip.chosen):
        strip.set_current("open")
        strip.set_current("unknown")
        strip.choose(2)
    assert strip.current == "open"


def test_counts_change_and_zero_stays(strip: TabStrip) -> None:
    strip.set_current("open")
    strip.set_tabs((Tab("turn", "轮到我办", 0), Tab("open", "在办", 1214)))
    assert strip.current == "open"
    assert strip.accessibleName() == "轮到我办 0，在办 1214"
    assert [tab.count for tab in strip.tabs] == [0, 1214]
    strip.set_tabs((Tab("late", "超时", 3),))
    assert strip.current == "late"
    strip.set_tabs(())
    assert strip.current == ""


def test_a_band_tab_is_loud_only_when_there_is_something(strip: TabStrip) -> None:
    red = Theme().color("sla.over2.text")
    loud = count(picture(strip), red, tolerance=40)
    strip.set_tabs((*TABS[:3], Tab("late", "超时", 0, "over2")))
    assert count(picture(strip), red, tolerance=40) < loud


def test_top_bar_look(qtbot) -> None:
    tabs = TabStrip((Tab("i", "受理席", keys="Ctrl+1"), Tab("d", "派遣席", keys="Ctrl+2")), top=True)
    qtbot.addWidget(tabs)
    tabs.set_current("d")
    tabs.resize(tabs.sizeHint())
    assert tabs.height() == 48
    accent = Theme().color("accent.base")
    image = picture(tabs)
    assert count(image.copy(0, 46, tabs.width(), 2), accent) > 60
    assert count(image.copy(0, 0, tabs.width(), 44), accent) == 0
    widths = [tabs._width(tab, Theme()) for tab in tabs.tabs]
    assert widths[0] > widths[1]  # the key is printed on those not shown


def test_hover(strip: TabStrip) -> None:
    before = count(picture(strip), Theme().color("bg.hover"), tolerance=2)
    strip._hover = 2
    assert count(picture(strip), Theme().color("bg.hover"), tolerance=2) > before + 300
    strip.leaveEvent(None)
    assert strip._hover == -1


def test_where_all_do_not_fit_the_words_come_closer_and_the_last_can_be_pressed(qtbot) -> None:
    strip = TabStrip(tuple(Tab(str(n), "待派遣", 1200) for n in range(6)))
    qtbot.addWidget(strip)
    wanted = strip.sizeHint().width()
    strip.resize(wanted - 6 * 10, 28)
    heard: list[str] = []
    strip.chosen.connect(heard.append)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 3, 14))
    assert heard == ["5"]
    strip.resize(wanted + 50, 28)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(wanted + 30, 14))
    assert heard == ["5"]
