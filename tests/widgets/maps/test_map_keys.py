"""The key table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from maps.canvas.keys import CONTROL, KEY_WORDS, PLAIN, SHIFT, arrow_of, command_of, counts_in_mini

NONE = Qt.KeyboardModifier.NoModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT_HELD = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize(
    ("key", "held", "command"),
    [
        (Qt.Key.Key_1, NONE, "measure:density"),
        (Qt.Key.Key_2, NONE, "measure:overdue"),
        (Qt.Key.Key_3, NONE, "measure:officer"),
        (Qt.Key.Key_1, KEYPAD, "measure:density"),
        (Qt.Key.Key_L, NONE, "layers"),
        (Qt.Key.Key_M, NONE, "centre"),
        (Qt.Key.Key_0, NONE, "fit"),
        (Qt.Key.Key_Plus, NONE, "zoom_in"),
        (Qt.Key.Key_Plus, SHIFT_HELD, "zoom_in"),
        (Qt.Key.Key_Plus, KEYPAD, "zoom_in"),
        (Qt.Key.Key_Equal, NONE, "zoom_in"),
        (Qt.Key.Key_Minus, NONE, "zoom_out"),
        (Qt.Key.Key_Enter, KEYPAD, "open"),
        (Qt.Key.Key_Return, NONE, "open"),
        (Qt.Key.Key_Escape, NONE, "clear"),
        (Qt.Key.Key_Left, CTRL, "neighbour:-1:0"),
        (Qt.Key.Key_Up, CTRL, "neighbour:0:1"),
        (Qt.Key.Key_Up, SHIFT_HELD, "nudge:0:-1"),
        (Qt.Key.Key_Home, NONE, "fit"),
        (Qt.Key.Key_PageUp, NONE, "zoom_in"),
        (Qt.Key.Key_PageDown, NONE, "zoom_out"),
        (Qt.Key.Key_Left, ALT, "back"),
        (Qt.Key.Key_Right, ALT, "forward"),
        (Qt.Key.Key_Back, NONE, "back"),
        (Qt.Key.Key_S, SHIFT_HELD, "tool:rectangle"),
        (Qt.Key.Key_P, SHIFT_HELD, "tool:polygon"),
        (Qt.Key.Key_M, SHIFT_HELD, "tool:distance"),
        (Qt.Key.Key_A, SHIFT_HELD, "tool:area"),
        (Qt.Key.Key_L, SHIFT_HELD, "tool:legend"),
        (Qt.Key.Key_C, SHIFT_HELD, "system"),
        (Qt.Key.Key_C, CTRL, "copy_point"),
        (Qt.Key.Key_C, CTRL | SHIFT_HELD, "copy_picture"),
        (Qt.Key.Key_S, CTRL | SHIFT_HELD, "save_picture"),
    ],
)
def test_keys_of_the_design(key: Qt.Key, held: Qt.KeyboardModifier, command: str) -> None:
    assert command_of(key, held) == command


@pytest.mark.parametrize(
    ("key", "held"),
    [
        (Qt.Key.Key_L, CTRL),  # lock
        (Qt.Key.Key_K, CTRL),  # command palette
        (Qt.Key.Key_1, CTRL),  # workspace
        (Qt.Key.Key_M, CTRL | SHIFT_HELD),  # map to the other screen
        (Qt.Key.Key_1, ALT),  # queue tab
        (Qt.Key.Key_D, NONE),  # dispatch
        (Qt.Key.Key_Tab, NONE),
        (Qt.Key.Key_Up, ALT),
        (Qt.Key.Key_S, NONE),  # check and close
        (Qt.Key.Key_D, SHIFT_HELD),  # another department
    ],
)
def test_keys_of_other_places_are_left_alone(key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    assert command_of(key, held) == ""


def test_arrows_pan_the_view_and_not_the_paper() -> None:
    # A pan command moves the picture; the view goes the way of the arrow.
    assert arrow_of(command_of(Qt.Key.Key_Left, NONE)) == (1, 0)
    assert arrow_of(command_of(Qt.Key.Key_Down, NONE)) == (0, -1)


def test_every_arrow_command_has_two_numbers() -> None:
    for table in (PLAIN, CONTROL, SHIFT):
        for command in table.values():
            if command.partition(":")[0] in ("pan", "neighbour", "nudge"):
                dx, dy = arrow_of(command)
                assert abs(dx) + abs(dy) == 1


HELD = {"Ctrl": CTRL, "Shift": SHIFT_HELD, "Alt": ALT}
SIGNS = {
    "←": Qt.Key.Key_Left,
    "→": Qt.Key.Key_Right,
    "+": Qt.Key.Key_Plus,
    "−": Qt.Key.Key_Minus,
    "[": Qt.Key.Key_BracketLeft,
    "]": Qt.Key.Key_BracketRight,
}


@pytest.mark.parametrize(("command", "words"), KEY_WORDS.items())
def test_printed_keys_are_the_ones_that_act(command: str, words: str) -> None:
    if command in ("menu", "clear_region"):
        # The first comes from the window system; the second is what Esc does first while there is a region.
        assert words in ("Shift+F10", "Esc")
        return
    *held, sign = [words] if words == "+" else words.split("+")
    modifiers = NONE
    for name in held:
        modifiers |= HELD[name]
    key = SIGNS.get(sign) or getattr(Qt.Key, "Key_Escape" if sign == "Esc" else f"Key_{sign}")
    assert command_of(key, modifiers) == command


def test_no_key_of_the_map_is_one_of_the_case_panel_or_the_window() -> None:
    # Letters of the case panel act while the map has the focus; the map may not take them.
    for letter in "DBSWERUCAIXPHVTNJKFQO":
        assert command_of(getattr(Qt.Key, f"Key_{letter}"), NONE) == ""
    for letter in "DFGJK":
        assert command_of(getattr(Qt.Key, f"Key_{letter}"), SHIFT_HELD) == ""
    for letter in "KFOLZP123456":
        assert command_of(getattr(Qt.Key, f"Key_{letter}"), CTRL) == ""
    for letter in "LMQD":
        assert command_of(getattr(Qt.Key, f"Key_{letter}"), CTRL | SHIFT_HELD) == ""


def test_the_mini_map_takes_only_what_moves_it() -> None:
    wanted = {
        "zoom_in",
        "zoom_out",
        "fit",
        "centre",
        "open",
        "clear",
        "pan:1:0",
        "nudge:0:1",
        "neighbour:1:0",
    }
    assert all(counts_in_mini(command) for command in wanted)
    for table in (PLAIN, CONTROL, SHIFT):
        for command in table.values():
            if command.partition(":")[0] in ("tool", "measure", "back", "copy_point", "system", "layers"):
                assert not counts_in_mini(command)
