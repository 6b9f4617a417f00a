"""The lifecycle table is complete: every state has a way out, every action a grant, a payload, an effect, a name."""

from __future__ import annotations

import pytest

from services.domain.effects import BIRTHS, EFFECTS
from services.domain.lifecycle import (
    ACTION_NAMES,
    ACTIONS,
    ADDITIVE,
    AT_END,
    BIRTH,
    EXCLUSIVE,
    GRANTS,
    KEEP,
    MOVES,
    OVERRIDABLE,
)
from services.domain.payloads import PAYLOADS
from services.domain.roles import ACTORS, NO_CASE_ROLES, ROLES
from services.domain.states import BEFORE_DISPATCH, BEFORE_FILING, DISPATCHED, END, OPEN, STATES

#: contract section 5, the column "from → to", written down a second time
TABLE = """
register new reported
accept reported pending_filing
send_verify reported verifying
verify_result verifying pending_filing
reject reported not_accepted
reject pending_filing not_filed
file pending_filing pending_dispatch
self_close reported,pending_filing closed
dispatch pending_dispatch pending_sign
recall pending_sign pending_dispatch
redispatch returned,pending_sign,handling pending_sign
return_to_filing pending_dispatch,returned pending_filing
amend OPEN =
adjust_limit OPEN =
sign pending_sign handling
return_case pending_sign,handling returned
assign pending_sign,handling =
feed_back handling feedback_review
co_reply OPEN =
contact_citizen OPEN =
send_check feedback_review checking
rework feedback_review,pending_close handling
check_pass checking pending_close
check_fail checking handling
close pending_close closed
cancel OPEN cancelled
split reported,verifying,pending_filing,pending_dispatch =
link ALL =
apply_extension handling =
decide_extension handling =
apply_suspend handling =
decide_suspend handling suspended
resume suspended handling
reopen closed pending_dispatch
appeal closed =
decide_appeal closed =
supervise OPEN =
reply_supervise ALL =
urge OPEN =
flag_urgent OPEN =
log_call ALL =
callback ALL =
comment ALL =
attach ALL =
archive closed archived
import new =
"""


def test_moves_are_those_of_the_contract() -> None:
    wanted: dict[str, dict[str, str | None]] = {}
    for row in TABLE.split("\n"):
        if not row:
            continue
        action, froms, to = row.split()
        named = {"OPEN": sorted(OPEN), "ALL": sorted(OPEN | END)}.get(froms, froms.split(","))
        for state in named:
            wanted.setdefault(action, {})[state] = None if to == "=" else to
    assert {
        action: {state: move.to for state, move in moves.items()} for action, moves in MOVES.items()
    } == wanted


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_complete(action: str) -> None:
    assert GRANTS[action]
    assert action in PAYLOADS
    assert ACTION_NAMES[action]
    assert (action in BIRTHS) != (action in EFFECTS)
    assert (action in BIRTHS) == (action in BIRTH)
    for grant in GRANTS[action]:
        assert grant.role in set(ROLES) | set(ACTORS)
        assert grant.role not in NO_CASE_ROLES
        assert grant.states is None or grant.states <= set(MOVES[action])


def test_the_tables_hold_the_same_actions() -> None:
    assert set(ACTIONS) == set(GRANTS) == set(PAYLOADS) == set(ACTION_NAMES) == set(EFFECTS) | set(BIRTHS)
    assert len(set(ACTION_NAMES.values())) == len(ACTIONS)
    assert set(ACTIONS) == ADDITIVE | EXCLUSIVE
    assert not ADDITIVE & EXCLUSIVE
    assert set(OVERRIDABLE) == {"acceptor", "dispatcher"}


def test_additive_actions_are_those_of_the_contract_and_never_move() -> None:
    named = (
        "comment, attach, urge, supervise, reply_supervise, flag_urgent, log_call, callback, contact_citizen, "
        "co_reply, link"
    )
    assert {word.strip() for word in named.split(",")} == ADDITIVE
    assert {"comment", "attach", "log_call", "callback", "reply_supervise", "link"} == AT_END
    for action in ADDITIVE:
        assert all(move.to is None and move.clock == KEEP for move in MOVES[action].values())


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_has_a_way_on_besides_cancelling(state: str) -> None:
    ways = {
        action for action, moves in MOVES.items() if state in moves and moves[state].to not in (None, state)
    }
    assert "cancel" in ways
    assert ways - {"cancel"}


def test_from_every_open_state_the_case_can_be_closed() -> None:
    reaches = {"closed"}
    for _ in STATES:
        reaches |= {
            state
            for moves in MOVES.values()
            for state, move in moves.items()
            if (move.to or state) in reaches
        }
    assert reaches >= OPEN


def test_ends_are_ends_but_for_what_the_contract_names() -> None:
    for state in END:
        accepted = {action for action, moves in MOVES.items() if state in moves}
        extra = {"appeal", "decide_appeal", "reopen", "archive"} if state == "closed" else set()
        assert accepted == AT_END | extra


def test_every_state_can_be_reached() -> None:
    reached = {"new"}
    for _ in STATES:
        reached |= {
            move.to for moves in MOVES.values() for s, move in moves.items() if s in reached and move.to
        }
    assert reached == set(STATES) | {"new"}


def test_groups_of_states() -> None:
    assert BEFORE_FILING < BEFORE_DISPATCH < OPEN
    assert OPEN - BEFORE_DISPATCH - {"returned"} == DISPATCHED
