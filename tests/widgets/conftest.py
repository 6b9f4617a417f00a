"""Widgets are tested in the dark theme unless a test says otherwise; what a test changes is put back."""

from collections.abc import Iterator

import pytest

from widgets.theme import Theme, theme_store


@pytest.fixture(autouse=True)
def dark_theme(qapp: object) -> Iterator[None]:
    store = theme_store()
    store.set_theme(Theme())
    store.apply()
    yield
    store.set_theme(Theme())
