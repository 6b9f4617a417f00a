"""States of a case, their stage, owner and running clock (domain section 5.2, design section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """One state: Chinese name, stage (None for ends without handling), owner role and running clock.

    `frozen` says that the clock of the state stands still (挂账).
    """

    id: str
    name: str
    stage: str | None
    owner: str | None
    clock: str | None
    end: bool = False
    frozen: bool = False


STATES: dict[str, State] = {
    state.id: state
    for state in (
        State("reported", "待受理", "intake", "acceptor", "accept"),
        State("verifying", "待核实", "intake", "supervisor", "verify"),
        State("pending_filing", "待立案", "filing", "shift_leader", "file"),
        State("not_accepted", "不予受理", None, None, None, end=True),
        State("not_filed", "不予立案", None, None, None, end=True),
        State("pending_dispatch", "待派遣", "dispatch", "dispatcher", "dispatch"),
        State("pending_sign", "待签收", "handle", "dept_user", "handle"),
        State("handling", "处置中", "handle", "dept_user", "handle"),
        State("suspended", "挂账", "handle", "dept_user", "handle", frozen=True),
        State("returned", "已回退", "dispatch", "dispatcher", "dispatch"),
        State("feedback_review", "待批转", "handle", "dispatcher", "forward"),
        State("checking", "待核查", "check", "supervisor", "check"),
        State("pending_close", "待结案", "close", "shift_leader", "close"),
        State("closed", "已结案", "close", None, None, end=True),
        State("cancelled", "作废", None, None, None, end=True),
        State("archived", "已归档", "close", None, None, end=True),
    )
}

OPEN = frozenset(state.id for state in STATES.values() if not state.end)
END = frozenset(state.id for state in STATES.values() if state.end)
BEFORE_FILING = frozenset({"reported", "verifying", "pending_filing"})
BEFORE_DISPATCH = BEFORE_FILING | {"pending_dispatch"}
#: states in which a unit holds the case: exactly one active dispatch exists
DISPATCHED = frozenset(
    {"pending_sign", "handling", "suspended", "feedback_review", "checking", "pending_close"}
)
STAGES = ("intake", "filing", "dispatch", "handle", "check", "close")
STAGE_NAMES = {
    "intake": "受理",
    "filing": "立案",
    "dispatch": "派遣",
    "handle": "处置",
    "check": "核查",
    "close": "结案",
}


def stage_of(state: str) -> str | None:
    """Return the stage of a state, None for 不予受理, 不予立案 and 作废."""
    return STATES[state].stage
