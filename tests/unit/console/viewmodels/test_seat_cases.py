"""What dialogs ask of all cases: units with their load, applications, neighbours, words, grids; few are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels import seat_cases
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import applied_cases, cases_near, cases_said, held_counts, open_grids
from services.domain.case import Case
from services.domain.states import DISPATCHED
from tests.support.fakes import SOUTH, STEP, WEST, World

Start = Callable[[World], SeatViewModel]


def ids(cases: list[Case]) -> set[str]:
    return {case.case_id for case in cases}


def test_a_unit_is_loaded_with_what_it_holds_now(world: World, start: Start) -> None:
    for state in ("pending_dispatch", "pending_sign", "handling", "feedback_review", "checking", "closed"):
        world.walk(state)
    expected = sum(case.lead_dept == "muni" and case.state in DISPATCHED for case in world.cases.values())
    held = held_counts(start(world))
    assert held["muni"] == expected == 4
    assert held["green"] == 0 and "" not in held


def test_a_desk_without_cases_loads_nobody(world: World, start: Start) -> None:
    seat = start(world)
    assert not held_counts(seat)
    assert applied_cases(seat) == [] and open_grids(seat) == []
    assert cases_near(seat, WEST, SOUTH, (1.0, 1.0)) == [] and cases_said(seat, ("井盖",)) == []


def test_only_applications_that_wait_are_found(world: World, start: Start) -> None:
    waits, other = world.walk("handling"), world.walk("handling")
    world.apply("apply_extension", waits.case_id, reason="等待配件")
    assert ids(applied_cases(start(world))) == {waits.case_id}
    assert other.case_id != waits.case_id


def test_neighbours_lie_in_the_box_its_edge_included(world: World, start: Start) -> None:
    at = world.register(lon=WEST + 0.004, lat=SOUTH + 0.004)
    near = world.register(lon=WEST + 0.005, lat=SOUTH + 0.0035)
    far = world.register(lon=WEST + 0.0075, lat=SOUTH + 0.004)
    seat = start(world)
    found = ids(cases_near(seat, WEST + 0.004, SOUTH + 0.004, (0.0015, 0.001)))
    assert found == {at.case_id, near.case_id}
    assert far.case_id in ids(cases_near(seat, WEST + 0.004, SOUTH + 0.004, (0.004, 0.001)))
    assert cases_near(seat, WEST + 2 * STEP, SOUTH + 2 * STEP, (0.001, 0.001)) == []


def test_a_case_without_a_position_is_nobodys_neighbour(world: World, start: Start) -> None:
    case = world.register()
    world.cases[case.case_id] = replace(case, location=replace(case.location, lon=None, lat=None))
    assert cases_near(start(world), WEST, SOUTH, (180.0, 90.0)) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("井盖",), {"a", "c"}),
        (("井盖", "南苑"), {"a"}),
        (("南苑", "井盖"), {"a"}),
        (("东门",), {"b"}),
        (("路灯", "井盖"), set()),
        ((), {"a", "b", "c"}),
        (("ABC",), {"b"}),
    ],
    ids=["text", "text_and_address", "any_order", "address", "both_needed", "nothing_asked", "any_case"],
)
def test_every_word_must_be_said(world: World, start: Start, words: tuple[str, ...], found: set[str]) -> None:
    cases = {
        "a": world.register("井盖缺失", address="南苑街"),
        "b": world.register("路灯不亮 abc", address="东门"),
        "c": world.register("井盖破损", address="柳岸"),
    }
    names = {case.case_id: name for name, case in cases.items()}
    assert {names[one] for one in ids(cases_said(start(world), words))} == found


def test_a_category_and_a_number_count_as_words(world: World, start: Start) -> None:
    filed, bare = world.walk("pending_dispatch"), world.register("别的")
    seat = start(world)
    assert filed.category is not None and filed.number is not None
    name = seat.rules.categories[filed.category].name
    assert ids(cases_said(seat, (name,))) == {filed.case_id}
    assert ids(cases_said(seat, (filed.number,))) == {filed.case_id}
    assert bare.case_id not in ids(cases_said(seat, (filed.number[-4:],)))


def test_of_many_the_latest_are_read(
    world: World, start: Start, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setattr(seat_cases, "MOST", 2)
    made = []
    for _ in range(4):
        made.append(world.register("井盖缺失").case_id)
        world.advance(minutes=1)
    assert ids(cases_said(start(world), ("井盖",))) == set(made[-2:])


def test_grids_are_those_of_open_cases_one_each(world: World, start: Start) -> None:
    one, two = world.register(), world.register(lat=SOUTH + 1.5 * STEP)
    again = world.register()
    outside = world.register()
    world.cases[outside.case_id] = replace(outside, grid=None)
    world.walk("closed")
    assert sorted(open_grids(start(world))) == sorted(str(case.grid) for case in (one, two, again))
