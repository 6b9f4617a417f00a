"""A furnished centre for each test module, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from services.backend.access import passwords
from tests.support.centre import Backend, furnish_url, running


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords hashed in a millisecond; that the real parameters are strong is tested beside them."""
    kept = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    yield
    passwords._hasher = kept


_template: list[bytes] = []


def _sqlite_template(request: pytest.FixtureRequest) -> bytes:
    """A furnished SQLite database, made once a run."""
    if not _template:
        factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        path = factory.mktemp("template") / "centre.db"
        furnish_url(f"sqlite:///{path}")
        assert not path.with_name("centre.db-wal").exists()
        _template.append(path.read_bytes())
    return _template[0]


def fresh_url(request: pytest.FixtureRequest, kind: str, folder: Path) -> tuple[str, str | None]:
    """URL of a furnished database, and its name on the PostgreSQL server (to be dropped)."""
    if kind == "sqlite":
        path = folder / "centre.db"
        path.write_bytes(_sqlite_template(request))
        return f"sqlite:///{path}", None
    cluster = request.getfixturevalue("pg_cluster")
    name = cluster.create(cluster.template("furnished", furnish_url))
    return cluster.url(name), name


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A furnished centre shared by the tests of a module: they must not rely on what others left."""
    folder = tmp_path_factory.mktemp("centre")
    url, name = fresh_url(request, request.param, folder)
    with running(url, folder, light=True) as served:
        yield served
    if name is not None:
        request.getfixturevalue("pg_cluster").drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def own_backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """A furnished centre for one test alone."""
    url, name = fresh_url(request, request.param, tmp_path)
    with running(url, tmp_path, light=True) as served:
        yield served
    if name is not None:
        request.getfixturevalue("pg_cluster").drop(name)
