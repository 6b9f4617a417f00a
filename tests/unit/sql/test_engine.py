"""Engines: honest transactions, encrypted files, column types."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, inspect, select, text, update
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as TurnTimeoutError

import services.sql.engine as engine_room
from services.domain.ids import uuid7
from services.sql.driver import sqlite_driver
from services.sql.engine import (
    glancing,
    is_sqlite,
    open_engine,
    postgres_engine,
    reading,
    sqlite_engine,
    writing,
)
from services.sql.types import BigKey, Uid, from_ms, to_ms, uid_text
from tests.support.waiting import rest

meta = MetaData()
things = Table(
    "things", meta, Column("id", BigKey, primary_key=True), Column("uid", Uid), Column("n", Integer)
)


@pytest.fixture
def url(db_url: str) -> str:
    engine = open_engine(db_url)
    with writing(engine) as conn:
        meta.create_all(conn)
        conn.execute(insert(things).values(id=1, uid=uuid7(), n=0))
    engine.dispose()
    return db_url


def test_read_then_write_loses_nothing(url: str) -> None:
    """With the driver's defaults two thirds of these were lost without an error."""
    engine = open_engine(url)

    def work() -> None:
        for _ in range(25):
            with writing(engine) as conn:
                n = conn.execute(select(things.c.n).with_for_update()).scalar_one()
                conn.execute(update(things).values(n=n + 1))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with glancing(engine) as conn:
        assert conn.execute(select(things.c.n)).scalar_one() == 100
    engine.dispose()


def test_a_reading_transaction_sees_one_state(url: str) -> None:
    engine = open_engine(url)
    with reading(engine) as one:
        before = one.execute(select(things.c.n)).scalar_one()
        with writing(engine) as two:
            two.execute(update(things).values(n=41))
        assert one.execute(select(things.c.n)).scalar_one() == before
    with glancing(engine) as conn:
        assert conn.execute(select(things.c.n)).scalar_one() == 41
    engine.dispose()


def test_a_failure_leaves_nothing_also_of_ddl(url: str) -> None:
    engine = open_engine(url)
    with pytest.raises(ZeroDivisionError), writing(engine) as conn:
        conn.execute(text("CREATE TABLE half (a INTEGER)"))
        conn.execute(update(things).values(n=7))
        raise ZeroDivisionError
    with glancing(engine) as conn:
        assert conn.execute(select(things.c.n)).scalar_one() == 0
        assert not inspect(conn).has_table("half")
    engine.dispose()


def test_uuids_are_text_and_short_in_the_file(url: str) -> None:
    engine = open_engine(url)
    ids = sorted(uuid7() for _ in range(5))
    with writing(engine) as conn:
        conn.execute(things.delete())
        conn.execute(insert(things), [{"id": n, "uid": uid, "n": n} for n, uid in enumerate(reversed(ids))])
        conn.execute(insert(things).values(id=99, uid=None, n=0))
    with glancing(engine) as conn:
        in_order = select(things.c.uid).where(things.c.uid.is_not(None)).order_by(things.c.uid)
        assert list(conn.execute(in_order).scalars()) == ids
        assert conn.execute(select(things.c.uid).where(things.c.id == 99)).scalar() is None
        assert conn.execute(select(things.c.id).where(things.c.uid == ids[0])).scalar_one() == 4
        assert list(conn.execute(select(things.c.uid).where(things.c.uid.in_(ids[:2]))).scalars())
        if is_sqlite(engine):
            assert conn.execute(text("SELECT max(length(uid)) FROM things")).scalar_one() == 16
    engine.dispose()


@pytest.mark.postgres
def test_a_frozen_transaction_is_cut_off(pg_url: str) -> None:
    engine = open_engine(pg_url, idle_limit_s=0.2)
    with pytest.raises(DBAPIError) as caught, writing(engine) as conn:
        conn.execute(text("SELECT 1"))
        threading.Event().wait(0.6)
        conn.execute(text("SELECT 1"))
    assert caught.value.connection_invalidated  # the pool makes new connections
    engine.dispose()


def test_sqlite_is_durable_and_waits_for_others(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "a.db", busy_s=0.2)
    with glancing(engine) as conn:
        values = {
            name: conn.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    other = sqlite_engine(tmp_path / "a.db", busy_s=0.2)  # as another process would
    with writing(engine), pytest.raises(OperationalError, match="locked"), writing(other):
        pass
    with writing(engine), pytest.raises(TurnTimeoutError), writing(engine):
        pass
    with glancing(other) as conn:
        assert conn.execute(text("PRAGMA busy_timeout")).scalar() == 200
    other.dispose()
    with writing(engine), reading(engine):
        pass  # a reader waits for nobody
    engine.dispose()


def test_an_encrypted_file_opens_with_its_key_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.db"
    engine = sqlite_engine(path, key=b"k" * 32, synchronous="NORMAL")
    with writing(engine) as conn:
        conn.execute(text("CREATE TABLE t (a TEXT)"))
        conn.execute(text("INSERT INTO t VALUES ('13812345678')"))
    engine.dispose()
    assert b"13812345678" not in path.read_bytes() and not path.read_bytes().startswith(b"SQLite")
    for key in (None, b"x" * 32):
        wrong = sqlite_engine(path, key=key)
        with pytest.raises(DatabaseError), glancing(wrong) as conn:
            conn.execute(text("SELECT * FROM t"))
        wrong.dispose()
    again = sqlite_engine(path, key=b"k" * 32)
    with glancing(again) as conn:
        assert conn.execute(text("SELECT a FROM t")).scalar() == "13812345678"
    again.dispose()


def test_extra_pragmas_are_set_on_every_connection(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "a.db", pragmas=("PRAGMA secure_delete = ON",))
    with glancing(engine) as conn:
        assert conn.execute(text("PRAGMA secure_delete")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:", "oracle://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite"):
        open_engine(url)


def test_nonsense_is_no_url() -> None:
    with pytest.raises(ArgumentError):
        open_engine("nonsense")


def test_any_postgres_url_gets_the_one_driver() -> None:
    engine = open_engine("postgresql://user:secret@host/db")
    assert engine.dialect.driver == "psycopg" and engine.url.password == "secret" and not is_sqlite(engine)
    assert postgres_engine("postgresql+psycopg://h/d").dialect.driver == "psycopg"


def test_the_driver_has_what_is_needed() -> None:
    major, minor, _ = (int(part) for part in sqlite_driver.sqlite_version.split("."))
    assert (major, minor) >= (3, 43)  # contentless_delete of FTS5


def test_moments_are_whole_milliseconds() -> None:
    moment = datetime(2026, 11, 20, 9, 30, 0, 123_999, UTC)
    assert from_ms(to_ms(moment)) == moment.replace(microsecond=123_000)
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1000
    assert from_ms(to_ms(moment) + 1) - from_ms(to_ms(moment)) == timedelta(milliseconds=1)
    assert uid_text(bytes(range(16))) == "00010203-0405-0607-0809-0a0b0c0d0e0f"


def test_no_writer_is_shut_out(tmp_path: Path) -> None:
    """Several engines write as separate processes would, without a pause; everybody gets a turn in time."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first = open_engine(url)
    with writing(first) as conn:
        meta.create_all(conn)
    done: list[int] = []
    stop = time.monotonic() + 1.0

    def work(place: int) -> None:
        engine = sqlite_engine(tmp_path / "a.db", synchronous="OFF")
        while time.monotonic() < stop:
            with writing(engine) as conn:
                conn.execute(insert(things).values(n=place))
                rest(0.002)
            done.append(place)
        engine.dispose()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.dispose()
    counts = [done.count(n) for n in range(6)]
    assert min(counts) >= 3, counts


class Busy:
    """A cursor of a file that others hold for the first `turns` times."""

    def __init__(self, turns: int, message: str = "database is locked") -> None:
        self.turns, self.message, self.asked = turns, message, 0

    def execute(self, _statement: str) -> None:
        self.asked += 1
        if self.asked <= self.turns:
            raise RuntimeError(self.message)


def test_a_new_file_that_others_set_up_is_asked_again() -> None:
    cursor = Busy(3)
    engine_room._set_up(cursor, "PRAGMA journal_mode = WAL", 10.0)
    assert cursor.asked == 4


@pytest.mark.parametrize(("cursor", "busy_s"), [(Busy(9, "disk I/O error"), 10.0), (Busy(9), 0.0)])
def test_other_errors_and_the_end_of_patience_are_told(cursor: Busy, busy_s: float) -> None:
    with pytest.raises(RuntimeError):
        engine_room._set_up(cursor, "PRAGMA journal_mode = WAL", busy_s)
    assert cursor.asked <= 2
