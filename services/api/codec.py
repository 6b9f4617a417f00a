"""The wire of the contract in domain form: own reading, shared with nobody, so that a wrong field shows.

Unknown fields are ignored. A missing or mistyped field that the console needs raises WireError; the gateway
makes "no answer" of it, because an answer nobody understands is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.domain.case import Case, Counts, Location, Owner
from services.domain.case_doc import time_text
from services.domain.clocks import Clock, Pause
from services.domain.errors import DomainError
from services.domain.limits import Limit
from services.domain.states import STATES
from services.ports.centre import Change, ChangesPage, Outcome, Reason, SnapshotPage, Winner, WireCommand
from services.ports.errors import Problem

Doc = Mapping[str, Any]


class WireError(ValueError):
    """An answer lacks what the contract promises."""


def moment(value: Any) -> datetime | None:
    """Read an ISO 8601 time with offset, None for null."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise WireError("a time is text")
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise WireError(f"not a time: {value[:40]!r}") from error
    if read.tzinfo is None:
        raise WireError("a time has an offset")
    return read.astimezone(UTC)


def known_moment(value: Any) -> datetime:
    """Read a time that must be there."""
    read = moment(value)
    if read is None:
        raise WireError("a time is missing")
    return read


def record(value: Any, what: str) -> Doc:
    """Return a JSON object."""
    if not isinstance(value, Mapping):
        raise WireError(f"{what} is not an object")
    return value


def listing(value: Any, what: str) -> list[Any]:
    """Return a JSON array."""
    if not isinstance(value, list):
        raise WireError(f"{what} is not a list")
    return value


def text(doc: Doc, name: str) -> str:
    """Return a text that must be there."""
    value = doc.get(name)
    if not isinstance(value, str):
        raise WireError(f"{name} is not a text")
    return value


def optional_text(doc: Doc, name: str) -> str | None:
    """Return a text or None."""
    return None if doc.get(name) is None else text(doc, name)


def whole(doc: Doc, name: str) -> int:
    """Return a whole number that must be there."""
    value = doc.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError(f"{name} is not a whole number")
    return value


def _degrees(doc: Doc, name: str) -> float | None:
    """Return a coordinate or None."""
    value = doc.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise WireError(f"{name} is not a number")
    return float(value)


def _names(doc: Doc, name: str) -> tuple[str, ...]:
    """Return a list of texts, empty when absent."""
    return tuple(str(item) for item in listing(doc.get(name) or [], name))


def _limit(value: Any) -> Limit:
    """Read `{"amount", "unit"}`."""
    doc = record(value, "limit")
    try:
        return Limit(doc["amount"], doc["unit"])
    except (KeyError, TypeError, DomainError) as error:
        raise WireError("a limit cannot be read") from error


def clock_from(doc: Doc) -> Clock:
    """Read a clock; what the centre does not say of its ledger stays empty."""
    pauses = tuple(
        Pause(text(p, "kind"), known_moment(p.get("from")), moment(p.get("to")), str(p.get("ref") or ""))
        for p in (record(entry, "pause") for entry in doc.get("pauses") or [])
    )
    paused = bool(doc.get("paused"))
    started = known_moment(doc.get("started_at"))
    more = [record(entry, "extension") for entry in doc.get("extensions") or []]
    fixed = moment(doc.get("fixed_due"))
    return Clock(
        text(doc, "clock"),
        started,
        _limit(doc.get("limit")),
        moment(doc.get("due_at")),
        moment(doc.get("stopped_at")),
        tuple(_limit(entry) for entry in more),
        pauses,
        fixed,
        whole(doc, "remaining_s") if paused else None,
        # a centre that does not tell when: as if from the start; the deadline itself is always the centre's
        None if fixed is None else moment(doc.get("fixed_at")) or started,
        tuple(moment(entry.get("at")) or started for entry in more),
    )


def case_from(value: Any) -> Case:
    """Read a case as sent. Raises WireError."""
    doc = record(value, "case")
    state = text(doc, "state")
    if state not in STATES:
        raise WireError(f"unknown state {state[:40]!r}")
    place = record(doc.get("location") or {}, "location")
    owner = record(doc.get("owner") or {}, "owner")
    counts = record(doc.get("counts") or {}, "counts")
    upper = record(doc.get("upper") or {}, "upper")
    clocks = [clock_from(record(entry, "clock")) for entry in listing(doc.get("clocks") or [], "clocks")]
    condition = doc.get("condition")
    return Case(
        case_id=text(doc, "case_id"),
        kind=text(doc, "kind"),
        source=text(doc, "source"),
        state=state,
        description=text(doc, "description"),
        location=Location(_degrees(place, "lon"), _degrees(place, "lat"), str(place.get("address") or "")),
        created_at=known_moment(doc.get("created_at")),
        number=optional_text(doc, "number"),
        category=optional_text(doc, "category"),
        condition=None if condition is None else whole(doc, "condition"),
        grid=optional_text(doc, "grid"),
        area_path=_names(doc, "area_path"),
        urgent=bool(doc.get("urgent")),
        level=int(doc.get("level") or 0),
        lead_dept=optional_text(doc, "lead_dept"),
        co_depts=_names(doc, "co_depts"),
        owner=Owner(optional_text(owner, "role"), optional_text(owner, "dept"), optional_text(owner, "user")),
        # a case sends its live clocks; a second one of the same name would be an older round's
        clocks={clock.name: clock for clock in reversed(clocks)},
        counts=_counts(counts),
        round=int(doc.get("round") or 1),
        parent=optional_text(doc, "parent"),
        flags=frozenset(_names(doc, "flags")),
        upper_id=optional_text(upper, "id"),
        upper_due=moment(upper.get("due_at")),
        caller_masked=optional_text(doc, "caller_masked"),
        need_callback=bool(doc.get("need_callback")),
        reporter=optional_text(doc, "reporter"),
        assignee=optional_text(doc, "assignee"),
        closed_at=moment(doc.get("closed_at")),
        pending={
            str(k): dict(record(v, "pending")) for k, v in record(doc.get("pending") or {}, "pending").items()
        },
        marks=frozenset(_names(doc, "marks")),
        version=whole(doc, "version"),
        xver=whole(doc, "xver"),
    )


def _counts(doc: Doc) -> Counts:
    """Read the counters; one the centre does not send is 0."""
    names = {"rework": "rework", "return": "return_", "extension": "extension", "suspend": "suspend",
             "supervise": "supervise", "urge": "urge"}  # fmt: skip
    return Counts(**{field: int(doc.get(name) or 0) for name, field in names.items()})


def command_doc(command: WireCommand) -> dict[str, Any]:
    """Return a command as sent; the same text on every retry."""
    doc: dict[str, Any] = {
        "command_id": command.command_id,
        "case_id": command.case_id,
        "action": command.action,
        "base_xver": command.base_xver,
        "seen_at": time_text(command.seen_at),
        "payload_v": command.payload_v,
        "payload": dict(command.payload),
    }
    if command.console_id:
        doc |= {"console_id": command.console_id, "console_n": command.console_n}
    if command.client_time is not None:
        doc["client_time"] = time_text(command.client_time)
    return doc


def outcome_from(value: Any) -> Outcome:
    """Read an outcome; one of an unknown kind is not an answer."""
    doc = record(value, "outcome")
    kind = text(doc, "outcome")
    if kind not in ("applied", "conflict", "rejected", "needs_confirm", "invalid"):
        raise WireError(f"unknown outcome {kind[:40]!r}")
    reason = doc.get("reason")
    winner = doc.get("winner")
    return Outcome(
        command_id=text(doc, "command_id"),
        case_id=str(doc.get("case_id") or ""),
        outcome=kind,
        version=int(doc.get("version") or 0),
        xver=int(doc.get("xver") or 0),
        number=optional_text(doc, "number"),
        decided_at=moment(doc.get("decided_at")),
        case=None if doc.get("case") is None else case_from(doc["case"]),
        reason=None if reason is None else Reason(text(reason, "code"), str(reason.get("title") or "")),
        winner=None if winner is None else _winner(record(winner, "winner")),
        problem=None if doc.get("problem") is None else problem_from(doc["problem"], 0),
    )


def _winner(doc: Doc) -> Winner:
    """Read who decided first; the actor comes as a name or as {id, name}."""
    actor = doc.get("actor")
    name = actor.get("name") or actor.get("id") if isinstance(actor, Mapping) else actor
    return Winner(
        str(name or ""), moment(doc.get("at")), str(doc.get("action") or ""), str(doc.get("summary") or "")
    )


def problem_from(value: Any, status: int) -> Problem:
    """Read problem+json; whatever else came is a problem without words of its own."""
    doc: Doc = value if isinstance(value, Mapping) else {}
    told = doc.get("fields")
    fields = {str(k): str(v) for k, v in told.items()} if isinstance(told, Mapping) else {}
    stated = doc.get("status")
    return Problem(
        status or (stated if isinstance(stated, int) else 422),
        str(doc.get("code") or "refused"),
        str(doc.get("title") or "中心没有接受这项请求。"),
        str(doc.get("detail") or ""),
        fields,
        str(doc.get("trace_id") or ""),
    )


def change_from(value: Any) -> Change:
    """Read an entry of the feed."""
    doc = record(value, "change")
    actor = record(doc.get("actor") or {}, "actor")
    left = bool(doc.get("left_scope"))
    case = doc.get("case")
    if case is None and not left:
        raise WireError("a change has its case")
    return Change(
        whole(doc, "seq"),
        text(doc, "case_id"),
        whole(doc, "version") if not left else int(doc.get("version") or 0),
        int(doc.get("xver") or 0),
        str(doc.get("action") or ""),
        str(actor.get("id") or ""),
        str(actor.get("name") or ""),
        str(actor.get("role") or ""),
        moment(doc.get("at")),
        optional_text(doc, "command_id"),
        record(doc.get("payload") or {}, "payload"),
        None if left else case_from(case),
        left,
    )


def changes_from(value: Any) -> ChangesPage:
    """Read a page of the feed."""
    doc = record(value, "changes")
    changes = tuple(change_from(entry) for entry in listing(doc.get("changes"), "changes"))
    return ChangesPage(
        text(doc, "epoch"), changes, whole(doc, "next"), whole(doc, "head"), moment(doc.get("server_time"))
    )


def snapshot_from(value: Any) -> SnapshotPage:
    """Read a page of the first copy."""
    doc = record(value, "snapshot")
    page = doc.get("next_page")
    return SnapshotPage(
        whole(doc, "as_of_seq"),
        text(doc, "epoch"),
        tuple(case_from(entry) for entry in listing(doc.get("cases"), "cases")),
        None if page is None else str(page),
        int(doc.get("total") or 0),
        moment(doc.get("server_time")),
    )
