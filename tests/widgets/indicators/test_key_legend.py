"""Key hints in a line and in a table."""

import pytest
from PySide6.QtCore import QRect

from tests.widgets.pixels import count, picture
from widgets.indicators.key_legend import KeyHint, KeyLegend, KeyTable
from widgets.theme import Theme

HINTS = (KeyHint(("J", "K"), "上下"), KeyHint(("Space",), "多选"), KeyHint(("Return",), "打开"))


@pytest.fixture
def legend(qtbot) -> KeyLegend:
    legend = KeyLegend(HINTS)
    qtbot.addWidget(legend)
    legend.resize(legend.sizeHint())
    return legend


def test_it_speaks(legend: KeyLegend) -> None:
    assert legend.accessibleName() == "J K 上下，空格 多选，回车 打开"


def test_it_has_room_for_all(legend: KeyLegend) -> None:
    words = Theme().color("text.secondary")
    image = picture(legend)
    assert count(image, words, QRect(legend.width() - 26, 0, 26, 20), 60) > 20
    assert legend.minimumSizeHint().width() == 0


def test_what_does_not_fit_is_left_out(legend: KeyLegend) -> None:
    whole = legend.sizeHint().width()
    legend.resize(whole - 20, 20)
    words = Theme().color("text.secondary")
    assert count(picture(legend), words, QRect(whole - 60, 0, 60, 20), 60) == 0


def test_ranges_have_a_dash(qtbot) -> None:
    plain, ranged = (KeyLegend((KeyHint(("1", "3"), "选定"),), ranges=on) for on in (False, True))
    for legend in (plain, ranged):
        qtbot.addWidget(legend)
    assert ranged.sizeHint().width() > plain.sizeHint().width()
    ranged.resize(ranged.sizeHint())
    assert count(picture(ranged), Theme().color("text.tertiary"), QRect(18, 8, 16, 6), 60) > 2


def test_empty(qtbot) -> None:
    legend = KeyLegend()
    qtbot.addWidget(legend)
    assert legend.accessibleName() == ""
    legend.set_hints(HINTS)
    assert legend.sizeHint().width() > 100


def test_table_aligns_caps_and_words(qtbot) -> None:
    table = KeyTable((KeyHint(("Ctrl+K",), "查找"), KeyHint(("Q",), "到下一件待派遣")))
    qtbot.addWidget(table)
    table.resize(table.sizeHint())
    assert table.height() == 56
    assert table.accessibleName() == "Ctrl K 查找，Q 到下一件待派遣"
    image, words = picture(table), Theme().color("text.secondary")
    firsts = []
    for row in range(2):
        columns = [x for x in range(table.width()) if count(image, words, QRect(x, row * 28, 1, 28), 24)]
        firsts.append(columns[0])
    assert abs(firsts[0] - firsts[1]) <= 2


def test_empty_table(qtbot) -> None:
    table = KeyTable()
    qtbot.addWidget(table)
    assert table.sizeHint().height() == 0
    table.set_hints(HINTS)
    assert table.sizeHint().height() == 84
