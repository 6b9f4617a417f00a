"""A stand-in for a Chinese input method: it takes every letter where text may be composed, as a real one does.

A real one sits between the window system and Qt and is asked first for every key of a widget that accepts it
(`WA_InputMethodEnabled`, `ImEnabled`); the others never see it. Here an event filter of the application does the same.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

_COMBINING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class InputMethod(QObject):
    """Composes letters; Space commits the word of `words` for them, Enter the letters, Esc gives up.

    `composed` are the words that were committed, `kept` counts the keys that stayed with the composition, `through`
    names the widgets whose letters never came here.
    """

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()
        self.words = words
        self.letters = ""
        self.composed: list[str] = []
        self.kept = 0
        self.through: set[str] = set()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def leave(self) -> None:
        """Switch the input method off."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    @staticmethod
    def accepts(widget: QWidget) -> bool:
        """Tell whether a widget lets text be composed."""
        enabled = widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        return enabled and bool(widget.inputMethodQuery(Qt.InputMethodQuery.ImEnabled))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take letters, and every key during a composition."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or watched is not QApplication.focusWidget():
            return False
        if not self.accepts(watched):
            self.through.add(type(watched).__name__)
            return False
        letter = event.text().isascii() and event.text().isalpha() and not event.modifiers() & _COMBINING
        if letter:
            self.letters += event.text().lower()
            self._send(watched, self.letters, "")
        elif self.letters:
            self._steer(watched, event.key())
        else:
            return False
        self.kept += 1
        return True

    def _steer(self, widget: QWidget, key: int) -> None:
        """End the composition, or stay in it."""
        if key == Qt.Key.Key_Space:
            self._commit(widget, self.words.get(self.letters, self.letters))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit(widget, self.letters)
        elif key == Qt.Key.Key_Escape:
            self.letters = ""
            self._send(widget, "", "")

    def _commit(self, widget: QWidget, text: str) -> None:
        """Hand a word over."""
        self.letters = ""
        self.composed.append(text)
        self._send(widget, "", text)

    @staticmethod
    def _send(widget: QWidget, preedit: str, commit: str) -> None:
        event = QInputMethodEvent(preedit, [])
        if commit:
            event.setCommitString(commit)
        QApplication.sendEvent(widget, event)
