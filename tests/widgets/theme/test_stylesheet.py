"""The stylesheet: nothing left open, every picture there, what it does to controls."""

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit

from tests.widgets.pixels import count, picture
from widgets.theme import Theme, UnknownTokenError
from widgets.theme import stylesheet as module
from widgets.theme.palette import palette_of
from widgets.theme.stylesheet import stylesheet_of


@pytest.mark.parametrize("name", ["dark", "light"])
def test_no_place_is_left_open(name: str) -> None:
    text = stylesheet_of(Theme(name))
    assert "@{" not in text and "{{" not in text
    assert Theme(name).color("bg.panel").name() in text


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_picture_exists(name: str) -> None:
    paths = re.findall(r'url\("([^"]+)"\)', stylesheet_of(Theme(name)))
    assert len(set(paths)) >= 4
    for path in paths:
        assert Path(path).is_file(), path


def test_braces_are_balanced() -> None:
    text = stylesheet_of(Theme())
    assert text.count("{") == text.count("}")


def test_the_two_themes_differ_in_every_rule_with_a_colour() -> None:
    dark, light = (stylesheet_of(Theme(name)) for name in ("dark", "light"))
    assert dark != light
    assert len(dark.splitlines()) == len(light.splitlines())


def test_a_token_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_template", lambda: "QLabel { color: @{text.loud}; }")
    with pytest.raises(UnknownTokenError):
        stylesheet_of(Theme())


def test_a_picture_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_template", lambda: 'QLabel { image: url("@{file:cat}"); }')
    with pytest.raises(UnknownTokenError):
        stylesheet_of(Theme())


def test_see_through_colours_become_rgba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_template", lambda: "X { background: @{bg.scrim}; }")
    assert stylesheet_of(Theme()) == "X { background: rgba(6, 9, 12, 163); }"


def test_palette_follows_the_theme() -> None:
    look = Theme("light")
    palette = palette_of(look)
    assert palette.window().color() == look.color("bg.app")
    assert palette.text().color() == look.color("text.primary")
    assert palette.highlight().color() == look.color("accent.fill")
    assert palette.color(palette.ColorGroup.Disabled, palette.ColorRole.Text) == look.color("text.disabled")


def test_a_field_is_32_high_in_every_state(qtbot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    assert field.sizeHint().height() == 32
    field.setReadOnly(True)
    field.style().unpolish(field)
    field.style().polish(field)
    assert field.sizeHint().height() == 32


def test_an_invalid_field_is_framed_red(qtbot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.resize(120, 32)
    red = Theme().color("sla.over2.text")
    assert count(picture(field), red) == 0
    field.setProperty("invalid", True)
    field.style().unpolish(field)
    field.style().polish(field)
    assert count(picture(field), red) > 200


def test_a_ticked_box_is_filled_with_the_accent(qtbot) -> None:
    box = QCheckBox("短信通知诉求人")
    qtbot.addWidget(box)
    box.resize(box.sizeHint())
    fill = Theme().color("accent.fill")
    assert count(picture(box), fill) == 0
    box.setChecked(True)
    assert count(picture(box), fill) > 80


def test_the_application_carries_it(qapp: QApplication) -> None:
    assert qapp.styleSheet() == stylesheet_of(Theme())
    assert qapp.font().pixelSize() == 13
