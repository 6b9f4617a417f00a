"""The smaller answers of the centre in domain form: meta, session, detail, search, presence."""

from __future__ import annotations

from typing import Any

from services.api.codec import (
    Doc,
    WireError,
    case_from,
    clock_from,
    known_moment,
    listing,
    moment,
    optional_text,
    record,
    text,
    whole,
)
from services.domain.digest import BUCKETS, Bucket
from services.domain.roles import ROLES, Actor
from services.ports.centre import (
    AttachmentInfo,
    Caller,
    CaseDetail,
    CasePage,
    DigestReply,
    Meta,
    Presence,
    SessionInfo,
    SimilarCase,
    TimelineEntry,
)


def meta_from(value: Any) -> Meta:
    """Read `GET /meta`."""
    doc = record(value, "meta")
    centre = record(doc.get("centre") or {}, "centre")
    return Meta(
        text(doc, "feed_epoch"),
        str(doc.get("server_version") or ""),
        whole(doc, "contract"),
        known_moment(doc.get("server_time")),
        str(centre.get("code") or ""),
        str(centre.get("name") or ""),
        bool(doc.get("demo")),
    )


#: the list each document lives by; a network that answers for everybody says 200 and JSON as well
_LISTS = {"/reference": "categories", "/areas": "features"}


def document_from(value: Any, path: str) -> Doc:
    """Read a document; WireError when it lacks the list it lives by, for it would take a good one's place."""
    doc = record(value, path)
    if path in _LISTS:
        listing(doc.get(_LISTS[path]), _LISTS[path])
    return doc


def actor_from(value: Any) -> Actor:
    """Read a user; roles this program does not know are left out."""
    doc = record(value, "user")
    roles = tuple(str(role) for role in listing(doc.get("roles"), "roles") if str(role) in ROLES)
    return Actor(
        str(doc.get("id") or ""), str(doc.get("name") or ""), roles,
        optional_text(doc, "area_code"), optional_text(doc, "dept"),
    )  # fmt: skip


def session_from(value: Any, token: str | None = None) -> SessionInfo:
    """Read a sign-in, or `GET /me` with the token already held."""
    doc = record(value, "session")
    return SessionInfo(
        text(doc, "token") if token is None else token,
        actor_from(doc.get("user") or doc),
        moment(doc.get("expires_at")),
        bool(doc.get("must_change_password")),
        moment(doc.get("last_login")),
        int(doc.get("failed_since") or 0),
    )  # fmt: skip


def digest_from(value: Any, asked: int) -> DigestReply:
    """Read 256 buckets; a count and a hex mark each."""
    doc = record(value, "digest")
    buckets = tuple(_bucket(entry) for entry in listing(doc.get("buckets"), "buckets"))
    if len(buckets) != BUCKETS:
        raise WireError(f"a digest has {BUCKETS} buckets")
    seq = next((doc[name] for name in ("as_of_seq", "as_of") if isinstance(doc.get(name), int)), asked)
    return DigestReply(seq, buckets, str(doc.get("epoch") or ""))


def _bucket(value: Any) -> Bucket:
    """Read a bucket."""
    doc = record(value, "bucket")
    return Bucket(whole(doc, "count"), text(doc, "xor").lower().zfill(16))


def detail_from(value: Any) -> CaseDetail:
    """Read `GET /cases/{id}`: the fields of the case with timeline, clocks, attachments and rights beside them."""
    doc = record(value, "detail")
    # the detail's clocks hold earlier rounds too; the case itself keeps the live ones
    clocks = listing(doc.get("clocks") or [], "clocks")
    live = [clock for clock in clocks if record(clock, "clock").get("stopped_at") is None]
    known = {"timeline", "clocks", "attachments", "allowed"}
    return CaseDetail(
        case_from({**doc, "clocks": live}),
        tuple(_entry(entry) for entry in listing(doc.get("timeline") or [], "timeline")),
        tuple(sorted((clock_from(record(clock, "clock")) for clock in clocks), key=lambda c: c.started_at)),
        tuple(_attachment(entry) for entry in listing(doc.get("attachments") or [], "attachments")),
        tuple(str(action) for action in listing(doc.get("allowed") or [], "allowed")),
        {name: doc[name] for name in doc if name not in known},
    )


def _entry(value: Any) -> TimelineEntry:
    """Read a line of a case's history."""
    doc = record(value, "timeline entry")
    actor = record(doc.get("actor") or {}, "actor")
    return TimelineEntry(
        int(doc.get("seq") or 0),
        int(doc.get("version") or 0),
        text(doc, "action"),
        str(actor.get("id") or ""),
        str(actor.get("name") or ""),
        str(actor.get("role") or ""),
        moment(doc.get("at")),
        optional_text(doc, "command_id"),
        record(doc.get("payload") or {}, "payload"),
        tuple(str(flag) for flag in doc.get("flags") or ()),
    )


def _attachment(value: Any) -> AttachmentInfo:
    """Read an attachment's facts, or a bare hash."""
    if isinstance(value, str):
        return AttachmentInfo(value)
    doc = record(value, "attachment")
    return AttachmentInfo(
        text(doc, "sha256"), str(doc.get("name") or ""), str(doc.get("mime") or ""), int(doc.get("size") or 0)
    )


def cases_from(value: Any) -> CasePage:
    """Read a page of a search."""
    doc = record(value, "search")
    cursor = doc.get("next_cursor")
    cases = tuple(case_from(entry) for entry in listing(doc.get("cases"), "cases"))
    return CasePage(cases, None if cursor is None else str(cursor))


def similar_from(value: Any) -> tuple[SimilarCase, ...]:
    """Read candidates for "the same problem"."""
    entries = listing(record(value, "similar").get("candidates"), "candidates")
    return tuple(_similar(record(entry, "candidate")) for entry in entries)


def _similar(doc: Doc) -> SimilarCase:
    """Read one candidate; its age comes in seconds."""
    return SimilarCase(
        case_from(doc.get("case")),
        float(doc.get("distance_m") or 0),
        float(doc.get("age_s") or 0) / 3600,
        float(doc.get("score") or 0),
        tuple(str(reason) for reason in listing(doc.get("why") or [], "why")),
    )


def caller_from(value: Any) -> Caller:
    """Read the caller's name and phone."""
    doc = record(value, "caller")
    return Caller(str(doc.get("name") or ""), str(doc.get("phone") or ""))


def presence_from(value: Any) -> tuple[Presence, ...]:
    """Read who holds or looks at what."""
    doc = record(value, "presence")
    entries = listing(doc.get("claims"), "claims")
    silent = listing(doc.get("silent") or [], "silent")  # a centre of an earlier version does not tell
    return (
        *(_presence(record(entry, "claim")) for entry in entries),
        *(_presence(record(entry, "claim"), silent=True) for entry in silent),
    )


def _presence(doc: Doc, *, silent: bool = False) -> Presence:
    """Read one entry: who, since when, and the last beat."""
    who = record(doc.get("user") or {}, "user")
    return Presence(
        text(doc, "case_id"), str(who.get("id") or ""), str(who.get("name") or who.get("id") or ""),
        str(doc.get("kind") or "hold"), moment(doc.get("since")), moment(doc.get("at")), silent,
    )  # fmt: skip
