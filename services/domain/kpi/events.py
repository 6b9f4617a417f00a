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
from datetime import timedelta

from services.domain.facts import HANDLED, OPEN, RECALLED, REDISPATCHED, RETURNED, CaseFacts, Stint
from services.domain.kpi import desk_events as desk
from services.domain.kpi.event import (
    CLOSED,
    EVENT_NAMES,
    EVENT_TAGS,
    SHARED,
    KpiEvent,
    run_tags,
    seconds,
    tagged,
)

__all__ = ["EVENT_NAMES", "EVENT_TAGS", "SHARED", "KpiEvent", "events"]
_SATISFIED, _VERY = 3, 5


def events(facts: CaseFacts, contact_s: int = 86_400) -> list[KpiEvent]:
    """Return every event of a case.

    Args:
        facts: the case's facts.
        contact_s: within how many seconds after the dispatch the caller must have been contacted to count as in time.
    """
    found = [event for make in _MAKERS for event in make(facts)]
    return [*found, *_dispatched(facts, timedelta(seconds=contact_s))]


def _dispatched(facts: CaseFacts, contact: timedelta) -> Iterator[KpiEvent]:
    """派遣: the first one that stood; right as long as no unit has sent it back or lost it to another."""
    stint = desk.first_stint(facts)
    if stint is None:
        return
    wrong, counts = facts.right_first is False, facts.counts
    met = facts.first.get("contact_citizen")
    more = tagged(
        accurate=not wrong, wrong=wrong, supervised=counts.supervise > 0, suspended=counts.suspend > 0,
        extended=counts.extension > 0, contacted_in_time=met is not None and met <= stint.at + contact,
    )  # fmt: skip
    yield KpiEvent("dispatched", stint.at, stint.dept, stint.by, more | run_tags(facts, "dispatch"))


def _received(facts: CaseFacts) -> Iterator[KpiEvent]:
    """What each unit received, and what it did with it."""
    for stint in facts.stints:
        if stint.outcome != RECALLED:
            tags = tagged(
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
    return tagged(
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
        tags |= tagged(done=True, on_time=stint.on_time, late=late)
        yield KpiEvent("handle_due", at, stint.dept, stint.by, tags, seconds(stint.at, end))
    elif facts.state != "suspended" and stint.due_at is not None:
        tags |= tagged(open_late=not facts.exempt)
        yield KpiEvent("handle_due", stint.due_at, stint.dept, stint.by, tags, ripe_at=stint.due_at)


def _handled(facts: CaseFacts) -> Iterator[KpiEvent]:
    """处置 on the day it was done, with the time it took since the dispatch to this unit."""
    stint = _last_stint(facts)
    if stint is not None and stint.outcome == HANDLED and stint.end is not None:
        late = not stint.on_time and not facts.exempt
        tags = tagged(on_time=stint.on_time, late=late) | _work_tags(facts) & EVENT_TAGS["handled"]
        yield KpiEvent("handled", stint.end, stint.dept, "", tags, seconds(stint.at, stint.end))


def _close_due(facts: CaseFacts) -> Iterator[KpiEvent]:
    """应结案: on the deadline of the handling, or when closed before it; in time means closed, and handled in time."""
    closed = facts.state in CLOSED
    tags = _work_tags(facts) & EVENT_TAGS["close_due"]
    stint = _last_stint(facts)
    if stint is None:
        if closed and facts.closed_at is not None:
            yield KpiEvent(
                "close_due", facts.closed_at, "", "", tags | tagged(done=True, on_time=True, self=True)
            )
        return
    due = stint.due_at or (facts.closed_at if closed else None)
    if due is None:
        return
    if closed:
        due = min(due, facts.closed_at or due)
        late = not stint.on_time and not facts.exempt
        tags |= tagged(done=True, on_time=stint.on_time, late=late)
        yield KpiEvent("close_due", due, stint.dept, "", tags)
    else:
        tags |= tagged(open_late=not facts.exempt, deferred=facts.state == "suspended")
        yield KpiEvent("close_due", due, stint.dept, "", tags, ripe_at=due)


def _closed(facts: CaseFacts) -> Iterator[KpiEvent]:
    """结案, on the day it was closed."""
    if facts.state not in CLOSED or facts.closed_at is None:
        return
    stint = _last_stint(facts)
    tags = tagged(
        self=stint is None,
        filed=desk.filed_at(facts) is not None,
        once=facts.counts.rework == 0 and facts.round == 1,
        called_back=facts.called_at is not None,
        on_time=stint is None or stint.on_time,
    )
    post = facts.by.get("close", facts.by.get("self_close", ""))
    took = seconds(facts.created_at, facts.closed_at)
    yield KpiEvent("closed", facts.closed_at, facts.lead_dept or "", post, tags, took)


def _check(facts: CaseFacts) -> Iterator[KpiEvent]:
    """核查, on the day it was asked for."""
    at = facts.first.get("send_check")
    if at is None:
        return
    done = "check_pass" in facts.first or "check_fail" in facts.first
    post = facts.by.get("check_pass", facts.by.get("check_fail", ""))
    tags = tagged(done=done) | (run_tags(facts, "check") if done else tagged())
    yield KpiEvent("check", at, "", post, tags)


def _callback(facts: CaseFacts) -> Iterator[KpiEvent]:
    """回访 that reached somebody: what the caller said last."""
    if facts.called_at is None:
        return
    marks = facts.satisfaction
    tags = tagged(
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
        tags = tagged(duplicate=facts.duplicate)
        yield KpiEvent("cancelled", facts.last["cancel"], dept, facts.by.get("cancel", ""), tags)


_MAKERS: tuple[Callable[[CaseFacts], Iterator[KpiEvent]], ...] = (
    desk.reported, desk.accepted, desk.rejected, desk.verify, desk.filed, desk.to_dispatch,
    _received, _handle_due, _handled, _close_due,
    _closed, _check, _callback, _marked,
)  # fmt: skip
