"""The line at the bottom that says what to do now, or what has just been done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSizeF, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetricsF
from PySide6.QtWidgets import QWidget

from maps.canvas.card_box import CardLine
from maps.canvas.palette import MapPalette

SAID_MS = 4000
"""A sentence about what was done stays this long."""
WIDEST = 560.0
_PAD = 28.0
_LINE = 20.0


class HintLine(QObject):
    """Keeps the sentence; the furniture places and paints it."""

    def __init__(self, widget: QWidget, changed: Callable[[], None]) -> None:
        """`changed` is called when there is something else to show."""
        super().__init__(widget)
        self._widget = widget
        self._changed = changed
        self._said = ""
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(SAID_MS)
        self._gone.timeout.connect(self._on_gone)

    @property
    def said(self) -> str:
        """The sentence about what was done, empty once it is gone."""
        return self._said

    def say(self, text: str) -> None:
        """Show a sentence for a while; a screen reader reads it at once."""
        self._said = text
        self._gone.start()
        self.announce(text)
        self._changed()

    def announce(self, text: str) -> None:
        """Let a screen reader say something at once, without showing it."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._widget, text))

    def _on_gone(self) -> None:
        self._said = ""
        self._changed()


def wrapped(text: str, palette: MapPalette, room: float) -> list[CardLine]:
    """Break a sentence into lines that fit: at its separators where it can, else between any two letters."""
    metrics = QFontMetricsF(palette.font(12))
    room = min(room, WIDEST) - _PAD
    lines: list[str] = [""]
    for piece in _pieces(text):
        if metrics.horizontalAdvance((lines[-1] + piece).strip()) <= room:
            lines[-1] += piece
            continue
        if metrics.horizontalAdvance(piece.strip()) <= room:
            lines.append(piece)
            continue
        for letter in piece:
            if metrics.horizontalAdvance(lines[-1] + letter) > room and lines[-1]:
                lines.append("")
            lines[-1] += letter
    return [CardLine(line.strip(), "text.primary") for line in lines if line.strip()]


def _pieces(text: str) -> list[str]:
    """Cut behind every comma and separator."""
    out = [""]
    for letter in text:
        out[-1] += letter
        if letter in "，；、·：":
            out.append("")
    return out


def lines_size(lines: list[CardLine], palette: MapPalette) -> QSizeF:
    """Room of the lines as a card, never cut."""
    metrics = QFontMetricsF(palette.font(12))
    widest = max((metrics.horizontalAdvance(line.text) for line in lines), default=0.0)
    return QSizeF(widest + _PAD, _LINE * len(lines) + 14)
