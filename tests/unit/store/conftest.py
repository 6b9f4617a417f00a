"""Encrypted stores on a folder in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.stores import Stores, open_stores
from tests.support.console_core import quick_folder
from tests.unit.store.ground import KEY


@pytest.fixture
def folder() -> Iterator[Path]:
    made = quick_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    made = open_stores(folder, KEY)
    yield made
    made.close()
