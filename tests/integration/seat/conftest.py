"""Furnished centres with browsers signed in at their web seats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.seat.web import Web
from tests.support.centre import Backend, furnish_url, running


@pytest.fixture(scope="session")
def seat_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A furnished SQLite database, made once a run."""
    path = tmp_path_factory.mktemp("seat_template") / "centre.db"
    furnish_url(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture(scope="module")
def backend(seat_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A furnished centre shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("seat_centre")
    (folder / "centre.db").write_bytes(seat_template)
    with running(f"sqlite:///{folder / 'centre.db'}", folder) as served:
        yield served


@pytest.fixture
def own_backend(seat_template: bytes, tmp_path: Path) -> Iterator[Backend]:
    """A furnished centre for one test alone."""
    (tmp_path / "centre.db").write_bytes(seat_template)
    with running(f"sqlite:///{tmp_path / 'centre.db'}", tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def web(backend: Backend) -> Callable[[str], Web]:
    """A signed-in browser by username; the same one for the whole module."""
    known: dict[str, Web] = {}

    def signed_in(username: str) -> Web:
        if username not in known:
            known[username] = Web(backend, username)
            assert known[username].sign_in().status_code == 303
        return known[username]

    return signed_in
