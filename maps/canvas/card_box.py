"""Cards: small boxes of text lines beside a point of the map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band
from maps.geometry.viewport import Viewport

CARD_GAP = 34.0
"""Room between an anchor and its card: the ring of a selected case and its ticks."""


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line of a card: text, colour token, bold, and the band whose shape stands before it."""

    text: str
    token: str = "text.secondary"
    bold: bool = False
    band: str = ""


def card_size(lines: Sequence[CardLine], palette: MapPalette) -> tuple[float, float]:
    """Width and height of a card in logical pixels, at most 320 wide."""
    widest = max((_width(line, palette) for line in lines), default=0.0)
    return min(widest + 28, 320.0), 20.0 * len(lines) + 14


def _width(line: CardLine, palette: MapPalette) -> float:
    metrics = QFontMetricsF(palette.font(13 if line.bold else 12, line.bold))
    return metrics.horizontalAdvance(line.text) + (20 if line.band else 0)


def place_card(
    anchor: QPointF,
    width: float,
    height: float,
    view: Viewport,
    avoid: Sequence[QRectF] = (),
    gap: float = CARD_GAP,
) -> QRectF:
    """Room for a card beside an anchor: right above first, then the other corners, always on screen."""
    spots = [
        (anchor.x() + gap, anchor.y() - gap - height),
        (anchor.x() - gap - width, anchor.y() - gap - height),
        (anchor.x() + gap, anchor.y() + gap),
        (anchor.x() - gap - width, anchor.y() + gap),
    ]
    screen = QRectF(8, 8, view.width - 16, view.height - 16)
    boxes = [QRectF(x, y, width, height) for x, y in spots]
    first = min(boxes, key=lambda box: _cost(box, screen, avoid))
    x = min(max(first.x(), screen.left()), max(screen.right() - width, screen.left()))
    y = min(max(first.y(), screen.top()), max(screen.bottom() - height, screen.top()))
    return QRectF(x, y, width, height)


def _cost(box: QRectF, screen: QRectF, avoid: Sequence[QRectF]) -> float:
    """What a spot covers that it should not, in square pixels; off screen counts ten times."""
    seen = box.intersected(screen)
    lost = box.width() * box.height() - seen.width() * seen.height()
    return 10 * lost + sum(_overlap(box, a) for a in avoid)


def _overlap(a: QRectF, b: QRectF) -> float:
    both = a.intersected(b)
    return both.width() * both.height()


def paint_card(
    painter: QPainter,
    lines: Sequence[CardLine],
    box: QRectF,
    palette: MapPalette,
    anchor: QPointF | None = None,
) -> None:
    """Paint a card, with a thin line to its anchor if one is given."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if anchor is not None:
        _leader(painter, box, anchor, palette)
    painter.setPen(QPen(palette.color("line.normal"), 1))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    y = box.top() + 7
    for line in lines:
        x = box.left() + 14
        if line.band:
            paint_band(painter, line.band, QPointF(x + 6, y + 10), 13, palette, halo=False)
            x += 20
        font = palette.font(13 if line.bold else 12, line.bold)
        room = box.right() - 14 - x
        text = QFontMetricsF(font).elidedText(line.text, Qt.TextElideMode.ElideRight, room + 1)
        painter.setFont(font)
        painter.setPen(palette.color(line.token))
        painter.drawText(QRectF(x, y, room + 4, 20), Qt.AlignmentFlag.AlignVCenter, text)
        y += 20
    painter.restore()


def _leader(painter: QPainter, box: QRectF, anchor: QPointF, palette: MapPalette) -> None:
    corner = QPointF(
        min(max(anchor.x(), box.left()), box.right()), min(max(anchor.y(), box.top()), box.bottom())
    )
    way = corner - anchor
    length = math.hypot(way.x(), way.y())
    if length > 24:
        painter.setPen(QPen(palette.color("accent.focus"), 1.2))
        painter.drawLine(anchor + way * (21 / length), corner)


def paint_key_line(
    painter: QPainter, key: str, text: str, left: float, top: float, palette: MapPalette
) -> None:
    """Paint a small box with a key cap and what the key does."""
    cap_font, font = palette.font(11), palette.font(12)
    cap = QFontMetricsF(cap_font).horizontalAdvance(key) + 9
    width = cap + QFontMetricsF(font).horizontalAdvance(text) + 24
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color("line.normal"), 1))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawRoundedRect(QRectF(left, top, width, 24).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    box = QRectF(left + 6, top + 3, cap, 18)
    painter.setBrush(palette.color("bg.field"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setFont(cap_font)
    painter.setPen(palette.color("text.tertiary"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)
    painter.setFont(font)
    painter.setPen(palette.color("text.primary"))
    painter.drawText(QRectF(box.right() + 8, top, width, 24), Qt.AlignmentFlag.AlignVCenter, text)
    painter.restore()
