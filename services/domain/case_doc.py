"""A case as a plain document, and the difference between two: what the log stores of every change.

The document is the centre's own form (the wire form of the contract is made from it elsewhere). A delta holds
the changed top-level fields; `clocks` is merged one level deeper, because a step touches one or two of eight.
`fold` of all deltas in order gives the case back: replay applies changes and never decides again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from services.domain.case import Case, Counts, Location, Owner
from services.domain.clocks import Clock, Pause
from services.domain.limits import Limit

Doc = dict[str, Any]

_PLAIN = (
    "case_id", "number", "kind", "source", "state", "category", "condition", "description", "grid", "urgent",
    "level", "lead_dept", "round", "parent", "upper_id", "caller_masked", "need_callback", "reporter", "assignee",
    "version", "xver",
)  # fmt: skip
_TIMES = ("created_at", "closed_at", "upper_due")
_SETS = ("flags", "marks")


def time_text(moment: datetime | None) -> str | None:
    """Return a moment as UTC text, as exact as it is: seconds, milliseconds or microseconds."""
    return None if moment is None else _utc_text(moment)


@lru_cache(maxsize=8192)  # every moment of a case is written again with each of its versions
def _utc_text(moment: datetime) -> str:
    """Return a moment as UTC text."""
    micros = moment.microsecond
    timespec = "seconds" if not micros else "microseconds" if micros % 1000 else "milliseconds"
    text = moment.astimezone(UTC).isoformat(timespec=timespec)
    return text.removesuffix("+00:00") + "Z"


def _time(text: str | None) -> datetime | None:
    """Read what `time_text` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def _known_time(text: str) -> datetime:
    """Read a moment that must be there."""
    return datetime.fromisoformat(text)


def _limit(limit: Limit) -> list[Any]:
    """Return a limit as [amount, unit]."""
    return [limit.amount, limit.unit]


def clock_doc(clock: Clock) -> Doc:
    """Return a clock's ledger as a document; empty parts are left out."""
    doc: Doc = {"start": time_text(clock.started_at), "limit": _limit(clock.limit)}
    optional = {
        "due": time_text(clock.due_at),
        "stop": time_text(clock.stopped_at),
        "more": [
            [more.amount, more.unit, time_text(at)]
            for more, at in zip(clock.extensions, clock.extended_at, strict=True)
        ]
        or None,
        "gaps": [[p.kind, time_text(p.start), time_text(p.end), p.ref] for p in clock.pauses] or None,
        "fixed": time_text(clock.fixed_due),
        "fixed_at": time_text(clock.fixed_at),
        "left": clock.frozen_s,
    }
    return doc | {key: value for key, value in optional.items() if value is not None}


def clock_from(name: str, doc: Mapping[str, Any]) -> Clock:
    """Read what `clock_doc` wrote."""
    return Clock(
        name,
        _known_time(doc["start"]),
        Limit(*doc["limit"]),
        _time(doc.get("due")),
        _time(doc.get("stop")),
        tuple(Limit(amount, unit) for amount, unit, _ in doc.get("more", ())),
        tuple(Pause(k, _known_time(a), _time(b), ref) for k, a, b, ref in doc.get("gaps", ())),
        _time(doc.get("fixed")),
        doc.get("left"),
        _time(doc.get("fixed_at")),
        tuple(_known_time(at) for _, _, at in doc.get("more", ())),
    )


def _field(name: str, case: Case) -> Any:
    """Return one field of a case in document form."""
    value = getattr(case, name)
    if name in _PLAIN:
        return value
    if name in _TIMES:
        return time_text(value)
    if name in _SETS:
        return sorted(value)
    if name == "clocks":
        return {key: clock_doc(clock) for key, clock in value.items()}
    if name == "pending":
        return {key: dict(facts) for key, facts in value.items()}
    if name in ("location", "owner", "counts"):
        return [getattr(value, part) for part in value.__slots__]
    return list(value)


_NAMES = (
    *_PLAIN,
    *_TIMES,
    *_SETS,
    "clocks",
    "pending",
    "location",
    "owner",
    "counts",
    "area_path",
    "co_depts",
)
_VALUES = attrgetter(*_NAMES)


def to_doc(case: Case) -> Doc:
    """Return the whole case as a document of JSON values."""
    return {name: _field(name, case) for name in _NAMES}


def from_doc(doc: Mapping[str, Any]) -> Case:
    """Read a whole document; fields it lacks (older logs) take their defaults."""
    values: dict[str, Any] = {name: doc[name] for name in _PLAIN if name in doc}
    values |= {name: _time(doc[name]) for name in _TIMES if name in doc}
    values |= {name: frozenset(doc[name]) for name in _SETS if name in doc}
    values |= {name: tuple(doc[name]) for name in ("area_path", "co_depts") if name in doc}
    values["clocks"] = {name: clock_from(name, clock) for name, clock in doc.get("clocks", {}).items()}
    values["pending"] = doc.get("pending", {})
    values["location"] = Location(*doc["location"])
    values["owner"] = Owner(*doc.get("owner", ()))
    values["counts"] = Counts(*doc.get("counts", ()))
    return Case(**values)


def delta(before: Case | None, after: Case) -> Doc:
    """Return what changed between two versions of a case; the whole document for a birth."""
    if before is None:
        return to_doc(after)
    changed: Doc = {}
    for name, old, new in zip(_NAMES, _VALUES(before), _VALUES(after), strict=True):
        if old is new or old == new:
            continue
        if name == "clocks":
            changed[name] = {key: clock_doc(clock) for key, clock in new.items() if old.get(key) != clock}
        else:
            changed[name] = _field(name, after)
    return changed


def apply_delta(doc: Doc | None, change: Mapping[str, Any]) -> Doc:
    """Return the document after a delta; neither argument is changed."""
    if doc is None:
        return dict(change)
    merged = {**doc, **change}
    if "clocks" in change:
        merged["clocks"] = {**doc.get("clocks", {}), **change["clocks"]}
    return merged


def fold(deltas: Iterable[Mapping[str, Any]]) -> Case:
    """Replay a case from its deltas, oldest first; raises ValueError when there is none."""
    doc: Doc | None = None
    for change in deltas:
        doc = apply_delta(doc, change)
    if doc is None:
        raise ValueError("a case has at least one change")
    return from_doc(doc)
