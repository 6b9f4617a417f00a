"""The centre as the console sees it: the values of the wire in domain form, and the gateway Protocol.

Unknown fields of an answer are ignored (a newer centre may send them). Times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from services.domain.case import Case
from services.domain.clocks import Clock
from services.domain.digest import Bucket
from services.domain.roles import Actor
from services.ports.errors import Problem
from services.ports.field import Track

Doc = Mapping[str, Any]
_EMPTY: Doc = MappingProxyType({})

APPLIED, CONFLICT, REJECTED, NEEDS_CONFIRM, INVALID = (
    "applied",
    "conflict",
    "rejected",
    "needs_confirm",
    "invalid",
)


@dataclass(frozen=True, slots=True)
class Meta:
    """What the centre says of itself before sign-in."""

    feed_epoch: str
    server_version: str
    contract: int
    server_time: datetime
    centre_code: str
    centre_name: str
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A sign-in: the actor it stands for, and what the sign-in page tells of the last one."""

    token: str
    actor: Actor
    expires_at: datetime | None = None
    must_change_password: bool = False
    last_login: datetime | None = None
    failed_since: int = 0


@dataclass(frozen=True, slots=True)
class WireCommand:
    """A command as it leaves; the same bytes of meaning on every retry (contract section 4)."""

    command_id: str
    case_id: str
    action: str
    payload: Doc
    base_xver: int | None
    seen_at: datetime | None
    console_id: str = ""
    console_n: int = 0
    client_time: datetime | None = None
    payload_v: int = 1


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the centre did not do as asked."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Winner:
    """Who decided first: name of the person, moment, action, and one sentence."""

    actor: str
    at: datetime | None
    action: str
    summary: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: applied, conflict, rejected, needs_confirm, or invalid (batch only)."""

    command_id: str
    case_id: str
    outcome: str
    version: int = 0
    xver: int = 0
    number: str | None = None
    decided_at: datetime | None = None
    case: Case | None = None
    reason: Reason | None = None
    winner: Winner | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the log as the feed gives it. With `left_scope` there is no case."""

    seq: int
    case_id: str
    version: int
    xver: int
    action: str
    actor_id: str = ""
    actor_name: str = ""
    actor_role: str = ""
    at: datetime | None = None
    command_id: str | None = None
    payload: Doc = field(default_factory=lambda: _EMPTY)
    case: Case | None = None
    left_scope: bool = False


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One answer of the feed: `next` is the highest seq examined, `head` the highest there is."""

    epoch: str
    changes: tuple[Change, ...]
    next: int
    head: int
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """One page of the first copy; every page stands at the same `as_of_seq`. `total` is 0 when not told."""

    as_of_seq: int
    epoch: str
    cases: tuple[Case, ...]
    next_page: str | None
    total: int = 0
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class DigestReply:
    """256 buckets over the open cases of the caller's scope at one seq."""

    as_of_seq: int
    buckets: tuple[Bucket, ...]
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document with its ETag; `doc` is None when the centre said "unchanged"."""

    etag: str | None
    doc: Doc | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a case's history: who did what when, with the payload (personal facts masked)."""

    seq: int
    version: int
    action: str
    actor_id: str
    actor_name: str
    actor_role: str
    at: datetime | None
    command_id: str | None
    payload: Doc
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """An attachment of a case: who names it, and what it is."""

    sha256: str
    name: str = ""
    mime: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with its history and what the caller may do to it.

    `clocks` are all its clocks, the stopped ones and those of earlier rounds too, in the order they started.
    """

    case: Case
    timeline: tuple[TimelineEntry, ...] = ()
    clocks: tuple[Clock, ...] = ()
    attachments: tuple[AttachmentInfo, ...] = ()
    allowed: tuple[str, ...] = ()
    extra: Doc = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a search over all cases."""

    cases: tuple[Case, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A candidate for "the same problem": metres, hours, score 0–1 and the reasons in words."""

    case: Case
    distance_m: float
    age_h: float
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller's full name and phone, after a reason was given."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Who holds (`hold`) or looks at (`look`) a case; lapses 60 s after the last beat (`beat_at`).

    `silent`: a hold that has lapsed without being taken back; the centre tells of it for some minutes.
    """

    case_id: str
    user_id: str
    user_name: str
    kind: str = "hold"
    since: datetime | None = None
    beat_at: datetime | None = None
    silent: bool = False


class CentreGateway(Protocol):
    """The one way to the centre. Every call blocks its thread and ends within its own total deadline.

    Raises only the classes of `services.ports.errors`: SignInNeeded, MustChangePassword, Unknown, NeverValid,
    and where said MustRefetch and TooOld. Safe to use from several threads.
    """

    def meta(self) -> Meta:
        """Ask who the centre is; needs no sign-in."""
        ...

    def sign_in(self, username: str, password: str, console_id: str) -> SessionInfo:
        """Sign in and keep the token for every later call; SignInNeeded for a wrong name or password."""
        ...

    def sign_out(self) -> None:
        """End the session; the token is forgotten whatever the centre answers."""
        ...

    def me(self) -> SessionInfo:
        """Ask who is signed in (the token is the one kept)."""
        ...

    def change_password(self, old: str, new: str) -> None:
        """Change the own password; NeverValid with the field's sentence when the new one is refused."""
        ...

    @property
    def signed_in(self) -> bool:
        """Whether a token is held (it may have lapsed)."""
        ...

    def reference(self, etag: str | None = None) -> Tagged:
        """Return the reference data; with the known `etag` the answer may be "unchanged"."""
        ...

    def areas(self, level: str, etag: str | None = None) -> Tagged:
        """Return a GeoJSON FeatureCollection of one level (city, district, street, community, grid)."""
        ...

    def components(self, etag: str | None = None) -> Tagged:
        """Return the 部件 in scope as one document, all pages of one state; `services.usecases.field` reads it."""
        ...

    def cameras(self, etag: str | None = None) -> Tagged:
        """Return the cameras in scope."""
        ...

    def officers(self, etag: str | None = None) -> Tagged:
        """Return the last positions of the officers in scope."""
        ...

    def grid_activity(self, etag: str | None = None) -> Tagged:
        """Return reports of the last days and the last report of every grid in scope."""
        ...

    def experience(self, etag: str | None = None) -> Tagged:
        """Return what the log teaches of units; NeverValid for seats it is not meant for."""
        ...

    def track(self, user: str, start: datetime, end: datetime) -> Track:
        """Return an officer's way in at most a day; audited. SignInNeeded (403) without the right."""
        ...

    def send(self, command: WireCommand) -> Outcome:
        """Send one command and return what was decided."""
        ...

    def send_batch(self, commands: Sequence[WireCommand]) -> tuple[Outcome, ...]:
        """Send up to 200 commands; the outcomes stand in the same order."""
        ...

    def changes(self, epoch: str, since: int, limit: int = 500, wait: float = 0) -> ChangesPage:
        """Read the feed after `since`; waits up to `wait` seconds for news. Raises MustRefetch."""
        ...

    def snapshot(self, page: str | None = None) -> SnapshotPage:
        """Return a page of the first copy; MustRefetch when the copy must start anew."""
        ...

    def digest(self, as_of: int) -> DigestReply:
        """Return the digest of the open cases at a seq. Raises TooOld."""
        ...

    def search_cases(self, filters: Doc, cursor: str | None = None, limit: int = 50) -> CasePage:
        """Search all cases; the filters are those of the contract's `GET /cases`."""
        ...

    def case_detail(self, case_id: str) -> CaseDetail:
        """Return a case with timeline; NeverValid with status 404 when it is out of scope."""
        ...

    def caller(self, case_id: str, reason: str) -> Caller:
        """Return the caller's full name and phone; the request is audited with its reason."""
        ...

    def similar(self, lon: float, lat: float, category: str | None, text: str) -> tuple[SimilarCase, ...]:
        """Return open cases that may be about the same problem, best first."""
        ...

    def claim(self, case_id: str, kind: str = "hold") -> None:
        """Say "I am working on this" or, with `look`, "I look at this" (a beat; lapses after 60 s)."""
        ...

    def unclaim(self, case_id: str) -> None:
        """Take the claim back."""
        ...

    def presence(self) -> tuple[Presence, ...]:
        """Return who holds or looks at what, the holds that went silent among them."""
        ...

    def put_attachment(self, sha256: str, data: bytes, mime: str) -> None:
        """Upload bytes under their hash; putting the same bytes twice is harmless."""
        ...

    def get_attachment(self, sha256: str) -> bytes:
        """Return the bytes of an attachment in scope."""
        ...

    def close(self) -> None:
        """Give up all connections; calls that are under way end by their deadline."""
        ...
