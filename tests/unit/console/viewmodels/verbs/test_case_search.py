"""Finding cases by words, held against a plain look at every case: who is found, how many, in which order."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.case_search import CaseSearch, FoundCases, ends_with
from console.viewmodels.verbs.line import is_number
from console.viewmodels.verbs.matching import match
from services.domain.case import Case
from services.ports.picture import Projected
from tests.support.fakes import World, close_seat, seat_of, world_for
from tests.support.many_cases import many


class Desk:
    """Three hundred cases on a seat."""

    def __init__(self, world: World, seat: SeatViewModel) -> None:
        self.world, self.seat = world, seat
        entries = many(300, world.now, world.rules, seed=3)
        self.cases = [entry.case for entry in entries]
        for entry in entries:
            seat.book.columns.put(entry, world.now)
        self.search = CaseSearch(seat)

    def find(self, *words: str, limit: int = 1000) -> FoundCases:
        return ended(self.search.find(words, limit))

    def plain(self, *words: str) -> set[str]:
        """The ids a plain look finds."""
        return {case.case_id for case in self.cases if all(self._holds(case, word, words) for word in words)}

    def _holds(self, case: Case, word: str, _words: tuple[str, ...]) -> bool:
        if is_number(word) and any(self._ends(one, word) for one in self.cases):
            return self._ends(case, word) or self._named(case, word)
        text = f"{case.number or ''} {case.description} {case.location.address}".lower()
        return word in text or self._named(case, word)

    @staticmethod
    def _ends(case: Case, word: str) -> bool:
        return (case.number or "").replace("-", "").endswith(word.replace("-", ""))

    def _named(self, case: Case, word: str) -> bool:
        rules = self.seat.rules
        category = rules.categories.get(case.category or "")
        unit = rules.departments.get(case.lead_dept or "")
        names = [
            category.name if category else "",
            (unit.short or unit.name) if unit else "",
            self.seat.areas.name(case.grid) if case.grid else "",
        ]
        return any(name and match(word, name) is not None for name in names)


def ended(work: Generator[None, None, FoundCases]) -> FoundCases:
    while True:
        try:
            next(work)
        except StopIteration as stop:
            found: FoundCases = stop.value
            return found


@pytest.fixture(scope="module")
def desk(qapp: Any) -> Any:
    world = world_for("dispatcher")
    seat = seat_of(world)
    yield Desk(world, seat)
    close_seat(seat)


@pytest.mark.parametrize(
    "words",
    [
        ("井盖",), ("井盖", "望塔"), ("望塔", "井盖"), ("路灯", "柳岸", "3"), ("sz",), ("1",), ("第7处",), ("甲乙",),
        ("井盖", "甲乙"), ("垃圾", "市政"), ("号",),
    ],
    ids=lambda words: "_".join(words) if isinstance(words, tuple) else str(words),
)  # fmt: skip
def test_it_finds_what_a_plain_look_finds(desk: Desk, words: tuple[str, ...]) -> None:
    found = desk.find(*words)
    assert set(found.ids) == desk.plain(*words)
    assert found.total == len(found.ids)


@pytest.mark.parametrize("at", [0, 17, 150, 299])
def test_the_end_of_a_number_finds_its_case_first(desk: Desk, at: int) -> None:
    case = desk.cases[at]
    assert case.number
    for word in (case.number, case.number[-4:], case.number[4:]):
        found = desk.find(word)
        assert found.by_number and case.case_id in found.ids
        best = {one.case_id for one in desk.cases if Desk._ends(one, word)}
        assert set(found.ids[: len(best)]) == best


def test_digits_that_end_no_number_are_looked_for_in_the_text(desk: Desk) -> None:
    found = desk.find("99999999")
    assert found == FoundCases((), 0, False)


def test_the_limit_cuts_the_list_but_not_the_count(desk: Desk) -> None:
    whole, few = desk.find("井盖"), desk.find("井盖", limit=5)
    assert len(few.ids) == 5 < few.total == whole.total
    assert few.ids == whole.ids[:5], "the best are kept"


def test_those_with_the_least_time_left_stand_first(desk: Desk) -> None:
    columns = desk.seat.book.columns
    left = columns.remaining(desk.world.now)
    found = [float(left[columns.slot[one]]) for one in desk.find("井盖").ids]
    assert found == sorted(found)


def test_no_word_and_no_case_find_nothing(desk: Desk, qapp: Any) -> None:
    assert desk.find() == FoundCases()
    seat = seat_of(world_for("dispatcher"))
    try:
        assert ended(CaseSearch(seat).find(("井盖",), 5)) == FoundCases()
    finally:
        close_seat(seat)


def test_the_same_question_has_the_same_answer(desk: Desk) -> None:
    """What was joined for the first answer is used for the second."""
    again = CaseSearch(desk.seat)
    for words in (("井盖",), ("号",), ("望塔", "处")):
        expected = desk.find(*words)
        assert ended(again.find(words, 1000)) == expected
        assert ended(again.find(words, 1000)) == expected


def test_a_change_between_two_slices_does_not_disturb_an_answer(desk: Desk) -> None:
    expected = desk.find("井盖")
    work = CaseSearch(desk.seat).find(("井盖",), 1000)
    next(work)
    [extra] = many(1, desk.world.now, desk.world.rules, seed=99)
    desk.seat.book.columns.put(extra, desk.world.now)
    try:
        assert ended(work) == expected
    finally:
        desk.seat.book.columns.drop(extra.case.case_id)


def test_a_case_that_came_meanwhile_is_found_by_the_next_question(desk: Desk) -> None:
    search = CaseSearch(desk.seat)
    ended(search.find(("井盖",), 1000))
    [extra] = many(1, desk.world.now, desk.world.rules, seed=98)
    case = replace(extra.case, description="独一无二的井盖")
    desk.seat.book.columns.put(Projected(case, case), desk.world.now)
    try:
        assert ended(search.find(("独一无二",), 5)).ids == (case.case_id,)
    finally:
        desk.seat.book.columns.drop(case.case_id)
    assert ended(search.find(("独一无二",), 5)) == FoundCases()


@pytest.mark.parametrize(
    ("word", "none"), [("井盖", True), ("", True), ("-", True), ("1" * 19, True), ("0", False)]
)
def test_only_digits_end_a_number(desk: Desk, word: str, none: bool) -> None:
    found = ends_with(desk.seat.book.columns, word)
    assert len(found) == desk.seat.book.columns.n and (not found.any()) == none
