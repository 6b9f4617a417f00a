"""The temporary PostgreSQL cluster and its fixtures."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.support import postgres
from tests.support.postgres import Cluster, PostgresMissingError

pytestmark = pytest.mark.postgres


def test_url_opens_with_sqlalchemy_and_is_empty(pg_url):
    engine = create_engine(pg_url)
    with engine.connect() as connection:
        tables = "select count(*) from pg_tables where schemaname = 'public'"
        assert connection.execute(text(tables)).scalar() == 0
        assert connection.execute(text("show server_encoding")).scalar() == "UTF8"
    engine.dispose()


def test_each_test_gets_its_own_database(pg_cluster):
    first, second = pg_cluster.create(), pg_cluster.create()
    assert first != second
    with psycopg.connect(pg_cluster.dsn(first)) as connection:
        connection.execute("create table 案件 (id int)")
    with psycopg.connect(pg_cluster.dsn(second)) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select * from 案件")
    pg_cluster.drop(first)
    pg_cluster.drop(second)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(pg_cluster.dsn(first))


def test_drop_cuts_off_open_connections(pg_cluster):
    name = pg_cluster.create()
    connection = psycopg.connect(pg_cluster.dsn(name))
    pg_cluster.drop(name)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    connection.close()


def test_template_is_built_once_and_copied(pg_cluster):
    built = []

    def build(url):
        built.append(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("create table t (n int)"))
            connection.execute(text("insert into t values (7)"))
        engine.dispose()

    names = [pg_cluster.create(pg_cluster.template("seven", build)) for _ in range(2)]
    assert len(built) == 1
    for name in names:
        with psycopg.connect(pg_cluster.dsn(name)) as connection:
            assert connection.execute("select n from t").fetchone() == (7,)
        pg_cluster.drop(name)


def test_both_databases_are_offered(db_url, request):
    engine = create_engine(db_url)
    assert engine.dialect.name == request.node.callspec.params["db_url"]
    with engine.begin() as connection:
        connection.execute(text("create table t (word varchar(20))"))
        connection.execute(text("insert into t values (:word)"), {"word": "网格"})
        assert connection.execute(text("select word from t")).scalar() == "网格"
    engine.dispose()


def test_server_is_not_root_and_trims_durability(pg_cluster):
    assert os.stat(f"/proc/{pg_cluster.pid}").st_uid != 0
    with psycopg.connect(pg_cluster.dsn("postgres")) as connection:
        assert connection.execute("show fsync").fetchone() == ("off",)


def test_durable_cluster_survives_a_crash_of_the_server():
    cluster = Cluster(durable=True)
    try:
        name = cluster.create()
        with psycopg.connect(cluster.dsn(name)) as connection:
            connection.execute("create table t (n int)")
            connection.execute("insert into t values (1)")
        crashed = cluster.pid
        cluster.stop(signal.SIGQUIT)
        with pytest.raises(RuntimeError, match="not running"):
            _ = cluster.pid
        cluster.start()
        assert cluster.pid != crashed
        with psycopg.connect(cluster.dsn(name)) as connection:
            assert connection.execute("show fsync").fetchone() == ("on",)
            assert connection.execute("select n from t").fetchone() == (1,)
    finally:
        cluster.close()
    assert not cluster.folder.exists()


def test_a_machine_without_a_server_says_what_to_install(monkeypatch):
    monkeypatch.setattr(postgres, "server_folders", list)
    with pytest.raises(PostgresMissingError, match="apt-get install postgresql"):
        Cluster()


@pytest.mark.parametrize(
    ("ci", "uid", "outcome"),
    [("true", 1000, "fail"), ("", 0, "fail"), ("", 1000, "skip"), ("false", 1000, "skip")],
)
def test_a_missing_server_is_an_error_where_it_must_be_there(monkeypatch, ci, uid, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    expected = pytest.fail.Exception if outcome == "fail" else pytest.skip.Exception
    with pytest.raises(expected, match="no server"):
        postgres._unavailable("no server")
