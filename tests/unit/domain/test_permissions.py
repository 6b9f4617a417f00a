"""Who may do what: every actor × action × state against the contract's table, written down a second time as text.

The contract's rule in one sentence: a right follows from role, scope and state and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from services.domain.case import Case, Owner
from services.domain.commands import Applied, Command, Rejected
from services.domain.decide import NOT_FOUND, allowed_actions, decide, judge, role_for
from services.domain.lifecycle import ACTIONS, BIRTH, MOVES
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.states import OPEN, STATES
from tests.unit.domain.ground import (
    ACCEPTOR,
    ADMIN,
    AUDITOR,
    CASE_ID,
    DISPATCHER,
    EVALUATOR,
    EVERYBODY,
    GRID_WORKER,
    HANDLER,
    LEADER,
    LEADER_OF_SHIFT,
    MUNI,
    NOW,
    OFFICE,
    OTHER_GRID,
    RULES,
    SANI,
    SUPERVISOR,
    WATER,
    case_in,
    command,
    path_of,
    person,
    rules,
)

#: contract section 5, the column "role"; "lead", "co", "assigned" and "own" are relations to the case,
#: "?name" a setting, "@state,…" only from these states
RIGHTS = """
register          acceptor shift_leader supervisor grid_worker dept_user street_user upper
accept            acceptor
send_verify       acceptor
verify_result     supervisor
reject            acceptor@reported shift_leader@pending_filing
file              shift_leader acceptor?acceptor_may_file
self_close        acceptor shift_leader supervisor:own?self_close_by_reporter grid_worker:own?self_close_by_reporter
dispatch          dispatcher
recall            dispatcher
redispatch        dispatcher@returned,pending_sign shift_leader@handling
return_to_filing  dispatcher
amend             acceptor@reported,verifying,pending_filing dispatcher@REST
adjust_limit      shift_leader system
sign              dept_user:lead street_user:lead
return_case       dept_user:lead street_user:lead
assign            dept_user:lead
feed_back         dept_user:lead street_user:lead handler:assigned
co_reply          dept_user:co street_user:co
contact_citizen   dept_user:lead street_user:lead handler:assigned acceptor
send_check        dispatcher acceptor
rework            dispatcher@feedback_review shift_leader@pending_close
check_pass        supervisor
check_fail        supervisor
close             shift_leader acceptor
cancel            shift_leader acceptor:duplicate@reported
split             acceptor dispatcher
link              acceptor dispatcher shift_leader
apply_extension   dept_user:lead street_user:lead
decide_extension  dispatcher:first shift_leader
apply_suspend     dept_user:lead street_user:lead
decide_suspend    dispatcher shift_leader
resume            dispatcher system
reopen            shift_leader system
appeal            dept_user:lead street_user:lead
decide_appeal     evaluator
supervise         shift_leader leader upper
reply_supervise   dept_user:lead street_user:lead
urge              acceptor dispatcher shift_leader leader upper
flag_urgent       acceptor dispatcher shift_leader leader upper
log_call          acceptor shift_leader
callback          acceptor shift_leader
comment           EVERY handler:assigned
attach            EVERY handler:assigned
archive           system
import            system
"""
EVERY = (
    "acceptor", "dispatcher", "shift_leader", "supervisor", "grid_worker", "dept_user", "street_user", "leader",
    "evaluator",
)  # fmt: skip
REST = OPEN - {"reported", "verifying", "pending_filing"}


def _rights() -> dict[str, list[tuple[str, str, str, frozenset[str] | None]]]:
    """Read the text: action -> (role, relation, setting, states)."""
    table: dict[str, list[tuple[str, str, str, frozenset[str] | None]]] = {}
    for line in RIGHTS.strip().splitlines():
        action, *entries = line.split()
        for entry in entries:
            entry, _, named = entry.partition("@")
            entry, _, setting = entry.partition("?")
            role, _, relation = entry.partition(":")
            states = REST if named == "REST" else frozenset(named.split(",")) if named else None
            roles = EVERY if role == "EVERY" else (role,)
            table.setdefault(action, []).extend((one, relation, setting, states) for one in roles)
    return table


TABLE = _rights()


def _related(relation: str, case: Case, actor: Actor, merging: bool) -> bool:
    return {
        "": lambda: True,
        "lead": lambda: actor.dept is not None and actor.dept == case.lead_dept,
        "co": lambda: actor.dept in case.co_depts,
        "assigned": lambda: case.assignee == actor.id,
        "own": lambda: case.reporter == actor.id,
        "duplicate": lambda: merging,
        "first": lambda: case.counts.extension == 0,
    }[relation]()


def may(case: Case, action: str, actor: Actor, under: Rules, merging: bool) -> tuple[bool, bool]:
    """Whether the contract lets an actor act, and whether only by standing in for a desk."""
    if case.state not in MOVES[action]:
        return False, False
    standing_in = False
    for role, relation, setting, states in TABLE.get(action, ()):
        if states is not None and case.state not in states:
            continue
        switched_on = not setting or getattr(under.settings, setting)
        if role in actor.roles and switched_on and _related(relation, case, actor, merging):
            return True, False
        if role in ("acceptor", "dispatcher") and "shift_leader" in actor.roles:
            standing_in = standing_in or _related(relation, case, actor, merging)
    return standing_in, standing_in


def _cases() -> Iterable[Case]:
    """A case in every state, led by a department, with a co unit, a handler, and a reporter who patrols."""
    whole = case_in("handling")
    for state in STATES:
        lead = state not in (
            "reported",
            "verifying",
            "pending_filing",
            "pending_dispatch",
            "not_accepted",
            "not_filed",
        )
        base = replace(
            whole,
            state=state,
            lead_dept="sani" if lead else None,
            co_depts=("muni", "street-440106001") if lead else (),
            assignee="hand1" if state in ("handling", "suspended") else None,
            reporter="sup1",
            owner=Owner(),
        )
        yield base
        yield replace(base, reporter="grid_worker1", counts=replace(base.counts, extension=1))
        if lead:
            yield replace(base, lead_dept="street-440106001", co_depts=("water",), assignee=None)


CASES = list(_cases())
ALL_ON = rules(acceptor_may_file=True, self_close_by_reporter=True)
SHUT = {"illegal_state", "not_allowed"}


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in BIRTH])
def test_rights_are_those_of_the_contract(action: str) -> None:
    """Everybody, on a case in every state, with settings off and on, with and without a merge."""
    wrong = []
    payloads = [{}, {"duplicate_of": None}] if action == "cancel" else [{}]
    for case in CASES:
        for payload in payloads:
            asked = command(action, payload, case)
            for under in (RULES, ALL_ON):
                for actor in EVERYBODY:
                    expected, override = may(case, action, actor, under, "duplicate_of" in asked.payload)
                    answer = decide(case, asked, actor, NOW, under)
                    open_ = not (isinstance(answer, Rejected) and answer.code in SHUT)
                    taken = (answer.override if isinstance(answer, Applied) else override) == override
                    if open_ != expected or not taken:
                        wrong.append((case.state, actor.roles[0], actor.dept, expected, answer))
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("action", sorted(BIRTH))
def test_who_may_make_a_case(action: str) -> None:
    named = {role for role, *_ in TABLE[action]}
    for actor in EVERYBODY:
        answer = decide(None, command(action, case_id=CASE_ID), actor, NOW, RULES)
        assert isinstance(answer, Applied) == bool(named & set(actor.roles)), actor


def test_the_text_names_every_action() -> None:
    assert set(TABLE) == set(ACTIONS)


def test_what_is_allowed_is_what_is_granted_less_what_the_case_rules_out() -> None:
    blocked = {
        "adjust_limit", "decide_extension", "decide_suspend", "decide_appeal", "apply_extension", "apply_suspend",
        "appeal", "reply_supervise",
    }  # fmt: skip
    for case in CASES:
        for actor in EVERYBODY:
            granted = {a for a in ACTIONS if a not in BIRTH and may(case, a, actor, RULES, True)[0]}
            seen = judge(case, command("comment", {}, case), actor, NOW, RULES)
            shown = set(allowed_actions(case, actor, RULES))
            if isinstance(seen, Rejected) and seen.code == "not_found":
                assert shown == set()
            else:
                assert shown <= granted
                assert granted - shown <= blocked


def test_admin_and_auditor_act_on_no_case() -> None:
    for case in CASES:
        assert allowed_actions(case, ADMIN, RULES) == ()
        assert allowed_actions(case, AUDITOR, RULES) == ()


# --- scope comes before everything else --------------------------------------------------------------


@pytest.mark.parametrize(
    "actor",
    [
        person("dispatcher", "440107"),
        person("supervisor", OTHER_GRID[:12]),
        person("dispatcher", None),
        WATER,
        person("handler", OTHER_GRID[:12], dept="sani"),
        person("street_user", "440106002", dept="street-440106002"),
    ],
)
def test_out_of_scope_a_case_does_not_exist(actor: Actor) -> None:
    case = case_in("handling")
    for action in ("comment", "sign", "redispatch", "check_pass"):
        answer = judge(case, command(action, {}, case, base_xver=99), actor, NOW, RULES)
        assert isinstance(answer, Rejected)
        assert answer.code == "not_found"
    assert allowed_actions(case, actor, RULES) == ()


def test_a_unit_sees_a_case_as_long_as_it_leads_or_helps() -> None:
    case = case_in("handling")
    for actor in (SANI, MUNI):
        assert isinstance(judge(case, command("comment", {}, case), actor, NOW, RULES), Applied)
    moved = replace(case, lead_dept="water", co_depts=())
    for actor in (SANI, MUNI):
        assert judge(moved, command("comment", {}, moved), actor, NOW, RULES) == NOT_FOUND
    assert isinstance(judge(moved, command("comment", {}, moved), WATER, NOW, RULES), Applied)


def test_an_unlocated_case_is_seen_by_the_district_alone() -> None:
    case = replace(case_in("pending_filing"), grid=None, area_path=())
    assert "amend" in allowed_actions(case, ACCEPTOR, RULES)
    assert allowed_actions(case, SUPERVISOR, RULES) == ()
    assert (
        allowed_actions(replace(case, grid=OTHER_GRID, area_path=path_of(OTHER_GRID)), SUPERVISOR, RULES)
        == ()
    )


def test_a_person_with_several_roles_acts_in_the_one_that_has_the_right() -> None:
    both = Actor("x", "x", ("acceptor", "dispatcher"), "440106")
    assert role_for(case_in("pending_dispatch"), "dispatch", both, RULES) == ("dispatcher", False)
    assert role_for(case_in("reported"), "accept", both, RULES) == ("acceptor", False)
    leader = Actor("y", "y", ("shift_leader", "dispatcher"), "440106")
    assert role_for(case_in("pending_dispatch"), "dispatch", leader, RULES) == ("dispatcher", False)


def test_without_a_payload_what_depends_on_one_counts_as_met() -> None:
    case = case_in("reported")
    assert role_for(case, "cancel", ACCEPTOR, RULES) == ("acceptor", False)
    assert role_for(case, "cancel", ACCEPTOR, RULES, {"reason": "r"}) == (None, False)
    assert "cancel" in allowed_actions(case, ACCEPTOR, RULES)


def test_the_override_is_on_the_case_until_its_next_change() -> None:
    case = case_in("pending_dispatch")
    answer = judge(case, command("dispatch", {}, case), LEADER_OF_SHIFT, NOW, RULES)
    assert isinstance(answer, Applied)
    assert (answer.role, answer.override) == ("shift_leader", True)
    assert "override" in answer.case.flags
    after = judge(answer.case, command("comment", {}, answer.case), LEADER, NOW, RULES)
    assert isinstance(after, Applied)
    assert "override" not in after.case.flags


def test_people_of_the_ground_cover_every_role() -> None:
    assert {actor.roles[0] for actor in EVERYBODY} == {
        role for entries in TABLE.values() for role, *_ in entries
    } | {
        "admin",
        "auditor",
    }
    assert {SUPERVISOR, GRID_WORKER, OFFICE, HANDLER, EVALUATOR, DISPATCHER} <= set(EVERYBODY)


def test_an_unknown_action_is_refused_even_without_a_case() -> None:
    asked = Command(CASE_ID, CASE_ID, "explode", {})
    for case in (None, case_in("handling")):
        answer = decide(case, asked, DISPATCHER, NOW, RULES)
        assert isinstance(answer, Rejected)
        assert answer.code == "unknown_action"
