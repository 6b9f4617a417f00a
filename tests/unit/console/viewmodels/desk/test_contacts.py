"""Unit cards: found by any spelling, the number that counts now, and no telephone where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.desk.contacts import ContactBook
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def book(world: World, start: Start) -> ContactBook:
    world.walk("handling")
    units = [
        {**unit, "day_phone": "0000-1", "night_phone": "0000-2", "duty_officer": "值班室"}
        if unit["id"] == "muni"
        else {**unit, "active": unit["id"] != "gas"}
        for unit in world.doc["departments"]
    ]
    world.doc = {**world.doc, "departments": units}
    return ContactBook(start(world))


@pytest.mark.parametrize("query", ["市政", "sz", "shizheng", "muni", "SZ"])
def test_a_unit_is_found_by_any_spelling(book: ContactBook, query: str) -> None:
    assert "muni" in {card.dept for card in book.found(query)}


def test_what_is_not_there_is_not_found_and_what_ended_is_left_out(book: ContactBook) -> None:
    assert book.found("没有这个单位") == () and book.card("x") is None
    assert "gas" not in {card.dept for card in book.found()}


def test_the_card_has_numbers_duty_and_load(book: ContactBook) -> None:
    card = book.card("muni")
    assert card is not None and card.load == 1
    assert (card.phone(night=False), card.phone(night=True), card.duty_officer) == (
        "0000-1",
        "0000-2",
        "值班室",
    )
    other = book.card("sani")
    assert other is not None and other.phone(night=True) == "" and other.load == 0


def test_night_is_outside_working_hours(book: ContactBook, world: World) -> None:
    assert not book.night()
    world.advance(hours=12)
    assert book.night()


def test_dialling_without_a_telephone_says_so(book: ContactBook) -> None:
    assert book.dial("0000-1") == "没有接入电话，请用座机拨打 0000-1"
    assert "没有登记" in book.dial("")


def test_with_a_telephone_it_dials(book: ContactBook) -> None:
    class Phone:
        def __init__(self) -> None:
            self.dialled: list[str] = []

        def dial(self, number: str) -> None:
            self.dialled.append(number)

    phone = Phone()
    book.telephone = phone
    assert book.dial("0000-2") == "" and phone.dialled == ["0000-2"]


def test_words_of_units_without_contacts_stay_empty(world: World, start: Start, qtbot: Any) -> None:
    card = ContactBook(start(world)).card("muni")
    assert card is not None and card.phone(night=False) == ""
