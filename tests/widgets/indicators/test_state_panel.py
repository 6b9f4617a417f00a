"""Empty and error states: actions by click and letter, details to copy."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.buttons import Button, ButtonKind
from widgets.indicators.key_legend import KeyHint, KeyTable
from widgets.indicators.state_panel import PanelState, StateAction, StatePanel
from widgets.theme import Theme

EMPTY = PanelState(
    "inbox",
    "没有符合条件的案件",
    "当前按 望塔街道 筛选。\n在办共 214 件，未被这些条件选中。",
    (StateAction("clear", "清除筛选", "Shift+F", True), StateAction("see", "看待派遣 23 件", "Q")),
    "有新案件命中筛选时会自动出现并提示",
)
BROKEN = PanelState(
    "warn",
    "地图数据没有读出来",
    "案件队列和派遣不受影响，请继续操作。",
    (StateAction("again", "重新读取", "R", True),),
    error=True,
    details="编号 MAP-103 · 14:31:12",
)


@pytest.fixture
def panel(qtbot) -> StatePanel:
    panel = StatePanel(EMPTY)
    qtbot.addWidget(panel)
    panel.resize(600, 600)
    panel.show()
    return panel


def test_words(panel: StatePanel) -> None:
    assert panel.accessibleName() == "没有符合条件的案件"
    assert panel.accessibleDescription() == EMPTY.lines
    assert panel.state is EMPTY


def test_one_main_button(panel: StatePanel) -> None:
    kinds = [button.kind for button in panel.findChildren(Button)]
    assert kinds == [ButtonKind.MAIN, ButtonKind.PLAIN]


def test_actions_by_click(panel: StatePanel, qtbot) -> None:
    first, second = panel.findChildren(Button)
    with qtbot.waitSignal(panel.acted) as told:
        QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert told.args == ["see"]
    with qtbot.waitSignal(panel.acted) as told:
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert told.args == ["clear"]


def test_actions_by_their_letters(panel: StatePanel, qtbot) -> None:
    panel.setFocus()
    with qtbot.waitSignal(panel.acted) as told:
        QTest.keyClick(panel, Qt.Key.Key_Q)
    assert told.args == ["see"]
    with qtbot.waitSignal(panel.acted) as told:
        QTest.keyClick(panel, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert told.args == ["clear"]
    with qtbot.assertNotEmitted(panel.acted):
        QTest.keyClick(panel, Qt.Key.Key_R)


def test_an_error_names_its_number_and_can_be_copied(panel: StatePanel) -> None:
    panel.set_state(BROKEN)
    panel.setFocus()
    QTest.keyClick(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "地图数据没有读出来\n编号 MAP-103 · 14:31:12"
    assert count(picture(panel), Theme().color("sla.over2.text"), tolerance=50) > 40


def test_without_details_copying_does_nothing(panel: StatePanel) -> None:
    QGuiApplication.clipboard().setText("vorher")
    panel.setFocus()
    QTest.keyClick(panel, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "vorher"


def test_buttons_follow_the_state(panel: StatePanel, qtbot) -> None:
    panel.set_state(BROKEN)
    qtbot.waitUntil(lambda: len(panel.findChildren(Button)) == 1)
    panel.set_state(PanelState("document", "还没有选中案件", hints=(KeyHint(("J", "K"), "在队列中移动"),)))
    qtbot.waitUntil(lambda: not panel.findChildren(Button))
    assert panel.findChild(KeyTable).isVisible()


def test_no_state_yet(qtbot) -> None:
    panel = StatePanel()
    qtbot.addWidget(panel)
    assert panel.state.title == ""
