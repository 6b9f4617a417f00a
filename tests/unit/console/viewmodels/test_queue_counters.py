"""The counters say as many as the list shows when one is chosen, whatever else is asked for."""

from __future__ import annotations

import random

import pytest

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_counters import COUNTERS, Counter, counts_of
from console.viewmodels.queue_tabs import dispatch_tabs
from console.viewmodels.seat import SeatViewModel
from services.domain.states import OPEN
from tests.support.fakes import World
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start

TITLES = "待受理 待核实 待立案 待派遣 回退 待签收 处置中 待批转 待核查 待结案 挂账 将超时 已超时"


def crowded(world: World, start: Start, n: int = 250) -> SeatViewModel:
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(n, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    return seat


def test_the_counters_cover_every_open_state() -> None:
    assert [counter.title for counter in COUNTERS] == TITLES.split()
    assert {state for counter in COUNTERS for state in counter.states} == OPEN


def test_states_add_up_to_what_is_open(world: World, start: Start) -> None:
    model = QueueViewModel(crowded(world, start), dispatch_tabs())
    counts = model.counters
    assert sum(counts[counter.id] for counter in COUNTERS if counter.states) == model.total
    assert counts["late"] == model.counts["late"]
    assert all(counts.values()), "every counter has cases to count in this world"


@pytest.mark.parametrize("seed", range(4))
def test_a_counter_says_what_the_list_shows(world: World, start: Start, seed: int) -> None:
    rng = random.Random(seed)
    seat = crowded(world, start, 150)
    model = QueueViewModel(seat, dispatch_tabs())
    some = [entry.case for entry in rng.sample(list(seat.cases.values()), 3)]
    model.set_filter(
        rng.choice(
            [
                CaseFilter(),
                CaseFilter(areas=(some[0].grid or "",)[:1] if some[0].grid else ()),
                CaseFilter(sources=(some[1].source,), urgency=(0, 1)),
                CaseFilter(text=some[2].description[:2]),
                CaseFilter(unplaced=True),
                CaseFilter(stages=("handle",), bands=("ok",)),
            ]
        )
    )
    counts = model.counters
    for counter in COUNTERS:
        model.choose_counter(counter)
        assert model.tab == "open"
        assert len(model.ids) == model.count == counts[counter.id], counter.id
        assert model.counters == counts, "choosing one does not change what the others say"
        shown = {seat.cases[case_id].case.state for case_id in model.ids}
        assert shown <= set(counter.states) or counter.bands


def test_chosen_once_more_it_is_taken_back(world: World, start: Start) -> None:
    model = QueueViewModel(crowded(world, start, 60), dispatch_tabs())
    model.set_filter(CaseFilter(text="案"))
    handling = next(counter for counter in COUNTERS if counter.id == "handling")
    model.choose_counter(handling)
    assert handling.asked(model.filter) and model.filter.states == ("handling",)
    model.choose_counter(handling)
    assert model.filter == CaseFilter(text="案")
    assert model.tab == "open", "the list stays where it is"


def test_a_counter_takes_the_place_of_step_and_band(world: World, start: Start) -> None:
    model = QueueViewModel(crowded(world, start, 60), dispatch_tabs())
    model.set_filter(CaseFilter(stages=("check",), bands=("over1",)))
    model.choose_counter(Counter("soon", bands=("soon",)))
    assert model.filter == CaseFilter(bands=("soon",))


def test_a_state_nobody_knows_is_counted_nowhere(world: World, start: Start) -> None:
    seat = crowded(world, start, 40)
    model = QueueViewModel(seat, dispatch_tabs())
    before = sum(counts_of(model.filters)[counter.id] for counter in COUNTERS if counter.states)
    seat.book.columns._data["state"][0] = -1
    after = sum(counts_of(model.filters)[counter.id] for counter in COUNTERS if counter.states)
    assert after == before - 1


def test_states_are_a_part_of_the_filter(world: World, start: Start) -> None:
    wanted = CaseFilter(states=("pending_dispatch", "returned"))
    assert CaseFilter.from_doc(wanted.to_doc()) == wanted
    assert CaseFilter.from_doc({"states": ["handling", "no_such"]}) == CaseFilter(states=("handling",))
    model = QueueViewModel(crowded(world, start, 20), dispatch_tabs())
    model.set_filter(wanted)
    assert model.filters.words == "状态：待派遣，状态：已回退"
    model.filters.remove("states:returned")
    assert model.filter == CaseFilter(states=("pending_dispatch",))
