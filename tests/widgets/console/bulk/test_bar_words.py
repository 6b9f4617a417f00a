"""The batch bar by itself: what stands on its buttons at every width, and what they tell."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.bulk_actions import ACTS, Offer
from console.windows.bulk.bar import NARROW, SIDE, WIDE, BatchBar
from widgets.forms.buttons import Button

COUNTS = {"dispatch": 3, "urge": 5, "comment": 5, "cancel": 2}
OFFERS = tuple(Offer(ACTS[name], count) for name, count in COUNTS.items())


@pytest.fixture
def bar(window: QWidget) -> BatchBar:
    bar = BatchBar(window)
    bar.resize(1200, bar.height())
    return bar


def shown(bar: BatchBar) -> list[str]:
    """The acts with a button, from left to right."""
    return [str(button.property("act")) for button in bar.buttons if not button.isHidden()]


@pytest.mark.parametrize(("count", "visible"), [(0, False), (1, False), (2, True), (5, True)])
def test_a_single_mark_is_no_selection(bar: BatchBar, count: int, visible: bool) -> None:
    bar.show_selection(count, 9, "待派遣", OFFERS)
    assert bar.isVisible() == visible


def test_the_posts_own_step_is_the_main_button_at_the_right(bar: BatchBar) -> None:
    bar.show_selection(5, 9, "", OFFERS)
    assert shown(bar) == ["comment", "urge", "dispatch"]
    assert bar.buttons[-1].text().startswith("派遣")


def test_an_act_for_some_of_them_says_for_how_many(bar: BatchBar) -> None:
    bar.show_selection(5, 9, "", OFFERS)
    words = {str(button.property("act")): button.text() for button in bar.buttons}
    assert words == {"dispatch": "派遣 3", "urge": "催办", "comment": words["comment"]}
    assert "5" not in words["comment"]


def test_figures_are_grouped(bar: BatchBar) -> None:
    bar.show_selection(1234, 56789, "", (Offer(ACTS["urge"], 1200),))
    assert bar.count.text() == "已选 1,234 件" and bar.all.text() == "全选 56,789"
    assert bar.buttons[-1].text() == "催办 1,200"


@pytest.mark.parametrize(
    ("width", "acts"), [(WIDE, SIDE), (WIDE - 1, SIDE - 1), (NARROW, SIDE - 1), (NARROW - 1, 1), (300, 1)]
)
def test_a_narrow_list_has_fewer_buttons_and_the_rest_behind_more(
    bar: BatchBar, width: int, acts: int
) -> None:
    bar.show_selection(5, 9, "待派遣 5", OFFERS)
    bar.resize(width, bar.height())
    assert len(shown(bar)) == acts and shown(bar)[-1] == "dispatch", "the first act is never lost"
    assert not bar.more.isHidden()
    assert bar.none.isHidden() == (width < NARROW) == bar.about.isHidden()


def test_what_all_have_a_button_for_needs_no_more(bar: BatchBar) -> None:
    bar.show_selection(5, 9, "", OFFERS[:2])
    assert shown(bar) == ["urge", "dispatch"] and bar.more.isHidden()
    bar.show_selection(5, 9, "", ())
    assert shown(bar) == [] and bar.more.isHidden()


def test_all_is_offered_only_while_something_is_not_marked(bar: BatchBar) -> None:
    bar.show_selection(5, 9, "", OFFERS)
    assert not bar.all.isHidden()
    bar.show_selection(9, 9, "", OFFERS)
    assert bar.all.isHidden()


def test_a_button_tells_its_act(bar: BatchBar) -> None:
    chosen: list[str] = []
    bar.chosen.connect(chosen.append)
    bar.show_selection(5, 9, "", OFFERS)
    for button in bar.buttons:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen == ["comment", "urge", "dispatch"]


def test_more_holds_the_acts_without_a_button_with_their_counts(bar: BatchBar) -> None:
    chosen: list[str] = []
    bar.chosen.connect(chosen.append)
    bar.show_selection(5, 9, "", OFFERS)
    menu = bar.open_more()
    [entry] = menu.actions()
    assert (entry.text(), entry.data()) == (f"{ACTS['cancel'].word}（2 件）", "cancel")
    entry.trigger()
    menu.close()
    assert chosen == ["cancel"]


def test_esc_and_all_are_told(bar: BatchBar) -> None:
    told: list[str] = []
    bar.cleared.connect(lambda: told.append("cleared"))
    bar.all_wanted.connect(lambda: told.append("all"))
    bar.show_selection(5, 9, "", OFFERS)
    buttons: list[Button] = [bar.none, bar.all]
    for button in buttons:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told == ["cleared", "all"]


def test_a_screen_reader_hears_how_many_and_what(bar: BatchBar) -> None:
    bar.show_selection(5, 9, "待派遣 3，回退 2", OFFERS)
    assert bar.accessibleName() == "批量操作，已选 5 件，待派遣 3，回退 2"


def test_a_new_selection_is_written_anew(bar: BatchBar, qtbot: Any) -> None:
    bar.show_selection(5, 9, "", OFFERS)
    bar.show_selection(3, 9, "", OFFERS[:1])
    assert shown(bar) == ["dispatch"] and bar.buttons[-1].text() == "派遣", "all three of them: no figure"
