"""What the short runs share: one centre of each kind for those that kill nothing of it, no longer than needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.centres import Hall, open_hall
from tests.support.loop_runs import say

__all__ = ["say"]


@pytest.fixture(scope="class")
def pg_hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Three backend processes on one PostgreSQL: a server with two workers, and one more server."""
    with open_hall("postgresql", request, tmp_path_factory.mktemp("pg-hall"), workers=(2, 1)) as hall:
        assert hall.process_count() == 3
        yield hall


@pytest.fixture(scope="class")
def sqlite_hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Three backend processes on one SQLite file."""
    with open_hall("sqlite", request, tmp_path_factory.mktemp("sqlite-hall"), workers=(3,)) as hall:
        assert hall.process_count() == 3
        yield hall
