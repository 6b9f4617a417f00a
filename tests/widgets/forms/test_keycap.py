"""What a key cap says and how it looks."""

import pytest

from tests.widgets.pixels import count, picture
from widgets.forms.keycap import HEIGHT, KeyCap, draw_keycap, key_text, keycap_width
from widgets.theme import Theme


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("D", "D"),
        ("Shift+D", "Shift D"),
        ("Ctrl+Return", "Ctrl 回车"),
        ("Enter", "回车"),
        ("Space", "空格"),
        ("Backspace", "退格"),
        ("Del", "删除"),
        ("Escape", "Esc"),
        ("Esc", "Esc"),
        ("Alt+1", "Alt 1"),
        ("Alt+Left", "Alt ←"),
        ("Ctrl+Down", "Ctrl ↓"),
        ("Up", "↑"),
        ("Right", "→"),
        ("Ctrl+Shift+L", "Ctrl Shift L"),
        ("Ctrl+,", "Ctrl ,"),
        ("Ctrl+;", "Ctrl ;"),
        ("+", "+"),
        ("Ctrl++", "Ctrl +"),
        ("-", "-"),
        ("F12", "F12"),
        ("?", "?"),
        (".", "."),
    ],
)
def test_words(keys: str, shown: str) -> None:
    assert key_text(keys) == shown


def test_a_cap_is_never_narrower_than_high() -> None:
    look = Theme()
    assert keycap_width("I", look) == HEIGHT == 18
    assert keycap_width("Ctrl+Return", look) > 40


def test_widget(qtbot) -> None:
    cap = KeyCap("Ctrl+K")
    qtbot.addWidget(cap)
    cap.resize(cap.sizeHint())
    assert cap.height() == 18
    assert cap.accessibleName() == "Ctrl K"
    look = Theme()
    assert count(picture(cap), look.color("line.normal"), tolerance=6) > 60
    assert count(picture(cap), look.color("text.tertiary"), tolerance=60) > 10
    cap.set_keys("F12")
    assert cap.accessibleName() == "F12"


def test_on_a_filled_button_it_takes_the_colour_of_the_words() -> None:
    from tests.widgets.pixels import painted

    look = Theme()
    white = look.color("text.on_accent")
    image = painted(lambda painter, _rect: draw_keycap(painter, 10, 16, "D", look, on_fill=white), 48, 32)
    assert count(image, white, tolerance=80) > 5
    assert count(image, look.color("bg.field"), tolerance=1) == 0
