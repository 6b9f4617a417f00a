"""The centre's desk routes as the console asks them: hand-overs between shifts, and marked callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from services.ports.centre import Doc

_EMPTY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One line of a brief; `kind` is one of `services.domain.handover.KINDS`, `remark` what was added by hand."""

    kind: str
    text: str
    case_id: str | None = None
    number: str | None = None
    due_at: datetime | None = None
    remark: str = ""

    def doc(self) -> dict[str, Any]:
        """Return the line as it is handed in."""
        due = None if self.due_at is None else self.due_at.isoformat()
        return {
            "kind": self.kind, "text": self.text, "case_id": self.case_id, "number": self.number, "due_at": due,
            "remark": self.remark,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed, and when the centre wrote it down."""

    user_id: str
    name: str
    at: datetime
    note: str = ""
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoverHead:
    """A hand-over in a list: who left which post when, what it holds by kind, who took over."""

    handover_id: str
    post: str
    left: Person
    began_at: datetime
    said_at: datetime
    hash: str
    counts: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    taken_over: Person | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A whole hand-over as the centre keeps it."""

    head: HandoverHead
    lines: tuple[BriefLine, ...]
    remarks: str
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """What a citizen was told last about an open case."""

    case_id: str
    number: str | None
    address: str
    at: datetime
    reached: bool
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A case that may only be closed after a call back which was not made yet."""

    case_id: str
    number: str | None
    address: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What the centre's log knows for a brief; `held` maps cases to the user who holds them."""

    as_of_seq: int
    contacts: tuple[Contact, ...]
    callbacks: tuple[Callback, ...]
    held: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CallerMark:
    """A mark on a number that calls: last four digits, why, until when, by whom. It never blocks a call."""

    mark_id: str
    last4: str
    reason: str
    calls: int
    until: datetime
    by: str
    at: datetime


class DeskCentre(Protocol):
    """What a desk asks the centre beside cases. Errors are those of `CentreGateway`."""

    def handover_facts(self) -> LogFacts:
        """Return what the log knows for a brief."""
        ...

    def hand_over(self, brief: Doc) -> Handover:
        """Send a brief signed by the session; the same brief twice is one."""
        ...

    def handovers(self, limit: int = 20, *, unsigned: bool = False) -> tuple[HandoverHead, ...]:
        """Return the last hand-overs of the area, newest first."""
        ...

    def handover(self, handover_id: str) -> Handover:
        """Return one in full."""
        ...

    def take_over(self, handover_id: str, note: str = "", username: str = "", password: str = "") -> Handover:
        """Sign for taking over, as the session or with a name and password."""
        ...

    def match_caller(self, phone: str) -> tuple[CallerMark | None, int]:
        """Return the mark of a number, and how often it called in 30 days."""
        ...

    def marked_callers(self) -> tuple[CallerMark, ...]:
        """Return the marks that hold."""
        ...

    def mark_caller(self, reason: str, days: int, *, phone: str = "", case_id: str = "") -> CallerMark:
        """Mark a number, or the caller of a case."""
        ...

    def unmark_caller(self, mark_id: str) -> None:
        """Take a mark off."""
        ...
