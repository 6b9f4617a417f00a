"""Remembering callers between polls: only for a moment, and never beyond a change of anybody's access."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.backend import sequencer
from services.backend.access import known
from services.backend.access.accounts import Account, add_account, change_rights, disable, set_password
from services.backend.access.known import KnownCallers, tell_changed
from services.backend.access.sessions import (
    Caller,
    end_others,
    end_session,
    find_caller,
    open_session,
    settle_rights,
    token_mark,
)
from services.backend.access.settings import AccessSettings
from services.backend.db.opening import open_database
from services.domain.roles import Actor
from services.sql.engine import glancing, writing

TOKEN = "t" * 43


def caller(token: str = TOKEN) -> Caller:
    return Caller(Actor("u", "某", ("leader",), "99"), "u", token_mark(token), None, False, 0, 1, 1, None, 0)


def test_a_caller_is_known_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(known.time, "monotonic", lambda: now[0])
    callers = KnownCallers()
    callers.look(7)
    assert callers.get(TOKEN) is None
    callers.keep(caller(), callers.version)
    assert callers.get(TOKEN) == caller() and callers.get("other") is None
    now[0] += known.TRUST_S - 0.1
    callers.look(7)
    assert callers.get(TOKEN) is not None
    now[0] += 0.2
    callers.look(7)
    assert callers.get(TOKEN) is None


def test_nothing_is_trusted_after_a_change_or_without_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(known.time, "monotonic", lambda: now[0])
    callers = KnownCallers()
    callers.look(7)
    callers.keep(caller(), 7)
    callers.look(8)
    assert callers.get(TOKEN) is None
    callers.keep(caller(), 7)  # found out before the change was seen
    assert callers.get(TOKEN) is None
    callers.keep(caller(), 8)
    assert callers.get(TOKEN) is not None
    now[0] += known.BLIND_S + 0.1
    assert callers.get(TOKEN) is None  # the beat has seen nothing for too long
    callers.look(8)
    assert callers.get(TOKEN) is not None
    callers.forget()
    assert callers.get(TOKEN) is None


def test_everything_that_changes_access_says_so(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")

    def version() -> int:
        with glancing(engine) as conn:
            return sequencer.look(conn)[2]

    with writing(engine) as conn:
        add_account(conn, Account("u-1", "one", "甲", ("leader",), "99"), "Some-pass-1")
        token, _ = open_session(conn, "u-1", 1, None, AccessSettings())
    assert version() == 0
    mark = token_mark(token)
    seen = [version()]
    for change in (
        lambda conn: change_rights(conn, "u-1", area_code="98"),
        lambda conn: set_password(conn, "u-1", "x", must_change=True),
        lambda conn: settle_rights(conn, mark, 2),
        lambda conn: end_others(conn, "u-1", mark),
        lambda conn: end_session(conn, mark),
        lambda conn: disable(conn, "u-1"),
        tell_changed,
    ):
        with writing(engine) as conn:
            change(conn)
        seen.append(version())
    assert seen == list(range(8))
    assert find_caller(engine, token, AccessSettings()) is None
    engine.dispose()
