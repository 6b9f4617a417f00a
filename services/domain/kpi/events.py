"""Dated events of a case (计数事件): everything a figure may count, read from the facts of one case.

An event says on which moment it counts, for which unit and post, and carries tags: what turned out to be true of it
(`on_time`, `done`, `returned` …). Numerator and denominator of a rate are counted from the same event with different
tags, so that a rate can never exceed the whole. A case counts once by its present round; what a unit received is
counted for each of its stints.

What only becomes true when time passes (an open case becomes overdue) carries `ripe_at`: it is not counted before.
Sources: domain 8.1, 8.3, 9.4; suspended cases are left out of 应处置 until resumed (domain 6.5); cases exempted by
appeal leave the overdue counts only (domain 8.1). An obligation counts on its deadline; one that was met before, on the
day it was met, so that a period is told whole as soon as it is over and nothing is dated in the future.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain.facts import HANDLED, OPEN, RECALLED, REDISPATCHED, RETURNED, CaseFacts, Stint
from services.domain.states import BEFORE_FILING

#: the names of all events a measure may count
EVENT_NAMES = (
    "reported", "accepted", "rejected", "verify", "filed", "to_dispatch", "dispatched", "received", "handle_due",
    "handled", "close_due", "closed", "check", "callback", "supervised", "suspended", "extended", "cancelled",
)  # fmt: skip
#: the tags each event may carry; a measure that asks for another one could never count anything
EVENT_TAGS: dict[str, frozenset[str]] = {
    "reported": frozenset(
        [
            "valid",
            "duplicate",
            "filed",
            "handled",
            "closed",
            "open",
            "accepted",
            "urgent",
            "key",
            "hard",
            "reworked",
            "supervised",
            "waiting_accept",
            "waiting_filing",
            "waiting_dispatch",
            "waiting_check",
            "handling",
        ]
    ),
    "accepted": frozenset(["on_time", "late", "accurate", "wrong", "direct", "filed", "closed"]),
    "rejected": frozenset(["not_accepted", "not_filed"]),
    "verify": frozenset(["done", "on_time", "late"]),
    "filed": frozenset(["on_time", "late", "accurate", "wrong", "dispatched", "closed", "imported"]),
    "to_dispatch": frozenset(["done", "on_time", "late", "accurate", "wrong"]),
    "dispatched": frozenset(
        ["on_time", "late", "accurate", "wrong", "supervised", "suspended", "extended", "contacted_in_time"]
    ),
    "received": frozenset(["returned", "redispatched", "signed", "handled"]),
    "handle_due": frozenset(
        [
            "done",
            "on_time",
            "late",
            "open_late",
            "extended",
            "suspended",
            "supervised",
            "urged",
            "reworked",
            "exempt",
            "urgent",
            "key",
        ]
    ),
    "handled": frozenset(["on_time", "late", "reworked", "extended", "urgent", "exempt"]),
    "close_due": frozenset(
        ["done", "on_time", "late", "open_late", "deferred", "reworked", "self", "urgent", "exempt"]
    ),
    "closed": frozenset(["self", "filed", "once", "called_back", "on_time"]),
    "check": frozenset(["done", "on_time", "late"]),
    "callback": frozenset(["rated", "solved", "unsolved", "opined", "satisfied", "unsatisfied", "very"]),
    "supervised": frozenset(),
    "suspended": frozenset(),
    "extended": frozenset(),
    "cancelled": frozenset({"duplicate"}),
}
#: events whose weight lead and co units may share
SHARED = frozenset({"handle_due", "handled", "close_due"})
_CLOSED = frozenset({"closed", "archived"})
_FAILED = frozenset({"not_accepted", "not_filed", "cancelled"})
#: where an open case stands, as the field's counts name it (待受理, 待立案, 待派遣, 待核查, 未处置)
_STANDS = {
    "reported": "waiting_accept", "pending_filing": "waiting_filing", "pending_dispatch": "waiting_dispatch",
    "returned": "waiting_dispatch", "checking": "waiting_check", "pending_sign": "handling", "handling": "handling",
}  # fmt: skip
_HARD_RETURNS = 2
_SATISFIED, _VERY = 3, 5


@dataclass(frozen=True, slots=True)
class KpiEvent:
    """One countable event.

    Attributes:
        name: one of `EVENT_NAMES`.
        at: the moment by whose day it counts.
        dept: the unit it counts for, "" for none.
        post: the user whose work it was, "" for nobody's.
        tags: what is true of it.
        seconds: a measured duration, None where there is none.
        ripe_at: it counts only from this moment on; None: at once.
    """

    name: str
    at: datetime
    dept: str = ""
    post: str = ""
    tags: frozenset[str] = frozenset()
    seconds: float | None = None
    ripe_at: datetime | None = None


def events(facts: CaseFacts, contact_s: int = 86_400) -> list[KpiEvent]:
    """Return every event of a case.

    Args:
        facts: the case's facts.
        contact_s: within how many seconds after the dispatch the caller must have been contacted to count as in time.
    """
    found = [event for make in _MAKERS for event in make(facts)]
    return [*found, *_dispatched(facts, timedelta(seconds=contact_s))]


def _tags(**held: bool) -> frozenset[str]:
    """Return the names of what holds; a trailing underscore is cut off."""
    return frozenset(name.rstrip("_") for name, holds in held.items() if holds)


def _seconds(since: datetime, until: datetime) -> float:
    """Return the seconds of a stretch; a source that tells an end before its start counts as none."""
    return max(0.0, (until - since).total_seconds())


def _run_tags(facts: CaseFacts, clock: str) -> frozenset[str]:
    """Return `on_time` or `late` by the first stopped run of a clock, nothing while it runs."""
    run = facts.runs.get(clock)
    if run is None:
        return frozenset()
    return frozenset({"on_time" if run.on_time else "late"})


def _reported(facts: CaseFacts) -> Iterator[KpiEvent]:
    """上报: every case once, on the day it was made."""
    counts, state = facts.counts, facts.state
    still_open = state not in _CLOSED and state not in _FAILED
    tags = _tags(
        valid=state not in _FAILED,
        duplicate=facts.duplicate,
        filed=filed_at(facts) is not None,
        closed=state in _CLOSED,
        open=still_open,
        accepted=_accepted_at(facts) is not None,
        urgent=facts.urgent,
        key=facts.level > 0,
        hard=still_open and (counts.return_ >= _HARD_RETURNS or counts.suspend > 0),
        reworked=counts.rework > 0,
        supervised=counts.supervise > 0,
        handled=state in _CLOSED or facts.handle is not None,
    )
    stands = _STANDS.get(state)
    tags |= frozenset({stands}) if stands else frozenset()
    yield KpiEvent("reported", facts.created_at, facts.lead_dept or "", facts.by.get("register", ""), tags)


def _accepted_at(facts: CaseFacts) -> datetime | None:
    """Return when a case was taken in: accepted, sent to verification, or answered at once."""
    if "import" in facts.first:
        return facts.created_at if facts.state not in ("reported", "not_accepted") else None
    found = [facts.first[act] for act in ("accept", "send_verify", "self_close") if act in facts.first]
    return min(found, default=None)


def filed_at(facts: CaseFacts) -> datetime | None:
    """Return when a case was filed (立案) for the first time; None for one that never was."""
    if "import" in facts.first:
        never = facts.state in BEFORE_FILING or facts.state in ("not_accepted", "not_filed")
        return None if never else facts.created_at
    return facts.first.get("file")


def _accepted(facts: CaseFacts) -> Iterator[KpiEvent]:
    """受理, with what became of it."""
    at = _accepted_at(facts)
    if at is None:
        return
    wrong = facts.state in ("not_filed", "cancelled")
    direct = "self_close" in facts.first and "file" not in facts.first
    more = _tags(
        accurate=not wrong, wrong=wrong, direct=direct, filed=filed_at(facts) is not None,
        closed=facts.state in _CLOSED,
    )  # fmt: skip
    by = next((facts.by[act] for act in ("accept", "send_verify", "self_close") if act in facts.by), "")
    yield KpiEvent("accepted", at, "", by, _run_tags(facts, "accept") | more, _seconds(facts.created_at, at))


def _rejected(facts: CaseFacts) -> Iterator[KpiEvent]:
    """不予受理 and 不予立案."""
    if "reject" in facts.last:
        tags = frozenset({facts.state}) & EVENT_TAGS["rejected"]
        yield KpiEvent("rejected", facts.last["reject"], "", facts.by.get("reject", ""), tags)


def _verify(facts: CaseFacts) -> Iterator[KpiEvent]:
    """核实, on the day it was asked for."""
    at = facts.first.get("send_verify")
    if at is not None:
        done = "verify_result" in facts.first
        post = facts.by.get("verify_result", "")
        yield KpiEvent(
            "verify", at, "", post, _tags(done=done) | (_run_tags(facts, "verify") if done else _tags())
        )


def _filed(facts: CaseFacts) -> Iterator[KpiEvent]:
    """立案."""
    at = filed_at(facts)
    if at is None:
        return
    wrong = "return_to_filing" in facts.first or facts.state in ("not_filed", "cancelled")
    more = _tags(
        accurate=not wrong, wrong=wrong, dispatched=bool(facts.stints), closed=facts.state in _CLOSED,
        imported="import" in facts.first,
    )  # fmt: skip
    yield KpiEvent("filed", at, "", facts.by.get("file", ""), _run_tags(facts, "file") | more)


def _first_stint(facts: CaseFacts) -> Stint | None:
    """Return the first stint of the present round that was not taken back."""
    return next(iter(facts.standing), None)


def _to_dispatch(facts: CaseFacts) -> Iterator[KpiEvent]:
    """应派遣: a filed case, once it was dispatched or its time for that is over; on the day it was filed."""
    at = filed_at(facts)
    stint = _first_stint(facts)
    if at is None or "import" in facts.first:
        return
    if stint is not None:
        wrong = facts.right_first is False
        tags = _tags(done=True, accurate=not wrong, wrong=wrong) | _run_tags(facts, "dispatch")
        yield KpiEvent("to_dispatch", at, stint.dept, stint.by, tags)
    elif facts.state == "pending_dispatch" and facts.due_at is not None:
        yield KpiEvent("to_dispatch", at, tags=_tags(late=True), ripe_at=facts.due_at)


def _dispatched(facts: CaseFacts, contact: timedelta) -> Iterator[KpiEvent]:
    """派遣: the first one that stood; right as long as no unit has sent it back or lost it to another."""
    stint = _first_stint(facts)
    if stint is None:
        return
    wrong, counts = facts.right_first is False, facts.counts
    met = facts.first.get("contact_citizen")
    more = _tags(
        accurate=not wrong, wrong=wrong, supervised=counts.supervise > 0, suspended=counts.suspend > 0,
        extended=counts.extension > 0, contacted_in_time=met is not None and met <= stint.at + contact,
    )  # fmt: skip
    yield KpiEvent("dispatched", stint.at, stint.dept, stint.by, more | _run_tags(facts, "dispatch"))


def _received(facts: CaseFacts) -> Iterator[KpiEvent]:
    """What each unit received, and what it did with it."""
    for stint in facts.stints:
        if stint.outcome != RECALLED:
            tags = _tags(
                returned=stint.outcome == RETURNED,
                redispatched=stint.outcome == REDISPATCHED,
                signed=stint.signed_at is not None,
                handled=stint.outcome == HANDLED,
            )
            yield KpiEvent("received", stint.at, stint.dept, stint.by, tags)


def _last_stint(facts: CaseFacts) -> Stint | None:
    """Return the stint that answers for the case in its present round; None for none and for a cancelled case."""
    stints = facts.standing
    if not stints or facts.state == "cancelled" or stints[-1].outcome not in (OPEN, HANDLED):
        return None
    return stints[-1]


def _work_tags(facts: CaseFacts) -> frozenset[str]:
    """Return what happened to the work on a case."""
    counts = facts.counts
    return _tags(
        extended=counts.extension > 0, suspended=counts.suspend > 0, supervised=counts.supervise > 0,
        urged=counts.urge > 0, reworked=counts.rework > 0, exempt=facts.exempt, urgent=facts.urgent,
        key=facts.level > 0,
    )  # fmt: skip


def _handle_due(facts: CaseFacts) -> Iterator[KpiEvent]:
    """应处置: handled in time, handled late, or overdue and open; on the deadline, or when done before it."""
    stint = _last_stint(facts)
    if stint is None:
        return
    tags = _work_tags(facts)
    if stint.outcome == HANDLED:
        end = stint.end or stint.at
        at = min(stint.due_at or end, end)
        late = not stint.on_time and not facts.exempt
        tags |= _tags(done=True, on_time=stint.on_time, late=late)
        yield KpiEvent("handle_due", at, stint.dept, stint.by, tags, _seconds(stint.at, end))
    elif facts.state != "suspended" and stint.due_at is not None:
        tags |= _tags(open_late=not facts.exempt)
        yield KpiEvent("handle_due", stint.due_at, stint.dept, stint.by, tags, ripe_at=stint.due_at)


def _handled(facts: CaseFacts) -> Iterator[KpiEvent]:
    """处置 on the day it was done, with the time it took since the dispatch to this unit."""
    stint = _last_stint(facts)
    if stint is not None and stint.outcome == HANDLED and stint.end is not None:
        late = not stint.on_time and not facts.exempt
        tags = _tags(on_time=stint.on_time, late=late) | _work_tags(facts) & EVENT_TAGS["handled"]
        yield KpiEvent("handled", stint.end, stint.dept, "", tags, _seconds(stint.at, stint.end))


def _close_due(facts: CaseFacts) -> Iterator[KpiEvent]:
    """应结案: on the deadline of the handling, or when closed before it; in time means closed, and handled in time."""
    closed = facts.state in _CLOSED
    tags = _work_tags(facts) & EVENT_TAGS["close_due"]
    stint = _last_stint(facts)
    if stint is None:
        if closed and facts.closed_at is not None:
            yield KpiEvent(
                "close_due", facts.closed_at, "", "", tags | _tags(done=True, on_time=True, self=True)
            )
        return
    due = stint.due_at or (facts.closed_at if closed else None)
    if due is None:
        return
    if closed:
        due = min(due, facts.closed_at or due)
        late = not stint.on_time and not facts.exempt
        tags |= _tags(done=True, on_time=stint.on_time, late=late)
        yield KpiEvent("close_due", due, stint.dept, "", tags)
    else:
        tags |= _tags(open_late=not facts.exempt, deferred=facts.state == "suspended")
        yield KpiEvent("close_due", due, stint.dept, "", tags, ripe_at=due)


def _closed(facts: CaseFacts) -> Iterator[KpiEvent]:
    """结案, on the day it was closed."""
    if facts.state not in _CLOSED or facts.closed_at is None:
        return
    stint = _last_stint(facts)
    tags = _tags(
        self=stint is None,
        filed=filed_at(facts) is not None,
        once=facts.counts.rework == 0 and facts.round == 1,
        called_back=facts.called_at is not None,
        on_time=stint is None or stint.on_time,
    )
    post = facts.by.get("close", facts.by.get("self_close", ""))
    took = _seconds(facts.created_at, facts.closed_at)
    yield KpiEvent("closed", facts.closed_at, facts.lead_dept or "", post, tags, took)


def _check(facts: CaseFacts) -> Iterator[KpiEvent]:
    """核查, on the day it was asked for."""
    at = facts.first.get("send_check")
    if at is None:
        return
    done = "check_pass" in facts.first or "check_fail" in facts.first
    post = facts.by.get("check_pass", facts.by.get("check_fail", ""))
    tags = _tags(done=done) | (_run_tags(facts, "check") if done else _tags())
    yield KpiEvent("check", at, "", post, tags)


def _callback(facts: CaseFacts) -> Iterator[KpiEvent]:
    """回访 that reached somebody: what the caller said last."""
    if facts.called_at is None:
        return
    marks = facts.satisfaction
    tags = _tags(
        opined=facts.solved is not None, solved=facts.solved is True, unsolved=facts.solved is False,
        rated=marks is not None, satisfied=marks is not None and marks >= _SATISFIED,
        unsatisfied=marks is not None and marks < _SATISFIED, very=marks is not None and marks >= _VERY,
    )  # fmt: skip
    yield KpiEvent("callback", facts.called_at, facts.lead_dept or "", facts.by.get("callback", ""), tags)


def _marked(facts: CaseFacts) -> Iterator[KpiEvent]:
    """督办, 挂账, 延期 and 作废: a case once, by the last time."""
    dept, counts = facts.lead_dept or "", facts.counts
    for name, held, action in (
        ("supervised", counts.supervise > 0, "supervise"),
        ("suspended", counts.suspend > 0, "decide_suspend"),
        ("extended", counts.extension > 0, "decide_extension"),
    ):
        if held and action in facts.last:
            yield KpiEvent(name, facts.last[action], dept)
    if facts.state == "cancelled" and "cancel" in facts.last:
        tags = _tags(duplicate=facts.duplicate)
        yield KpiEvent("cancelled", facts.last["cancel"], dept, facts.by.get("cancel", ""), tags)


_MAKERS: tuple[Callable[[CaseFacts], Iterator[KpiEvent]], ...] = (
    _reported, _accepted, _rejected, _verify, _filed, _to_dispatch, _received, _handle_due, _handled, _close_due,
    _closed, _check, _callback, _marked,
)  # fmt: skip
