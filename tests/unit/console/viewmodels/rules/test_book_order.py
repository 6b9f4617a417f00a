"""The rules of a seat in the order things happen: who asks what, what is kept, what a refusal leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.rules.book import READERS, TRIAL_DAYS, RuleBook, _field
from console.viewmodels.rules.draft import RuleForm
from console.viewmodels.seat import SeatViewModel
from services.domain.roles import ROLES
from tests.support.fakes import World, world_for
from tests.support.rule_centre import FakeRuleCentre

Start = Callable[[World], SeatViewModel]


def book_for(start: Start, *roles: str) -> tuple[RuleBook, FakeRuleCentre, World]:
    world = world_for(*roles)
    centre = FakeRuleCentre(world)
    return RuleBook(start(world), centre), centre, world


def settle(book: RuleBook, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: not book.busy)


def test_every_answer_is_followed_by_a_fresh_list(start: Start, qtbot: Any) -> None:
    book, centre, _ = book_for(start, "shift_leader")
    then: list[str] = []
    book.save(RuleForm(name="试"), lambda: then.append(book.rule["name"] if book.rule else ""))
    qtbot.waitUntil(lambda: len(book.rows) == 1)
    settle(book, qtbot)
    rule_id = str(book.rule["id"]) if book.rule else ""
    book.try_now()
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["tried"]) and not book.busy)
    book.switch(True)
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["active"]) and not book.busy)
    assert then == ["试"], "told once, when it is kept"
    assert centre.asked == [
        f"put {rule_id}", "rules", f"try {rule_id} {TRIAL_DAYS}", "rules", f"switch {rule_id} True", "rules",
    ]  # fmt: skip


def test_nothing_open_nothing_is_tried_or_switched(start: Start, qtbot: Any) -> None:
    book, centre, _ = book_for(start, "shift_leader")
    book.try_now()
    book.switch(True)
    assert centre.asked == [] and not book.busy


def test_what_cannot_be_read_is_never_sent(start: Start) -> None:
    book, centre, _ = book_for(start, "shift_leader")
    told: list[tuple[str, Any]] = []
    book.refused.connect(lambda title, fields: told.append((title, fields)))
    for form, field in (
        (RuleForm(name="试", cap="0"), "cap"), (RuleForm(name="试", action="file", then="²"), "then"),
        (RuleForm(name="试", hours="夜里"), "hours"),
    ):  # fmt: skip
        book.save(form, lambda: pytest.fail("not kept"))
        assert list(told[-1][1]) == [field]
    assert centre.asked == [] and not book.busy and book.rule is None


def test_ids_are_made_of_action_and_area(start: Start, qtbot: Any) -> None:
    book, centre, _ = book_for(start, "shift_leader")
    area = book.seat.actor.area_code
    for n, form in enumerate(
        (
            RuleForm(name="甲", action="self_close", then="好", own_report=True),
            RuleForm(name="乙", action="self_close", then="好", own_report=True),
            RuleForm(name="丙"),
        ),
        1,
    ):
        book.new()
        book.save(form)
        qtbot.waitUntil(lambda n=n: len(book.rows) == n)
        settle(book, qtbot)
    assert sorted(centre.kept) == [f"accept-{area}-1", f"self-close-{area}-1", f"self-close-{area}-2"]


def test_figures_of_days_belong_to_the_rule_they_came_with(start: Start, qtbot: Any) -> None:
    book, _, _ = book_for(start, "shift_leader")
    for name in ("甲", "乙"):
        book.new()
        book.save(RuleForm(name=name))
        qtbot.waitUntil(lambda name=name: bool(book.rule and book.rule["name"] == name))
        settle(book, qtbot)
    first, second = (str(row["id"]) for row in book.rows)
    book.open(first)
    qtbot.waitUntil(lambda: book.days is not None)
    settle(book, qtbot)
    book.try_now()
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["tried"]) and not book.busy)
    assert book.days is not None, "the same rule: what it did is still shown"
    book.new()
    assert book.days is None and book.rule is None
    book.open(second)
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["id"] == second))
    settle(book, qtbot)
    book.new()
    book.save(RuleForm(name="丙"))
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["name"] == "丙"))
    assert book.days is None, "a new rule has done nothing"
    settle(book, qtbot)


def test_a_line_that_breaks_leaves_everything_as_it_was(start: Start, qtbot: Any) -> None:
    book, _, world = book_for(start, "shift_leader")
    book.save(RuleForm(name="试"))
    qtbot.waitUntil(lambda: len(book.rows) == 1)
    settle(book, qtbot)
    before = book.rule
    told: list[tuple[str, Any]] = []
    book.refused.connect(lambda title, fields: told.append((title, fields)))
    world.online = False
    for ask in (book.load, book.try_now, lambda: book.switch(True), lambda: book.save(RuleForm(name="改"))):
        ask()
        settle(book, qtbot)
    assert book.rule is before and len(book.rows) == 1
    assert len(told) == 4 and all(title and not fields for title, fields in told)


def test_while_something_is_asked_it_is_said_what(start: Start, qtbot: Any) -> None:
    book, _, _ = book_for(start, "shift_leader")
    seen: list[str] = []
    book.busy_changed.connect(lambda: seen.append(book.busy))
    book.save(RuleForm(name="试"))
    assert book.busy == "save"
    qtbot.waitUntil(lambda: len(book.rows) == 1)
    settle(book, qtbot)
    assert seen == ["save", "", "list", ""]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_reads_writes_and_switches(start: Start, role: str) -> None:
    book, _, _ = book_for(start, role)
    assert (book.why_not() == "") == (role in READERS)
    assert book.may_write == (role in ("shift_leader", "admin"))
    assert book.may_switch_on == (role == "shift_leader")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("name", "name"), ("cap", "cap"), ("then.lead_dept", "then"), ("then.condition", "then"), ("when", "when"),
        ("when.hours[0]", "hours"), ("when.min_confidence", "confidence"), ("when.wait_s", "wait"),
        ("when.min_photos", "photos"), ("when.areas[3]", "areas"), ("when.own_report", "own_report"), ("", ""),
    ],
)  # fmt: skip
def test_paths_of_the_centre_are_fields_of_the_form(path: str, field: str) -> None:
    assert _field(path) == field
