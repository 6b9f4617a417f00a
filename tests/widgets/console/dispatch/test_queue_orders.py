"""The menu of orders and the words of an empty queue: what is chosen, what can be turned, what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_look import ORDERS as KEPT_ORDERS
from console.viewmodels.queue_tabs import CLOSED, dispatch_tabs
from console.viewmodels.seat import SeatViewModel
from console.windows.dispatch.queue_empty import empty_state
from console.windows.dispatch.queue_orders import ORDERS, open_orders, order_word
from tests.support.fakes import World, world_for

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def world() -> World:
    return world_for("dispatcher")


@pytest.fixture
def opened(world: World, start: Start, window: QWidget) -> Any:
    """A queue, and a way to open its menu: what it asked for is kept in a list."""
    model = QueueViewModel(start(world), dispatch_tabs())
    asked: list[tuple[str, bool]] = []
    menus: list[QMenu] = []

    def open_menu() -> dict[str, QAction]:
        menu = open_orders(window, model, lambda order, down: asked.append((order, down)))
        menus.append(menu)
        return {str(action.data()): action for action in menu.actions() if action.data()}

    yield model, asked, open_menu
    for menu in menus:
        menu.close()


@pytest.mark.parametrize("order", sorted({*ORDERS, *KEPT_ORDERS}))
def test_every_order_that_can_be_kept_has_words(order: str) -> None:
    word = order_word(order)
    assert word and not word.isascii()
    assert order_word(order, descending=True) == f"{word} 倒序"


def test_an_order_of_another_version_is_shown_as_it_is() -> None:
    assert order_word("weather") == "weather"


def test_the_menu_has_a_digit_for_each_order_and_marks_the_present_one(opened: Any) -> None:
    model, asked, open_menu = opened
    model.set_order("grid", descending=False)
    actions = open_menu()
    assert [key for key in actions if key != "descending"] == list(ORDERS)
    for number, order in enumerate(ORDERS, 1):
        assert actions[order].text() == f"&{number} {order_word(order)}"
    assert [key for key, action in actions.items() if action.isChecked()] == ["grid"]
    assert asked == []


def test_an_order_is_asked_for_upwards(opened: Any) -> None:
    _, asked, open_menu = opened
    open_menu()["number"].trigger()
    assert asked == [("number", False)]


def test_the_present_order_can_be_turned_round_and_back(opened: Any) -> None:
    model, asked, open_menu = opened
    model.set_order("limit", descending=False)
    open_menu()["descending"].trigger()
    model.set_order("limit", descending=True)
    turned = open_menu()["descending"]
    assert turned.isChecked()
    turned.trigger()
    assert asked == [("limit", True), ("limit", False)]


def test_the_order_of_risk_has_one_direction(opened: Any) -> None:
    _, _, open_menu = opened
    assert not open_menu()["descending"].isEnabled()


class TestEmpty:
    """What stands where no row is."""

    def queue(self, world: World, start: Start, tab: str = "turn") -> QueueViewModel:
        model = QueueViewModel(start(world), dispatch_tabs())
        model.show_tab(tab)
        return model

    @pytest.mark.parametrize(
        ("tab", "title"),
        [
            ("turn", "待派遣已清空"), ("pending_dispatch", "待派遣已清空"), ("open", "这里没有案件"),
            ("late", "这里没有案件"), (CLOSED, "近 24 小时没有结案"),
        ],
    )  # fmt: skip
    def test_each_tab_says_what_is_not_there(self, world: World, start: Start, tab: str, title: str) -> None:
        state = empty_state(self.queue(world, start, tab))
        assert state.title == title and not state.actions

    def test_a_post_without_dispatch_has_its_own_turn_cleared(self, start: Start) -> None:
        world = world_for("acceptor")
        model = QueueViewModel(start(world), dispatch_tabs(("acceptor",)))
        model.show_tab("turn")
        assert empty_state(model).title == "轮到您办的已清空"

    def test_a_filter_that_lets_nothing_through_can_be_cleared(self, world: World, start: Start) -> None:
        world.walk("handling")
        model = self.queue(world, start, "open")
        model.set_filter(CaseFilter(text="没有这样的案件"))
        state = empty_state(model)
        assert state.title == "没有符合条件的案件" and "共 1 件" in state.lines
        assert [action.key for action in state.actions] == ["clear"]

    def test_what_waits_for_dispatch_outside_the_filter_is_offered(self, world: World, start: Start) -> None:
        for _ in range(2):
            world.walk("pending_dispatch")
        model = self.queue(world, start, "open")
        model.set_filter(CaseFilter(text="没有这样的案件"))
        actions = empty_state(model).actions
        assert [(action.key, action.word) for action in actions[1:]] == [
            ("pending_dispatch", "看待派遣 2 件")
        ]
