"""Known addresses: found by any part, by pinyin and by initials, from the own copy and the area names."""

from __future__ import annotations

import pytest

from console.viewmodels.areas import AreaBook
from console.viewmodels.intake_addresses import AddressBook, known_addresses
from tests.support.desk_rows import desk_of
from tests.support.fakes import invented_areas, settled, world_for


@pytest.fixture
def book(start, qtbot):
    world = world_for("acceptor")
    world.register("一", address="松影路与南苑街口", lon=113.005, lat=23.005)
    world.advance(minutes=1)
    world.register("二", address="松影路 118 号", lon=113.015, lat=23.015)
    world.advance(minutes=1)
    world.register("三", address="松影路 118 号", lon=113.016, lat=23.015)
    seat = start(world)
    made = AddressBook(seat)
    settled(seat, qtbot)
    return made


@pytest.mark.parametrize("query", ["松影", "songying", "syl", "118", "syl 118", "路 松影"])
def test_an_address_is_found_by_any_part_pinyin_or_initials(book, query):
    assert "松影路 118 号" in [entry.text for entry in book.find(query)]


def test_shorter_ones_come_first_and_each_address_once(book):
    assert [entry.text for entry in book.find("松影")] == ["松影路与南苑街口", "松影路 118 号"]


def test_the_latest_point_of_an_address_is_used(book):
    assert book.entry("松影路 118 号").lon == 113.016
    assert book.entry("松影路 118 号").note == "柳岸-02"
    assert book.entry("没有") is None


def test_communities_and_streets_can_be_named(book):
    found = book.find("lasq")
    assert [entry.text for entry in found] == ["柳岸社区"]
    assert found[0].note == "柳岸街道"
    assert 113.01 < found[0].lon < 113.02


def test_an_empty_query_finds_nothing(book):
    assert book.find("  ") == ()
    assert book.choices("") == ()
    assert book.choices("syl")[0].id in ("松影路 118 号", "松影路与南苑街口")


def test_new_cases_are_found_after_a_refresh(book, qtbot):
    seat = book._seat
    world = seat.services.desk.world
    case = world.register("四", address="青禾路 9 号")
    world.announce({"cases"}, {case.case_id})
    qtbot.waitUntil(lambda: case.case_id in seat.cases)
    assert book.find("qhl") == ()
    book.refresh()
    settled(seat, qtbot)
    assert [entry.text for entry in book.find("qhl")] == ["青禾路 9 号"]


def test_cases_without_a_point_or_an_address_are_left_out():
    world = world_for("acceptor")
    world.register("一", address="")
    docs = invented_areas()
    docs["community"]["features"][0]["geometry"] = None
    found = known_addresses(desk_of(world.cases.values()), AreaBook(docs))
    assert "望塔社区" not in [entry.text for entry in found]
    assert len(found) == 5
