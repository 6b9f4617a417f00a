"""One countable event of a case (计数事件), the names of all of them and the tags each may carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.domain.facts import CaseFacts

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
#: states of cases that came to their end, and of those that never became one
CLOSED = frozenset({"closed", "archived"})
FAILED = frozenset({"not_accepted", "not_filed", "cancelled"})


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


def tagged(**held: bool) -> frozenset[str]:
    """Return the names of what holds; a trailing underscore is cut off."""
    return frozenset(name.rstrip("_") for name, holds in held.items() if holds)


def seconds(since: datetime, until: datetime) -> float:
    """Return the seconds of a stretch; a source that tells an end before its start counts as none."""
    return max(0.0, (until - since).total_seconds())


def run_tags(facts: CaseFacts, clock: str) -> frozenset[str]:
    """Return `on_time` or `late` by the first stopped run of a clock, nothing while it runs."""
    run = facts.runs.get(clock)
    if run is None:
        return frozenset()
    return frozenset({"on_time" if run.on_time else "late"})
