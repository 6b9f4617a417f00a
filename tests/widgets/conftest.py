"""Widgets are tested in the dark theme unless a test says otherwise; what a test changes is put back."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from widgets.theme import Theme, theme_store
from widgets.theme.stylesheet import stylesheet_of

_DARK = Theme()
_DARK_SHEET = stylesheet_of(_DARK)


@pytest.fixture(autouse=True)
def dark_theme(qapp: QApplication) -> Iterator[None]:
    store = theme_store()
    store.set_theme(_DARK)
    if qapp.styleSheet() != _DARK_SHEET:  # setting it again would polish every widget again
        store.apply()
    yield
    store.set_theme(_DARK)
