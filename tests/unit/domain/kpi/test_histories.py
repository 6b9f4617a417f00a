"""One small month of a centre, told step by step: every figure of it counted by hand, as exact fractions.

Ten cases with known ends; the numerators and denominators below were counted from the list of cases, not from the
program. Nothing here is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from services.backend.reference.kpis import catalogue_of
from services.domain.facts import CaseFacts
from services.domain.kpi.event import EVENT_TAGS
from services.domain.kpi.events import events
from services.domain.kpi.figures import department_score, figure
from services.domain.kpi.measures import WHOLE, Counter, CountRules
from tests.unit.domain.ground import (
    ACCEPTOR,
    DISPATCHER,
    EVALUATOR,
    LEADER_OF_SHIFT,
    MUNI,
    NOW,
    OTHER_ID,
    SANI,
    SUPERVISOR,
    WATER,
)
from tests.unit.domain.test_facts import Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CATALOGUE = catalogue_of({})
#: long after everything is due
END = NOW + 300 * DAY


def sent(story: Story | None = None) -> Story:
    """Filed and dispatched to 环卫, signed."""
    return (story or Story()).to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)


def early() -> Story:
    """1: handled after an hour, closed; the caller is very satisfied."""
    story = sent(Story(source="hotline", kind="event")).do("feed_back", SANI, HOUR).to_close()
    return story.do("callback", ACCEPTOR, reached=True, solved=True, satisfaction=5)


def late() -> Story:
    """2: handled after five days, closed; the caller is not satisfied."""
    story = sent(Story(source="hotline", kind="event")).do("feed_back", SANI, 5 * DAY).to_close()
    return story.do("callback", ACCEPTOR, reached=True, solved=False, satisfaction=1)


def overdue() -> Story:
    """3: signed and never handled."""
    return sent()


def elsewhere() -> Story:
    """4: returned by 环卫, redispatched to 供水, handled in time, not closed yet."""
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    return story.do("redispatch", DISPATCHER, lead_dept="water").do("sign", WATER).do("feed_back", WATER)


def twice() -> Story:
    """5: sent back by the check, handled again in time, closed; extended on the way."""
    story = sent().do("apply_extension", SANI).do("decide_extension", DISPATCHER).do("feed_back", SANI)
    return story.do("send_check", DISPATCHER).do("check_fail", SUPERVISOR).do("feed_back", SANI).to_close()


def refused() -> Story:
    """6: not accepted."""
    return Story().do("reject", ACCEPTOR)


def unfiled() -> Story:
    """7: accepted, not filed."""
    return Story().do("accept", ACCEPTOR).do("reject", LEADER_OF_SHIFT)


def repeated() -> Story:
    """8: filed, then cancelled as a repeat of another case."""
    return Story().to_dispatch().do("cancel", LEADER_OF_SHIFT, duplicate_of=OTHER_ID)


def waiting() -> Story:
    """9: filed and never dispatched."""
    return Story().to_dispatch()


def suspended() -> Story:
    """10: the unit waits for works; supervised before."""
    story = sent().do("supervise", LEADER_OF_SHIFT)
    until = (story.now + 200 * DAY).isoformat()
    return story.do("apply_suspend", SANI, until=until).do("decide_suspend", LEADER_OF_SHIFT, approve=True)


MONTH = (early, late, overdue, elsewhere, twice, refused, unfiled, repeated, waiting, suspended)


def counts_of(
    stories: list[CaseFacts], moment: datetime = END, counter: Counter = CATALOGUE.counter
) -> dict[str, int]:
    """Return the counts of cases in thousandths, as they stand at a moment."""
    found: dict[str, int] = {}
    for facts in stories:
        for part in counter.parts(facts):
            if part.ripe_at is None or part.ripe_at <= moment:
                for name, n in part.counts.items():
                    found[name] = found.get(name, 0) + n
    return found


@pytest.fixture(scope="module")
def month() -> dict[str, int]:
    return counts_of([make().facts for make in MONTH])


#: counted by hand from the ten cases
BY_HAND = {
    # the desk
    "report_n": 10,
    "valid_report_n": 7,  # without 6, 7 and 8
    "public_report_n": 2,  # 1 and 2 came by the hotline
    "duplicate_n": 1,
    "accept_n": 9,  # all but 6
    "on_time_accept_n": 9,
    "accurate_accept_n": 7,  # 7 was not filed, 8 was cancelled
    "wrong_accept_n": 2,
    "accepted_filed_n": 8,
    "not_accepted_n": 1,
    "not_filed_n": 1,
    "file_n": 8,  # all but 6 and 7
    "on_time_file_n": 8,
    "accurate_file_n": 7,  # 8 should not have been filed
    "cancel_n": 1,
    # dispatching: 8 was cancelled before it, 9 waits beyond its limit
    "need_dispatch_n": 7,
    "dispatch_n": 6,
    "on_time_dispatch_n": 6,
    "overtime_dispatch_n": 1,
    "accurate_dispatch_n": 5,  # 4 went to the wrong unit first
    "wrong_dispatch_n": 1,
    "transfer_n": 6,
    "accurate_transfer_n": 5,
    "transfer_supervised_n": 1,
    "transfer_suspended_n": 1,
    "received_n": 7,  # 4 was received by two units
    "return_n": 1,
    # handling: 1, 2, 3, 4, 5; 10 stands still
    "due_to_handle_n": 5,
    "handle_n": 4,
    "on_time_handle_n": 3,
    "overtime_handle_n": 1,
    "overtime_open_n": 1,
    "extension_n": 1,
    "handled_day_n": 4,
    # closing: as handling, and 10 as 缓办
    "due_to_close_n": 6,
    "close_n": 3,
    "on_time_close_n": 2,
    "overtime_close_n": 1,
    "overtime_unclosed_n": 3,  # 3, 4 and 10
    "deferred_close_n": 1,
    "rework_n": 1,
    "rectified_n": 1,
    "closed_day_n": 3,
    "once_closed_n": 2,
    "called_back_n": 2,
    # checking: 1, 2 and 5 were sent to be checked
    "need_check_n": 3,
    "check_n": 3,
    "on_time_check_n": 3,
    # callers
    "callback_n": 2,
    "rated_n": 2,
    "satisfied_n": 1,
    "very_satisfied_n": 1,
    "unsatisfied_n": 1,
    "opined_n": 2,
    "solved_n": 1,
    # how the cases stand now
    "open_n": 4,  # 3, 4, 9 and 10
    "waiting_dispatch_n": 1,
    "unhandled_n": 1,  # 3; what is suspended is told by its own
    "supervise_n": 1,
    "suspend_n": 1,
    "hard_n": 1,  # 10 was suspended
    "self_handle_n": 0,
    "redispatch_n": 0,
    "need_verify_n": 0,
}


@pytest.mark.parametrize(("name", "cases"), sorted(BY_HAND.items()), ids=sorted(BY_HAND))
def test_the_months_counts(month: dict[str, int], name: str, cases: int) -> None:
    assert month.get(name, 0) == cases * WHOLE


#: figure -> the exact fraction in percent, from the counts above
RATES: Mapping[str, Fraction | None] = {
    "valid_report_rate": Fraction(70),
    "public_report_rate": Fraction(20),
    "acceptance_rate": Fraction(90),
    "filing_rate": Fraction(800, 9),
    "on_time_filing_rate": Fraction(100),
    "accurate_filing_rate": Fraction(700, 8),
    "dispatch_rate": Fraction(600, 7),
    "on_time_dispatch_rate": Fraction(600, 7),
    "accurate_dispatch_rate": Fraction(500, 7),
    "transfer_accuracy_rate": Fraction(500, 6),
    "handling_rate": Fraction(80),
    "on_time_handling_rate": Fraction(60),
    "overtime_handling_rate": Fraction(20),
    "overdue_open_rate": Fraction(20),
    "extension_rate": Fraction(20),
    "return_rate": Fraction(100, 7),
    "closure_rate": Fraction(50),
    "on_time_closure_rate": Fraction(100, 3),
    "overtime_closure_rate": Fraction(100, 6),
    "rework_rate": Fraction(100, 6),
    "rectification_rate": Fraction(100),
    "open_rate": Fraction(40),
    "supervision_rate": Fraction(100, 6),
    "suspension_rate": Fraction(100, 6),
    "check_rate": Fraction(100),
    "accurate_accept_rate": Fraction(700, 9),
    "repeat_rate": Fraction(100, 8),
    "satisfaction_rate": Fraction(50),
    "resolution_rate": Fraction(50),
    "callback_rate": Fraction(200, 3),
    "hard_ticket_ratio": Fraction(10),
    # nothing was sent to be verified: no figure, neither 0 nor 100
    "on_time_verify_rate": None,
    "urgent_handling_rate": None,
    "issue_resolution_rate": None,
}


@pytest.mark.parametrize(("name", "value"), sorted(RATES.items()), ids=sorted(RATES))
def test_the_months_figures(month: dict[str, int], name: str, value: Fraction | None) -> None:
    assert figure(CATALOGUE.definitions[name], month).value == value


def test_the_departments_score_of_the_month(month: dict[str, int]) -> None:
    rates = {
        name: figure(CATALOGUE.definitions[name], month).value
        for name in (
            "handling_rate",
            "on_time_handling_rate",
            "rework_rate",
            "overdue_open_rate",
            "extension_rate",
        )
    }
    # 0.8 × 30 + 0.6 × 20 + 5/6 × 20 + 0.8 × 20 + 0.8 × 10
    assert department_score(rates) == 24 + 12 + Fraction(50, 3) + 16 + 8


def test_the_mean_times_of_the_month(month: dict[str, int]) -> None:
    # from the dispatch: 1 h 1 min, 5 days 1 min, 2 min, and for the fifth 6 min
    minutes = 61 + (5 * 24 * 60 + 1)
    fourth, fifth = elsewhere().facts.stints[-1], twice().facts.stints[-1]
    assert fourth.end is not None and fifth.end is not None
    minutes += round((fourth.end - fourth.at).total_seconds() / 60)
    minutes += round((fifth.end - fifth.at).total_seconds() / 60)
    assert figure(CATALOGUE.definitions["avg_handling_hours"], month).value == Fraction(minutes, 60 * 4)
    # every case but the sixth was accepted a minute after it was registered
    assert figure(CATALOGUE.definitions["avg_accept_minutes"], month).value == 1


def test_before_anything_is_due_open_cases_are_left_out() -> None:
    """Domain 8.1: open cases that are not due yet are in neither side."""
    facts = [make().facts for make in MONTH]
    at_once = counts_of(facts, NOW + timedelta(minutes=5))
    assert at_once["due_to_handle_n"] == 4 * WHOLE, "the four that were handled"
    assert figure(CATALOGUE.definitions["handling_rate"], at_once).value == 100
    assert "overtime_open_n" not in at_once and "overtime_dispatch_n" not in at_once
    assert at_once["need_dispatch_n"] == 6 * WHOLE


def test_the_order_of_cases_does_not_matter(month: dict[str, int]) -> None:
    assert counts_of([make().facts for make in reversed(MONTH)]) == month


def test_two_months_are_the_sum_of_both(month: dict[str, int]) -> None:
    double = counts_of([make().facts for make in (*MONTH, *MONTH)])
    assert double == {name: 2 * n for name, n in month.items()}
    for name in ("handling_rate", "filing_rate", "avg_handling_hours"):
        definition = CATALOGUE.definitions[name]
        assert figure(definition, double).value == figure(definition, month).value
        assert figure(definition, month) + figure(definition, month) == figure(definition, double)


def test_every_event_carries_only_tags_a_measure_can_ask_for() -> None:
    for make in MONTH:
        for event in events(make().facts):
            assert event.tags <= EVENT_TAGS[event.name], (make.__name__, event)


@pytest.mark.parametrize("make", MONTH, ids=[make.__name__ for make in MONTH])
def test_what_is_due_is_in_time_late_or_overdue_and_only_one_of_them(make: Any) -> None:
    found = counts_of([make().facts])
    told = [found.get(name, 0) for name in ("on_time_handle_n", "overtime_handle_n", "overtime_open_n")]
    assert sum(told) == found.get("due_to_handle_n", 0) and sorted(told)[:2] == [0, 0]
    stands = [
        found.get(name, 0)
        for name in ("waiting_accept_n", "waiting_file_n", "waiting_dispatch_n", "waiting_check_n", "unhandled_n")
    ]  # fmt: skip
    assert sum(stands) <= found.get("open_n", 0)


# --- single turns ------------------------------------------------------------------------------------------


def test_to_the_second_on_the_deadline_is_in_time_and_a_second_later_is_late() -> None:
    def handled_at(shift: timedelta) -> dict[str, int]:
        story = sent()
        due = story.case.due_at
        assert due is not None
        story.do("feed_back", SANI, due + shift - story.now)
        return counts_of([story.facts])

    assert handled_at(timedelta(0))["on_time_handle_n"] == WHOLE
    later = handled_at(timedelta(seconds=1))
    assert later["overtime_handle_n"] == WHOLE and "on_time_handle_n" not in later


def test_an_exempted_case_stays_in_the_whole() -> None:
    story = late().do("appeal", SANI).do("decide_appeal", EVALUATOR)
    found = counts_of([story.facts])
    assert found["due_to_handle_n"] == found["handle_n"] == WHOLE
    assert "overtime_handle_n" not in found and "overtime_close_n" not in found
    assert figure(CATALOGUE.definitions["overtime_handling_rate"], found).value == 0
    refused_ = late().do("appeal", SANI).do("decide_appeal", EVALUATOR, approve=False)
    assert counts_of([refused_.facts])["overtime_handle_n"] == WHOLE


def test_a_recalled_dispatch_is_nobodys_error() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("recall", DISPATCHER)
    story.do("dispatch", DISPATCHER, lead_dept="muni", co_depts=[]).do("sign", MUNI).do("feed_back", MUNI)
    found = counts_of([story.facts])
    assert found["accurate_transfer_n"] == found["received_n"] == found["on_time_handle_n"] == WHOLE
    assert "wrong_dispatch_n" not in found and "return_n" not in found


def test_a_redispatch_ends_the_first_units_part_unhandled() -> None:
    story = sent().do("redispatch", LEADER_OF_SHIFT, lead_dept="water").do("sign", WATER)
    found = counts_of([story.facts])
    assert found["received_n"] == 2 * WHOLE and found["redispatch_n"] == WHOLE
    assert found["wrong_dispatch_n"] == WHOLE and "return_n" not in found
    assert found["due_to_handle_n"] == found["overtime_open_n"] == WHOLE, "the present unit's only"


def test_two_returns_make_an_open_case_a_hard_one() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    assert "hard_n" not in counts_of([story.facts])
    story.do("redispatch", DISPATCHER, lead_dept="water").do("return_case", WATER)
    assert counts_of([story.facts])["hard_n"] == WHOLE
    story.do("redispatch", DISPATCHER, lead_dept="sani").do("sign", SANI).do("feed_back", SANI).to_close()
    assert "hard_n" not in counts_of([story.facts]), "a closed one is hard no more"


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        (1, {"unsatisfied_n"}), (2, {"unsatisfied_n"}), (3, {"satisfied_n"}), (4, {"satisfied_n"}),
        (5, {"satisfied_n", "very_satisfied_n"}), (None, set()),
    ],
    ids=["1", "2", "3", "4", "5", "none"],
)  # fmt: skip
def test_three_marks_and_more_are_satisfied(marks: int | None, told: set[str]) -> None:
    story = sent().do("feed_back", SANI).to_close()
    story.do("callback", ACCEPTOR, reached=True, solved=None, satisfaction=marks)
    found = counts_of([story.facts])
    words = {"satisfied_n", "unsatisfied_n", "very_satisfied_n"}
    assert words & set(found) == told
    assert ("rated_n" in found) == (marks is not None) and "opined_n" not in found
    assert found["callback_n"] == WHOLE


def test_only_dispatches_within_the_hours_set_are_contacted_in_time() -> None:
    story = Story(source="hotline", kind="hotline").to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    story.do("contact_citizen", SANI, 23 * HOUR)
    for hours, cases in ((24, 1), (23, 0), (48, 1), (1, 0)):
        counter = Counter(CATALOGUE.measures.values(), CountRules(contact_s=hours * 3600))
        found = counts_of([story.facts], counter=counter)
        assert found.get("ticket_contacted_n", 0) == cases * WHOLE, hours
        assert found["ticket_transfer_n"] == WHOLE


@pytest.mark.parametrize(
    ("kind", "source", "category", "held"),
    [
        ("event", "patrol", "event-0110", {"event_n", "collected_n"}),
        ("component", "grid_worker", "component-0101", {"component_n", "collected_n"}),
        ("event", "upper", "event-0110", {"event_n", "assigned_n"}),
        ("hotline", "hotline", "service-01", {"ticket_n", "public_report_n"}),
        ("service", "app", "service-01", {"service_n", "public_report_n"}),
        ("event", "media", None, {"public_report_n"}),
        ("event", "petition", "event-0401", {"public_report_n", "event_n"}),
    ],
    ids=range(7),
)
def test_kinds_sources_and_categories_are_told_apart(
    kind: str, source: str, category: str | None, held: set[str]
) -> None:
    facts = replace(Story().facts, kind=kind, source=source, category=category)
    asked = {
        "event_n",
        "component_n",
        "collected_n",
        "assigned_n",
        "ticket_n",
        "service_n",
        "public_report_n",
    }
    assert asked & set(counts_of([facts])) == held


def test_a_source_that_tells_an_end_before_its_start_counts_as_no_time() -> None:
    facts = sent().do("feed_back", SANI, HOUR).facts
    (stint,) = facts.stints
    odd = replace(facts, stints=(replace(stint, end=stint.at - HOUR),))
    found = counts_of([odd])
    assert found["handled_day_n"] == WHOLE and found.get("handle_seconds", 0) == 0
