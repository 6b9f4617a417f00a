"""Briefs and hand-overs as JSON values, so that drafts, unsent signatures and read sheets survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ports.handover import BriefLine, Handover, HandoverHead, Person

#: being written, signed and not at the centre yet, kept by the centre, refused by it for good
DRAFT, SIGNED, KEPT, REFUSED = "draft", "signed", "kept", "refused"


@dataclass(frozen=True, slots=True)
class Draft:
    """The brief of who leaves: `log_known` tells that the centre's log is in it, `why` a refusal's sentence."""

    handover_id: str
    post: str
    began_at: datetime
    drafted_at: datetime
    lines: tuple[BriefLine, ...] = ()
    remarks: str = ""
    log_known: bool = False
    status: str = DRAFT
    said_at: datetime | None = None
    why: str = ""

    def brief(self) -> dict[str, Any]:
        """Return what is sent; needs `said_at`."""
        assert self.said_at is not None
        return {
            "handover_id": self.handover_id, "post": self.post, "began_at": self.began_at.isoformat(),
            "drafted_at": self.drafted_at.isoformat(), "said_at": self.said_at.isoformat(),
            "lines": [line.doc() for line in self.lines], "remarks": self.remarks,
        }  # fmt: skip


def with_remark(draft: Draft, place: int, remark: str) -> Draft:
    """Return the draft with another remark on a line."""
    lines = list(draft.lines)
    lines[place] = replace(lines[place], remark=remark)
    return replace(draft, lines=tuple(lines))


def _by_hand(line: BriefLine) -> bool:
    """Tell whether somebody wrote a line; what was drafted about a case is drafted anew."""
    return line.kind == "note" and line.case_id is None


def redrafted(draft: Draft, lines: tuple[BriefLine, ...], at: datetime, *, log_known: bool) -> Draft:
    """Return the draft with fresh lines; remarks follow their line, notes written by hand stay."""
    remarks = {(line.kind, line.case_id): line.remark for line in draft.lines if line.remark}
    known = {(line.kind, line.text) for line in lines}
    notes = [line for line in draft.lines if _by_hand(line) and ("note", line.text) not in known]
    fresh = [replace(line, remark=remarks.get((line.kind, line.case_id), line.remark)) for line in lines]
    return replace(draft, lines=(*fresh, *notes), drafted_at=at, log_known=log_known)


# --- JSON -------------------------------------------------------------------------------------------------


def draft_doc(draft: Draft) -> dict[str, Any]:
    """Return a draft as JSON values."""
    said = None if draft.said_at is None else draft.said_at.isoformat()
    return {
        "handover_id": draft.handover_id, "post": draft.post, "began_at": draft.began_at.isoformat(),
        "drafted_at": draft.drafted_at.isoformat(), "lines": [line.doc() for line in draft.lines],
        "remarks": draft.remarks, "log_known": draft.log_known, "status": draft.status, "said_at": said,
        "why": draft.why,
    }  # fmt: skip


def draft_from(doc: Any) -> Draft | None:
    """Read a draft back; None for anything else."""
    try:
        return Draft(
            doc["handover_id"], doc["post"], _moment(doc["began_at"]), _moment(doc["drafted_at"]),
            tuple(_line(line) for line in doc["lines"]), doc["remarks"], bool(doc["log_known"]), doc["status"],
            None if doc["said_at"] is None else _moment(doc["said_at"]), doc["why"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None


def handover_doc(handover: Handover) -> dict[str, Any]:
    """Return a hand-over as JSON values."""
    head = handover.head
    return {
        "handover_id": head.handover_id, "post": head.post, "left": _person_doc(head.left),
        "began_at": head.began_at.isoformat(), "said_at": head.said_at.isoformat(), "hash": head.hash,
        "taken_over": None if head.taken_over is None else _person_doc(head.taken_over),
        "lines": [line.doc() for line in handover.lines], "remarks": handover.remarks,
        "drafted_at": handover.drafted_at.isoformat(),
    }  # fmt: skip


def handover_from(doc: Any) -> Handover | None:
    """Read a hand-over back; None for anything else."""
    try:
        taken = doc["taken_over"]
        head = HandoverHead(
            doc["handover_id"], doc["post"], _person(doc["left"]), _moment(doc["began_at"]),
            _moment(doc["said_at"]), doc["hash"], {}, None if taken is None else _person(taken),
        )  # fmt: skip
        lines = tuple(_line(line) for line in doc["lines"])
        return Handover(head, lines, doc["remarks"], _moment(doc["drafted_at"]))
    except (KeyError, TypeError, ValueError):
        return None


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(str(value))


def _line(doc: Mapping[str, Any]) -> BriefLine:
    due = doc["due_at"]
    return BriefLine(
        str(doc["kind"]), str(doc["text"]), doc["case_id"], doc["number"],
        None if due is None else _moment(due), str(doc["remark"]),
    )  # fmt: skip


def _person_doc(person: Person) -> dict[str, Any]:
    return {
        "user_id": person.user_id, "name": person.name, "at": person.at.isoformat(), "note": person.note,
        "moved": list(person.moved),
    }  # fmt: skip


def _person(doc: Mapping[str, Any]) -> Person:
    moved = tuple(str(case_id) for case_id in doc["moved"])
    return Person(str(doc["user_id"]), str(doc["name"]), _moment(doc["at"]), str(doc["note"]), moved)
