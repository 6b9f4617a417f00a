"""Events of the desk: reported, accepted, refused, verified, filed, to be dispatched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.domain.facts import CaseFacts, Stint
from services.domain.kpi.event import CLOSED, EVENT_TAGS, FAILED, KpiEvent, run_tags, seconds, tagged
from services.domain.states import BEFORE_FILING

#: where an open case stands, as the field's counts name it (待受理, 待立案, 待派遣, 待核查, 未处置)
_STANDS = {
    "reported": "waiting_accept", "pending_filing": "waiting_filing", "pending_dispatch": "waiting_dispatch",
    "returned": "waiting_dispatch", "checking": "waiting_check", "pending_sign": "handling", "handling": "handling",
}  # fmt: skip
_HARD_RETURNS = 2


def reported(facts: CaseFacts) -> Iterator[KpiEvent]:
    """上报: every case once, on the day it was made."""
    counts, state = facts.counts, facts.state
    still_open = state not in CLOSED and state not in FAILED
    tags = tagged(
        valid=state not in FAILED,
        duplicate=facts.duplicate,
        filed=filed_at(facts) is not None,
        closed=state in CLOSED,
        open=still_open,
        accepted=_accepted_at(facts) is not None,
        urgent=facts.urgent,
        key=facts.level > 0,
        hard=still_open and (counts.return_ >= _HARD_RETURNS or counts.suspend > 0),
        reworked=counts.rework > 0,
        supervised=counts.supervise > 0,
        handled=state in CLOSED or facts.handle is not None,
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


def accepted(facts: CaseFacts) -> Iterator[KpiEvent]:
    """受理, with what became of it."""
    at = _accepted_at(facts)
    if at is None:
        return
    wrong = facts.state in ("not_filed", "cancelled")
    direct = "self_close" in facts.first and "file" not in facts.first
    more = tagged(
        accurate=not wrong, wrong=wrong, direct=direct, filed=filed_at(facts) is not None,
        closed=facts.state in CLOSED,
    )  # fmt: skip
    by = next((facts.by[act] for act in ("accept", "send_verify", "self_close") if act in facts.by), "")
    yield KpiEvent("accepted", at, "", by, run_tags(facts, "accept") | more, seconds(facts.created_at, at))


def rejected(facts: CaseFacts) -> Iterator[KpiEvent]:
    """不予受理 and 不予立案."""
    if "reject" in facts.last:
        tags = frozenset({facts.state}) & EVENT_TAGS["rejected"]
        yield KpiEvent("rejected", facts.last["reject"], "", facts.by.get("reject", ""), tags)


def verify(facts: CaseFacts) -> Iterator[KpiEvent]:
    """核实, on the day it was asked for."""
    at = facts.first.get("send_verify")
    if at is not None:
        done = "verify_result" in facts.first
        post = facts.by.get("verify_result", "")
        yield KpiEvent(
            "verify", at, "", post, tagged(done=done) | (run_tags(facts, "verify") if done else tagged())
        )


def filed(facts: CaseFacts) -> Iterator[KpiEvent]:
    """立案."""
    at = filed_at(facts)
    if at is None:
        return
    wrong = "return_to_filing" in facts.first or facts.state in ("not_filed", "cancelled")
    more = tagged(
        accurate=not wrong, wrong=wrong, dispatched=bool(facts.stints), closed=facts.state in CLOSED,
        imported="import" in facts.first,
    )  # fmt: skip
    yield KpiEvent("filed", at, "", facts.by.get("file", ""), run_tags(facts, "file") | more)


def first_stint(facts: CaseFacts) -> Stint | None:
    """Return the first stint of the present round that was not taken back."""
    return next(iter(facts.standing), None)


def to_dispatch(facts: CaseFacts) -> Iterator[KpiEvent]:
    """应派遣: a filed case, once it was dispatched or its time for that is over; on the day it was filed."""
    at = filed_at(facts)
    stint = first_stint(facts)
    if at is None or "import" in facts.first:
        return
    if stint is not None:
        wrong = facts.right_first is False
        tags = tagged(done=True, accurate=not wrong, wrong=wrong) | run_tags(facts, "dispatch")
        yield KpiEvent("to_dispatch", at, stint.dept, stint.by, tags)
    elif facts.state == "pending_dispatch" and facts.due_at is not None:
        yield KpiEvent("to_dispatch", at, tags=tagged(late=True), ripe_at=facts.due_at)
