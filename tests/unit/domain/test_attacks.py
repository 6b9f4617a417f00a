"""What an attacker or an unlucky centre may send: nothing but a verdict or a PayloadError comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.calendar import WorkCalendar
from services.domain.case import Counts
from services.domain.clocks import remaining_s
from services.domain.errors import PayloadError
from services.domain.lifecycle import BIRTH
from services.domain.limits import Limit
from services.domain.payloads import check_payload
from services.domain.roles import SYSTEM
from tests.unit.domain.ground import (
    ACCEPTOR,
    CALENDAR,
    CASE_ID,
    CATEGORIES,
    DISPATCHER,
    LEADER_OF_SHIFT,
    NOW,
    OTHER_ID,
    SANI,
    THIRD_ID,
    act,
    case_in,
    refused,
    rules,
)


@pytest.mark.parametrize("lon", [10**400, -(10**400), float("nan"), float("inf"), 181])
def test_a_number_beyond_all_floats_is_a_wrong_field(lon: float) -> None:
    with pytest.raises(PayloadError, match="location"):
        check_payload("amend", {"reason": "r", "location": {"lon": lon, "lat": 1}})


@pytest.mark.parametrize("unit", [[], {}, 3, True])
def test_a_unit_that_is_no_text_is_a_wrong_field(unit: object) -> None:
    with pytest.raises(PayloadError, match="unit"):
        check_payload("apply_extension", {"reason": "r", "amount": 1, "unit": unit})


def test_a_fact_of_a_call_without_a_text_name_is_a_wrong_field() -> None:
    with pytest.raises(PayloadError):
        check_payload("log_call", {3: "x"})


def test_an_extension_no_calendar_can_hold_is_refused_when_it_is_asked_for() -> None:
    case = case_in("handling")
    assert refused(case, "apply_extension", SANI, {"amount": 100_000, "unit": "work_day"}) == "bad_calendar"


def test_an_extension_that_became_impossible_is_refused_and_changes_nothing() -> None:
    case = act(case_in("handling"), "apply_extension", SANI, {"amount": 2000, "unit": "work_day"})
    without_end = rules(calendar=WorkCalendar(week=frozenset({0})))
    assert refused(case, "decide_extension", DISPATCHER, under=without_end) == "bad_calendar"


@pytest.mark.parametrize("due", ["2199-01-01T00:00:00+08:00", "2036-11-21T00:00:00+08:00"])
def test_a_deadline_beyond_ten_years_is_refused(due: str) -> None:
    """Nobody could tell what is left of it, and every list with the case in it would break."""
    for case in (case_in("handling"), case_in("reported")):
        payload = {"due_at": due, "reason": "r", "basis": "b"}
        assert refused(case, "adjust_limit", LEADER_OF_SHIFT, payload) == "due_too_far"
        near = {**payload, "due_at": "2036-11-20T00:00:00+08:00"}
        held = act(case, "adjust_limit", LEADER_OF_SHIFT, near)
        assert held.clock is not None and (remaining_s(held.clock, NOW, CALENDAR) or 0) > 0


def test_extensions_do_not_add_up_to_more_than_ten_years() -> None:
    long = {"reason": "r", "amount": 2000, "unit": "work_day"}
    once = act(act(case_in("handling"), "apply_extension", SANI, long), "decide_extension", DISPATCHER)
    assert refused(once, "apply_extension", SANI, long) == "due_too_far"
    asked = act(case_in("handling"), "apply_extension", SANI, long)
    moved = act(
        asked,
        "adjust_limit",
        LEADER_OF_SHIFT,
        {"due_at": "2035-01-01T00:00:00+08:00", "reason": "r", "basis": "b"},
    )
    assert refused(moved, "decide_extension", DISPATCHER) == "due_too_far"
    assert act(moved, "decide_extension", DISPATCHER, {"approve": False}).counts.extension == 0


def test_a_condition_whose_limit_no_calendar_can_hold_does_not_break_dispatch() -> None:
    endless = replace(CATEGORIES["event-0110"].conditions[0], limit=Limit(90_000, "work_day"))
    broken = {**CATEGORIES, "event-0110": replace(CATEGORIES["event-0110"], conditions=(endless,))}
    case = case_in("pending_dispatch")
    assert refused(case, "dispatch", DISPATCHER, under=rules(categories=broken)) == "bad_calendar"


@pytest.mark.parametrize("action", sorted(BIRTH))
def test_a_case_is_born_once(action: str) -> None:
    actor = SYSTEM if action == "import" else ACCEPTOR
    assert refused(case_in("handling"), action, actor) == "case_exists"


def test_amending_words_leaves_a_deadline_set_by_hand_alone() -> None:
    """The form sends category and condition along; unchanged ones recompute nothing."""
    case = act(case_in("handling"), "adjust_limit", LEADER_OF_SHIFT)
    same = {"category": "event-0110", "condition": 0, "description": "换个说法"}
    after = act(case, "amend", DISPATCHER, same)
    assert after.description == "换个说法"
    assert after.clocks == case.clocks


def test_amending_a_returned_case_leaves_the_ended_clock_of_the_first_unit_alone() -> None:
    case = case_in("returned")
    after = act(case, "amend", DISPATCHER, {"condition": 1})
    assert after.condition == 1
    assert after.clocks["handle"] == case.clocks["handle"]


def test_amending_while_the_handling_clock_waits_for_a_check_still_counts() -> None:
    case = case_in("checking")
    after = act(case, "amend", DISPATCHER, {"condition": 1})
    assert after.clocks["handle"].limit == Limit(2, "work_day")
    assert after.clocks["check"] == case.clocks["check"]


def test_an_import_names_a_filing_condition_that_exists() -> None:
    assert refused(None, "import", SYSTEM, {"condition": 7}) == "unknown_condition"
    assert refused(None, "import", SYSTEM, {"category": None, "condition": 0}) == "unknown_condition"
    assert act(None, "import", SYSTEM, {"category": None, "condition": None}).condition is None


def test_an_imported_suspended_case_stands_still_and_resumes_with_its_time() -> None:
    case = act(None, "import", SYSTEM, {"state": "suspended", "at": "2026-11-23T08:00:00+08:00"})
    clock = case.clocks["handle"]
    assert clock.paused and clock.due_at is None and clock.frozen_s == 3 * 3600
    resumed = act(case, "resume", DISPATCHER, now=NOW + timedelta(days=1))
    assert remaining_s(resumed.clocks["handle"], NOW + timedelta(days=1), CALENDAR) == 3 * 3600


def test_parts_of_a_split_case_start_without_the_whole_cases_counts() -> None:
    case = replace(case_in("pending_dispatch"), counts=Counts(urge=3, supervise=1), round=2)
    answer = _split(case, [{"case_id": THIRD_ID, "description": "另一处"}])
    assert answer.births[0].counts == Counts()
    assert answer.births[0].round == 1
    assert answer.case.counts == case.counts


def test_two_parts_of_a_split_case_cannot_share_an_id() -> None:
    parts = [{"case_id": THIRD_ID, "description": "一"}, {"case_id": THIRD_ID, "description": "二"}]
    assert refused(case_in("reported"), "split", ACCEPTOR, {"parts": parts}) == "case_exists"
    for taken in (CASE_ID, OTHER_ID):
        part = [{"case_id": taken, "description": "一"}]
        assert refused(case_in("reported"), "split", ACCEPTOR, {"parts": part}) == "case_exists"


def test_a_case_closed_without_filing_can_be_taken_up_again_and_filed() -> None:
    closed = act(case_in("reported"), "self_close", ACCEPTOR)
    case = act(closed, "reopen", LEADER_OF_SHIFT)
    assert (case.state, case.round, case.condition) == ("pending_dispatch", 2, None)
    assert refused(case, "dispatch", DISPATCHER) == "condition_required"
    case = act(case, "amend", DISPATCHER, {"category": "event-0110", "condition": 0})
    assert act(case, "dispatch", DISPATCHER).state == "pending_sign"


def _split(case, parts):  # type: ignore[no-untyped-def]
    from services.domain.commands import Applied
    from services.domain.decide import decide
    from tests.unit.domain.ground import RULES, command

    answer = decide(case, command("split", {"parts": parts}, case), DISPATCHER, NOW, RULES)
    assert isinstance(answer, Applied)
    return answer
