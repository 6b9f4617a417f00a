"""Orders of the queue against a plain sort of the same cases: words, numbers, limits, risk, ties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from console.viewmodels.case_columns import CaseColumns
from console.viewmodels.limit_columns import WorkedTime
from console.viewmodels.queue_look import ORDERS
from console.viewmodels.queue_order import LATE, RISK, Ordered, in_states, order_plan, risk_keys, safety
from console.viewmodels.rows import category_name, dept_word, state_word, waiting_word
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BANDS, BandSettings
from services.domain.case import Case
from services.domain.states import STATES
from services.ports.picture import Projected
from tests.support.fakes import NOW, World, close_seat, seat_of, world_for
from tests.support.many_cases import OPEN_STATES, many


class Desk:
    """Four hundred cases in columns, and the same cases one by one."""

    def __init__(self, world: World, seat: SeatViewModel, seed: int = 7, n: int = 400) -> None:
        self.seat = seat
        self.entries = many(n, NOW, world.rules, seed=seed)
        self.columns = CaseColumns(WorkedTime(world.rules.calendar, NOW), BandSettings())
        for entry in self.entries:
            self.columns.put(entry, NOW)
        self.cases = {entry.case.case_id: entry.case for entry in self.entries}
        self.slots = np.arange(self.columns.n)

    def ordered(self, column: str, descending: bool = False, slots: Any = None) -> list[Case]:
        """The cases as the queue would show them."""
        asked = self.slots if slots is None else slots
        found = order_plan(self.columns, asked, column, descending, self.seat, NOW)()
        assert packed_ids(found) == [self.columns.ids[at] for at in found.slots.tolist()]
        return [self.cases[case_id] for case_id in packed_ids(found)]


def packed_ids(ordered: Ordered) -> list[str]:
    packed = ordered.packed
    return [str(UUID(bytes=packed[at : at + 16])) for at in range(0, len(packed), 16)]


@pytest.fixture(scope="module")
def seat(qapp: Any) -> Any:
    made = seat_of(world_for("dispatcher"))
    yield made
    close_seat(made)


@pytest.fixture(scope="module")
def desk(seat: SeatViewModel) -> Desk:
    return Desk(world_for("dispatcher"), seat)


def holder(case: Case, seat: SeatViewModel) -> str:
    return waiting_word(case.state) or dept_word(case.lead_dept or "", seat)


WORDS: dict[str, Callable[[Case, SeatViewModel], Any]] = {
    "category": lambda case, seat: category_name(case.category or "", seat),
    "grid": lambda case, seat: seat.areas.name(case.grid or ""),
    "source": lambda case, seat: seat.rules.sources.get(case.source, case.source),
    "holder": holder,
    "urgency": lambda case, seat: -(3 if case.urgent else case.level),
}


@pytest.mark.parametrize("column", sorted(WORDS))
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_by_a_word_as_a_plain_sort_would(desk: Desk, column: str, descending: bool) -> None:
    said = [WORDS[column](case, desk.seat) for case in desk.ordered(column, descending)]
    assert said == sorted(said, reverse=descending)
    assert len(set(said)) > 1, "the cases differ in it"


def test_by_stage_the_steps_and_within_them_the_states(desk: Desk) -> None:
    found = desk.ordered("stage")
    words = [state_word(case.state) for case in found]
    runs = [word for at, word in enumerate(words) if at == 0 or words[at - 1] != word]
    assert len(runs) == len(set(runs)), "each state stands together"


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_by_limit_those_without_one_stand_at_one_end(desk: Desk, descending: bool) -> None:
    left = desk.columns.remaining(NOW)
    of = dict(zip(desk.columns.ids, left.tolist(), strict=True))
    found = desk.ordered("limit", descending)
    with_clock = [of[case.case_id] for case in found if case.clock is not None]
    assert with_clock == sorted(with_clock, reverse=descending)
    bare = [at for at, case in enumerate(found) if case.clock is None]
    assert bare in (list(range(len(bare))), list(range(len(found) - len(bare), len(found))))


@pytest.mark.parametrize("column", sorted(WORDS))
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_equal_ones_stand_in_the_order_of_their_numbers(desk: Desk, column: str, descending: bool) -> None:
    """Either way round: who reads a group from the top meets the oldest number first."""

    def numbers_of(order: list[Case]) -> dict[Any, list[int]]:
        groups: dict[Any, list[int]] = {}
        slot = desk.columns.slot
        for case in order:
            number = int(desk.columns.number[slot[case.case_id]])
            groups.setdefault(WORDS[column](case, desk.seat), []).append(number)
        return groups

    for numbers in numbers_of(desk.ordered(column, descending)).values():
        assert numbers == sorted(numbers)


def test_an_order_loses_nobody(desk: Desk) -> None:
    for column in (*ORDERS, "summary", "unknown"):
        loses_nobody(desk, column, descending=False)
        loses_nobody(desk, column, descending=True)


def loses_nobody(desk: Desk, column: str, *, descending: bool) -> None:
    some = desk.slots[::3]
    found = desk.ordered(column, descending, some)
    assert {case.case_id for case in found} == {desk.columns.ids[at] for at in some.tolist()}
    assert len(found) == len(some)
    assert desk.ordered(column, descending, desk.slots[:0]) == []


def test_the_order_does_not_depend_on_where_the_cases_lie(desk: Desk) -> None:
    for column in (*ORDERS, "summary"):
        same_wherever_they_lie(desk, column)


def same_wherever_they_lie(desk: Desk, column: str) -> None:
    shuffled = np.random.default_rng(5).permutation(desk.slots)
    plain = [case.case_id for case in desk.ordered(column)]
    if column in (RISK, "number"):
        assert [case.case_id for case in desk.ordered(column, slots=shuffled)] == plain
    numbers = desk.columns.number
    if len(set(numbers.tolist())) == len(numbers):
        assert [case.case_id for case in desk.ordered(column, slots=shuffled)] == plain


class TestRisk:
    """The risk order: urgent and safety, what can be kept, what is late, what stands still."""

    def test_groups_stand_in_their_order(self, desk: Desk) -> None:
        band = {one: BANDS[at] for one, at in zip(desk.columns.ids, desk.columns.band.tolist(), strict=True)}
        safe = dict(zip(desk.columns.ids, safety(desk.columns, desk.seat).tolist(), strict=True))

        def group(case: Case) -> int:
            word = band[case.case_id]
            if case.urgent or (word in ("soon", "ok") and safe[case.case_id]):
                return 0
            if word in ("soon", "ok"):
                return 1
            return 2 + LATE.index(word) if word in LATE else 5

        groups = [group(case) for case in desk.ordered(RISK)]
        assert groups == sorted(groups)
        assert {0, 1, 5} <= set(groups)

    def test_within_a_group_the_least_time_first(self, desk: Desk) -> None:
        keys = risk_keys(desk.columns, desk.seat, NOW)
        of = dict(zip(desk.columns.ids, keys.tolist(), strict=True))
        found = [of[case.case_id] for case in desk.ordered(RISK)]
        assert found == sorted(found)

    def test_equal_risks_stand_in_the_order_of_their_ids(self, desk: Desk) -> None:
        keys = risk_keys(desk.columns, desk.seat, NOW)
        of = dict(zip(desk.columns.ids, keys.tolist(), strict=True))
        found = [(of[case.case_id], UUID(case.case_id).bytes) for case in desk.ordered(RISK)]
        assert found == sorted(found)

    def test_which_way_round_makes_no_difference(self, desk: Desk) -> None:
        up = [case.case_id for case in desk.ordered(RISK)]
        assert up == [case.case_id for case in desk.ordered(RISK, descending=True)]


@pytest.mark.parametrize("states", [(), ("reported",), ("pending_dispatch", "returned"), OPEN_STATES])
def test_in_states_says_what_each_case_says(desk: Desk, states: tuple[str, ...]) -> None:
    found = in_states(desk.columns, *states)
    assert found.tolist() == [desk.cases[one].state in states for one in desk.columns.ids]


def test_a_state_nobody_knows_is_in_none(desk: Desk, seat: SeatViewModel) -> None:
    columns = CaseColumns(WorkedTime(seat.rules.calendar, NOW), BandSettings())
    entry = desk.entries[0]
    columns.put(entry, NOW)
    columns.state[0] = -1
    assert not in_states(columns, *STATES).any()


def test_an_order_rests_on_copies(desk: Desk, seat: SeatViewModel) -> None:
    """What is worked out on a lane is not disturbed by what happens on the desk meanwhile."""
    small = Desk(world_for("dispatcher"), seat, seed=11, n=60)
    plan = order_plan(small.columns, small.slots, "limit", False, seat, NOW)
    before = packed_ids(plan())
    for entry in many(5, NOW, seat.rules, seed=12):
        small.columns.put(entry, NOW)
    small.columns.drop(before[0])
    assert packed_ids(plan()) == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_putting_a_case_twice_changes_no_order(seat: SeatViewModel, seed: int) -> None:
    once = Desk(world_for("dispatcher"), seat, seed=seed, n=80)
    before = [case.case_id for case in once.ordered(RISK)]
    again: list[Projected] = once.entries[::2]
    for entry in again:
        once.columns.put(entry, NOW)
    assert [case.case_id for case in once.ordered(RISK)] == before
