"""`HttpDeskCalls`: hand-overs and marked callers over the line a gateway holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.api.codec import (
    WireError,
    known_moment,
    listing,
    moment,
    optional_text,
    record,
    text,
    whole,
)
from services.api.gateway import HttpCentreGateway
from services.domain.handover import KINDS
from services.ports.centre import Doc
from services.ports.handover import (
    BriefLine,
    Callback,
    CallerMark,
    Contact,
    Handover,
    HandoverHead,
    LogFacts,
    Person,
)


class HttpDeskCalls:
    """The `DeskCentre` over a gateway's own session, deadlines and error classes."""

    def __init__(self, gateway: HttpCentreGateway) -> None:
        """Share the gateway's line."""
        self._gateway = gateway

    def handover_facts(self) -> LogFacts:
        """Return what the log knows for a brief."""
        return self._gateway._ask("GET", "/handovers/facts", facts_from)

    def hand_over(self, brief: Doc) -> Handover:
        """Send a signed brief."""
        return self._gateway._ask("POST", "/handovers", handover_from, body=dict(brief))

    def handovers(self, limit: int = 20, *, unsigned: bool = False) -> tuple[HandoverHead, ...]:
        """Return the last hand-overs."""
        asked = {"limit": str(limit), **({"unsigned": "true"} if unsigned else {})}
        return self._gateway._ask("GET", "/handovers", _heads, params=asked)

    def handover(self, handover_id: str) -> Handover:
        """Return one in full."""
        return self._gateway._ask("GET", f"/handovers/{quote(handover_id, safe='')}", handover_from)

    def take_over(self, handover_id: str, note: str = "", username: str = "", password: str = "") -> Handover:
        """Sign for taking over."""
        body = {"note": note, **({"username": username, "password": password} if username else {})}
        path = f"/handovers/{quote(handover_id, safe='')}/sign"
        return self._gateway._ask("POST", path, handover_from, body=body)

    def match_caller(self, phone: str) -> tuple[CallerMark | None, int]:
        """Return the mark of a number."""
        return self._gateway._ask("POST", "/marked-callers/match", _match, body={"phone": phone})

    def marked_callers(self) -> tuple[CallerMark, ...]:
        """Return the marks that hold."""
        return self._gateway._ask("GET", "/marked-callers", _marks)

    def mark_caller(self, reason: str, days: int, *, phone: str = "", case_id: str = "") -> CallerMark:
        """Mark a number."""
        whom = {"phone": phone} if phone else {"case_id": case_id}
        return self._gateway._ask(
            "POST", "/marked-callers", mark_from, body={"reason": reason, "days": days, **whom}
        )

    def unmark_caller(self, mark_id: str) -> None:
        """Take a mark off."""
        path = f"/marked-callers/{quote(mark_id, safe='')}"
        self._gateway._exchange("DELETE", path, fine=(200, 204))


# --- answers --------------------------------------------------------------------------------------------


def facts_from(value: Any) -> LogFacts:
    """Read what the log knows; WireError when it is not that."""
    doc = record(value, "facts")
    contacts = tuple(
        Contact(
            text(entry, "case_id"), optional_text(entry, "number"), str(entry.get("address") or ""),
            known_moment(entry.get("at")), bool(entry.get("reached")), str(entry.get("text") or ""),
            str(entry.get("by") or ""),
        )
        for entry in _records(doc, "contacts")
    )  # fmt: skip
    callbacks = tuple(
        Callback(
            text(entry, "case_id"), optional_text(entry, "number"), str(entry.get("address") or ""),
            moment(entry.get("due_at")),
        )
        for entry in _records(doc, "callbacks")
    )  # fmt: skip
    held = {
        text(entry, "case_id"): text(record(entry.get("user"), "user"), "id")
        for entry in _records(doc, "claims")
    }
    return LogFacts(whole(doc, "as_of_seq"), contacts, callbacks, held)


def handover_from(value: Any) -> Handover:
    """Read a whole hand-over."""
    doc = record(value, "handover")
    lines = tuple(line_from(entry) for entry in _records(doc, "lines"))
    return Handover(_head(doc), lines, str(doc.get("remarks") or ""), known_moment(doc.get("drafted_at")))


def line_from(doc: Doc) -> BriefLine:
    """Read a line; WireError for a kind nobody knows."""
    kind = text(doc, "kind")
    if kind not in KINDS:
        raise WireError(f"line of the unknown kind {kind[:20]}")
    return BriefLine(
        kind, text(doc, "text"), optional_text(doc, "case_id"), optional_text(doc, "number"),
        moment(doc.get("due_at")), str(doc.get("remark") or ""),
    )  # fmt: skip


def _records(doc: Doc, name: str) -> list[Doc]:
    return [record(entry, name) for entry in listing(doc.get(name), name)]


def _heads(value: Any) -> tuple[HandoverHead, ...]:
    return tuple(_head(entry) for entry in _records(record(value, "handovers"), "handovers"))


def _head(doc: Doc) -> HandoverHead:
    counts = {str(kind): int(n) for kind, n in record(doc.get("counts") or {}, "counts").items()}
    taken = doc.get("taken_over")
    return HandoverHead(
        text(doc, "handover_id"), text(doc, "post"),
        _person(record(doc.get("from"), "from"), doc.get("at")), known_moment(doc.get("began_at")),
        known_moment(doc.get("said_at")), text(doc, "hash"), counts,
        None if taken is None else _person(record(taken, "taken_over"), taken.get("at")),
    )  # fmt: skip


def _person(doc: Doc, at: Any) -> Person:
    moved = tuple(str(case_id) for case_id in listing(doc.get("moved") or [], "moved"))
    return Person(text(doc, "id"), text(doc, "name"), known_moment(at), str(doc.get("note") or ""), moved)


def mark_from(value: Any) -> CallerMark:
    """Read a mark."""
    doc = record(value, "mark")
    return CallerMark(
        text(doc, "mark_id"), str(doc.get("last4") or ""), text(doc, "reason"), whole(doc, "calls"),
        known_moment(doc.get("until")), text(record(doc.get("by"), "by"), "name"), known_moment(doc.get("at")),
    )  # fmt: skip


def _marks(value: Any) -> tuple[CallerMark, ...]:
    return tuple(mark_from(entry) for entry in _records(record(value, "marks"), "marks"))


def _match(value: Any) -> tuple[CallerMark | None, int]:
    doc = record(value, "match")
    mark = doc.get("mark")
    return (None if mark is None else mark_from(mark)), whole(doc, "calls_30d")
