"""Keys of the map as data: key and modifiers to the name of a command."""

from __future__ import annotations

from PySide6.QtCore import Qt

from maps.layers.areas import Measure

PAN_PX = 96.0
NUDGE_PX = 4.0
ZOOM_STEP = 1.6

_K = Qt.Key
PLAIN: dict[int, str] = {
    _K.Key_1: "measure:" + Measure.DENSITY.value,
    _K.Key_2: "measure:" + Measure.OVERDUE.value,
    _K.Key_3: "measure:" + Measure.OFFICER.value,
    _K.Key_4: "measure:" + Measure.NEW_TODAY.value,
    _K.Key_5: "measure:" + Measure.NEAREST.value,
    _K.Key_6: "measure:" + Measure.SILENT.value,
    _K.Key_L: "layers",
    _K.Key_BracketRight: "next_mark",
    _K.Key_BracketLeft: "last_mark",
    _K.Key_Plus: "zoom_in",
    _K.Key_Equal: "zoom_in",
    _K.Key_Minus: "zoom_out",
    _K.Key_PageUp: "zoom_in",
    _K.Key_PageDown: "zoom_out",
    _K.Key_0: "fit",
    _K.Key_Home: "fit",
    _K.Key_Back: "back",
    _K.Key_Forward: "forward",
    _K.Key_M: "centre",
    _K.Key_Return: "open",
    _K.Key_Enter: "open",
    _K.Key_Escape: "clear",
    _K.Key_Left: "pan:1:0",
    _K.Key_Right: "pan:-1:0",
    _K.Key_Up: "pan:0:1",
    _K.Key_Down: "pan:0:-1",
}
CONTROL: dict[int, str] = {
    _K.Key_Left: "neighbour:-1:0",
    _K.Key_Right: "neighbour:1:0",
    _K.Key_Up: "neighbour:0:1",
    _K.Key_Down: "neighbour:0:-1",
    _K.Key_C: "copy_point",
}
SHIFT: dict[int, str] = {
    _K.Key_Left: "nudge:-1:0",
    _K.Key_Right: "nudge:1:0",
    _K.Key_Up: "nudge:0:-1",
    _K.Key_Down: "nudge:0:1",
    _K.Key_Plus: "zoom_in",
    _K.Key_Underscore: "zoom_out",
    _K.Key_S: "tool:rectangle",
    _K.Key_P: "tool:polygon",
    _K.Key_M: "tool:distance",
    _K.Key_A: "tool:area",
    _K.Key_B: "tool:draw",
    _K.Key_L: "tool:legend",
    _K.Key_C: "system",
}
ALT: dict[int, str] = {_K.Key_Left: "back", _K.Key_Right: "forward"}
CONTROL_SHIFT: dict[int, str] = {_K.Key_C: "copy_picture", _K.Key_S: "save_picture"}

KEY_WORDS: dict[str, str] = {
    "back": "Alt+←",
    "forward": "Alt+→",
    "zoom_in": "+",
    "zoom_out": "−",
    "fit": "0",
    "centre": "M",
    "layers": "L",
    "next_mark": "]",
    "last_mark": "[",
    "tool:rectangle": "Shift+S",
    "tool:polygon": "Shift+P",
    "tool:distance": "Shift+M",
    "tool:area": "Shift+A",
    "tool:draw": "Shift+B",
    "tool:legend": "Shift+L",
    "clear_region": "Esc",
    "copy_point": "Ctrl+C",
    "system": "Shift+C",
    "copy_picture": "Ctrl+Shift+C",
    "save_picture": "Ctrl+Shift+S",
    "menu": "Shift+F10",
}
"""How the key of a command is printed in menus and tooltips."""


def command_of(key: int, modifiers: Qt.KeyboardModifier) -> str:
    """Name of the command of a key press, empty if the key is none of the map's."""
    held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
    if held == Qt.KeyboardModifier.NoModifier:
        return PLAIN.get(key, "")
    if held == Qt.KeyboardModifier.ControlModifier:
        return CONTROL.get(key, "")
    if held == Qt.KeyboardModifier.ShiftModifier:
        return SHIFT.get(key, "")
    if held == Qt.KeyboardModifier.AltModifier:
        return ALT.get(key, "")
    if held == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier:
        return CONTROL_SHIFT.get(key, "")
    return ""


MINI = frozenset({"zoom_in", "zoom_out", "fit", "centre", "open", "clear"})
"""Commands of the mini map besides those with numbers; its form has keys of its own for the rest."""


def counts_in_mini(command: str) -> bool:
    """Tell whether the small map of a form takes a command."""
    return command in MINI or command.partition(":")[0] in ("pan", "neighbour", "nudge")


def arrow_of(command: str) -> tuple[int, int]:
    """The two numbers of a command such as ``pan:1:0``."""
    _, dx, dy = command.split(":")
    return int(dx), int(dy)
