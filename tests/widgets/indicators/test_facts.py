"""Facts in two columns, wide ones, links by pointer and keys."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.indicators.facts import Fact, FactGrid
from widgets.theme import Theme

FACTS = (
    Fact("类别", "部件 · 雨水井盖"),
    Fact("网格", "望塔-09"),
    Fact("来源", "热线来电 · 第 2 次", key="calls"),
    Fact("网格员", "方知夏 · 在岗"),
    Fact("地址", "示例区望塔街道松影路与南苑街口西北角人行道与非机动车道之间的绿化带内", wide=True),
    Fact("电话", "138****2716", token="sla.soon.text"),
)


@pytest.fixture
def grid(qtbot) -> FactGrid:
    grid = FactGrid(FACTS)
    qtbot.addWidget(grid)
    grid.resize(400, grid.heightForWidth(400))
    return grid


def test_two_on_a_line_wide_ones_alone(grid: FactGrid) -> None:
    places = {fact.label: rect for fact, rect in grid._places(400)}
    assert places["类别"].y() == places["网格"].y() == 0
    assert places["网格"].x() == 200
    assert places["来源"].y() == 24
    assert places["地址"].y() == 48 and places["地址"].width() == 400
    assert places["地址"].height() == 24 + 20  # wraps into a second line
    assert places["电话"].y() == places["地址"].bottom()
    assert grid.height() == 48 + 44 + 24


def test_a_wide_fact_after_one_alone_starts_a_line(qtbot) -> None:
    grid = FactGrid((Fact("甲", "一"), Fact("乙", "二", wide=True), Fact("丙", "三")))
    qtbot.addWidget(grid)
    assert [rect.y() for _, rect in grid._places(400)] == [0, 24, 48]


def test_one_column(qtbot) -> None:
    grid = FactGrid(FACTS[:3], columns=1, label_width=80)
    qtbot.addWidget(grid)
    assert [rect.y() for _, rect in grid._places(300)] == [0, 24, 48]


def test_it_speaks(grid: FactGrid) -> None:
    assert grid.accessibleName().startswith("类别 部件 · 雨水井盖，网格 望塔-09")
    assert grid.facts == FACTS
    grid.set_facts(())
    assert grid.heightForWidth(400) == 0


def test_links(grid: FactGrid, qtbot) -> None:
    look = Theme()
    assert count(picture(grid), look.color("accent.base"), tolerance=50) > 50
    with qtbot.waitSignal(grid.opened) as told:
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(100, 36))
    assert told.args == ["calls"]
    with qtbot.assertNotEmitted(grid.opened):
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(100, 10))
        QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=QPoint(100, 36))


def hover(grid: FactGrid, x: float, y: float) -> None:
    none = Qt.MouseButton.NoButton
    point = QPointF(x, y)
    grid.mouseMoveEvent(
        QMouseEvent(QEvent.Type.MouseMove, point, point, none, none, Qt.KeyboardModifier.NoModifier)
    )


def test_links_by_keys(qtbot) -> None:
    grid = FactGrid((*FACTS, Fact("电话", "补充", key="phone")))
    qtbot.addWidget(grid)
    grid.resize(400, grid.heightForWidth(400))
    with qtbot.waitActive(grid):
        grid.show()
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    assert count(picture(grid), Theme().color("accent.focus")) > 100
    opened: list[str] = []
    grid.opened.connect(opened.append)
    for key in (
        Qt.Key.Key_Return,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Up,
        Qt.Key.Key_Return,
    ):
        QTest.keyClick(grid, key)
    assert opened == ["calls", "phone", "calls"]


def test_without_links_tab_passes_by(qtbot) -> None:
    grid = FactGrid((Fact("类别", "部件"),))
    qtbot.addWidget(grid)
    assert grid.focusPolicy() == Qt.FocusPolicy.NoFocus
    QTest.keyClick(grid, Qt.Key.Key_Return)


def test_the_hand_over_links_and_the_whole_text_on_hover(grid: FactGrid) -> None:
    hover(grid, 100, 36)
    assert grid.cursor().shape() == Qt.CursorShape.PointingHandCursor
    assert grid.toolTip() == "热线来电 · 第 2 次"
    hover(grid, 300, 12)
    assert grid.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert grid.toolTip() == "望塔-09"


def test_colours(grid: FactGrid) -> None:
    image, look = picture(grid), Theme()
    assert count(image, look.color("sla.soon.text"), tolerance=50) > 30
    assert count(image, look.color("text.tertiary"), tolerance=30) > 50
    assert grid.minimumSizeHint().width() == 240
