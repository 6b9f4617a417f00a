"""The status bar: figures of this seat on the left, the keys that matter here and the state of the line right."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.viewmodels.shell import ShiftFigures
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme


def tr(text: str) -> str:
    """Translate a word of the status bar."""
    return QCoreApplication.translate("StatusBar", text)


class StatusBar(QWidget):
    """One line of 28 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the parts."""
        super().__init__(parent)
        self.setFixedHeight(theme().metric("size.status_bar"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        self.figures = TextLabel("", "label", "text.secondary", self)
        self.keys = KeyLegend((), self)
        self.line = TextLabel("", "label", "text.tertiary", self)
        row.addWidget(self.figures)
        row.addStretch(1)
        row.addWidget(self.keys)
        row.addWidget(self.line)
        self.set_figures(ShiftFigures(()))

    def set_figures(self, figures: ShiftFigures) -> None:
        """Show what this seat did."""
        parts = [f"{word} {count}" for word, count in figures.words]
        text = tr("本席今日") + "  " + "   ".join(parts) if parts else tr("本席还没有办理操作")
        self.figures.set_text(text)

    def set_keys(self, hints: list[tuple[str, str]]) -> None:
        """Show the keys of the present workspace as (key, word)."""
        self.keys.set_hints(tuple(KeyHint(tuple(key.split(" ")), word) for key, word in hints))

    def set_line(self, text: str) -> None:
        """Show round trip and clock difference."""
        self.line.set_text(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and divider."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.panel"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
