"""The context of one decision and the moves every effect shares: entering a state, its clocks and its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain import clocks as ck
from services.domain.case import Case, Owner
from services.domain.clocks import Clock
from services.domain.commands import Rejected
from services.domain.lifecycle import FRESH, KEEP, NONE, PAUSE, RESUME, RUN_ON, Move
from services.domain.limits import Limit
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.states import STATES

#: flags that belong to an application made in one state and lapse when the case leaves it
_LAPSING = {"extension": "extension_pending", "suspend": "suspend_pending", "appeal": "appeal_pending"}


@dataclass(frozen=True, slots=True)
class Ctx:
    """What an effect looks at: the case before, the cleaned payload, who asks, when, under which rules."""

    case: Case
    payload: Mapping[str, Any]
    actor: Actor
    role: str
    now: datetime
    rules: Rules

    def get(self, name: str, default: Any = None) -> Any:
        """Return a payload field."""
        return self.payload.get(name, default)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an effect wants: changed fields of the case, and where it departs from the table, the target."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    move: Move | None = None
    births: tuple[Case, ...] = ()


Result = Effect | Rejected


def stage_limit(rules: Rules, clock: str, category: str | None, condition: int | None) -> Limit | None:
    """Return the limit a fresh clock gets: the filing condition's for `handle`, else the stage's."""
    if clock == "handle":
        return rules.handling_limit(category, condition)
    return rules.stage_limits.get(clock)


def fresh_clock(fields: Mapping[str, Any], name: str, now: datetime, rules: Rules) -> Clock | None:
    """Start a clock for a case given by its fields; None when no limit is set for it."""
    limit = stage_limit(rules, name, fields["category"], fields["condition"])
    if limit is None:
        return None
    pauses = rules.pauses(name, fields["grid"], fields["lead_dept"])
    return ck.start(name, limit, now, rules.calendar, pauses)


def _next_clock(old: Clock | None, how: str, fields: Mapping[str, Any], name: str, ctx: Ctx) -> Clock | None:
    """Return the clock of the entered state."""
    if how == PAUSE and old is not None:
        return ck.pause(old, ctx.now, ctx.rules.calendar)
    if how == RESUME and old is not None:
        return ck.resume(old, ctx.now, ctx.rules.calendar)
    if how == RUN_ON and old is not None:
        return ck.run_on(old)
    if how == KEEP and old is not None:
        return old
    return fresh_clock(fields, name, ctx.now, ctx.rules)


def move_clocks(fields: Mapping[str, Any], to: str, how: str, ctx: Ctx) -> dict[str, Clock]:
    """Return the clocks after entering state `to`: the old state's clock stops, the new one's starts or goes on."""
    clocks = dict(ctx.case.clocks)
    before, after = STATES[ctx.case.state].clock, STATES[to].clock
    if before and before != after and before in clocks:
        clocks[before] = ck.stop(clocks[before], ctx.now)
    if after is None or how == NONE:
        return clocks
    started = _next_clock(clocks.get(after), how, fields, after, ctx)
    if started is not None:
        clocks[after] = started
    return clocks


def owner_of(state: str, lead: str | None, assignee: str | None) -> Owner:
    """Return who holds a case in a state."""
    role = STATES[state].owner
    if role != "dept_user":
        return Owner(role)
    return Owner("street_user" if (lead or "").startswith("street-") else role, lead, assignee)


def lapse(fields: dict[str, Any]) -> None:
    """Drop applications and their flags; they were made in a state the case has left."""
    fields["pending"] = {}
    fields["flags"] = fields["flags"] - frozenset(_LAPSING.values())


def pend(case: Case, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that open an application."""
    return {"pending": {**case.pending, name: dict(facts)}, "flags": case.flags | {_LAPSING[name]}}


def settle(case: Case, name: str) -> dict[str, Any]:
    """Return the changes that close an application."""
    pending = {key: value for key, value in case.pending.items() if key != name}
    return {"pending": pending, "flags": case.flags - {_LAPSING[name]}}


__all__ = [
    "FRESH", "KEEP", "NONE", "PAUSE", "RESUME", "RUN_ON", "Ctx", "Effect", "Move", "Result", "fresh_clock",
    "lapse", "move_clocks", "owner_of", "pend", "settle", "stage_limit",
]  # fmt: skip
