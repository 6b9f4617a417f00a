"""Facts of a case (案件事实): what figures are counted from, folded from its changes one by one.

The log says what happened; rates ask other questions: when was it first dispatched, was the unit right, did the
handling clock stop in time. Both sides of every rate (domain 8.1) can be read from these facts, and folding the log
again gives the same facts. Nothing here decides anything.

A *stint* (承办段) is one unit's time with the case: from its dispatch to its feedback, return or redispatch. It is
what a unit answers for: a redispatch gives the next unit a clock of its own, and the first one's ends without counting
as handled (domain 6.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.domain.case import Case, Counts
from services.domain.clocks import Clock

#: outcomes of a stint
OPEN, HANDLED, RETURNED, REDISPATCHED, RECALLED, ENDED = (
    "open", "handled", "returned", "redispatched", "recalled", "ended",
)  # fmt: skip
_SENDS = frozenset({"dispatch", "redispatch"})
_LEAVES = {"return_case": RETURNED, "recall": RECALLED}
_AGAIN = frozenset({"rework", "check_fail"})
_STOPS = frozenset({"close", "self_close", "cancel", "reject"})
#: clocks of the desk: what they showed before the first dispatch stays true when a case is reopened
_DESK_CLOCKS = frozenset({"accept", "verify", "file"})
_NO_TIMES: Mapping[str, datetime] = MappingProxyType({})
_NO_USERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Passage:
    """One run of a clock that has stopped: start, deadline at the stop (None: stood still), stop."""

    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime

    @property
    def on_time(self) -> bool:
        """Whether it stopped in time, exact to the second (domain 6.6); a clock that stood still is never late."""
        return self.due_at is None or self.stopped_at <= self.due_at


_NO_PASSAGES: Mapping[str, Passage] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Stint:
    """One unit's time with a case.

    Attributes:
        n: 1 for the first of the case.
        round: round of the case (a reopened case begins another).
        dept: the unit.
        before: the unit that had it just before in this round, "" for the first.
        by: user who sent it.
        at: when it was sent.
        signed_at: when the unit signed it.
        outcome: open, handled, returned, redispatched, recalled or ended (closed or cancelled meanwhile).
        end: when it ended; of several feedbacks the last.
        due_at: deadline of its handling clock, as it stood at the end.
        reworks: how often the work was sent back.
    """

    n: int
    round: int
    dept: str
    before: str
    by: str
    at: datetime
    signed_at: datetime | None = None
    outcome: str = OPEN
    end: datetime | None = None
    due_at: datetime | None = None
    reworks: int = 0

    @property
    def on_time(self) -> bool:
        """Whether the unit has handled it in time."""
        return self.outcome == HANDLED and (
            self.due_at is None or (self.end is not None and self.end <= self.due_at)
        )


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything figures ask of one case.

    `first` and `last` hold the moments of each action, `by` the user of its first time; `runs` the first stopped run of
    each clock since the last reopening (of the desk's clocks since the birth) and `handle` the last of the handling
    clock, which decides whether the case was handled in time. `called_at` is the latest call-back that reached
    somebody; `duplicate` says that the case was cancelled as a repeat of another one.
    """

    case_id: str
    number: str | None
    kind: str
    source: str
    category: str | None
    condition: int | None
    grid: str | None
    urgent: bool
    level: int
    state: str
    round: int
    lead_dept: str | None
    created_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    counts: Counts
    exempt: bool = False
    solved: bool | None = None
    satisfaction: int | None = None
    called_at: datetime | None = None
    duplicate: bool = False
    co_depts: tuple[str, ...] = ()
    first: Mapping[str, datetime] = field(default_factory=lambda: _NO_TIMES)
    last: Mapping[str, datetime] = field(default_factory=lambda: _NO_TIMES)
    by: Mapping[str, str] = field(default_factory=lambda: _NO_USERS)
    runs: Mapping[str, Passage] = field(default_factory=lambda: _NO_PASSAGES)
    handle: Passage | None = None
    stints: tuple[Stint, ...] = ()
    version: int = 0

    @property
    def standing(self) -> tuple[Stint, ...]:
        """Return the stints of this round that were not recalled: a recall takes the dispatch back."""
        return tuple(s for s in self.stints if s.round == self.round and s.outcome != RECALLED)

    @property
    def right_first(self) -> bool | None:
        """Whether the first unit was the right one (转派准确): None until a unit has handled the case.

        The first dispatch that stood, not returned and not redispatched; self-made corrections before signing
        (撤回) do not count against it (contract section 5).
        """
        stints = self.standing
        if not any(s.outcome == HANDLED for s in stints):
            return False if any(s.outcome in (RETURNED, REDISPATCHED) for s in stints[:1]) else None
        return stints[0].outcome == HANDLED


def fold(
    facts: CaseFacts | None,
    case: Case,
    action: str,
    user: str,
    at: datetime,
    payload: Mapping[str, Any] | None = None,
) -> CaseFacts:
    """Return the facts after one change.

    Args:
        facts: the facts before it; None before the first change.
        case: the case after it.
        action: what was done.
        user: id of who did it.
        at: when it was decided.
        payload: its payload (only call-backs and what a case is a repeat of are read).
    """
    before = facts or _born(case)
    first, last, by = before.first, before.last, before.by
    last = {**last, action: at}
    if action not in first:
        first, by = {**first, action: at}, {**by, action: user}
    runs = before.runs
    if action == "reopen":
        runs = {name: run for name, run in runs.items() if name in _DESK_CLOCKS}
    facts_of = payload or {}
    call = _call(action, facts_of)
    solved, satisfaction = _opinion(before, call)
    return replace(
        before,
        number=case.number, kind=case.kind, source=case.source, category=case.category, condition=case.condition,
        grid=case.grid, urgent=case.urgent, level=case.level, state=case.state, round=case.round,
        lead_dept=case.lead_dept, closed_at=case.closed_at, due_at=case.due_at, counts=case.counts,
        exempt="appeal_exempt" in case.flags, solved=solved, satisfaction=satisfaction,
        called_at=before.called_at if call is None else at, co_depts=case.co_depts,
        duplicate=before.duplicate or (action == "cancel" and bool(facts_of.get("duplicate_of"))),
        first=first, last=last, by=by, runs=_stopped(runs, case, last.get("reopen")),
        handle=_handled(before, case, action),
        stints=_stints(before.stints, case, action, user, at), version=case.version,
    )  # fmt: skip


def _born(case: Case) -> CaseFacts:
    """Return the facts of a case of which nothing is known yet."""
    return CaseFacts(
        case.case_id, case.number, case.kind, case.source, case.category, case.condition, case.grid,
        case.urgent, case.level, case.state, case.round, case.lead_dept, case.created_at, case.closed_at,
        case.due_at, case.counts,
    )  # fmt: skip


def _call(action: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the facts of a call-back that reached somebody, None when there was none."""
    call = payload.get("callback") if action == "close" else payload if action == "callback" else None
    return call if call and call.get("reached") else None


def _opinion(facts: CaseFacts, call: Mapping[str, Any] | None) -> tuple[bool | None, int | None]:
    """Return what the caller said: the latest call-back that reached somebody counts."""
    if call is None:
        return facts.solved, facts.satisfaction
    solved, marks = call.get("solved"), call.get("satisfaction")
    return (facts.solved if solved is None else solved), (facts.satisfaction if marks is None else marks)


def _stopped(runs: Mapping[str, Passage], case: Case, again: datetime | None) -> Mapping[str, Passage]:
    """Add the clocks that have stopped, each by its first stop; left out is what stopped before a reopening."""
    fresh = {
        name: Passage(clock.started_at, clock.due_at, clock.stopped_at)
        for name, clock in case.clocks.items()
        if clock.stopped_at is not None and name not in runs and (again is None or clock.stopped_at > again)
    }
    return {**runs, **fresh} if fresh else runs


def _handled(facts: CaseFacts, case: Case, action: str) -> Passage | None:
    """Return the last stopped run of the handling clock; a rework takes it back."""
    if action in _SENDS or action == "reopen" or action in _AGAIN:
        return None
    clock = case.clocks.get("handle")
    if action != "feed_back" or clock is None or clock.stopped_at is None:
        return facts.handle
    return Passage(clock.started_at, clock.due_at, clock.stopped_at)


def _stints(stints: tuple[Stint, ...], case: Case, action: str, user: str, at: datetime) -> tuple[Stint, ...]:
    """Return the stints after a change."""
    now = stints[-1] if stints else None
    live = now is not None and now.outcome in (OPEN, HANDLED) and now.round == case.round
    clock = case.clocks.get("handle")
    if action == "import" and case.lead_dept and clock is not None:
        # an imported case brings its unit with it; who sent it is not known
        return _moved_in(case, clock)
    if action in _SENDS and case.lead_dept:
        before = _ended(stints, REDISPATCHED, at) if live else stints
        earlier = now.dept if now is not None and now.round == case.round and now.outcome != RECALLED else ""
        due = clock.due_at if clock is not None else None
        return (*before, Stint(len(stints) + 1, case.round, case.lead_dept, earlier, user, at, due_at=due))
    if now is None or not live:
        return stints
    due = clock.due_at if clock is not None else now.due_at
    changed = _moved(replace(now, due_at=due or now.due_at), case, action, at)
    return stints if changed == now else (*stints[:-1], changed)


def _moved_in(case: Case, clock: Clock) -> tuple[Stint, ...]:
    """Return the one stint of an imported case, as its handling clock tells it."""
    outcome = OPEN if clock.stopped_at is None else HANDLED
    dept = case.lead_dept or ""
    return (
        Stint(1, case.round, dept, "", "", clock.started_at, None, outcome, clock.stopped_at, clock.due_at),
    )


def _moved(stint: Stint, case: Case, action: str, at: datetime) -> Stint:
    """Return a running stint after a change of its case."""
    if action == "sign":
        return replace(stint, signed_at=at)
    if action == "feed_back":
        return replace(stint, outcome=HANDLED, end=at)
    if action in _LEAVES:
        return replace(stint, outcome=_LEAVES[action], end=at)
    if action in _AGAIN:
        return replace(stint, outcome=OPEN, end=None, reworks=stint.reworks + 1)
    if action in _STOPS and stint.outcome == OPEN:
        return replace(stint, outcome=ENDED, end=at)
    return stint


def _ended(stints: tuple[Stint, ...], outcome: str, at: datetime) -> tuple[Stint, ...]:
    """End the last stint."""
    return (*stints[:-1], replace(stints[-1], outcome=outcome, end=at))
