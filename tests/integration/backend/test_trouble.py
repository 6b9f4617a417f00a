"""When the database is gone or the disk is full: a clear answer, nothing half-saved, service again afterwards."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.backend.centre import Centre
from services.backend.db.opening import open_database
from services.backend.db.tables import changes, commands
from services.backend.http.app import create_app
from services.backend.http.guard import problem_for
from services.backend.problems import Problem
from services.backend.reference_store import NoReferenceError
from services.sql.engine import glancing, sqlite_engine
from tests.support.asgi import AsgiClient
from tests.support.centre import Backend, birth, command, running
from tests.support.postgres import Cluster
from tests.support.waiting import until


def count(backend: Backend, table: Any) -> int:
    with glancing(backend.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.allow_log
def test_a_full_disk_is_told_and_nothing_is_half_saved(tmp_path: Path) -> None:
    from tests.support.centre import furnish_url

    url = f"sqlite:///{tmp_path / 'centre.db'}"
    furnish_url(url)
    with running(url, tmp_path, light=True) as backend:
        seat = backend.seat("acceptor1")
        limit: list[int] = []

        @event.listens_for(backend.engine, "checkout")
        def _tight(connection: Any, _record: Any, _proxy: Any) -> None:
            if limit:
                connection.execute(f"PRAGMA max_page_count = {limit[0]}")

        with glancing(backend.engine) as conn:
            limit.append(int(conn.execute(text("PRAGMA page_count")).scalar_one()))
        before = count(backend, changes), count(backend, commands)
        body = command("register", **{**birth(), "description": "长" * 4000})
        refused = None
        for _ in range(40):
            begun = time.monotonic()
            refused = seat.post("/commands", body)
            if refused.status_code != 200:
                break
            body = command("register", **{**birth(), "description": "长" * 4000})
        assert refused is not None and refused.status_code == 503, refused.text
        assert refused.json()["code"] == "disk_full" and time.monotonic() - begun < 1
        saved = count(backend, changes) - before[0]
        assert count(backend, commands) - before[1] == saved
        assert seat.get("/cases").status_code == 200
        limit[0] = 1 << 30
        assert seat.post("/commands", body).json()["outcome"] == "applied"
        assert count(backend, changes) - before[0] == saved + 1


@pytest.mark.allow_log
@pytest.mark.postgres
def test_a_lost_database_is_told_and_found_again(pg_cluster: Cluster, tmp_path: Path) -> None:
    from tests.support.centre import furnish_url

    name = pg_cluster.create(pg_cluster.template("furnished", furnish_url))
    with running(pg_cluster.url(name), tmp_path, light=True) as backend:
        seat = backend.seat("acceptor1")
        case = seat.register()
        away = f"{name}_away"
        pg_cluster._run("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", name)
        pg_cluster._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        del away
        for path in ("/cases", "/me", f"/cases/{case['case_id']}"):
            answer = seat.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable"), answer.text
            assert answer.headers["retry-after"]
        body = command("comment", case, text="之后")
        assert seat.post("/commands", body).status_code == 503
        assert backend.client.get("/readyz").status_code == 503
        assert (
            backend.client.get("/healthz").status_code == 200
            and backend.client.get("/v1/meta").status_code == 200
        )
        assert until(lambda: backend.centre.ticker.down)
        pg_cluster._run("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", name)
        until(lambda: seat.get("/cases").status_code == 200, every=0.05)
        assert seat.post("/commands", body).json()["outcome"] == "applied"
        assert until(lambda: not backend.centre.ticker.down, 10)
    pg_cluster.drop(name)


@pytest.mark.allow_log
def test_a_centre_without_reference_data_says_so(tmp_path: Path) -> None:

    from services.backend.access.accounts import Account, add_account
    from services.sql.engine import writing

    engine = open_database(f"sqlite:///{tmp_path / 'bare.db'}")
    with writing(engine) as conn:
        add_account(
            conn,
            Account("u-a", "acceptor1", "甲", ("acceptor",), "990101", must_change=False),
            "Test-Pass-2026",
        )
    centre = Centre(engine, tmp_path)
    with AsgiClient(create_app(centre)) as client:
        backend = Backend(centre, client, "")
        seat = backend.fresh_seat("acceptor1")
        for answer in (seat.get("/reference"), seat.post("/commands", command("register", **birth()))):
            assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert client.get("/readyz").status_code == 503
        assert client.get("/v1/meta").json()["centre"]["name"]
    engine.dispose()


@pytest.mark.allow_log
def test_a_mistake_of_ours_is_a_500_without_inner_life(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("secret inner thing")

    monkeypatch.setattr("services.backend.http.routes_cases.search", broken)
    answer = backend.seat("acceptor1").get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text and answer.json()["trace_id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(28, "No space left on device"), 503, "disk_full"),
        (OSError(5, "Input/output error"), 500, "internal_error"),
        (OperationalError("x", {}, Exception("database or disk is full")), 503, "disk_full"),
        (OperationalError("x", {}, Exception("server closed the connection")), 503, "database_unavailable"),
        (OperationalError("x", {}, Exception("no such table: t")), 500, "internal_error"),
        (DBAPIError("x", {}, Exception("y")), 500, "internal_error"),
        (PoolTimeoutError("x"), 503, "busy"),
        (NoReferenceError("x"), 503, "not_ready"),
        (Problem(418, "tea", "茶"), 418, "tea"),
        (KeyError("x"), 500, "internal_error"),
    ],
)
def test_errors_have_their_answers(error: Exception, status: int, code: str) -> None:
    problem = problem_for(error)
    assert (problem.status, problem.code) == (status, code) and problem.title


@pytest.mark.allow_log
def test_the_beat_outlives_mistakes(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def stumbling() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("once more")

    monkeypatch.setattr(backend.centre.ticker, "_on_slow", stumbling)
    assert until(lambda: len(calls) >= 4, 6)


def test_a_key_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        sqlite_engine(tmp_path / "x.db", key=b"short")
