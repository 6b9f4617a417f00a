"""Paints rows of the case queue (DESIGN §6): no widgets inside rows, one set of shapes.

A row is drawn once into a strip as wide as the table and shown again from there: all but its time, which is written
anew at every repaint. A strip is known by what it says, so that a row that changes is drawn again and no other.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from widgets.forms.chip import chip_width, draw_chip
from widgets.indicators.sla_shape import draw_sla_shape
from widgets.indicators.stage_pips import draw_stage_pips
from widgets.indicators.urgency import draw_urgency_bar
from widgets.tables.queue_row import QueueRow, is_pending_mark, pending_look
from widgets.theme import Theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

_CELL_GAP = 6
STRIP_BYTES = 24 << 20
"""So much memory the strips take at most."""
_LEAST_STRIPS = 96
# Widths of skeleton blocks, as parts of the cell, so that rows being read do not look like a grid.
_SKELETON_PARTS = (0.92, 0.7, 0.85, 0.62, 0.78)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it stands now: its name, left edge and width in logical pixels."""

    name: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row stands out: current, with the focus, marked, under the pointer."""

    selected: bool = False
    focused: bool = False
    marked: bool = False
    hovered: bool = False


def words_of(row: QueueRow) -> tuple[object, ...]:
    """Return what a row says beside its time; equal words look the same."""
    return (
        row.number_short, row.category, row.grid, row.summary, row.source_icon, row.stage, row.stage_index,
        row.band, row.holder, row.holder_tone, row.urgency, row.pending, row.locked_by,
        row.locked_silent,
    )  # fmt: skip


class RowPainter:
    """Draws rows in given columns; keeps strips of those drawn last."""

    def __init__(self) -> None:
        self._columns: tuple[Column, ...] = ()
        self._strips: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()
        self._figures: dict[tuple[object, ...], QPixmap] = {}
        self._bytes = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns from left to right."""
        return self._columns

    @property
    def width(self) -> int:
        """How wide a row is, in logical pixels."""
        return max((column.x + column.width for column in self._columns), default=1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Draw these columns from now on, from left to right."""
        if columns != self._columns:
            self._columns = columns
            self.forget()

    def forget(self) -> None:
        """Drop every strip (another theme, other words)."""
        self._strips.clear()
        self._figures.clear()
        self._bytes = 0

    def strip(
        self, row: QueueRow, words: tuple[object, ...], state: RowLook, height: int, ratio: float, look: Theme
    ) -> QPixmap:
        """Return the picture of a row without its time, on the ground of the list.

        Args:
            row: what it says.
            words: the same by ``words_of``.
            state: how it stands out.
            height: of the row, in logical pixels.
            ratio: device pixels per logical pixel.
            look: the theme; call ``forget`` when it changes.
        """
        key = (words, state, height, ratio)
        found = self._strips.get(key)
        if found is not None:
            self._strips.move_to_end(key)
            return found
        width = self.width
        strip = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
        strip.setDevicePixelRatio(ratio)
        strip.fill(look.color("bg.panel"))
        with QPainter(strip) as painter:
            self.draw(painter, QRectF(0, 0, width, height), row, state, look)
        self._strips[key] = strip
        self._bytes += strip.width() * strip.height() * 4
        while self._bytes > STRIP_BYTES and len(self._strips) > _LEAST_STRIPS:
            _, old = self._strips.popitem(last=False)
            self._bytes -= old.width() * old.height() * 4
        return strip

    def draw(
        self, painter: QPainter, rect: QRectF, row: QueueRow, state: RowLook, look: Theme, glow: float = 0.0
    ) -> None:
        """Draw ground, cells and edges of a row, all but its time; ``glow`` (0–1) marks a new or changed one."""
        draw_ground(painter, rect, state, look, glow)
        top, height = rect.y(), rect.height() - 1
        for column in self._columns:
            place = QRectF(rect.x() + column.x, top, column.width, height)
            if column.name in _CELLS:
                _CELLS[column.name](painter, place, row, state.selected, look)
            elif column.name in _FIGURES:
                self._draw_figure(painter, place, column.name, row, look)
        draw_edges(painter, rect, state, look)

    def _draw_figure(self, painter: QPainter, cell: QRectF, name: str, row: QueueRow, look: Theme) -> None:
        """Draw a shape, bar or line of pips; there are few of them, and each is drawn once."""
        value, draw = _FIGURES[name]
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        size = (cell.width(), cell.height())
        key = (name, value(row), ratio, size)
        found = self._figures.get(key)
        if found is None:
            found = QPixmap(max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio)))
            found.setDevicePixelRatio(ratio)
            found.fill(Qt.GlobalColor.transparent)
            with QPainter(found) as on:
                draw(on, QRectF(0, 0, *size), row, look)
            self._figures[key] = found
        painter.drawPixmap(cell.topLeft(), found)
        if name == "stage":
            words = QRectF(cell.x(), cell.y(), 28, cell.height())
            draw_text(painter, words, row.stage, look.font("body"), look.color("text.secondary"), elide=False)

    def draw_skeleton(self, painter: QPainter, rect: QRectF, place: int, state: RowLook, look: Theme) -> None:
        """Draw a row that is still being read."""
        draw_ground(painter, rect, state, look)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bg.hover"))
        for column in self._columns:
            cell = QRectF(rect.x() + column.x, rect.y(), column.width, rect.height())
            painter.drawRoundedRect(_skeleton_block(cell, column.name, place), 2, 2)
        painter.restore()
        draw_edges(painter, rect, state, look)


def draw_ground(painter: QPainter, rect: QRectF, state: RowLook, look: Theme, glow: float = 0.0) -> None:
    """Fill the ground of a row where it differs from the list's."""
    if state.selected or state.marked:
        painter.fillRect(rect, look.color("bg.selected"))
        return
    if state.hovered:
        painter.fillRect(rect, look.color("bg.hover"))
    if glow > 0:
        colour = QColor(look.color("accent.soft"))
        colour.setAlphaF(min(glow, 1.0))
        painter.fillRect(rect, colour)


def draw_edges(painter: QPainter, rect: QRectF, state: RowLook, look: Theme) -> None:
    """Draw the line below a row, the mark at its left edge, and the frame of the current row with the focus."""
    left, top, width, height = rect.x(), rect.y(), rect.width(), rect.height()
    painter.fillRect(QRectF(left, top + height - 1, width, 1), look.color("line.subtle"))
    if state.marked:
        painter.fillRect(QRectF(left, top, 3, height - 1), look.color("accent.base"))
    if state.selected and state.focused:
        frame = look.color("accent.base")
        painter.fillRect(QRectF(left, top, width, 1), frame)
        painter.fillRect(QRectF(left, top + height - 1, width, 1), frame)
        painter.fillRect(QRectF(left, top, 1, height), frame)
        painter.fillRect(QRectF(left + width - 1, top, 1, height), frame)


# --- cells: (painter, cell without the line below, row, current, look) -------------------------------------


def _words(painter: QPainter, cell: QRectF, text: str, token: str, look: Theme, bold: bool = False) -> None:
    if text:
        inner = cell.adjusted(_CELL_GAP, 0, 0, 0)
        draw_text(painter, inner, text, look.font("body", bold or None), look.color(token))


def _urgency(painter: QPainter, cell: QRectF, row: QueueRow, look: Theme) -> None:
    draw_urgency_bar(painter, QRectF(cell.x() + 6, cell.y(), 4, cell.height()), row.urgency, look)


def _shape(painter: QPainter, cell: QRectF, row: QueueRow, look: Theme) -> None:
    draw_sla_shape(painter, cell, row.band, look, look.metric("size.icon"))


def _number(painter: QPainter, cell: QRectF, row: QueueRow, current: bool, look: Theme) -> None:
    _words(painter, cell, row.number_short, "text.primary", look, current)


def _category(painter: QPainter, cell: QRectF, row: QueueRow, _current: bool, look: Theme) -> None:
    _words(painter, cell, row.category, "text.primary", look)


def _grid(painter: QPainter, cell: QRectF, row: QueueRow, _current: bool, look: Theme) -> None:
    _words(painter, cell, row.grid, "text.secondary", look)


def _summary(painter: QPainter, cell: QRectF, row: QueueRow, current: bool, look: Theme) -> None:
    rect = cell.adjusted(_CELL_GAP, 0, -8, 0)
    for word, icon, tone in _marks(row):
        width = min(chip_width(word, icon, look), rect.width())
        box = QRectF(rect.x(), round(rect.center().y() - 10), width, 20)
        draw_chip(painter, box, word, icon, tone, look)
        rect = rect.adjusted(width + 8, 0, 0, 0)
    colour = look.color("text.primary" if current else "text.secondary")
    draw_text(painter, rect, row.summary, look.font("body"), colour)


def _source(painter: QPainter, cell: QRectF, row: QueueRow, _current: bool, look: Theme) -> None:
    draw_icon(painter, cell, row.source_icon, look.color("text.secondary"), look.metric("size.icon"))


def _stage(painter: QPainter, cell: QRectF, row: QueueRow, look: Theme) -> None:
    if cell.width() >= 32 + 42:
        pips = QRectF(cell.x() + 32, cell.y(), 44, cell.height())
        draw_stage_pips(painter, pips, row.stage_index, look)


def _holder(painter: QPainter, cell: QRectF, row: QueueRow, _current: bool, look: Theme) -> None:
    tokens = {"accent": "accent.base", "pending": "sla.soon.text"}
    colour = look.color(tokens.get(row.holder_tone, "text.secondary"))
    unsent = row.holder_tone == "pending" and not row.holder.startswith("→")
    text = f"→ {row.holder}" if unsent else row.holder
    draw_text(painter, cell.adjusted(12, 0, 0, 0), text, look.font("body"), colour)


_CELLS = {
    "number": _number, "category": _category, "grid": _grid, "summary": _summary, "source": _source, "holder": _holder,
}  # fmt: skip
#: what is drawn, and by which value of the row it is known
_FIGURES: dict[
    str, tuple[Callable[[QueueRow], object], Callable[[QPainter, QRectF, QueueRow, Theme], None]]
] = {
    "urgency": (lambda row: row.urgency, _urgency),
    "sla_shape": (lambda row: row.band, _shape),
    "stage": (lambda row: row.stage_index, _stage),
}


def _skeleton_block(cell: QRectF, name: str, place: int) -> QRectF:
    widths = {"urgency": 4, "sla_shape": 14, "source": 14}
    inner = cell.adjusted(_CELL_GAP, 0, -_CELL_GAP, -1)
    part = _SKELETON_PARTS[(place * 3 + len(name)) % len(_SKELETON_PARTS)]
    width = widths.get(name, inner.width() * part * (0.6 if name == "summary" else 1))
    x = cell.center().x() - width / 2 if name in ("sla_shape", "source") else inner.x()
    if name == "urgency":
        x = cell.x() + 5
    return QRectF(x, cell.center().y() - 6, width, 12)


def _marks(row: QueueRow) -> list[tuple[str, str, str]]:
    marks: list[tuple[str, str, str]] = []
    if is_pending_mark(row.pending):
        marks.append(pending_look(row.pending))
    if row.locked_by:
        marks.append((row.locked_by, "lock", "sla.soon" if row.locked_silent else "sla.ok"))
    return marks
