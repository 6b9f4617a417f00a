"""A furnished centre on SQLite and a hall of consoles for one test each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from services.backend.access import passwords
from tests.integration.faults.ground import Hall
from tests.support.centre import Backend, furnish_url, running


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords hashed in a millisecond; that the real parameters are strong is tested elsewhere."""
    kept = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    yield
    passwords._hasher = kept


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a furnished database, made once a run."""
    path = tmp_path_factory.mktemp("furnished") / "centre.db"
    furnish_url(f"sqlite:///{path}")
    assert not path.with_name("centre.db-wal").exists()
    return path.read_bytes()


@pytest.fixture
def centre(furnished: bytes, tmp_path: Path) -> Iterator[Backend]:
    """A furnished centre in this process."""
    data = tmp_path / "centre"
    data.mkdir()
    (data / "centre.db").write_bytes(furnished)
    with running(f"sqlite:///{data / 'centre.db'}", data, light=True) as backend:
        yield backend


@pytest.fixture
def hall(centre: Backend) -> Iterator[Hall]:
    """The centre with consoles in front of it."""
    made = Hall(centre)
    yield made
    made.close()
