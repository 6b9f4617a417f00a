"""The filing conditions of a category: one line each with its limit in words and the due time it would give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.viewmodels.actions.choices import ConditionChoice
from widgets.forms.choice import draw_radio
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme, theme_store
from widgets.theme.text import RIGHT, draw_text

ROW, HEAD = 36, 24


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("Conditions", text)


class ConditionList(QWidget):
    """One of the conditions; Up and Down move, digits pick. `chosen(object)` says the index (an int).

    `moment` writes a due time in the centre's zone.
    """

    chosen = Signal(object)

    def __init__(
        self, moment: Callable[[datetime], str], parent: QWidget | None = None, due_word: str = ""
    ) -> None:
        """Start empty."""
        super().__init__(parent)
        self._rows: tuple[ConditionChoice, ...] = ()
        self._current: int | None = None
        self._moment = moment
        self._due_word = due_word or tr("现在派遣则到期")
        self._empty = tr("先选类别，再选立案条件")
        self._error = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("立案条件"))
        theme_store().changed.connect(self.update)

    @property
    def current(self) -> int | None:
        """The chosen index, None when none."""
        return self._current

    def set_conditions(self, rows: tuple[ConditionChoice, ...], current: int | None) -> None:
        """Show conditions; `current` without a signal."""
        if rows != self._rows or current != self._current:
            self._rows, self._current = rows, current
            words = next((row.text for row in rows if row.index == current), "")
            self.setAccessibleDescription(words)
            self.updateGeometry()
            self.update()

    def choose(self, index: int) -> None:
        """Choose as the operator would."""
        if any(row.index == index for row in self._rows):
            self._current = index
            self.chosen.emit(index)
            self.update()

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self._error.set_text(sentence)
        self._error.setVisible(bool(sentence))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return head and rows."""
        return QSize(480, HEAD + ROW * max(1, len(self._rows)) + (20 if self._error.text() else 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, pick with digits."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and self._rows:
            at = next(
                (i for i, row in enumerate(self._rows) if row.index == self._current), -1 if step > 0 else 0
            )
            self.choose(self._rows[min(max(at + step, 0), len(self._rows) - 1)].index)
        elif event.text().isdigit() and 1 <= int(event.text()) <= len(self._rows):
            self.choose(self._rows[int(event.text()) - 1].index)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row."""
        place = int((event.position().y() - HEAD) // ROW)
        if event.position().y() >= HEAD and 0 <= place < len(self._rows):
            self.choose(self._rows[place].index)

    def resizeEvent(self, event: object) -> None:
        """The error stands at the foot."""
        self._error.setGeometry(0, self.height() - 20, self.width(), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw head and rows."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        quiet, label = look.color("text.tertiary"), look.font("label")
        draw_text(painter, QRectF(28, 0, 200, 20), tr("立案条件"), label, quiet)
        width = self.width()
        draw_text(painter, QRectF(width - 320, 0, 140, 20), tr("处置时限"), label, quiet, RIGHT)
        draw_text(painter, QRectF(width - 170, 0, 162, 20), self._due_word, label, quiet, RIGHT)
        if not self._rows:
            draw_text(painter, QRectF(0, HEAD, width, ROW), self._empty, look.font("body"), quiet)
        for place, row in enumerate(self._rows):
            self._draw_row(painter, place, row)
        painter.end()

    def _draw_row(self, painter: QPainter, place: int, row: ConditionChoice) -> None:
        look, on = theme(), row.index == self._current
        box = QRectF(0.5, HEAD + place * ROW + 0.5, self.width() - 1, ROW - 3)
        edge = "accent.focus" if on and self.hasFocus() else "accent.base" if on else "line.normal"
        painter.setPen(QPen(look.color(edge), 1))
        painter.setBrush(look.color("accent.soft" if on else "bg.overlay"))
        painter.drawRoundedRect(box, 4, 4)
        draw_radio(painter, QRectF(box.x() + 7, box.y(), 14, box.height()), on)
        words = QRectF(box.x() + 28, box.y(), box.width() - 360, box.height())
        draw_text(painter, words, row.text, look.font("body", on), look.color("text.primary"))
        right = box.right() - 8
        limit = QRectF(right - 312, box.y(), 140, box.height())
        draw_text(painter, limit, row.limit.words, look.font("body", on), look.color("text.primary"), RIGHT)
        due = QRectF(right - 162, box.y(), 162, box.height())
        draw_text(
            painter, due, self._moment(row.due_at), look.font("body"), look.color("text.secondary"), RIGHT
        )
