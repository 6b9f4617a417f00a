"""`HttpCentreGateway`: the centre over HTTP, with the classes of contract section 4 as the only errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from services.api import codec, replies
from services.api.layers import moment_text, track_from, whole
from services.api.refusals import failure, is_json
from services.api.strict_json import NotJson, dumps, loads
from services.api.transport import CAP_BYTES, DEADLINE_S, READ_S, Reply, Transport
from services.domain.errors import DomainError
from services.ports.centre import (
    Caller,
    CaseDetail,
    CasePage,
    ChangesPage,
    DigestReply,
    Meta,
    Outcome,
    Presence,
    SessionInfo,
    SimilarCase,
    SnapshotPage,
    Tagged,
    WireCommand,
)
from services.ports.errors import (
    GatewayError,
    Unknown,
)
from services.ports.field import Track
from services.ports.system import CentreTime

T = TypeVar("T")

_FEED_MARGIN_S = 5.0
_BULK_S = 60.0
_AREAS_CAP = 64 * 1024 * 1024
_PHOTO_CAP = 21 * 1024 * 1024
_READING = (
    codec.WireError,
    NotJson,
    DomainError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
)


class HttpCentreGateway:
    """The `CentreGateway` over HTTP; safe from several threads, one connection each.

    The token lives in memory only. `ca_file` is the centre's own certificate authority. Raises ValueError for
    an address that is plain http and not this machine. `centre_time`, when set, hears every `server_time`.
    """

    def __init__(self, base_url: str, *, ca_file: str | Path | None = None) -> None:
        """Take the centre's address (without `/v1`)."""
        self.centre_time: CentreTime | None = None
        self._transport = Transport(base_url, None if ca_file is None else str(ca_file))
        self._lock = threading.Lock()
        self._token: str | None = None

    # --- sign-in ------------------------------------------------------------------------------------

    @property
    def signed_in(self) -> bool:
        """Whether a token is held (it may have lapsed)."""
        return self._token is not None

    def meta(self) -> Meta:
        """Ask who the centre is."""
        return self._ask("GET", "/meta", replies.meta_from)

    def sign_in(self, username: str, password: str, console_id: str) -> SessionInfo:
        """Sign in and keep the token."""
        asked = {"username": username, "password": password, "console_id": console_id}
        with self._lock:
            self._token = None
        session = self._ask("POST", "/session", replies.session_from, body=asked)
        with self._lock:
            self._token = session.token
        return session

    def sign_out(self) -> None:
        """End the session; the token is forgotten whatever the centre answers."""
        try:
            self._ask("DELETE", "/session", _nothing)
        except GatewayError:
            pass  # it lapses by itself
        finally:
            with self._lock:
                self._token = None

    def me(self) -> SessionInfo:
        """Ask who is signed in."""
        return self._ask("GET", "/me", lambda doc: replies.session_from(doc, self._token or ""))

    def change_password(self, old: str, new: str) -> None:
        """Change the own password."""
        self._ask("POST", "/me/password", _nothing, body={"old": old, "new": new})

    # --- documents ----------------------------------------------------------------------------------

    def reference(self, etag: str | None = None) -> Tagged:
        """Return the reference data."""
        return self._tagged("/reference", {}, etag)

    def areas(self, level: str, etag: str | None = None) -> Tagged:
        """Return a GeoJSON FeatureCollection of one level."""
        return self._tagged("/areas", {"level": level}, etag)

    def _tagged(self, path: str, params: Mapping[str, str], etag: str | None) -> Tagged:
        """Ask for a document unless it is the one already known."""
        known = {"If-None-Match": etag} if etag else {}
        reply = self._exchange(
            "GET", path, params=params, headers=known, deadline_s=_BULK_S, cap=_AREAS_CAP, fine=(200, 304)
        )
        if reply.status == 304:
            return Tagged(etag, None)
        return Tagged(
            reply.headers.get("etag"), self._read(reply, lambda doc: replies.document_from(doc, path))
        )

    def components(self, etag: str | None = None) -> Tagged:
        """Return the 部件 in scope, all pages put together."""
        return whole(lambda cursor, known: self._page("/components", cursor, known), "components", etag)

    def cameras(self, etag: str | None = None) -> Tagged:
        """Return the cameras in scope."""
        return self._tagged("/cameras", {}, etag)

    def officers(self, etag: str | None = None) -> Tagged:
        """Return the last positions of the officers in scope."""
        return self._tagged("/officers", {}, etag)

    def grid_activity(self, etag: str | None = None) -> Tagged:
        """Return reports and last report of every grid in scope."""
        return self._tagged("/grids/activity", {}, etag)

    def experience(self, etag: str | None = None) -> Tagged:
        """Return what the log teaches of units."""
        return self._tagged("/experience", {}, etag)

    def track(self, user: str, start: datetime, end: datetime) -> Track:
        """Return an officer's way; audited."""
        asked = {"from": moment_text(start), "to": moment_text(end)}
        return self._ask("GET", f"/officers/{quote(user, safe='')}/track", track_from, params=asked)

    def _page(self, path: str, cursor: str | None, etag: str | None) -> Tagged:
        """Ask for one page of a paged document."""
        return self._tagged(path, {} if cursor is None else {"cursor": cursor}, etag)

    # --- commands -----------------------------------------------------------------------------------

    def send(self, command: WireCommand) -> Outcome:
        """Send one command."""
        return self._ask(
            "POST",
            "/commands",
            codec.outcome_from,
            body=codec.command_doc(command),
            headers={"Idempotency-Key": command.command_id},
        )

    def send_batch(self, commands: Sequence[WireCommand]) -> tuple[Outcome, ...]:
        """Send several commands."""
        body = {"commands": [codec.command_doc(command) for command in commands]}
        return self._ask("POST", "/commands/batch", _outcomes, body=body)

    # --- copies -------------------------------------------------------------------------------------

    def changes(self, epoch: str, since: int, limit: int = 500, wait: float = 0) -> ChangesPage:
        """Read the feed after `since`."""
        asked = {"epoch": epoch, "since": str(since), "limit": str(limit), "wait": f"{wait:g}"}
        span = wait + _FEED_MARGIN_S
        return self._ask("GET", "/changes", codec.changes_from, params=asked, deadline_s=span, read_s=span)

    def snapshot(self, page: str | None = None) -> SnapshotPage:
        """Return a page of the first copy."""
        asked = {} if page is None else {"page": page}
        return self._ask(
            "GET", "/snapshot", codec.snapshot_from, params=asked, deadline_s=_BULK_S, read_s=_BULK_S
        )

    def digest(self, as_of: int) -> DigestReply:
        """Return the digest of the open cases at a seq."""
        return self._ask(
            "GET", "/digest", lambda doc: replies.digest_from(doc, as_of), params={"as_of": str(as_of)}
        )

    # --- single cases -------------------------------------------------------------------------------

    def search_cases(
        self, filters: Mapping[str, Any], cursor: str | None = None, limit: int = 50
    ) -> CasePage:
        """Search all cases."""
        asked = {name: _word(value) for name, value in filters.items() if value is not None}
        asked["limit"] = str(limit)
        if cursor is not None:
            asked["cursor"] = cursor
        return self._ask("GET", "/cases", replies.cases_from, params=asked)

    def case_detail(self, case_id: str) -> CaseDetail:
        """Return a case with timeline."""
        return self._ask("GET", f"/cases/{quote(case_id, safe='')}", replies.detail_from)

    def caller(self, case_id: str, reason: str) -> Caller:
        """Return the caller's full name and phone."""
        path = f"/cases/{quote(case_id, safe='')}/caller"
        return self._ask("POST", path, replies.caller_from, body={"reason": reason})

    def similar(self, lon: float, lat: float, category: str | None, text: str) -> tuple[SimilarCase, ...]:
        """Return open cases that may be about the same problem."""
        asked = {"lon": lon, "lat": lat, "category": category, "text": text}
        return self._ask("POST", "/cases/similar", replies.similar_from, body=asked)

    def claim(self, case_id: str, kind: str = "hold") -> None:
        """Say "I am working on this", or that it is only looked at."""
        self._ask("PUT", f"/cases/{quote(case_id, safe='')}/claim", _nothing, body={"kind": kind})

    def unclaim(self, case_id: str) -> None:
        """Take the claim back."""
        self._ask("DELETE", f"/cases/{quote(case_id, safe='')}/claim", _nothing)

    def presence(self) -> tuple[Presence, ...]:
        """Return who holds or looks at what."""
        return self._ask("GET", "/presence", replies.presence_from)

    # --- attachments --------------------------------------------------------------------------------

    def put_attachment(self, sha256: str, data: bytes, mime: str) -> None:
        """Upload bytes under their hash."""
        self._exchange(
            "PUT",
            f"/attachments/{quote(sha256, safe='')}",
            body=data,
            headers={"Content-Type": mime or "application/octet-stream"},
            deadline_s=_BULK_S,
            read_s=_BULK_S,
            fine=(200, 201, 204),
        )

    def get_attachment(self, sha256: str) -> bytes:
        """Return the bytes of an attachment in scope."""
        path = f"/attachments/{quote(sha256, safe='')}"
        return self._exchange("GET", path, deadline_s=_BULK_S, cap=_PHOTO_CAP).body

    def close(self) -> None:
        """Give up all connections."""
        self._transport.close()

    # --- one exchange -------------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        read_s: float = READ_S,
    ) -> T:
        """Send JSON, read JSON."""
        raw = None if body is None else dumps(body)
        told = {"Content-Type": "application/json"} if raw is not None else {}
        fine = (200, 201, 204) if read is _nothing else (200, 201)
        reply = self._exchange(
            method,
            path,
            params=params,
            body=raw,
            headers={**told, **(headers or {})},
            deadline_s=deadline_s,
            read_s=read_s,
            fine=fine,
        )
        if read is _nothing:
            return read(None)
        return self._read(reply, read)

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        read_s: float = READ_S,
        cap: int = CAP_BYTES,
        fine: tuple[int, ...] = (200,),
    ) -> Reply:
        """Do one exchange and sort the answer into the classes of contract section 4."""
        token = self._token
        known = {"Accept": "application/json", **(headers or {})}
        if token is not None:
            known["Authorization"] = f"Bearer {token}"
        reply = self._transport.exchange(
            method, f"/v1{path}", params=params, body=body, headers=known, deadline_s=deadline_s, read_s=read_s,
            cap=cap,
        )  # fmt: skip
        if reply.status in fine:
            return reply
        raise failure(reply)

    def _read(self, reply: Reply, read: Callable[[Any], T]) -> T:
        """Read a JSON answer; one that nobody understands is none."""
        if not is_json(reply):
            raise Unknown("答复的不是中心，可能需要先登录网络。", code="not_the_centre", reached=True)
        try:
            doc = loads(reply.body)
            answer = read(doc)
            if self.centre_time is not None and isinstance(doc, dict):
                self.centre_time.heard(codec.moment(doc.get("server_time")))
            return answer
        except _READING as error:
            raise Unknown("中心的答复读不懂。", code="bad_answer", reached=True) from error


def _outcomes(doc: Any) -> tuple[Outcome, ...]:
    """Read the answer to a batch."""
    entries = codec.listing(codec.record(doc, "batch").get("outcomes"), "outcomes")
    return tuple(codec.outcome_from(entry) for entry in entries)


def _nothing(doc: Any) -> None:
    """Take an answer without content."""


def _word(value: Any) -> str:
    """Return a filter as text; lists are joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)
