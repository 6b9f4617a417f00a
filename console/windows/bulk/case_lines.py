"""A list of cases, one line each: tick, number, category, address, and at the right a word with its mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets.forms.chip import chip_width, draw_chip
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

ROW, HEAD = 32, 32
LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
AnyIndex = QModelIndex | QPersistentModelIndex
_NUMBER, _CATEGORY, _TICK = 88, 92, 30


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("Bulk", text)


@dataclass(frozen=True, slots=True)
class LineValue:
    """One line. `ticked` None: no tick. A line without a case is a heading (`number` is its text)."""

    case_id: str
    number: str
    category: str = ""
    address: str = ""
    word: str = ""
    icon: str = ""
    tone: str = "neutral"
    why: str = ""
    ticked: bool | None = None

    @property
    def spoken(self) -> str:
        """Return the line as a screen reader says it."""
        ticked = "" if self.ticked is None else tr("已选") if self.ticked else tr("不办")
        return "，".join(
            p for p in (ticked, self.number, self.category, self.address, self.word, self.why) if p
        )


class LineModel(QAbstractListModel):
    """The lines; a change of some of them keeps the place of the list."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.lines: tuple[LineValue, ...] = ()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the line, or its words."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.why or line.address
        return None

    def set_lines(self, lines: tuple[LineValue, ...]) -> None:
        """Show other lines; the same cases in the same order are only painted anew."""
        same = [line.case_id for line in lines] == [line.case_id for line in self.lines]
        if same:
            self.lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()


class _Delegate(QStyledItemDelegate):
    """Paints one line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return one row."""
        return QSize(300, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one line."""
        look = theme()
        line: LineValue = index.data(LINE_ROLE)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        if line.case_id and state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.color("bg.selected"))
        elif line.case_id and state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("bg.hover"))
        if line.case_id:
            self._draw_case(painter, rect, line, look)
        else:
            self._draw_head(painter, rect, line, look)
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    @staticmethod
    def _draw_head(painter: QPainter, rect: QRectF, line: LineValue, look: Theme) -> None:
        """Draw a heading: the reason and how many it is."""
        painter.fillRect(rect, look.color("bg.raised"))
        count = rect.adjusted(rect.width() - 72, 0, -12, 0)
        bold = look.font("body", True)
        draw_text(painter, rect.adjusted(12, 0, -84, 0), line.number, bold, look.color("text.primary"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        draw_text(painter, count, line.word, look.font("label"), look.color("text.secondary"), right)

    @staticmethod
    def _draw_case(painter: QPainter, rect: QRectF, line: LineValue, look: Theme) -> None:
        """Draw a case."""
        left, right = rect.x() + 12, rect.right() - 12
        quiet = line.ticked is False
        if line.ticked is not None:
            _draw_tick(painter, QRectF(left, rect.y(), 16, rect.height()), line.ticked, look)
            left += _TICK - 4
        if line.word:
            width = chip_width(line.word, line.icon, look)
            chip = QRectF(right - width, rect.center().y() - 10, width, 20)
            draw_chip(painter, chip, line.word, line.icon, line.tone, look)
            right = chip.x() - 12
        body, label = look.font("body"), look.font("label")
        ink = look.color("text.tertiary" if quiet else "text.primary")
        draw_text(painter, QRectF(left, rect.y(), _NUMBER - 6, rect.height()), line.number, body, ink)
        draw_text(
            painter, QRectF(left + _NUMBER, rect.y(), _CATEGORY - 8, rect.height()), line.category, body, ink
        )
        rest = QRectF(left + _NUMBER + _CATEGORY, rect.y(), right - left - _NUMBER - _CATEGORY, rect.height())
        words = "　".join(part for part in (line.why, line.address) if part)
        token = f"{line.tone}.text" if line.why and line.tone.startswith("sla.") else "text.secondary"
        draw_text(painter, rest, words, label, look.color(token))


def _draw_tick(painter: QPainter, box: QRectF, on: bool, look: Theme) -> None:
    """Draw the tick box of a line."""
    square = QRectF(box.x(), box.center().y() - 7, 14, 14)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.color("accent.fill" if on else "line.strong"), 1))
    painter.setBrush(look.color("accent.fill" if on else "bg.field"))
    painter.drawRoundedRect(square, 2, 2)
    if on:
        draw_icon(painter, square, "check", look.color("text.on_accent"), 12)


class CaseLines(QListView):
    """The list. `toggled(str)` is Space or a click on a tick, `opened(str)` Enter or a double click on a case."""

    toggled = Signal(str)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None, height: int = 192) -> None:
        """Start empty; `height` is what the list would like to have."""
        super().__init__(parent)
        self._height = height
        self.rows = LineModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(tr("案件清单"))
        self.doubleClicked.connect(self._on_opened)

    def sizeHint(self) -> QSize:
        """Return the height wished for."""
        return QSize(super().sizeHint().width(), self._height)

    def set_lines(self, lines: tuple[LineValue, ...]) -> None:
        """Show other lines."""
        self.rows.set_lines(lines)

    @property
    def current(self) -> str:
        """The case the cursor is on, empty on a heading."""
        line = self.currentIndex().data(LINE_ROLE)
        return line.case_id if isinstance(line, LineValue) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, Enter opens, J and K move; the rest is Qt's."""
        if event.key() == Qt.Key.Key_Space and self.current:
            self.toggled.emit(self.current)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.current:
            self.opened.emit(self.current)
        elif event.key() in (Qt.Key.Key_J, Qt.Key.Key_K) and not event.modifiers():
            step = 1 if event.key() == Qt.Key.Key_J else -1
            row = min(max(self.currentIndex().row() + step, 0), self.rows.rowCount() - 1)
            self.setCurrentIndex(self.rows.index(row))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the tick ticks."""
        super().mousePressEvent(event)
        line = self.indexAt(event.position().toPoint()).data(LINE_ROLE)
        if isinstance(line, LineValue) and line.ticked is not None and event.position().x() < _TICK + 8:
            self.toggled.emit(line.case_id)

    def _on_opened(self, index: QModelIndex) -> None:
        line = index.data(LINE_ROLE)
        if isinstance(line, LineValue) and line.case_id:
            self.opened.emit(line.case_id)
