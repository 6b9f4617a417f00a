"""The picker by keys, clicks and input method."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.pixels import count, picture
from widgets.forms.picker import Picker
from widgets.forms.picker_list import HIT_ROLE, ROW_HEIGHT
from widgets.forms.picker_match import PickerItem
from widgets.theme import Theme, theme_store

ITEMS = (
    PickerItem(
        "1", "市政园林中心", "市政园林", "0301", "shi zheng yuan lin zhong xin", "szylzx", "排水设施班", "在办 18",
        0.92, "责任清单匹配",
    ),
    PickerItem("2", "市政应急抢险队", "", "0302", "shi zheng ying ji qiang xian dui", "szyjqxd", "", "在办 6", 0.51),
    PickerItem("3", "水质监测站", "", "0410", "shui zhi jian ce zhan", "szjcz", "", "", 0.04),
    PickerItem("4", "数字政务中心", "", "0501", "shu zi zheng wu zhong xin", "szzwzx", "", "", 0.02),
    PickerItem("5", "望塔街道办", "望塔", "1001", "wang ta jie dao ban", "wtjdb", "", "", 0.38),
    PickerItem("6", "临溪街道办", "临溪", "1002", "lin xi jie dao ban", "lxjdb", "", "", -1),
)  # fmt: skip


@pytest.fixture
def picker(qtbot) -> Picker:
    picker = Picker("拼音首字母、全拼、简称或编码", 5)
    qtbot.addWidget(picker)
    picker.set_items(ITEMS)
    picker.resize(840, picker.sizeHint().height())
    with qtbot.waitActive(picker):
        picker.show()
    picker.setFocus()
    return picker


def type_in(picker: Picker, text: str) -> None:
    """Latin letters by keys, Chinese as an input method hands it over."""
    if text.isascii():
        QTest.keyClicks(picker.line, text)
        return
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(picker.line, event)


def names(picker: Picker) -> list[str]:
    model = picker.list.model()
    return [model.index(row, 0).data(HIT_ROLE).item.id for row in range(model.rowCount())]


def test_all_by_score_at_first(picker: Picker) -> None:
    assert names(picker) == ["1", "2", "5", "3", "4", "6"]
    assert picker.count == 6
    assert picker.current_id == "1"


def test_typing_finds(picker: Picker, qtbot) -> None:
    with qtbot.waitSignals([picker.query_changed, picker.query_changed]):
        type_in(picker, "sz")
    assert names(picker) == ["1", "2", "3", "4"]
    type_in(picker, "zw")
    assert names(picker) == ["4"]
    assert picker.current_id == "4"


def test_nothing_found(picker: Picker, qtbot) -> None:
    with qtbot.waitSignal(picker.highlighted, check_params_cb=lambda item: item == ""):
        type_in(picker, "没有")
    assert picker.count == 0 and picker.current_id == ""
    with qtbot.assertNotEmitted(picker.picked):
        QTest.keyClick(picker.line, Qt.Key.Key_Return)
        QTest.keyClick(picker.line, Qt.Key.Key_Down)
        QTest.keyClick(picker.line, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)


def test_up_and_down_without_leaving_the_text(picker: Picker, qtbot) -> None:
    type_in(picker, "sz")
    keys = Qt.Key
    for key, current in (
        (keys.Key_Down, "2"),
        (keys.Key_Down, "3"),
        (keys.Key_Up, "2"),
        (keys.Key_PageDown, "4"),
        (keys.Key_Down, "4"),
        (keys.Key_PageUp, "1"),
        (keys.Key_Up, "1"),
    ):
        QTest.keyClick(picker.line, key)
        assert picker.current_id == current
    assert picker.line.hasFocus()
    assert picker.line.text() == "sz"


def test_enter_picks_the_marked_row(picker: Picker, qtbot) -> None:
    type_in(picker, "sz")
    QTest.keyClick(picker.line, Qt.Key.Key_Down)
    with qtbot.waitSignal(picker.picked) as told:
        QTest.keyClick(picker.line, Qt.Key.Key_Return)
    assert told.args == ["2"]


def test_control_enter_belongs_to_the_form(picker: Picker, qtbot) -> None:
    with qtbot.assertNotEmitted(picker.picked):
        QTest.keyClick(picker.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize(("key", "picked"), [(Qt.Key.Key_1, "1"), (Qt.Key.Key_3, "3"), (Qt.Key.Key_4, "4")])
def test_alt_and_digit_pick_a_row(picker: Picker, qtbot, key: Qt.Key, picked: str) -> None:
    type_in(picker, "sz")
    with qtbot.waitSignal(picker.picked) as told:
        QTest.keyClick(picker.line, key, Qt.KeyboardModifier.AltModifier)
    assert told.args == [picked]


def test_a_row_that_is_not_there(picker: Picker, qtbot) -> None:
    type_in(picker, "sz")
    with qtbot.assertNotEmitted(picker.picked):
        QTest.keyClick(picker.line, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)


def test_digits_without_alt_are_text(picker: Picker) -> None:
    type_in(picker, "0301")
    assert picker.line.text() == "0301"
    assert names(picker) == ["1"]


def test_click(picker: Picker, qtbot) -> None:
    with qtbot.waitSignal(picker.picked) as told:
        QTest.mouseClick(picker.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, ROW_HEIGHT + 10))
    assert told.args == ["2"]


def test_escape_clears_then_leaves(picker: Picker, qtbot) -> None:
    type_in(picker, "sz")
    with qtbot.assertNotEmitted(picker.line.left):
        QTest.keyClick(picker.line, Qt.Key.Key_Escape)
    assert picker.line.text() == ""
    with qtbot.waitSignal(picker.line.left):
        QTest.keyClick(picker.line, Qt.Key.Key_Escape)


def test_composition_keeps_its_keys(picker: Picker, qtbot) -> None:
    """While an input method composes, digits and arrows choose its candidates, not our rows."""
    QApplication.sendEvent(picker.line, QInputMethodEvent("shi", []))
    assert picker.line.composing
    with qtbot.assertNotEmitted(picker.picked):
        QTest.keyClick(picker.line, Qt.Key.Key_Down)
        QTest.keyClick(picker.line, Qt.Key.Key_Return)
        QTest.keyClick(picker.line, Qt.Key.Key_Escape)
    assert picker.current_id == "1"
    commit = QInputMethodEvent("", [])
    commit.setCommitString("市政")
    QApplication.sendEvent(picker.line, commit)
    assert not picker.line.composing
    assert names(picker) == ["1", "2"]
    QTest.keyClick(picker.line, Qt.Key.Key_Down)
    assert picker.current_id == "2"


def test_new_items_keep_the_marked_one(picker: Picker) -> None:
    assert picker.mark("5")
    picker.set_items((*ITEMS[1:], PickerItem("7", "新单位", score=0.99)))
    assert picker.current_id == "5"
    assert not picker.mark("1")
    assert picker.item_of("7").name == "新单位"
    assert picker.item_of("1") is None


def test_items_found_elsewhere_are_shown_as_they_are(picker: Picker) -> None:
    picker.set_items((ITEMS[5], ITEMS[0]), searched=True)
    type_in(picker, "任意")
    assert names(picker) == ["6", "1"]


def test_as_high_as_its_rows(picker: Picker) -> None:
    assert picker.list.height() == 5 * ROW_HEIGHT + 2
    type_in(picker, "szzw")
    assert picker.list.height() == ROW_HEIGHT + 2
    type_in(picker, "没有")
    assert picker.list.height() == 0


def test_matched_parts_are_in_accent(picker: Picker) -> None:
    accent = Theme().color("accent.base")
    row = picker.list.visualRect(picker.list.model().index(1, 0)).adjusted(50, 2, -200, -2)
    assert count(picture(picker.list), accent, row, 50) == 0
    picker.set_query("sz")
    assert count(picture(picker.list), accent, row, 50) > 60


def test_it_speaks(picker: Picker) -> None:
    words = picker.list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "市政园林中心，排水设施班，责任清单匹配，在办 18"


def test_the_glass_follows_the_theme(picker: Picker) -> None:
    theme_store().set_name("light")
    image = picker._glass.icon().pixmap(16, 16).toImage()
    assert count(image, Theme("light").color("text.secondary"), tolerance=60) > 10


def test_narrow(picker: Picker) -> None:
    """In a narrow place the reason gives way first, then the initials; the name stays."""
    picker.resize(300, picker.height())
    assert count(picture(picker.list), Theme().color("text.primary"), tolerance=60) > 100
