"""The list every small window of the desk shows: headings and lines in plain values, painted, moved by keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from widgets.theme import theme, theme_store
from widgets.theme.icons import draw_icon
from widgets.theme.text import RIGHT, draw_text, text_width

Index = QModelIndex | QPersistentModelIndex
HEAD, ONE, TWO = 32, 32, 50
LEAD = 96


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line: `lead` (a case number) in its own column, `text`, `under` below it, `side` at the right.

    `heading` lines name a group and cannot be chosen. `tone` colours `side`, `icon` stands before the text,
    `under_tone` colours the second line.
    """

    key: str
    text: str
    lead: str = ""
    under: str = ""
    side: str = ""
    icon: str = ""
    tone: str = "text.tertiary"
    under_tone: str = "text.secondary"
    heading: bool = False

    @property
    def spoken(self) -> str:
        """Return what a screen reader says."""
        return "，".join(part for part in (self.lead, self.text, self.under, self.side) if part)


class _Model(QAbstractListModel):
    """The lines of one list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: tuple[ListLine, ...] = ()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the words of a line."""
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings can only be seen."""
        if not index.isValid() or self.lines[index.row()].heading:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def show(self, lines: tuple[ListLine, ...]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()


class _Painter(QStyledItemDelegate):
    """Draws headings and lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a line."""
        line = self._line(index)
        return QSize(200, HEAD if line.heading else TWO if line.under else ONE)

    def _line(self, index: Index) -> ListLine:
        model = index.model()
        assert isinstance(model, _Model)
        return model.lines[index.row()]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one line."""
        look, line = theme(), self._line(index)
        box = QRectF(option.rect)
        painter.save()
        if line.heading:
            painter.fillRect(box, look.color("bg.raised"))
            room = box.adjusted(12, 0, -12, 0)
            width = draw_text(painter, room, line.text, look.font("label"), look.color("text.secondary"))
            draw_text(
                painter,
                room.adjusted(width + 10, 0, 0, 0),
                line.side,
                look.font("label"),
                look.color("text.tertiary"),
            )
        else:
            state = option.state
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            if chosen:
                painter.fillRect(box, look.color("bg.selected"))
                if state & QStyle.StateFlag.State_HasFocus:
                    painter.setPen(QPen(look.color("accent.focus"), 1))
                    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(box, look.color("bg.hover"))
            self._words(painter, box, line)
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.restore()

    def _words(self, painter: QPainter, box: QRectF, line: ListLine) -> None:
        look = theme()
        body, label = look.font("body"), look.font("label")
        left = box.left() + 12
        top = QRectF(
            left, box.top() + (5 if line.under else 0), box.width() - 24, 20 if line.under else box.height()
        )
        if line.icon:
            draw_icon(
                painter, QRectF(left, top.top(), 16, top.height()), line.icon, look.color("text.tertiary"), 16
            )
            left += 24
        if line.lead:
            draw_text(
                painter,
                QRectF(left, top.top(), LEAD, top.height()),
                line.lead,
                body,
                look.color("text.secondary"),
            )
            left += LEAD
        side = text_width(label, line.side) + 16 if line.side else 0
        room = QRectF(left, top.top(), box.right() - 12 - side - left, top.height())
        draw_text(painter, room, line.text, body, look.color("text.primary"))
        if line.side:
            right = QRectF(box.right() - 12 - side, top.top(), side, top.height())
            draw_text(painter, right, line.side, label, look.color(line.tone), RIGHT)
        if line.under:
            below = QRectF(left, box.top() + 27, box.right() - 12 - left, 16)
            draw_text(painter, below, line.under, label, look.color(line.under_tone))


class DeskList(QListView):
    """Shows lines; `chosen(str)` follows the cursor, `opened(str)` Enter and double click."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start empty; `name` is what a screen reader says."""
        super().__init__(parent)
        self._model = _Model(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(self._on_double)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme_store().changed.connect(self.viewport().update)

    @property
    def lines(self) -> tuple[ListLine, ...]:
        """What is shown."""
        return self._model.lines

    @property
    def current(self) -> str:
        """The key of the line under the cursor, empty for none."""
        index = self.currentIndex()
        line = self._model.lines[index.row()] if index.isValid() else None
        return "" if line is None or line.heading else line.key

    def show_lines(self, lines: tuple[ListLine, ...]) -> None:
        """Show other lines; the cursor stays on its key, else stands on the first line."""
        if lines == self._model.lines:
            return
        key, at = self.current, self.verticalScrollBar().value()
        self._model.show(lines)
        if not self.choose(key):
            first = next((line.key for line in lines if not line.heading), "")
            self.choose(first)
        self.verticalScrollBar().setValue(at)

    def choose(self, key: str) -> bool:
        """Put the cursor on a key; False when it is not there."""
        for row, line in enumerate(self._model.lines):
            if key and line.key == key and not line.heading:
                self.setCurrentIndex(self._model.index(row))
                return True
        return False

    def step(self, by: int) -> None:
        """Move the cursor over lines, headings are passed."""
        rows = [row for row, line in enumerate(self._model.lines) if not line.heading]
        if not rows:
            return
        now = self.currentIndex().row()
        place = rows.index(now) if now in rows else (-1 if by > 0 else 0)
        self.setCurrentIndex(self._model.index(rows[max(0, min(len(rows) - 1, place + by))]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows and J K, open by Enter."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_J: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_K: -1,
                 Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}  # fmt: skip
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if plain and key in steps:
            self.step(steps[key])
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.step(-100_000 if key == Qt.Key.Key_Home else 100_000)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        else:
            event.ignore()

    def _on_double(self, index: QModelIndex) -> None:
        line = self._model.lines[index.row()]
        if not line.heading:
            self.opened.emit(line.key)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self._model.lines[current.row()].key if current.isValid() else "")
