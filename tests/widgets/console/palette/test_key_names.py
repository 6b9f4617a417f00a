"""What a pressed key is called, and which keys also count in a text field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.windows.palette.key_hands import is_combined, key_of
from console.windows.palette.line_field import STEPS, LineField

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
K = Qt.Key


@pytest.mark.parametrize(
    ("key", "modifier", "text", "name"),
    [
        (K.Key_D, NONE, "d", "D"),
        (K.Key_D, SHIFT, "D", "Shift+D"),
        (K.Key_D, NONE, "ｄ", "D"),
        (K.Key_1, NONE, "1", "1"),
        (K.Key_Question, SHIFT, "?", "?"),
        (K.Key_Question, SHIFT, "？", "?"),
        (K.Key_Period, NONE, "。", "."),
        (K.Key_Slash, NONE, "、", "/"),
        (K.Key_Greater, SHIFT, "＞", ">"),
        (K.Key_Semicolon, NONE, "；", ";"),
        (K.Key_Comma, NONE, "，", ","),
        (K.Key_BracketLeft, NONE, "[", "["),
        (K.Key_Space, NONE, " ", "Space"),
        (K.Key_Return, NONE, "\r", "Return"),
        (K.Key_Enter, NONE, "\r", "Return"),
        (K.Key_Return, SHIFT, "\r", "Shift+Return"),
        (K.Key_Escape, NONE, "\x1b", "Esc"),
        (K.Key_Tab, NONE, "\t", "Tab"),
        (K.Key_Backtab, SHIFT, "", "Shift+Tab"),
        (K.Key_Down, NONE, "", "Down"),
        (K.Key_Down, SHIFT, "", "Shift+Down"),
        (K.Key_Delete, NONE, "\x7f", "Del"),
        (K.Key_F5, NONE, "", "F5"),
        (K.Key_Shift, SHIFT, "", ""),
        (K.Key_Control, CTRL, "", ""),
        (K.Key_CapsLock, NONE, "", ""),
        (K.Key_unknown, NONE, "", ""),
    ],
)  # fmt: skip
def test_a_key_has_the_name_verbs_use(
    key: Qt.Key, modifier: Qt.KeyboardModifier, text: str, name: str
) -> None:
    assert key_of(QKeyEvent(QEvent.Type.KeyPress, key, modifier, text)) == name


@pytest.mark.parametrize(
    ("key", "combined"),
    [
        ("Ctrl+K", True), ("Ctrl+Shift+Z", True), ("Alt+1", True), ("F1", True), ("Shift+F10", True),
        ("Meta+L", True), ("D", False), ("Shift+D", False), ("?", False), ("Return", False), ("F", False),
        ("Shift+Return", False), ("", False),
    ],
)  # fmt: skip
def test_only_combinations_and_function_keys_count_in_a_text_field(key: str, combined: bool) -> None:
    assert is_combined(key) == combined


class TestField:
    """The field of the command bar."""

    @pytest.fixture
    def field(self, window: QWidget) -> LineField:
        field = LineField(window)
        self.told: list[object] = []
        field.stepped.connect(self.told.append)
        for name in ("accepted", "completed", "left", "earlier", "later"):
            getattr(field, name).connect(lambda name=name: self.told.append(name))
        field.show()
        return field

    @pytest.mark.parametrize("key", list(STEPS), ids=[key.name for key in STEPS])
    def test_arrows_and_pages_move_in_the_list(self, field: LineField, key: Qt.Key) -> None:
        QTest.keyClick(field, key)
        assert self.told == [STEPS[key]]

    @pytest.mark.parametrize(
        ("key", "modifier", "told"),
        [
            (K.Key_Return, NONE, "accepted"), (K.Key_Enter, NONE, "accepted"), (K.Key_Escape, NONE, "left"),
            (K.Key_Tab, NONE, "completed"), (K.Key_Up, CTRL, "earlier"), (K.Key_Down, CTRL, "later"),
        ],
        ids=["return", "enter", "esc", "tab", "ctrl_up", "ctrl_down"],
    )  # fmt: skip
    def test_keys_of_the_line(
        self, field: LineField, key: Qt.Key, modifier: Qt.KeyboardModifier, told: str
    ) -> None:
        QTest.keyClick(field, key, modifier)
        assert self.told == [told] and field.text() == ""

    def test_letters_are_typed(self, field: LineField) -> None:
        QTest.keyClicks(field, "pq0312")
        assert (field.text(), self.told) == ("pq0312", [])

    @pytest.mark.parametrize(
        "key", [K.Key_Return, K.Key_Escape, K.Key_Down, K.Key_Tab], ids=["return", "esc", "down", "tab"]
    )
    def test_while_a_word_is_composed_no_key_acts(self, field: LineField, key: Qt.Key) -> None:
        field.inputMethodEvent(QInputMethodEvent("pai", []))
        assert field.composing
        QTest.keyClick(field, key)
        assert self.told == []

    def test_a_word_that_was_composed_stands_in_the_line(self, field: LineField) -> None:
        field.inputMethodEvent(QInputMethodEvent("pai", []))
        done = QInputMethodEvent("", [])
        done.setCommitString("派")
        field.inputMethodEvent(done)
        assert not field.composing and field.text() == "派"
        QTest.keyClick(field, K.Key_Return)
        assert self.told == ["accepted"]
