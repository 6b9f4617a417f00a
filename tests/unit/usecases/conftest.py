"""A console on a model centre."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.sync.ground import Ground, ground


@pytest.fixture
def g() -> Iterator[Ground]:
    """A console that is up to date."""
    with ground() as made:
        yield made
