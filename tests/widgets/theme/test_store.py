"""Switching the theme without restart."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from widgets.theme import Theme, ThemeStore, UnknownTokenError, theme, theme_store


def test_one_store_for_the_process() -> None:
    assert theme_store() is theme_store()
    assert theme() is theme_store().theme


def test_switching_is_announced_once(qtbot) -> None:
    store = theme_store()
    seen: list[Theme] = []
    store.changed.connect(seen.append)
    store.set_name("light")
    store.set_name("light")
    store.changed.disconnect(seen.append)
    assert [look.name for look in seen] == ["light"]
    assert theme().name == "light"


def test_switching_needs_no_restart(qapp: QApplication, qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    store = theme_store()
    before = qapp.palette().window().color()
    store.toggle()
    assert qapp.palette().window().color() != before
    box.ensurePolished()
    qapp.processEvents()
    assert box.palette().window().color() == Theme("light").color("bg.app")
    assert "#e9edf1" in qapp.styleSheet()
    store.toggle()
    assert qapp.palette().window().color() == before


def test_an_unknown_name_changes_nothing() -> None:
    store = theme_store()
    with pytest.raises(UnknownTokenError):
        store.set_name("sepia")
    assert store.theme.name == "dark"


def test_settings_are_kept_over_a_switch() -> None:
    store = ThemeStore(Theme())
    store.set_strong_contrast(True)
    store.set_reduced_motion(True)
    store.set_name("light")
    assert store.theme == Theme("light", True, True)
    assert store.theme.color("text.secondary") == Theme("light").color("text.primary")
    store.set_strong_contrast(False)
    assert store.theme.color("text.secondary") == Theme("light").color("text.secondary")
