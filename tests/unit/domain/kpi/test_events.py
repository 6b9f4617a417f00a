"""Events and counts of single cases: what each turn of a case's life is counted as."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.reference.kpis import catalogue_of
from services.domain.facts import CaseFacts, fold
from services.domain.kpi.events import EVENT_TAGS, KpiEvent, events
from services.domain.kpi.measures import WHOLE, Counter, CountRules
from services.domain.kpi.windows import plain_dues
from services.domain.roles import SYSTEM
from tests.unit.domain.ground import (
    ACCEPTOR,
    CALENDAR,
    DISPATCHER,
    EVALUATOR,
    LEADER_OF_SHIFT,
    MUNI,
    SANI,
    SUPERVISOR,
    act,
    at,
    rules,
)
from tests.unit.domain.test_facts import Story, Told
from tests.unit.domain.test_walks import CENTRES, STARTS, TYPHOON, steps

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CATALOGUE = catalogue_of({})


def of(story: Any, name: str) -> list[KpiEvent]:
    return [event for event in events(story.facts) if event.name == name]


def one(story: Any, name: str) -> KpiEvent:
    (event,) = of(story, name)
    return event


def counts(facts: CaseFacts, counter: Counter = CATALOGUE.counter, **plain: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in counter.parts(facts, plain or None):
        if part.ripe_at is None:
            for name, n in part.counts.items():
                found[name] = found.get(name, 0) + n / WHOLE
    return found


def handled(after: timedelta = HOUR) -> Story:
    return Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI, after)


def test_the_straight_way_is_counted_once_everywhere() -> None:
    story = handled().to_close()
    found = counts(story.facts)
    for name in (
        "report_n", "valid_report_n", "accept_n", "on_time_accept_n", "accurate_accept_n", "file_n",
        "on_time_file_n", "accurate_file_n", "need_dispatch_n", "dispatch_n", "on_time_dispatch_n",
        "accurate_dispatch_n", "transfer_n", "accurate_transfer_n", "received_n", "due_to_handle_n", "handle_n",
        "on_time_handle_n", "handled_day_n", "due_to_close_n", "close_n", "on_time_close_n", "closed_day_n",
        "need_check_n", "check_n", "on_time_check_n", "once_closed_n",
    ):  # fmt: skip
        assert found.get(name) == 1, name
    for name in ("overtime_handle_n", "overtime_open_n", "return_n", "rework_n", "open_n", "wrong_dispatch_n",
                 "self_handle_n", "cancel_n", "wrong_accept_n", "deferred_close_n"):  # fmt: skip
        assert name not in found, name
    assert one(story, "handled").seconds == HOUR.total_seconds() + 60


def test_a_duty_met_early_counts_on_the_day_it_was_met() -> None:
    story = handled()
    assert one(story, "handle_due").at == story.now
    assert story.facts.stints[-1].due_at is not None and story.facts.stints[-1].due_at > story.now


def test_late_handling_counts_on_the_deadline() -> None:
    story = handled(3 * DAY)
    event = one(story, "handle_due")
    assert event.at == story.facts.stints[-1].due_at and {"done", "late"} <= event.tags
    story.to_close()
    assert {"done", "late"} <= one(story, "close_due").tags and "on_time" not in one(story, "closed").tags
    found = counts(story.facts)
    assert found["overtime_handle_n"] == found["overtime_close_n"] == 1


def test_an_open_case_is_due_only_when_its_time_is_over() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER)
    event = one(story, "handle_due")
    assert event.ripe_at == event.at == story.case.due_at and "open_late" in event.tags
    waiting = Story().to_dispatch()
    assert one(waiting, "to_dispatch").ripe_at == waiting.case.due_at


def test_a_suspended_case_is_not_due_but_deferred() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    until = (story.now + 10 * DAY).isoformat()
    story.do("apply_suspend", SANI, until=until, reason="待施工").do(
        "decide_suspend", LEADER_OF_SHIFT, approve=True
    )
    assert of(story, "handle_due") == []
    assert "deferred" in one(story, "close_due").tags and len(of(story, "suspended")) == 1
    story.do("resume", DISPATCHER, DAY)
    assert len(of(story, "handle_due")) == 1 and "deferred" not in one(story, "close_due").tags


def test_a_return_makes_the_dispatch_wrong_and_is_the_units() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    assert "wrong" in one(story, "dispatched").tags and "wrong" in one(story, "to_dispatch").tags
    story.do("redispatch", DISPATCHER, lead_dept="muni", co_depts=[]).do("sign", MUNI).do("feed_back", MUNI)
    told = {(event.dept, "returned" in event.tags) for event in of(story, "received")}
    assert told == {("sani", True), ("muni", False)}
    assert one(story, "handle_due").dept == "muni"
    assert counts(story.facts)["wrong_dispatch_n"] == 1 and "accurate_transfer_n" not in counts(story.facts)


def test_an_appeal_leaves_the_overdue_counts_only() -> None:
    story = handled(3 * DAY).to_close()
    story.do("appeal", SANI, reason="等料").do("decide_appeal", EVALUATOR, approve=True)
    found = counts(story.facts)
    assert found["due_to_handle_n"] == found["handle_n"] == 1
    assert "overtime_handle_n" not in found and "on_time_handle_n" not in found


def test_a_reopened_case_counts_by_its_new_round() -> None:
    story = handled(3 * DAY).to_close().do("reopen", LEADER_OF_SHIFT)
    found = counts(story.facts)
    assert "close_n" not in found and "handle_n" not in found and found["report_n"] == found["open_n"] == 1
    assert found["received_n"] == 1 and found["file_n"] == found["on_time_file_n"] == 1


def test_rework_extension_and_supervision_are_told_of_the_case() -> None:
    story = handled()
    story.do("rework", DISPATCHER, reason="不到位")
    assert of(story, "handled") == []
    story.do("supervise", LEADER_OF_SHIFT).do("apply_extension", SANI).do("decide_extension", DISPATCHER)
    story.do("feed_back", SANI).to_close()
    found = counts(story.facts)
    assert found["rework_n"] == found["rectified_n"] == found["extension_n"] == found["supervise_n"] == 1
    assert found["transfer_supervised_n"] == found["extended_day_n"] == 1 and "once_closed_n" not in found


def test_the_callers_word_is_counted_by_the_last_call_back() -> None:
    story = handled().to_close()
    story.do("callback", ACCEPTOR, reached=True, solved=False, satisfaction=2)
    story.do("callback", ACCEPTOR, reached=True, solved=True, satisfaction=5)
    story.do("callback", ACCEPTOR, reached=False, solved=None, satisfaction=None)
    found = counts(story.facts)
    assert found["callback_n"] == found["satisfied_n"] == found["very_satisfied_n"] == found["solved_n"] == 1
    assert "unsatisfied_n" not in found and found["called_back_n"] == 1


@pytest.mark.parametrize(
    ("action", "payload", "counted"),
    [
        ("reject", {}, {"not_accepted_n": 1}),
        ("self_close", {}, {"self_handle_n": 1, "closed_day_n": 1, "accept_n": 1}),
        ("cancel", {}, {"cancel_n": 1, "duplicate_n": 1}),
    ],
)
def test_cases_that_end_at_the_desk(action: str, payload: Any, counted: dict[str, int]) -> None:
    story = Story()
    facts_of = {"duplicate_of": "01930000-0000-7000-8000-000000000002"} if action == "cancel" else payload
    actor = LEADER_OF_SHIFT if action == "cancel" else ACCEPTOR
    story.do(action, actor, **facts_of)
    found = counts(story.facts)
    assert {name: found.get(name, 0) for name in counted} == counted
    assert "due_to_close_n" not in found and "open_n" not in found


def test_verification_is_counted_from_when_it_was_asked_for() -> None:
    story = Story().do("send_verify", ACCEPTOR)
    assert counts(story.facts)["need_verify_n"] == 1 and "verify_n" not in counts(story.facts)
    story.do("verify_result", SUPERVISOR)
    assert counts(story.facts)["on_time_verify_n"] == 1


def test_contact_within_the_time_set() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    story.do("contact_citizen", SANI, 2 * HOUR)
    tags = {name: events(story.facts, s) for name, s in (("long", 86_400), ("short", 60))}
    held = {
        name: "contacted_in_time" in next(e for e in found if e.name == "dispatched").tags
        for name, found in tags.items()
    }
    assert held == {"long": True, "short": False}


def test_an_imported_case_is_filed_and_due_but_not_the_desks() -> None:
    story = Story("import", SYSTEM)
    found = counts(story.facts)
    assert found["report_n"] == 1 and found["file_n"] == 1 and "need_dispatch_n" not in found


# --- sharing between lead and co units -------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(0, 7))
def test_shares_of_lead_and_co_units_add_up_to_one_case(share: int, partners: int) -> None:
    story = handled()
    facts = replace(story.facts, co_depts=tuple(f"d{n}" for n in range(partners)))
    counter = Counter(CATALOGUE.measures.values(), CountRules(co_share=share))
    by_dept: dict[str, int] = {}
    for part in counter.parts(facts):
        if n := part.counts.get("handle_n"):
            by_dept[part.dept] = by_dept.get(part.dept, 0) + n
    assert sum(by_dept.values()) == WHOLE
    assert counts(facts, counter) == pytest.approx(counts(facts))
    if partners and share:
        assert all(by_dept.get(f"d{n}", 0) == WHOLE * share // (partners * 1000) for n in range(partners))


# --- with and without windows ----------------------------------------------------------------------------


def test_a_window_saves_a_case_and_the_difference_is_told() -> None:
    under = rules(windows=(TYPHOON,))
    story = _under(under)
    plain = plain_dues(story.case, CALENDAR)
    assert set(plain) >= {"handle"} and plain["handle"] < story.facts.stints[-1].due_at
    found = counts(story.facts, **plain)
    assert found["on_time_handle_n"] == 1 and found["on_time_handle_n~"] == -1
    assert found["overtime_handle_n~"] == 1 and found.get("due_to_handle_n~", 0) == 0
    assert plain_dues(handled().case, CALENDAR) == {}


def _under(under: Any) -> Story:
    """A case whose deadline a window moved: in time with it, late without."""
    story = Story()
    story.now = at("2026-11-23 14:50")
    for action, actor, wait in (
        ("accept", ACCEPTOR, 1), ("file", LEADER_OF_SHIFT, 1), ("dispatch", DISPATCHER, 1), ("sign", SANI, 1),
        ("feed_back", SANI, 60 * 23),
    ):  # fmt: skip
        story.now += timedelta(minutes=wait)
        story.case = act(story.case, action, actor, {}, now=story.now, under=under)
        story.facts = fold(story.facts, story.case, action, actor.id, story.now, {})
    return story


# --- whatever happens ------------------------------------------------------------------------------------


@given(st.sampled_from(CENTRES), st.sampled_from(STARTS), st.integers(0, 3), steps)
def test_sums_hold_whatever_happens(under: Any, start: str, variant: int, path: Any) -> None:
    walk = Told(under, start, variant)
    for pick, which, wait in path:
        if walk.case.state == "archived":
            break
        walk.step(pick, which, wait)
    if walk.facts is None:
        return
    found = events(walk.facts)
    for event in found:
        assert event.tags <= EVENT_TAGS[event.name], event
        assert event.seconds is None or event.seconds >= 0
    for name in (
        "reported",
        "accepted",
        "filed",
        "to_dispatch",
        "dispatched",
        "handle_due",
        "close_due",
        "closed",
    ):
        assert sum(event.name == name for event in found) <= 1, name
    due = [event.tags for event in found if event.name == "handle_due"]
    if due and "exempt" not in due[0]:
        # what is due is handled in time, handled late, or overdue and open
        assert len(due[0] & {"on_time", "late", "open_late"}) == 1
