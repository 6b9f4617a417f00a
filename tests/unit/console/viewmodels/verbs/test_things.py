"""Units, areas and people by name: who is found, by what, in which order, and how much is looked at in one go."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.matching import BEGIN, INSIDE, WHOLE
from console.viewmodels.verbs.things import (
    STEP,
    FoundThing,
    Thing,
    areas_of,
    fit,
    people_of,
    search_things,
    units_of,
    warm,
)
from tests.support.fakes import World

Start = Callable[[World], SeatViewModel]
MUNI = Thing("muni", ("市政", "市政园林管理中心"), "muni", "市政园林管理中心")
GRID = Thing("990101001001001", ("望塔-01",), "990101001001001", "望塔社区 · 网格员 方知夏")


def ended(work: Generator[None, None, tuple[FoundThing, ...]]) -> tuple[int, tuple[FoundThing, ...]]:
    """Run a search to its end; returns between how many slices it could be interrupted."""
    pauses = 0
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return pauses, stop.value
        pauses += 1


def found(things: list[Thing], *words: str, limit: int = 5) -> list[str]:
    return [one.thing.id for one in ended(search_things(things, words, limit))[1]]


@pytest.mark.parametrize(
    ("words", "tier", "places"),
    [
        (("市政",), WHOLE, {0, 1}),
        (("sz",), WHOLE, {0, 1}),
        (("s",), BEGIN, {0}),
        (("市政园林",), BEGIN, set()),
        (("园林",), INSIDE, set()),
        (("muni",), WHOLE, set()),
        (("mu",), BEGIN, set()),
    ],
    ids=["short", "initials", "begin", "full_name", "inside", "code", "begin_of_code"],
)
def test_a_unit_is_found_by_short_name_full_name_or_code(
    words: tuple[str, ...], tier: int, places: set[int]
) -> None:
    hit = fit(MUNI, words)
    assert hit is not None
    assert (hit.tier, set(hit.places)) == (tier, places), "only the shown name is marked"


@pytest.mark.parametrize("words", [("环卫",), ("市政", "环卫"), ("mu", "ni")])
def test_what_is_not_all_spelled_is_not_found(words: tuple[str, ...]) -> None:
    assert fit(MUNI, words) is None


def test_a_code_is_asked_for_by_one_word_alone() -> None:
    assert fit(GRID, ("990101",)) is not None
    assert fit(GRID, ("望塔", "990101")) is None
    assert fit(GRID, ("望塔", "01")) is not None


def test_better_fits_stand_first_and_among_equals_the_shorter_name() -> None:
    things = [
        Thing("inside", ("大望塔",)), Thing("long", ("望塔街道办",)), Thing("begin", ("望塔-01",)),
        Thing("whole", ("望塔",)),
    ]  # fmt: skip
    assert found(things, "望塔") == ["whole", "long", "begin", "inside"]
    assert found([*things, Thing("short", ("望塔一",))], "望塔")[1] == "short"


def test_no_more_than_asked_for_and_nothing_without_words() -> None:
    things = [Thing(f"{n}", (f"望塔-{n:02d}",)) for n in range(9)]
    assert len(found(things, "望塔", limit=4)) == 4
    assert found(things) == []


@pytest.mark.parametrize(("n", "pauses"), [(0, 0), (STEP - 1, 0), (STEP, 1), (3 * STEP + 5, 3)])
def test_a_long_search_can_be_interrupted(n: int, pauses: int) -> None:
    things = [Thing(f"{at}", ("望塔",)) for at in range(n)]
    assert ended(search_things(things, ("望塔",), 2))[0] == pauses


def test_units_are_the_active_ones_by_short_name(world: World, start: Start) -> None:
    known = world.rules.departments
    shut = replace(known["muni"], active=False)
    world.rules = replace(world.rules, departments={**known, "muni": shut})
    units = {unit.id: unit for unit in units_of(start(world))}
    assert "muni" not in units and "green" in units
    for unit in units.values():
        entry = known[unit.id]
        assert unit.name == (entry.short or entry.name)
        assert unit.note == (entry.name if unit.name != entry.name else "")


def test_areas_stand_streets_before_grids_with_parent_and_officer(world: World, start: Start) -> None:
    areas = areas_of(start(world))
    lengths = [len(area.id) for area in areas]
    assert lengths == sorted(lengths) and len(areas) == 1 + 3 + 3 + 9
    grid = next(area for area in areas if area.name == "望塔-02")
    assert grid.note == "望塔社区 · 网格员 方知夏"
    assert next(area for area in areas if area.name == "望塔街道").note == "示例区"
    assert areas[0].note == ""


def test_people_lead_to_their_grid(world: World, start: Start) -> None:
    people = people_of(start(world))
    assert {person.name for person in people} == {"方知夏"} and len(people) == 9
    assert all(person.note for person in people)
    hits = found(people, "fzx", limit=20)
    assert set(hits) == {person.id for person in people}


def test_sounds_are_worked_out_for_every_name() -> None:
    names: list[Any] = ["望塔", "柳岸", ""]
    assert warm(names) == 3
