"""Somebody else's SQLite file: read, never written, and no question takes longer than told."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from services.sql.driver import sqlite_driver
from services.sql.foreign import foreign_engine, limited

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.db"
    conn = sqlite_driver.connect(str(path))
    conn.execute("CREATE TABLE t (a)")
    conn.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(100)])
    conn.commit()
    conn.close()
    return path


def test_it_is_read(file: Path) -> None:
    engine = foreign_engine(file)
    with limited(engine, 5.0) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM t").scalar() == 100
    engine.dispose()


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUES (1)", "DROP TABLE t", "CREATE TABLE u (b)"])
def test_nothing_can_be_written(file: Path, statement: str) -> None:
    before = file.read_bytes()
    engine = foreign_engine(file)
    with pytest.raises(DBAPIError), limited(engine, 5.0) as conn:
        conn.exec_driver_sql(statement)
    engine.dispose()
    assert file.read_bytes() == before
    assert len(list(file.parent.iterdir())) == 1


def test_a_question_without_end_is_interrupted_and_the_next_is_answered(file: Path) -> None:
    engine = foreign_engine(file, pool_size=1)
    began = time.monotonic()
    with pytest.raises(OperationalError), limited(engine, 0.3) as conn:
        conn.exec_driver_sql(ENDLESS).scalar()
    assert time.monotonic() - began < 3.0
    with limited(engine, 5.0) as conn:
        assert conn.exec_driver_sql("SELECT max(a) FROM t").scalar() == 99
    engine.dispose()


def test_a_limit_is_for_its_own_connection(file: Path) -> None:
    engine = foreign_engine(file)
    found: list[int] = []

    def slow() -> None:
        with pytest.raises(OperationalError), limited(engine, 0.3) as conn:
            conn.exec_driver_sql(ENDLESS).scalar()

    thread = threading.Thread(target=slow)
    thread.start()
    for _ in range(20):
        with limited(engine, 5.0) as conn:
            found.append(int(conn.exec_driver_sql("SELECT count(*) FROM t").scalar_one()))
    thread.join()
    assert found == [100] * 20
    engine.dispose()


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    engine = foreign_engine(tmp_path / "no.db")
    with pytest.raises(OperationalError), limited(engine, 1.0) as conn:
        conn.exec_driver_sql("SELECT 1")
    assert list(tmp_path.iterdir()) == []
