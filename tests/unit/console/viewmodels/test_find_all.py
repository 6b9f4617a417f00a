"""The question to all cases, as values: what is asked, which names a text means, what is left of an answer."""

from __future__ import annotations

from dataclasses import fields
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.all_cases import find_query, named, only
from console.viewmodels.areas import AreaBook
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue_look import ORDERS
from services.ports.search import FIND_ORDERS, NO_NAMES, FindQuery, NamedCodes
from tests.support.fakes import World
from tests.unit.console.viewmodels.conftest import Start


def test_nothing_asked_is_the_newest_first() -> None:
    assert find_query(CaseFilter(), "risk", True, NO_NAMES) == FindQuery(order="newest", descending=False)


@pytest.mark.parametrize("order", [*ORDERS, "summary", "", "drop table"])
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_only_orders_the_cache_knows_are_asked_for(order: str, descending: bool) -> None:
    asked = find_query(CaseFilter(), order, descending, NO_NAMES)
    assert asked.order in FIND_ORDERS
    if asked.order == order:
        assert asked.descending == descending
    else:
        assert (asked.order, asked.descending) == ("newest", False)


def test_every_part_of_the_filter_reaches_the_question() -> None:
    names = NamedCodes(("c",), ("d",), ("a",))
    asked = find_query(
        CaseFilter(
            text="井盖", states=("handling",), stages=("handle",), categories=("component",),
            areas=("990101001",), sources=("hotline",), departments=("muni",), urgency=(3,), unplaced=True,
        ),
        "number",
        True,
        names,
    )  # fmt: skip
    assert asked == FindQuery(
        "井盖", names, ("handling",), ("handle",), ("component",), ("990101001",), ("hotline",), ("muni",),
        (3,), True, order="number", descending=True,
    )  # fmt: skip
    plain = FindQuery()
    silent = {
        field.name for field in fields(FindQuery) if getattr(asked, field.name) == getattr(plain, field.name)
    }
    assert silent == {"open", "since"}, "open and ended ones, of any time"


class TestNames:
    """Which codes a text means."""

    @pytest.fixture
    def areas(self, world: World, start: Start) -> AreaBook:
        return start(world).areas

    @pytest.mark.parametrize("text", ["", "   "])
    def test_no_text_means_none(self, world: World, areas: AreaBook, text: str) -> None:
        assert named(text, world.rules, areas) == NO_NAMES

    @pytest.mark.parametrize("text", ["市政", "sz", " SZ "])
    def test_a_unit_by_name_or_initials(self, world: World, areas: AreaBook, text: str) -> None:
        assert "muni" in named(text, world.rules, areas).depts

    def test_a_category_by_its_name(self, world: World, areas: AreaBook) -> None:
        name = world.rules.categories["component-0101"].name
        found = named(name, world.rules, areas)
        assert "component-0101" in found.categories and "event-0110" not in found.categories

    def test_areas_from_the_street_down_but_not_the_district(self, world: World, areas: AreaBook) -> None:
        found = named("望塔", world.rules, areas).areas
        assert {"990101001", "990101001001", "990101001001001"} <= set(found)
        assert all(code.startswith("990101001") for code in found)
        assert named("示例区", world.rules, areas).areas == ()

    def test_what_names_nothing(self, world: World, areas: AreaBook) -> None:
        assert named("甲乙丙丁戊", world.rules, areas) == NO_NAMES


IDS = st.lists(st.uuids(), unique=True, max_size=30)


@settings(max_examples=25)
@given(IDS, st.sets(st.integers(0, 40)))
def test_only_some_of_an_answer_in_its_order(ids: list[UUID], chosen: set[int]) -> None:
    kept = [one for at, one in enumerate(ids) if at in chosen]
    packed = b"".join(one.bytes for one in ids)
    wanted = b"".join(one.bytes for one in kept)
    assert only(packed, [one.bytes for one in kept]) == wanted
    assert only(packed, frozenset(one.bytes for one in reversed(kept))) == wanted


def test_ids_that_are_not_in_the_answer_add_nothing() -> None:
    assert only(b"", [bytes(16)]) == b""
    assert only(bytes(range(16)), [bytes(16)]) == b""
    zeros = bytes(15) + b"\x01"
    assert only(zeros + bytes(16), [bytes(16)]) == bytes(16), "zeros at the end are part of an id"
