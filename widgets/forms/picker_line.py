"""The search field of a picker: it steers the list without leaving the text."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class PickerLine(QLineEdit):
    """The search field: up and down move in the list without leaving the text, Alt+1…5 pick a row.

    While an input method composes, every key stays with it.

    Signals:
        stepped(int): move so many rows.
        row_asked(int): pick the row with that place (0 …).
        accepted(): Enter.
        left(): Esc with an empty text.
    """

    stepped = Signal(object)
    row_asked = Signal(object)
    accepted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False
        self.setProperty("leading", True)

    @property
    def composing(self) -> bool:
        """Whether an input method is in composition."""
        return self._composing

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether something is being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steer the list, else type."""
        if self._composing:
            super().keyPressEvent(event)
            return
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        if alt and Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_5:
            self.row_asked.emit(event.key() - Qt.Key.Key_1)
        elif event.key() in steps and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self.stepped.emit(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            event.ignore()
        else:
            super().keyPressEvent(event)
