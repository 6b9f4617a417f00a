"""Paints the cells of the case queue (DESIGN §6): no widgets inside rows, one set of shapes."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.forms.chip import chip_width, draw_chip
from widgets.indicators.countdown import draw_limit
from widgets.indicators.sla_shape import draw_sla_shape
from widgets.indicators.stage_pips import draw_stage_pips
from widgets.indicators.urgency import draw_urgency_bar
from widgets.tables.queue_row import (
    MARK_ROLE,
    ROW_ROLE,
    QueueRow,
    column_names,
    is_pending_mark,
    pending_look,
)
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

AnyIndex = QModelIndex | QPersistentModelIndex
_CELL_GAP = 6
# Widths of skeleton blocks, as parts of the cell, so that rows being read do not look like a grid.
_SKELETON_PARTS = (0.92, 0.7, 0.85, 0.62, 0.78)


class QueueDelegate(QStyledItemDelegate):
    """Paints any model that answers ``ROW_ROLE`` with a ``QueueRow`` (None paints a skeleton row).

    Args:
        now: gives the present moment by the centre's clock.
        glow: gives the strength (0–1) of the new-row highlight of a case.
        parent: the view.
    """

    def __init__(
        self,
        now: Callable[[], datetime] | None = None,
        glow: Callable[[str], float] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = column_names()
        self._now = now or (lambda: datetime.now(UTC))
        self._glow = glow or (lambda _case_id: 0.0)
        self.view_has_focus: Callable[[], bool] = lambda: False

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return a narrow hint; column widths and row heights are set by the table."""
        return QSize(14, theme().metric("size.row.standard"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one cell: ground, content, divider, and its part of the row's focus frame."""
        look = theme()
        row: QueueRow | None = index.data(ROW_ROLE)
        column = self._columns[index.column()]
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        marked = bool(index.data(MARK_ROLE))
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        self._draw_ground(painter, rect, look, row, selected or marked, hovered)
        if row is None:
            self._draw_skeleton(painter, rect, column, index.row(), look)
        else:
            self._draw_cell(painter, rect, column, row, selected, look)
        self._draw_edges(painter, rect, column, look, selected, marked)

    def _draw_ground(
        self, painter: QPainter, rect: QRectF, look: Theme, row: QueueRow | None, chosen: bool, hovered: bool
    ) -> None:
        if chosen:
            painter.fillRect(rect, look.color("bg.selected"))
        elif hovered:
            painter.fillRect(rect, look.color("bg.hover"))
        strength = self._glow(row.case_id) if row is not None else 0.0
        if strength > 0 and not chosen:
            glow = QColor(look.color("accent.soft"))
            glow.setAlphaF(strength)
            painter.fillRect(rect, glow)

    def _draw_edges(
        self, painter: QPainter, rect: QRectF, column: str, look: Theme, selected: bool, marked: bool
    ) -> None:
        left, top, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        painter.fillRect(QRectF(left, top + height - 1, width, 1), look.color("line.subtle"))
        first, last = column == self._columns[0], column == self._columns[-1]
        if marked and first:
            painter.fillRect(QRectF(left, top, 3, height - 1), look.color("accent.base"))
        if selected and self.view_has_focus():
            frame = look.color("accent.base")
            painter.fillRect(QRectF(left, top, width, 1), frame)
            painter.fillRect(QRectF(left, top + height - 1, width, 1), frame)
            if first:
                painter.fillRect(QRectF(left, top, 1, height), frame)
            if last:
                painter.fillRect(QRectF(left + width - 1, top, 1, height), frame)

    def _draw_cell(
        self, painter: QPainter, rect: QRectF, column: str, row: QueueRow, selected: bool, look: Theme
    ) -> None:
        inner = rect.adjusted(_CELL_GAP, 0, 0, -1)
        middle = rect.adjusted(0, 0, 0, -1)
        if column == "urgency":
            draw_urgency_bar(painter, QRectF(rect.x() + 6, rect.y(), 4, middle.height()), row.urgency, look)
        elif column == "sla_shape":
            draw_sla_shape(painter, middle, row.band, look, look.metric("size.icon"))
        elif column == "number":
            draw_text(
                painter, inner, row.number_short, look.font("body", selected), look.color("text.primary")
            )
        elif column == "category":
            draw_text(painter, inner, row.category, look.font("body"), look.color("text.primary"))
        elif column == "grid":
            draw_text(painter, inner, row.grid, look.font("body"), look.color("text.secondary"))
        elif column == "summary":
            self._draw_summary(painter, inner.adjusted(0, 0, -8, 0), row, selected, look)
        elif column == "source":
            draw_icon(
                painter, middle, row.source_icon, look.color("text.secondary"), look.metric("size.icon")
            )
        elif column == "stage":
            words = QRectF(rect.x(), middle.y(), 28, middle.height())
            draw_text(painter, words, row.stage, look.font("body"), look.color("text.secondary"), elide=False)
            draw_stage_pips(
                painter, QRectF(rect.x() + 32, middle.y(), 44, middle.height()), row.stage_index, look
            )
        elif column == "limit":
            place = middle.adjusted(0, 0, -1, 0)
            still, time = row.limit_parts(self._now())
            draw_limit(painter, place, time, row.band, look, still)
        elif column == "holder":
            self._draw_holder(painter, QRectF(rect.x() + 12, rect.y(), 72, middle.height()), row, look)

    def _draw_summary(
        self, painter: QPainter, rect: QRectF, row: QueueRow, selected: bool, look: Theme
    ) -> None:
        for word, icon, tone in _marks(row):
            width = min(chip_width(word, icon, look), rect.width())
            box = QRectF(rect.x(), round(rect.center().y() - 10), width, 20)
            draw_chip(painter, box, word, icon, tone, look)
            rect = rect.adjusted(width + 8, 0, 0, 0)
        colour = look.color("text.primary" if selected else "text.secondary")
        draw_text(painter, rect, row.summary, look.font("body"), colour)

    @staticmethod
    def _draw_holder(painter: QPainter, rect: QRectF, row: QueueRow, look: Theme) -> None:
        tokens = {"accent": "accent.base", "pending": "sla.soon.text"}
        colour = look.color(tokens.get(row.holder_tone, "text.secondary"))
        text = f"→ {row.holder}" if row.holder_tone == "pending" else row.holder
        draw_text(painter, rect, text, look.font("body"), colour)

    def _draw_skeleton(self, painter: QPainter, rect: QRectF, column: str, place: int, look: Theme) -> None:
        widths = {"urgency": 4, "sla_shape": 14, "source": 14}
        inner = rect.adjusted(_CELL_GAP, 0, -_CELL_GAP, -1)
        part = _SKELETON_PARTS[(place * 3 + len(column)) % len(_SKELETON_PARTS)]
        width = widths.get(column, inner.width() * part * (0.6 if column == "summary" else 1))
        x = rect.center().x() - width / 2 if column in ("sla_shape", "source") else inner.x()
        if column == "urgency":
            x = rect.x() + 5
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bg.hover"))
        painter.drawRoundedRect(QRectF(x, rect.center().y() - 6, width, 12), 2, 2)
        painter.restore()


def _marks(row: QueueRow) -> list[tuple[str, str, str]]:
    marks: list[tuple[str, str, str]] = []
    if is_pending_mark(row.pending):
        marks.append(pending_look(row.pending))
    if row.locked_by:
        marks.append((row.locked_by, "lock", "sla.ok"))
    return marks
