"""Signing in: one answer for wrong names and wrong passwords, as slow for both, and a lock after five failures."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from services.backend.access import passwords
from services.backend.access.accounts import actor_of, by_username, set_password
from services.backend.access.audit import record
from services.backend.access.sessions import open_session
from services.backend.access.settings import AccessSettings
from services.backend.db.access_tables import accounts, login_failures
from services.domain.roles import Actor
from services.sql.engine import glancing, writing


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token, who it is, and what a person should see after signing in."""

    token: str
    actor: Actor
    began_ms: int
    must_change: bool
    last_login_ms: int | None
    failed_since: int


class WrongCredentialsError(Exception):
    """Name or password are wrong; which of both is not said."""


class LockedError(Exception):
    """Too many failures; `minutes` is how long the lock still holds."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"locked for {minutes} min")
        self.minutes = minutes


class _Turns:
    """One attempt at a time for one name, so that parallel guesses cannot outrun the lock."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, tuple[threading.Lock, list[int]]] = defaultdict(
            lambda: (threading.Lock(), [0])
        )
        self._guard = threading.Lock()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait for one's turn."""
        with self._guard:
            lock, users = self._locks[name]
            users[0] += 1
        try:
            with lock:
                yield
        finally:
            with self._guard:
                users[0] -= 1
                if not users[0]:
                    self._locks.pop(name, None)


_turns = _Turns()
#: the class of advisory locks that stand for names at sign-in
_NAMES = 0x516E


def sign_in(
    engine: Engine,
    username: str,
    password: str,
    console_id: str | None,
    settings: AccessSettings,
    trace_id: str,
) -> SignedIn:
    """Check name and password and begin a session.

    Raises WrongCredentialsError or LockedError; both are in the audit trail.
    """
    with _turns.of(username):
        with glancing(engine) as conn:
            left = locked_minutes(conn, username)
            row = by_username(conn, username)
        if left:
            raise LockedError(left)
        stored = row["password_hash"] if row is not None and row["active"] else None
        right = passwords.check_password(stored, password)
        if row is None or not right:
            with writing(engine) as conn:
                _still_open(conn, username)
                _failed(conn, username, row["user_id"] if row is not None else None, settings, trace_id)
            raise WrongCredentialsError
        with writing(engine) as conn:
            _still_open(conn, username)
            token, began = open_session(conn, row["user_id"], row["rights_version"], console_id, settings)
            conn.execute(delete(login_failures).where(login_failures.c.username == username))
            conn.execute(
                update(accounts)
                .where(accounts.c.user_id == row["user_id"])
                .values(last_login=began, failed_since=0)
            )
            if stored is not None and passwords.needs_rehash(stored):
                fresh = passwords.hash_password(password)
                set_password(conn, row["user_id"], fresh, must_change=row["must_change"])
            record(conn, row["user_id"], "sign_in", console_id, None, trace_id)
    return SignedIn(
        token, actor_of(row), began, bool(row["must_change"]), row["last_login"], row["failed_since"]
    )


def _still_open(conn: Connection, username: str) -> None:
    """Look again before answering: another process may have locked the name while this one checked.

    Holds the name until the transaction ends, so that attempts of several processes are counted one after
    the other. Raises LockedError, which says nothing about the password.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_NAMES, func.hashtext(username))))
    left = locked_minutes(conn, username)
    if left:
        raise LockedError(left)


def locked_minutes(conn: Connection, username: str) -> int:
    """Return for how many more minutes a name is locked, 0 when it is not."""
    until = conn.execute(
        select(func.max(login_failures.c.locked_until)).where(login_failures.c.username == username)
    ).scalar()
    left = 0 if until is None else int(until) - _now_ms()
    return -(-left // 60_000) if left > 0 else 0


def _failed(
    conn: Connection, username: str, user_id: str | None, settings: AccessSettings, trace_id: str
) -> None:
    """Write a failure down; the one that is too many locks the name, whether it has an account or not."""
    now = _now_ms()
    window = now - settings.lock_window_minutes * 60_000
    conn.execute(
        delete(login_failures).where(
            login_failures.c.username == username,
            login_failures.c.at < window,
            func.coalesce(login_failures.c.locked_until, 0) < now,
        )
    )
    earlier = conn.execute(
        select(func.count()).where(login_failures.c.username == username, login_failures.c.at >= window)
    ).scalar()
    too_many = int(earlier or 0) + 1 >= settings.lock_failures
    until = now + settings.lock_minutes * 60_000 if too_many else None
    conn.execute(insert(login_failures).values(username=username, at=now, locked_until=until))
    if user_id is not None:
        conn.execute(
            update(accounts)
            .where(accounts.c.user_id == user_id)
            .values(failed_since=accounts.c.failed_since + 1)
        )
    record(conn, user_id or "unknown", "locked" if too_many else "sign_in_failed", username, None, trace_id)


def _now_ms() -> int:
    """Return now in milliseconds."""
    return int(time.time() * 1000)
