"""Sessions: opaque random tokens, of which only the hash is stored; valid in every process, over restarts."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select, update

from services.backend.access.accounts import actor_of
from services.backend.access.known import tell_changed
from services.backend.access.settings import AccessSettings
from services.backend.db.access_tables import accounts, sessions
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms

#: a session's last request is written down at most this often
TOUCH_MS = 15_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: the actor, the session, and whether the password must be changed first."""

    actor: Actor
    username: str
    token_hash: bytes
    console_id: str | None
    must_change: bool
    created_ms: int
    session_rights: int
    account_rights: int
    last_login_ms: int | None
    failed_since: int

    @property
    def rights_changed(self) -> bool:
        """Whether roles, area or department changed since the session's last snapshot."""
        return self.session_rights != self.account_rights

    def expires_at(self, settings: AccessSettings) -> datetime:
        """Return when the session ends at the latest."""
        return from_ms(self.created_ms + settings.session_hours * 3_600_000)


def token_mark(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def open_session(
    conn: Connection, user_id: str, rights: int, console_id: str | None, settings: AccessSettings
) -> tuple[str, int]:
    """Begin a session and return its token and its beginning in ms; the oldest go when a limit is set."""
    token = secrets.token_urlsafe(32)
    now = _now_ms()
    conn.execute(
        insert(sessions).values(
            token_hash=token_mark(token),
            user_id=user_id,
            console_id=console_id,
            created_at=now,
            last_seen=now,
            rights_version=rights,
        )
    )
    conn.execute(delete(sessions).where(sessions.c.created_at < now - settings.session_hours * 3_600_000))
    if settings.max_sessions:
        kept = (
            select(sessions.c.token_hash)
            .where(sessions.c.user_id == user_id)
            .order_by(sessions.c.created_at.desc())
            .limit(settings.max_sessions)
        )
        conn.execute(
            delete(sessions).where(
                sessions.c.user_id == user_id, sessions.c.token_hash.not_in(kept.subquery().select())
            )
        )
    return token, now


_FIND = (
    select(
        accounts,
        sessions.c.token_hash,
        sessions.c.console_id,
        sessions.c.created_at.label("began"),
        sessions.c.last_seen,
        sessions.c.rights_version.label("session_rights"),
    )
    .join(accounts, accounts.c.user_id == sessions.c.user_id)
    .where(accounts.c.active)
)


def find_caller(engine: Engine, token: str, settings: AccessSettings) -> Caller | None:
    """Return who a token stands for, None for an unknown, lapsed or ended one; marks the session as used."""
    mark = token_mark(token)
    now = _now_ms()
    with glancing(engine) as conn:
        row = conn.execute(_FIND.where(sessions.c.token_hash == mark)).mappings().first()
    if row is None:
        return None
    idle = settings.idle_minutes * 60_000 + TOUCH_MS
    if now - row["last_seen"] > idle or now - row["began"] > settings.session_hours * 3_600_000:
        return None
    if now - row["last_seen"] > TOUCH_MS:
        with writing(engine) as conn:
            conn.execute(update(sessions).where(sessions.c.token_hash == mark).values(last_seen=now))
    return Caller(
        actor_of(row),
        row["username"],
        mark,
        row["console_id"],
        bool(row["must_change"]),
        row["began"],
        row["session_rights"],
        row["rights_version"],
        row["last_login"],
        row["failed_since"],
    )


def end_session(conn: Connection, token_hash: bytes) -> None:
    """End one session."""
    tell_changed(conn)
    conn.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def end_others(conn: Connection, user_id: str, token_hash: bytes) -> None:
    """End all sessions of a user but one (after a changed password)."""
    tell_changed(conn)
    conn.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.token_hash != token_hash))


def settle_rights(conn: Connection, token_hash: bytes, rights: int) -> None:
    """Say that a session has begun a snapshot under its present rights: its feed may go on."""
    tell_changed(conn)
    conn.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(rights_version=rights))


def _now_ms() -> int:
    """Return now in milliseconds; sessions are a matter of the centre's own clock."""
    return int(time.time() * 1000)
