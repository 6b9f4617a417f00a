"""The bulk writer leaves the same rows as the command path: table by table, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from services.backend.db.opening import migrate, open_database, read_meta, write_meta
from services.backend.demo.accounts import write_accounts
from services.backend.demo.build import Plan, demo_reference, write_ground, write_history
from services.backend.demo.geometry import District, make_district
from services.backend.demo.history import History
from services.backend.demo.roster import make_roster
from services.backend.reference.load import rules_from
from services.backend.words import match_text
from services.sql.engine import glancing, is_sqlite, open_engine, writing
from services.sql.types import to_ms
from tests.support.command_path import TABLES, contents, desk_of, give, in_time
from tests.unit.backend.demo.conftest import NOW

PHONE_KEY = "ab" * 32


@pytest.fixture(scope="module")
def district() -> District:
    return make_district(5, 80)


@contextmanager
def _centre(url: str, district: District, history: History) -> Iterator[tuple[Engine, int]]:
    """A database with areas, reference data and people, and no case."""
    engine = open_engine(url, synchronous="OFF")
    try:
        migrate(engine)
        with writing(engine) as conn:
            write_meta(conn, "phone_key", PHONE_KEY)
            number = write_ground(conn, district, history.roster, demo_reference(district), NOW)
            write_accounts(conn, history.roster, to_ms(NOW))
        yield engine, number
    finally:
        engine.dispose()


def _history(district: District, cases: int, days: int, seed: int = 21) -> History:
    rules = rules_from(demo_reference(district))
    roster = make_roster(district, rules.departments.values(), seed)
    return History(district, rules, NOW, cases, days, seed, roster)


def _compare(one: Engine, other: Engine) -> None:
    for table in TABLES:
        ours, theirs = contents(one, table), contents(other, table)
        assert len(ours) == len(theirs), table
        for left, right in zip(ours, theirs, strict=True):
            assert left == right, table
    with glancing(one) as first, glancing(other) as second:
        for phrase in ("垃圾", "井盖", "路", "大道"):
            assert _found(first, phrase) == _found(second, phrase)


def _found(conn: object, phrase: str) -> list[str]:
    """The numbers of cases the word index finds."""
    sqlite = is_sqlite(conn)  # type: ignore[arg-type]  # a connection
    match = match_text(phrase, sqlite)
    statement = (
        "SELECT number FROM cases WHERE ref IN (SELECT rowid FROM case_words WHERE case_words MATCH :q)"
        if sqlite
        else "SELECT number FROM cases WHERE ref IN"
        " (SELECT ref FROM case_words WHERE words @@ CAST(:q AS tsquery))"
    )
    return sorted(conn.execute(text(statement), {"q": match}).scalars())  # type: ignore[attr-defined]  # a connection


def _second_url(db_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A second empty database of the same kind."""
    if db_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'second.db'}"
    cluster = request.getfixturevalue("pg_cluster")
    name = cluster.create()
    request.addfinalizer(lambda: cluster.drop(name))
    return str(cluster.url(name))


def _told_both_ways(
    db_url: str, tmp_path: Path, request: pytest.FixtureRequest, district: District, cases: int, days: int
) -> None:
    history = _history(district, cases, days)
    with (
        _centre(db_url, district, history) as (commanded, _),
        _centre(_second_url(db_url, tmp_path, request), district, history) as (bulk, number),
    ):
        give(desk_of(commanded), in_time(history.stories()))
        with writing(bulk) as conn:
            assert read_meta(conn, "phone_key") == PHONE_KEY
            # the command path seals every transaction, that is every command
            write_history(conn, history, number, Plan(NOW, cases, days, 21, seal_every=1), lambda *_: None)
        _compare(commanded, bulk)
        with writing(bulk) as conn:  # the next case and change go on where bulk ended
            for table, key in (("cases", "ref"), ("changes", "id")):
                last = conn.execute(text(f"SELECT max({key}) FROM {table}")).scalar_one()
                assert last == len(contents(bulk, table))


def test_bulk_leaves_what_commands_leave(
    db_url: str, tmp_path: Path, request: pytest.FixtureRequest, district: District
) -> None:
    _told_both_ways(db_url, tmp_path, request, district, 110, 45)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_bulk_leaves_what_commands_leave_of_2000_cases(
    db_url: str, tmp_path: Path, request: pytest.FixtureRequest, district: District
) -> None:
    _told_both_ways(db_url, tmp_path, request, district, 2000, 90)


def test_workers_tell_the_same_history(tmp_path: Path, district: District) -> None:
    history = _history(district, 300, 20)
    for name, workers in (("alone", 0), ("helped", 2)):
        plan = Plan(NOW, 300, 20, 21, workers=workers)
        centre = _centre(f"sqlite:///{tmp_path / name}.db", district, history)
        with centre as (engine, number), writing(engine) as conn:
            write_history(conn, history, number, plan, lambda *_: None)
    one = open_database(f"sqlite:///{tmp_path / 'alone'}.db")
    other = open_database(f"sqlite:///{tmp_path / 'helped'}.db")
    try:
        _compare(one, other)
    finally:
        one.dispose()
        other.dispose()


def test_indexes_left_out_on_the_way_are_there_at_the_end(
    db_url: str, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import inspect

    from services.backend.demo import build

    monkeypatch.setattr(build, "MANY", 50)
    history = _history(district, 60, 10)
    with _centre(db_url, district, history) as (engine, number):
        before = {table: _indexes(inspect(engine), table) for table in ("cases", "callers", "changes")}
        with writing(engine) as conn:
            write_history(conn, history, number, Plan(NOW, 60, 10, 21), lambda *_: None)
        assert {table: _indexes(inspect(engine), table) for table in before} == before


def _indexes(inspector: object, table: str) -> set[str]:
    return {str(index["name"]) for index in inspector.get_indexes(table)}  # type: ignore[attr-defined]  # an inspector
