"""What a line of the layers panel says, and how it is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from maps.canvas.boxes import MapBox
from maps.canvas.breaks_page import BreaksView
from maps.canvas.palette import MapPalette

BAR_WIDTH, BAR_HEIGHT, TRACK = 56.0, 12.0, 26.0
"""Size of the opacity of a row with its figure, and of the bar alone."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One line of the panel, uppermost layer first.

    Attributes:
        id: layer of the book.
        title: name in words.
        visible: it is switched on.
        opacity: 0 to 1.
        note: why it shows nothing, in words; empty when it has something to show.
        movable: it can change places with others.
        choice: how it is drawn, in words, where there is a choice; empty where there is none.
    """

    id: str
    title: str
    visible: bool
    opacity: float
    note: str = ""
    movable: bool = True
    choice: str = ""


@dataclass(frozen=True, slots=True)
class LayersView:
    """What the panel shows: rows from above, and the class breaks of the present measure (None for officers)."""

    rows: tuple[LayerRow, ...] = ()
    breaks: BreaksView | None = None


@dataclass(frozen=True, slots=True)
class LayerAsk:
    """A change the operator asks for.

    Attributes:
        what: ``show``, ``move`` (by ``value`` places upwards), ``opacity``, ``choice`` (the next way of
            drawing), ``breaks``, ``reset``.
        layer: id of the layer, or the key of the breaks.
        value: 1 or 0 for show, places for move, 0 to 1 for opacity.
        breaks: lower bounds of the classes; empty for those of the tokens.
    """

    what: str
    layer: str = ""
    value: float = 0.0
    breaks: tuple[float, ...] = ()


CHIP_WIDTH = 56.0


def chip_of(box: QRectF) -> QRectF:
    """Where the way of drawing stands in a row that has a choice."""
    return QRectF(bar_of(box).left() - CHIP_WIDTH - 8, box.center().y() - 9, CHIP_WIDTH, 18)


def elided(palette: MapPalette, text: str, room: float) -> str:
    """A name cut to the room there is."""
    return QFontMetricsF(palette.font(12)).elidedText(text, Qt.TextElideMode.ElideRight, room)


def bar_of(box: QRectF) -> QRectF:
    """Where the opacity stands in a row."""
    return QRectF(box.right() - BAR_WIDTH - 12, box.center().y() - BAR_HEIGHT / 2, BAR_WIDTH, BAR_HEIGHT)


def paint_row(
    panel: MapBox,
    painter: QPainter,
    palette: MapPalette,
    row: LayerRow,
    box: QRectF,
    current: bool,
    hovered: bool,
) -> None:
    """Grip, check box, name, reason for being empty, opacity."""
    if current or hovered:
        painter.fillRect(box.adjusted(1, 0, -1, 0), palette.color("bg.selected" if current else "bg.hover"))
    if current:
        painter.fillRect(QRectF(1, box.top(), 3, box.height()), palette.color("accent.base"))
    if row.movable:
        _grip(painter, QPointF(13, box.center().y()), palette)
    paint_check(painter, QRectF(28, box.center().y() - 7, 14, 14), row.visible, palette)
    token = "text.primary" if row.visible and not row.note else "text.secondary"
    room = (chip_of(box) if row.choice else bar_of(box)).left() - 58
    note = panel.text_width(row.note, 11) + 8 if row.note else 0.0
    name = elided(palette, row.title, max(room - note, 40))
    panel.write(painter, QRectF(50, box.top(), max(room - note, 40), box.height()), name, token)
    if row.note:
        right = QRectF(50, box.top(), room, box.height())
        panel.write(painter, right, row.note, "text.tertiary", 11, align=Qt.AlignmentFlag.AlignRight)
    if row.choice:
        _chip(panel, painter, row.choice, chip_of(box), palette)
    _opacity(panel, painter, row, bar_of(box), palette)


def _chip(panel: MapBox, painter: QPainter, text: str, box: QRectF, palette: MapPalette) -> None:
    painter.setPen(QPen(palette.color("line.normal"), 1))
    painter.setBrush(palette.color("bg.raised"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    panel.write(painter, box, text, "text.secondary", 11, align=Qt.AlignmentFlag.AlignHCenter)


def _grip(painter: QPainter, at: QPointF, palette: MapPalette) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("text.disabled"))
    for dx in (-2.0, 2.0):
        for dy in (-4.0, 0.0, 4.0):
            painter.drawEllipse(at + QPointF(dx, dy), 1.1, 1.1)


def paint_check(painter: QPainter, box: QRectF, on: bool, palette: MapPalette) -> None:
    """A check box."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not on:
        painter.setPen(QPen(palette.color("line.strong"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("accent.fill"))
    painter.drawRoundedRect(box, 2, 2)
    painter.setPen(QPen(palette.color("text.on_accent"), 1.8))
    tick = [QPointF(3.2, 7.2), QPointF(6, 10), QPointF(10.8, 4.4)]
    painter.drawPolyline(QPolygonF([box.topLeft() + p for p in tick]))


def _opacity(panel: MapBox, painter: QPainter, row: LayerRow, bar: QRectF, palette: MapPalette) -> None:
    track = QRectF(bar.left(), bar.center().y() - 2, TRACK, 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("line.normal"))
    painter.drawRoundedRect(track, 2, 2)
    painter.setBrush(palette.color("text.secondary" if row.visible else "text.disabled"))
    painter.drawRoundedRect(QRectF(track.left(), track.top(), TRACK * row.opacity, 4), 2, 2)
    words = QRectF(bar.left() + TRACK, bar.top(), bar.width() - TRACK, bar.height())
    percent = f"{round(row.opacity * 100)}"
    panel.write(painter, words, percent, "text.tertiary", 11, align=Qt.AlignmentFlag.AlignRight)


def paint_button(
    panel: MapBox, painter: QPainter, palette: MapPalette, box: QRectF, text: str, key: str, hovered: bool
) -> None:
    """A button with its key."""
    painter.setPen(QPen(palette.color("line.normal"), 1))
    painter.setBrush(palette.color("bg.hover" if hovered else "bg.raised"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    panel.write(painter, box.adjusted(10, 0, 0, 0), text)
    panel.key_cap(painter, box.right() - 6, box.center().y(), key)


def paint_layers_icon(painter: QPainter, at: QPointF, palette: MapPalette) -> None:
    """Three sheets above one another."""
    painter.setPen(QPen(palette.color("text.primary"), 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    top = [QPointF(0, -6), QPointF(6, -3), QPointF(0, 0), QPointF(-6, -3)]
    painter.drawPolygon(QPolygonF([at + p for p in top]))
    for drop in (0.0, 3.0):
        low = [QPointF(-6, drop), QPointF(0, 3 + drop), QPointF(6, drop)]
        painter.drawPolyline(QPolygonF([at + p for p in low]))
