"""Suggested departments: picking, looks, speech."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.indicators.suggestion import Suggestion, SuggestionCard, SuggestionList
from widgets.theme import Theme, theme

UNITS = (
    Suggestion("u1", "市政园林中心", "排水设施班", 0.92, "责任清单匹配 · 同类 34 件，准确 97%"),
    Suggestion("u2", "水务排水公司", "管网二所", 0.71, "雨水管线权属单位"),
    Suggestion("u3", "望塔街道办", "", -1, "属地兜底，可先围挡"),
)


@pytest.fixture
def cards(qtbot) -> SuggestionList:
    cards = SuggestionList()
    qtbot.addWidget(cards)
    cards.set_suggestions(UNITS, picked="u1")
    cards.resize(400, cards.sizeHint().height())
    cards.show()
    return cards


def test_cards_are_52_high_with_their_frame(cards: SuggestionList) -> None:
    heights = {card.height() for card in cards.findChildren(SuggestionCard)}
    assert heights == {54}


def test_picking_by_number(cards: SuggestionList, qtbot) -> None:
    with qtbot.waitSignal(cards.picked) as told:
        assert cards.pick(2)
    assert told.args == ["u2"]
    assert cards.picked_id == "u2"
    assert not cards.pick(4) and not cards.pick(0)
    assert cards.picked_id == "u2"


def test_picking_the_same_again_says_nothing(cards: SuggestionList, qtbot) -> None:
    with qtbot.assertNotEmitted(cards.picked):
        cards.pick(1)


def test_picking_by_click(cards: SuggestionList, qtbot) -> None:
    card = cards.findChildren(SuggestionCard)[2]
    with qtbot.waitSignal(cards.picked) as told:
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert told.args == ["u3"]


def test_new_suggestions_pick_nothing_by_themselves(cards: SuggestionList, qtbot) -> None:
    with qtbot.assertNotEmitted(cards.picked):
        cards.set_suggestions(UNITS[1:])
    assert cards.picked_id == ""
    cards.set_suggestions(tuple(Suggestion(f"u{n}", f"单位{n}") for n in range(12)))
    assert cards.pick(9) and not cards.pick(10)


def test_the_picked_card_is_framed(cards: SuggestionList) -> None:
    first, second, _ = cards.findChildren(SuggestionCard)
    look = Theme()
    assert count(picture(first), look.color("accent.soft"), tolerance=3) > 10000
    assert count(picture(first), look.color("accent.base")) > 700
    assert count(picture(second), look.color("accent.base")) == 0


def test_the_bar_shows_the_score(cards: SuggestionList) -> None:
    _, second, third = cards.findChildren(SuggestionCard)
    grey = Theme().color("text.tertiary")
    area = picture(second).copy(280, 14, 70, 8)
    assert count(area, grey, tolerance=4) >= 0.71 * 56 * 3
    assert count(picture(third).copy(280, 14, 70, 8), grey, tolerance=4) == 0


def test_spoken(cards: SuggestionList) -> None:
    first, second, third = cards.findChildren(SuggestionCard)
    assert (
        first.accessibleName()
        == "1，市政园林中心，排水设施班，92%，责任清单匹配 · 同类 34 件，准确 97%，已选定"
    )
    assert second.accessibleName().startswith("2，水务排水公司，管网二所，71%")
    assert third.accessibleName() == "3，望塔街道办，属地兜底，可先围挡"


def test_what_speaks_against_has_a_line_of_its_own(cards: SuggestionList, qtbot) -> None:
    warned = Suggestion("u1", "市政园林中心", "", 0.5, "责任清单匹配", "同类退单 30%（6/20）")
    cards.set_suggestions((warned, UNITS[1]))
    first, second = cards.findChildren(SuggestionCard)[-2:]
    assert first.sizeHint().height() == second.sizeHint().height() + 18
    assert "注意：同类退单 30%（6/20）" in first.accessibleName()
    assert "注意" not in second.accessibleName()
    assert "同类退单" in first.toolTip()
    first.resize(400, first.sizeHint().height())
    first.set_chosen(True)
    image = picture(first)
    assert count(image, theme().color("sla.soon.text")) > 20
