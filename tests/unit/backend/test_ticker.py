"""The beat by itself: what it calls, when the database goes, how it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from services.backend.db.opening import open_database
from services.backend.ticker import Ticker
from services.sql.engine import writing
from tests.support.waiting import rest, until
from tests.unit.backend.test_rows import case, entry


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield found
    found.dispose()


def wait(true: object, seconds: float = 5.0) -> None:
    assert callable(true)
    assert until(true, seconds, 0.005)


def test_the_head_is_told_and_the_slow_work_done(engine: Engine) -> None:
    from services.backend import sequencer
    from services.backend.log import append

    heads: list[int] = []
    slow: list[float] = []
    ticker = Ticker(engine, heads.append, lambda: slow.append(time.monotonic()), beat_s=0.01)
    ticker.start()
    wait(lambda: len(heads) >= 2 and slow)
    assert set(heads) == {0} and not ticker.down
    with writing(engine) as conn:
        append(conn, [entry(None, case(version=1, xver=1), "register")])
        sequencer.number(conn)
    wait(lambda: heads[-1] == 1)
    ticker.stop()
    count = len(heads)
    rest(0.05)
    assert len(heads) == count and not any(
        thread.name == "griddesk-ticker" for thread in threading.enumerate()
    )


def test_a_nudge_does_not_wait_for_the_beat(engine: Engine) -> None:
    beats: list[float] = []
    ticker = Ticker(engine, lambda _head: beats.append(time.monotonic()), lambda: None, beat_s=30)
    ticker.start()
    wait(lambda: len(beats) == 1)
    ticker.nudge()
    wait(lambda: len(beats) == 2)
    ticker.stop()


@pytest.mark.allow_log
def test_a_lost_database_is_logged_once(
    engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[int] = []
    ticker = Ticker(engine, beats.append, lambda: None, beat_s=0.001)
    working = ticker.beat
    broken = threading.Event()
    tries: list[int] = []

    def beat() -> None:
        if broken.is_set():
            tries.append(1)
            raise OperationalError("x", {}, Exception("server closed the connection"))
        working()

    monkeypatch.setattr(ticker, "beat", beat)
    monkeypatch.setattr(ticker._stop, "wait", lambda _seconds: rest(0.005))
    ticker.start()
    wait(lambda: beats)
    broken.set()
    wait(lambda: len(tries) > 3 and ticker.down)
    broken.clear()
    wait(lambda: not ticker.down)
    ticker.stop()
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


@pytest.mark.postgres
def test_on_postgresql_the_beat_numbers_what_was_committed(pg_url: str) -> None:
    from services.backend.log import append

    engine = open_database(pg_url)
    heads: list[int] = []
    ticker = Ticker(engine, heads.append, lambda: None)
    with writing(engine) as conn:
        append(conn, [entry(None, case(version=1, xver=1), "register")])
    ticker.beat()
    with writing(engine) as conn:
        assert conn.execute(text("SELECT seq FROM changes")).scalar_one() == 1
    assert heads == [1]
    ticker.stop()  # never started: nothing to wait for
    engine.dispose()
