"""Choosing a class and its filing condition; nothing is chosen silently."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.category_picker import CategoryNode, CategoryPicker, FilingCondition, LimitByRule, leaves
from widgets.forms.choice import ChoiceCard, ChoiceList
from widgets.theme import Theme

CONDITIONS = (
    FilingCondition("k1", "井盖缺失、破损，危及安全", "2 紧急工作时", True),
    FilingCondition("k2", "井盖松动、移位", "4 工作时"),
    FilingCondition("k3", "其他"),
)
TREE = (
    CategoryNode("b", "部件", children=(
        CategoryNode("b1", "公用设施", children=(
            CategoryNode("rain", "雨水井盖", "0103", "yu shui jing gai", "ysjg", conditions=CONDITIONS),
            CategoryNode("foul", "污水井盖", "0104", "wu shui jing gai", "wsjg", conditions=CONDITIONS[:1]),
        )),
    )),
    CategoryNode("s", "事件", children=(
        CategoryNode("s1", "街面秩序", children=(
            CategoryNode("stall", "占道经营", "0401", "zhan dao jing ying", "zdjy"),
        )),
    )),
)  # fmt: skip


@pytest.fixture
def picker(qtbot) -> CategoryPicker:
    picker = CategoryPicker()
    qtbot.addWidget(picker)
    picker.set_categories(TREE)
    picker.resize(900, 420)
    with qtbot.waitActive(picker):
        picker.show()
    picker.setFocus()
    return picker


def cards(picker: CategoryPicker) -> list[ChoiceCard]:
    found = picker.findChild(ChoiceList)
    return found.findChildren(ChoiceCard) if found else []


def test_leaves() -> None:
    found = {node.id: path for node, path in leaves(TREE)}
    assert found == {
        "rain": ("部件", "公用设施"),
        "foul": ("部件", "公用设施"),
        "stall": ("事件", "街面秩序"),
    }


def test_nothing_is_chosen_at_first(picker: CategoryPicker) -> None:
    assert picker.chosen == picker.condition == ""
    assert picker._empty.isVisible()
    assert picker.tree.isVisible() and not picker.search.list.isVisible()


def test_search_then_condition(picker: CategoryPicker, qtbot) -> None:
    QTest.keyClicks(picker.search.line, "jg")
    assert picker.search.list.isVisible() and not picker.tree.isVisible()
    with qtbot.waitSignal(picker.category_chosen) as told:
        QTest.keyClick(picker.search.line, Qt.Key.Key_Return)
    assert told.args == ["rain"]
    assert picker.chosen == "rain"
    assert picker.condition == ""  # a condition is never chosen silently
    sentences = [card.value.sentence for card in cards(picker)]
    assert sentences == [
        "处置时限 2 紧急工作时 · 安全类",
        "处置时限 4 工作时",
        "",
    ]
    with qtbot.waitSignal(picker.condition_chosen) as told:
        QTest.keyClick(picker.findChild(ChoiceList), Qt.Key.Key_2)
    assert told.args == ["k2"]
    assert picker.condition == "k2"


def test_an_empty_field_shows_the_tree_again(picker: CategoryPicker) -> None:
    QTest.keyClicks(picker.search.line, "jg")
    QTest.keyClick(picker.search.line, Qt.Key.Key_Escape)
    assert picker.tree.isVisible()


def test_choosing_in_the_tree(picker: CategoryPicker, qtbot) -> None:
    model = picker.tree.model()
    parts = model.index(0, 0)
    picker._on_tree(parts)
    assert picker.tree.isExpanded(parts)
    assert picker.chosen == ""
    leaf = model.index(1, 0, model.index(0, 0, parts))
    with qtbot.waitSignal(picker.category_chosen) as told:
        picker.tree.activated.emit(leaf)
    assert told.args == ["foul"]
    picker._on_tree(parts)
    assert not picker.tree.isExpanded(parts)


def test_showing_a_choice_is_silent(picker: CategoryPicker, qtbot) -> None:
    with qtbot.assertNotEmitted(picker.category_chosen), qtbot.assertNotEmitted(picker.condition_chosen):
        picker.set_chosen("rain", "k2")
    assert (picker.chosen, picker.condition) == ("rain", "k2")
    assert picker.tree.currentIndex().data() == "雨水井盖"
    assert picker._path.text() == "部件 · 公用设施 · 雨水井盖"


def test_a_class_without_conditions(picker: CategoryPicker) -> None:
    picker.set_chosen("stall")
    assert picker._empty.isVisible() and picker._empty.text() == "该小类没有立案条件"
    assert picker.condition == ""
    picker.set_chosen("unknown")
    assert picker.chosen == ""
    assert picker._empty.text() == "先选小类"


def test_another_class_takes_other_conditions(picker: CategoryPicker, qtbot) -> None:
    picker.choose("rain")
    picker.choose("foul")
    qtbot.waitUntil(lambda: len(cards(picker)) == 1)
    with qtbot.assertNotEmitted(picker.category_chosen):
        picker.choose("foul")
        picker.choose("b1")


def test_limit_by_rule(qtbot) -> None:
    field = LimitByRule()
    qtbot.addWidget(field)
    field.resize(300, field.sizeHint().height())
    field.set_words("2 紧急工作时", "到期 16:32")
    assert field.height() == 32
    assert field.accessibleName() == "2 紧急工作时，到期 16:32"
    look = Theme()
    image = picture(field)
    assert count(image, look.color("text.primary"), tolerance=60) > 40
    assert count(image.copy(200, 0, 100, 32), look.color("text.secondary"), tolerance=60) > 40
