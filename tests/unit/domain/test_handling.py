"""Dispatch, return, assign, feed back, extension, suspension, limits, checks, closing, and everything additive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.case import Case, Counts, Owner, case_depts
from services.domain.clocks import remaining_s
from services.domain.decide import allowed_actions
from services.domain.effects_handling import suspended_until
from services.domain.limits import Limit
from services.domain.reference import ExclusionWindow
from services.domain.roles import SYSTEM, Actor
from tests.unit.domain.ground import (
    ACCEPTOR,
    CALENDAR,
    CASE_ID,
    DISPATCHER,
    EVALUATOR,
    HANDLER,
    LEADER,
    LEADER_OF_SHIFT,
    MUNI,
    NOW,
    OFFICE,
    OTHER_ID,
    SANI,
    STREET,
    SUPERVISOR,
    THIRD_ID,
    WATER,
    act,
    at,
    case_in,
    refused,
    rules,
)

LATER = NOW + timedelta(hours=1)

# --- dispatch ----------------------------------------------------------------------------------------


def test_a_dispatch_names_units_and_starts_the_handling_clock() -> None:
    case = act(case_in("pending_dispatch"), "dispatch", DISPATCHER, now=LATER)
    assert (case.state, case.lead_dept, case.co_depts) == ("pending_sign", "sani", ("muni",))
    assert case.owner == Owner("dept_user", "sani")
    assert case_depts(case) == ("sani", "muni")
    assert case.clocks["dispatch"].stopped_at == LATER
    handle = case.clocks["handle"]
    assert (handle.started_at, handle.limit, handle.due_at) == (
        LATER,
        Limit(4, "work_hour"),
        at("2026-11-23 16:00"),
    )


def test_a_street_office_is_an_owner_of_its_own_kind() -> None:
    case = act(case_in("pending_dispatch"), "dispatch", DISPATCHER, {"lead_dept": f"street-{STREET}"})
    assert case.owner == Owner("street_user", f"street-{STREET}")
    assert act(case, "sign", OFFICE).state == "handling"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"lead_dept": "nobody"}, "unknown_dept"),
        ({"lead_dept": "gone"}, "unknown_dept"),
        ({"co_depts": ["muni", "gone"]}, "unknown_dept"),
        ({"co_depts": ["muni", "sani"]}, "lead_is_co"),
    ],
)
def test_units_must_exist_and_be_different(payload: dict[str, object], code: str) -> None:
    assert refused(case_in("pending_dispatch"), "dispatch", DISPATCHER, payload) == code
    assert refused(case_in("returned"), "redispatch", DISPATCHER, {"lead_dept": "sani", **payload}) == code


def test_without_a_filing_condition_there_is_no_limit_to_dispatch_on() -> None:
    bare = replace(case_in("pending_dispatch"), condition=None)
    assert refused(bare, "dispatch", DISPATCHER) == "condition_required"


def test_a_recall_buys_no_time_and_is_not_a_return() -> None:
    sent = case_in("pending_sign")
    case = act(sent, "recall", DISPATCHER, now=LATER)
    assert (case.state, case.lead_dept, case.co_depts, case.counts.return_) == (
        "pending_dispatch",
        None,
        (),
        0,
    )
    assert case.clocks["dispatch"].started_at == NOW
    assert case.clocks["dispatch"].running
    assert not case.clocks["handle"].live
    again = act(case, "dispatch", DISPATCHER, now=LATER)
    assert again.clocks["handle"].started_at == LATER


def test_a_return_is_counted_and_starts_a_fresh_dispatch_clock() -> None:
    case = act(case_in("handling"), "return_case", SANI, now=LATER)
    assert (case.state, case.counts.return_, case.lead_dept) == ("returned", 1, "sani")
    assert case.clocks["dispatch"].started_at == LATER
    assert case.clocks["handle"].stopped_at == LATER
    assert act(case_in("pending_sign"), "return_case", SANI).state == "returned"


def test_an_assignment_is_revoked_before_a_return() -> None:
    case = act(case_in("handling"), "assign", SANI)
    assert (case.assignee, case.owner) == ("hand1", Owner("dept_user", "sani", "hand1"))
    assert refused(case, "return_case", SANI) == "assigned"
    freed = act(case, "assign", SANI, {"to": None})
    assert freed.owner == Owner("dept_user", "sani")
    assert act(freed, "return_case", SANI).state == "returned"


def test_work_is_assigned_inside_the_own_unit() -> None:
    case = case_in("pending_sign")
    assert act(case, "assign", SANI).assignee == "hand1"
    assert refused(case, "assign", SANI, {"to": "hand2"}) == "unknown_user"
    assert refused(case, "assign", SANI, {"to": "nobody"}) == "unknown_user"


def test_a_redispatch_gives_the_next_unit_the_full_limit() -> None:
    returned = act(case_in("handling"), "return_case", SANI)
    case = act(returned, "redispatch", DISPATCHER, now=LATER)
    assert (case.state, case.lead_dept, case.co_depts) == ("pending_sign", "water", ())
    assert (case.clocks["handle"].started_at, case.clocks["handle"].live) == (LATER, True)
    assert case.clocks["dispatch"].stopped_at == LATER
    same = act(returned, "redispatch", DISPATCHER, {"lead_dept": "sani"})
    assert same.lead_dept == "sani"


def test_a_case_is_not_redispatched_to_the_unit_that_has_it() -> None:
    for state, actor in (("pending_sign", DISPATCHER), ("handling", LEADER_OF_SHIFT)):
        assert refused(case_in(state), "redispatch", actor, {"lead_dept": "sani"}) == "same_dept"
        moved = act(case_in(state), "redispatch", actor, now=LATER)
        assert moved.clocks["handle"].started_at == LATER


def test_returned_to_filing_the_unit_is_gone_and_the_fields_are_kept() -> None:
    for state in ("pending_dispatch", "returned"):
        case = act(case_in(state), "return_to_filing", DISPATCHER)
        assert (case.state, case.lead_dept, case.category, case.condition) == (
            "pending_filing",
            None,
            "event-0110",
            0,
        )


# --- feedback, check, rework -------------------------------------------------------------------------


def test_feedback_stops_the_handling_clock_and_rework_runs_it_on() -> None:
    fed = act(case_in("handling"), "feed_back", SANI, now=LATER)
    assert fed.clocks["handle"].stopped_at == LATER
    assert fed.owner == Owner("dispatcher")
    case = act(fed, "rework", DISPATCHER, now=LATER + timedelta(minutes=9))
    assert (case.state, case.counts.rework, case.owner.dept) == ("handling", 1, "sani")
    assert case.clocks["handle"].running
    assert case.clocks["handle"].started_at == NOW
    assert case.clocks["handle"].due_at == at("2026-11-23 15:00")
    assert not case.clocks["forward"].live


def test_the_handler_feeds_back_what_was_assigned_to_him() -> None:
    case = act(case_in("handling"), "assign", SANI)
    fed = act(case, "feed_back", HANDLER)
    assert fed.assignee == "hand1"
    assert act(fed, "rework", DISPATCHER).owner == Owner("dept_user", "sani", "hand1")
    assert refused(case_in("handling"), "feed_back", HANDLER) == "not_allowed"


def test_a_failed_check_and_a_refused_closing_count_as_rework() -> None:
    failed = act(case_in("checking"), "check_fail", SUPERVISOR, now=LATER)
    again = act(case_in("pending_close"), "rework", LEADER_OF_SHIFT, now=LATER)
    for case in (failed, again):
        assert (case.state, case.counts.rework) == ("handling", 1)
        assert (case.clocks["handle"].started_at, case.clocks["handle"].running) == (NOW, True)


def test_by_setting_rework_gets_a_fresh_limit() -> None:
    under = rules(rework_fresh_limit=True)
    case = act(case_in("feedback_review"), "rework", DISPATCHER, now=LATER, under=under)
    assert case.clocks["handle"].started_at == LATER
    assert not case.clocks["forward"].live
    bare = replace(case_in("checking"), condition=None)
    kept = act(bare, "check_fail", SUPERVISOR, now=LATER, under=under)
    assert kept.clocks["handle"].started_at == NOW


# --- extension ---------------------------------------------------------------------------------------


def test_an_extension_adds_one_original_limit_by_default() -> None:
    asked = act(case_in("handling"), "apply_extension", SANI)
    assert (asked.flags, asked.pending["extension"]["amount"], asked.pending["extension"]["by"]) == (
        {"extension_pending"},
        4,
        "dept_user1",
    )
    granted = act(asked, "decide_extension", DISPATCHER, now=LATER)
    assert (granted.due_at, granted.counts.extension, granted.flags) == (
        at("2026-11-24 09:00"),
        1,
        frozenset(),
    )
    assert granted.pending == {}
    assert granted.clocks["handle"].extended_at == (LATER,)


def test_an_extension_may_name_amount_and_unit_together() -> None:
    case = case_in("handling")
    asked = act(case, "apply_extension", SANI, {"amount": 1, "unit": "work_day"})
    assert act(asked, "decide_extension", DISPATCHER).due_at == at("2026-11-24 15:00")
    assert refused(case, "apply_extension", SANI, {"amount": 1}) == "amount_and_unit"
    assert refused(case, "apply_extension", SANI, {"unit": "work_day"}) == "amount_and_unit"


def test_a_refused_extension_uses_nothing_up() -> None:
    asked = act(case_in("handling"), "apply_extension", SANI)
    after = act(asked, "decide_extension", LEADER_OF_SHIFT, {"approve": False})
    assert (after.counts.extension, after.due_at, after.flags, after.pending) == (
        0,
        asked.due_at,
        frozenset(),
        {},
    )


def test_extensions_have_their_limits() -> None:
    case = case_in("handling")
    asked = act(case, "apply_extension", SANI)
    assert refused(asked, "apply_extension", SANI) == "already_pending"
    assert refused(case, "apply_extension", SANI, now=at("2026-11-23 15:00:01")) == "past_due"
    assert act(case, "apply_extension", SANI, now=at("2026-11-23 15:00")).pending
    assert refused(case, "decide_extension", DISPATCHER) == "nothing_pending"
    used = replace(case, counts=Counts(extension=2))
    assert refused(used, "apply_extension", SANI) == "extensions_used_up"
    assert refused(replace(case, clocks={}), "apply_extension", SANI) == "no_clock"


def test_the_second_extension_is_the_shift_leaders() -> None:
    once = replace(act(case_in("handling"), "apply_extension", SANI), counts=Counts(extension=1))
    assert refused(once, "decide_extension", DISPATCHER) == "not_allowed"
    assert act(once, "decide_extension", LEADER_OF_SHIFT).counts.extension == 2


# --- suspension --------------------------------------------------------------------------------------


def test_a_suspension_freezes_the_clock_and_ends_by_itself() -> None:
    case = case_in("suspended")
    assert (case.counts.suspend, case.due_at, case.owner.dept) == (1, None, "sani")
    assert case.clock is not None and case.clock.paused
    until = suspended_until(case.marks)
    assert until == at("2026-12-20 09:00")
    assert refused(case, "resume", SYSTEM, now=at("2026-12-20 08:59")) == "not_yet"
    back = act(case, "resume", SYSTEM, now=at("2026-12-20 09:00"))
    assert (back.state, suspended_until(back.marks)) == ("handling", None)
    assert back.due_at == at("2026-12-21 12:00")  # resumed on a Sunday: four hours from Monday eight o'clock
    assert act(case, "resume", DISPATCHER, now=LATER).state == "handling"


def test_the_last_of_several_suspension_dates_holds() -> None:
    case = case_in("suspended", under=rules(suspend_once=False))
    case = replace(case, marks=case.marks | {"contacted"})
    back = act(case, "resume", DISPATCHER)
    assert back.marks == {"contacted"}
    asked = act(
        back, "apply_suspend", SANI, {"until": "2027-01-01T00:00:00+08:00"}, under=rules(suspend_once=False)
    )
    assert suspended_until(act(asked, "decide_suspend", DISPATCHER).marks) == at("2027-01-01 00:00")


def test_suspensions_have_their_limits() -> None:
    case = case_in("handling")
    asked = act(case, "apply_suspend", SANI)
    assert asked.flags == {"suspend_pending"}
    assert refused(asked, "apply_suspend", SANI) == "already_pending"
    assert refused(case, "apply_suspend", SANI, {"until": "2026-11-23T09:00:00+08:00"}) == "until_past"
    assert refused(case, "apply_suspend", SANI, {"until": "2028-01-01T09:00:00+08:00"}) == "until_too_far"
    again = act(case_in("suspended"), "resume", DISPATCHER)
    assert refused(again, "apply_suspend", SANI) == "suspended_before"
    assert act(again, "apply_suspend", SANI, under=rules(suspend_once=False)).pending
    assert refused(case, "decide_suspend", DISPATCHER) == "nothing_pending"
    assert refused(asked, "decide_suspend", DISPATCHER, now=at("2026-12-20 09:00")) == "until_past"


def test_a_refused_suspension_leaves_the_case_in_handling_with_its_clock() -> None:
    asked = act(case_in("handling"), "apply_suspend", SANI)
    after = act(asked, "decide_suspend", DISPATCHER, {"approve": False})
    assert (after.state, after.clocks, after.flags, after.counts.suspend) == (
        "handling",
        asked.clocks,
        frozenset(),
        0,
    )


def test_one_application_may_wait_beside_another_and_both_lapse_with_the_state() -> None:
    case = act(act(case_in("handling"), "apply_suspend", SANI), "apply_extension", SANI)
    assert case.flags == {"suspend_pending", "extension_pending"}
    only = act(case, "decide_extension", DISPATCHER, {"approve": False})
    assert (only.flags, set(only.pending)) == ({"suspend_pending"}, {"suspend"})
    for action, actor in (("feed_back", SANI), ("return_case", SANI), ("decide_suspend", DISPATCHER)):
        gone = act(case, action, actor)
        assert (gone.pending, gone.flags) == ({}, frozenset()), action


def test_a_rework_buys_no_time_for_a_suspension_frozen_late() -> None:
    case = act(case_in("handling"), "apply_suspend", SANI)
    late = act(case, "decide_suspend", DISPATCHER, now=at("2026-11-23 16:00"))
    back = act(late, "resume", DISPATCHER, now=at("2026-11-25 16:00"))
    assert remaining_s(back.clocks["handle"], at("2026-11-25 16:00"), CALENDAR) == -3600


def test_a_case_without_its_clock_can_still_be_suspended_and_resumed() -> None:
    """An import without any limit may lack the clock; the steps must not break on it."""
    bare = replace(act(case_in("handling"), "apply_suspend", SANI), clocks={})
    frozen = act(bare, "decide_suspend", DISPATCHER)
    assert frozen.state == "suspended"
    assert act(frozen, "resume", DISPATCHER).state == "handling"


# --- limits by hand, windows -------------------------------------------------------------------------


def test_the_shift_leader_sets_a_deadline_by_hand() -> None:
    case = act(case_in("handling"), "adjust_limit", LEADER_OF_SHIFT, now=LATER)
    assert case.due_at == at("2026-11-30 18:00")
    assert case.clocks["handle"].fixed_at == LATER
    early = {"due_at": "2026-11-23T09:00:00+08:00"}
    assert refused(case, "adjust_limit", LEADER_OF_SHIFT, early) == "due_before_start"
    assert refused(case_in("suspended"), "adjust_limit", LEADER_OF_SHIFT) == "no_clock"
    assert "adjust_limit" not in allowed_actions(case_in("suspended"), LEADER_OF_SHIFT, rules())


def test_windows_declared_later_are_taken_in_by_the_system() -> None:
    window = ExclusionWindow(
        "w1", at("2026-11-23 10:00"), at("2026-11-23 15:00"), "防汛〔2026〕7号", clock="handle"
    )
    under = rules(windows=(window,))
    case = case_in("handling")
    moved = act(case, "adjust_limit", SYSTEM, under=under)
    assert moved.due_at == at("2026-11-23 18:00")
    assert refused(moved, "adjust_limit", SYSTEM, under=under) == "nothing_to_adjust"
    assert refused(case, "adjust_limit", SYSTEM) == "nothing_to_adjust"
    assert case_in("handling", under=under).due_at == at("2026-11-23 18:00")
    assert case_in("reported", under=under).due_at == case_in("reported").due_at


# --- closing and after -------------------------------------------------------------------------------


def test_closing_ends_every_clock() -> None:
    case = act(case_in("pending_close"), "close", ACCEPTOR)
    assert (case.state, case.closed_at, case.clock, case.assignee) == ("closed", NOW, None, None)
    assert not any(clock.live for clock in case.clocks.values())


def test_a_callback_comes_first_only_when_it_is_wanted() -> None:
    case = case_in("pending_close", need_callback=True)
    assert refused(case, "close", ACCEPTOR) == "callback_required"
    assert act(case, "close", ACCEPTOR, {"callback": {"reached": False}}).marks == {"called_back"}
    tried = act(case, "callback", ACCEPTOR, {"reached": False})
    assert refused(tried, "close", ACCEPTOR) == "callback_required"
    called = act(case, "callback", ACCEPTOR)
    assert act(called, "close", ACCEPTOR).state == "closed"


def test_a_citizen_who_calls_it_unsolved_leaves_a_mark_until_it_is_taken_up_again() -> None:
    """The centre finds the cases to reopen by it, where the setting says so; the call itself moves nothing."""
    closed = case_in("closed")
    unsolved = act(closed, "callback", ACCEPTOR, {"solved": False})
    assert (unsolved.state, unsolved.marks) == ("closed", {"called_back", "unsolved"})
    assert act(unsolved, "callback", ACCEPTOR, {"solved": True}).marks == {"called_back"}
    assert act(unsolved, "callback", ACCEPTOR, {"solved": None}).marks == {"called_back", "unsolved"}
    assert act(unsolved, "reopen", SYSTEM).marks == frozenset()
    at_closing = {"callback": {"reached": True, "solved": False}}
    assert act(case_in("pending_close"), "close", ACCEPTOR, at_closing).marks == {"called_back", "unsolved"}


def test_reopening_adds_a_round_and_keeps_the_number() -> None:
    closed = case_in("closed", need_callback=False)
    closed = replace(closed, marks=frozenset({"called_back", "appealed", "contacted"}))
    case = act(closed, "reopen", LEADER_OF_SHIFT, now=LATER)
    assert (case.state, case.round, case.number) == ("pending_dispatch", 2, closed.number)
    assert (case.lead_dept, case.co_depts, case.closed_at) == (None, (), None)
    assert case.marks == {"contacted"}
    assert case.clocks["dispatch"].started_at == LATER


def test_an_appeal_is_made_once_and_success_exempts() -> None:
    asked = act(case_in("closed"), "appeal", SANI)
    assert asked.flags == {"appeal_pending"}
    assert refused(asked, "appeal", SANI) == "appealed_before"
    won = act(asked, "decide_appeal", EVALUATOR)
    assert (won.flags, won.pending) == ({"appeal_exempt"}, {})
    lost = act(asked, "decide_appeal", EVALUATOR, {"approve": False})
    assert lost.flags == frozenset()
    assert refused(lost, "decide_appeal", EVALUATOR) == "nothing_pending"
    assert act(asked, "archive", SYSTEM).flags == frozenset()


def test_archived_is_the_end() -> None:
    case = case_in("archived")
    assert (case.state, case.stage, case.open) == ("archived", "close", False)
    assert refused(case, "reopen", LEADER_OF_SHIFT) == "illegal_state"


# --- additive ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "actor"),
    [
        ("comment", LEADER), ("attach", SANI), ("log_call", ACCEPTOR), ("co_reply", MUNI), ("link", DISPATCHER),
        ("contact_citizen", SANI), ("callback", ACCEPTOR), ("supervise", LEADER), ("urge", LEADER),
        ("flag_urgent", LEADER),
    ],
)  # fmt: skip
def test_additive_actions_move_only_the_version(action: str, actor: Actor) -> None:
    case = case_in("handling")
    after = act(case, action, actor)
    assert (after.state, after.version, after.xver) == (case.state, case.version + 1, case.xver)
    assert (after.clocks, after.owner, after.lead_dept) == (case.clocks, case.owner, case.lead_dept)


def test_supervision_counts_and_asks_for_a_reply() -> None:
    case = act(case_in("handling"), "supervise", LEADER)
    assert (case.counts.supervise, case.flags) == (1, {"reply_due"})
    assert act(case, "reply_supervise", SANI).flags == frozenset()
    assert act(case_in("handling"), "supervise", LEADER, {"need_reply": False}).flags == frozenset()
    closed = replace(case_in("closed"), flags=frozenset({"reply_due"}))
    assert act(closed, "reply_supervise", SANI).flags == frozenset()


def test_urging_counts_and_urgent_is_the_highest_level() -> None:
    case = act(act(case_in("handling"), "urge", ACCEPTOR), "urge", LEADER)
    assert case.counts.urge == 2
    urgent = act(case, "flag_urgent", LEADER)
    assert (urgent.urgent, urgent.level) == (True, 3)


def test_only_a_citizen_who_was_reached_was_contacted() -> None:
    case = case_in("handling")
    assert act(case, "contact_citizen", SANI).marks == {"contacted"}
    assert act(case, "contact_citizen", SANI, {"reached": False}).marks == frozenset()
    assert act(case, "callback", ACCEPTOR, {"reached": False}).marks == frozenset()


def test_links_lead_to_another_case_in_scope() -> None:
    case = case_in("handling")
    assert act(case, "link", DISPATCHER).version == case.version + 1
    assert refused(case, "link", DISPATCHER, {"to": CASE_ID}) == "link_to_itself"
    assert refused(case, "link", DISPATCHER, {"to": THIRD_ID}) == "unknown_case"
    assert act(case, "link", DISPATCHER, {"to": OTHER_ID}).state == case.state


def test_what_the_case_itself_rules_out_is_not_offered() -> None:
    case = case_in("handling")
    asked = act(act(case, "apply_extension", SANI), "apply_suspend", SANI)

    def offered(of: Case, actor: Actor) -> set[str]:
        wanted = {"apply_extension", "apply_suspend", "decide_extension", "decide_suspend", "reply_supervise"}
        return set(allowed_actions(of, actor, rules())) & (
            wanted | {"appeal", "decide_appeal", "adjust_limit"}
        )

    assert offered(case, SANI) == {"apply_extension", "apply_suspend"}
    assert offered(asked, SANI) == set()
    assert offered(case, DISPATCHER) == set()
    assert offered(asked, DISPATCHER) == {"decide_extension", "decide_suspend"}
    assert offered(replace(case, counts=Counts(extension=2, suspend=1)), SANI) == set()
    assert offered(act(case, "supervise", LEADER), SANI) == {
        "apply_extension",
        "apply_suspend",
        "reply_supervise",
    }
    closed = case_in("closed")
    assert offered(closed, SANI) == {"appeal"}
    appealed = act(closed, "appeal", SANI)
    assert offered(appealed, SANI) == set()
    assert offered(appealed, EVALUATOR) == {"decide_appeal"}
    assert offered(closed, EVALUATOR) == set()
    assert offered(case, LEADER_OF_SHIFT) == {"adjust_limit"}
    assert offered(case, WATER) == set()
