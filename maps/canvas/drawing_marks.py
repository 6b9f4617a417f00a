"""Drawn marks (标绘) on the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from maps.canvas import layer_words
from maps.canvas.card_box import CardLine
from maps.canvas.mark_stack import MarkHit, stamp
from maps.canvas.mark_symbols import paint_drawn_point
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.canvas.sprites import SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import DRAWINGS
from maps.layers.drawings import DrawingLayer, DrawnMark
from maps.layers.state import MapState

HIT_PX = 8.0
LINE_PX = 2.4
TEXT_PX = 14.0
NOTE_PX = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A mark with its corners in world metres and their rectangle."""

    mark: DrawnMark
    xy: FloatArray
    low: tuple[float, float]
    high: tuple[float, float]


class DrawingMarks:
    """Layout and painting of the drawn marks."""

    key = DRAWINGS

    def __init__(self) -> None:
        self._layer = DrawingLayer()
        self._placed: tuple[_Placed, ...] = ()

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Project the marks when they have changed."""
        del view, book
        if state.drawings.marks is not self._layer.marks:
            self._placed = tuple(_placed(m) for m in state.drawings.marks)
        self._layer = state.drawings

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Areas first, then lines, points and words."""
        west, south, east, north = view.bounds
        slack = 200 * view.scale
        shown = [
            p
            for p in self._placed
            if p.low[0] <= east + slack
            and p.high[0] >= west - slack
            and p.low[1] <= north + slack
            and p.high[1] >= south - slack
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shape in ("polygon", "line", "point", "text"):
            for placed in shown:
                if placed.mark.shape == shape:
                    self._paint_one(painter, placed, view, book)

    def _paint_one(self, painter: QPainter, placed: _Placed, view: Viewport, book: SpriteBook) -> None:
        mark, palette = placed.mark, book.palette
        token = colour_token(palette, mark.colour)
        color = palette.color(token)
        at = view.to_screen(placed.xy)
        if mark.shape == "text":
            stamp(painter, book.label(mark.text, TEXT_PX, True, token), QPointF(*at[0].tolist()))
            return
        note_at = QPointF(*at[0].tolist())
        if mark.shape == "point":
            sprite = book.symbol(("flag", token), 18.0, lambda p, c: paint_drawn_point(p, c, color, palette))
            stamp(painter, sprite, note_at)
            note_at += QPointF(0, 11)
        else:
            paint_path(painter, at, mark.shape == "polygon", color, palette)
            middle = at.mean(axis=0) if mark.shape == "polygon" else at[len(at) // 2]
            note_at = QPointF(float(middle[0]), float(middle[1]) - (0 if mark.shape == "polygon" else 11))
        if mark.text:
            stamp(painter, book.label(mark.text, NOTE_PX, False, token), note_at)

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The uppermost mark below a pixel."""
        for placed in reversed(self._placed):
            if _is_at(placed, view, px, py):
                x, y = placed.xy[0].tolist()
                return MarkHit(self.key, placed.mark.mark_id, x, y, tuple(drawing_card(placed.mark)))
        return None

    def places(self) -> FloatArray:
        """First corner of each mark."""
        return np.array([p.xy[0] for p in self._placed], dtype=np.float64).reshape(-1, 2)

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Room of points and words."""
        out = []
        for placed in self._placed:
            if placed.mark.shape in ("point", "text"):
                px, py = view.to_screen(placed.xy[0]).tolist()
                half = 9.0 if placed.mark.shape == "point" else 7.0 * len(placed.mark.text)
                out.append(QRectF(px - half, py - 16, 2 * half, 26))
        return out


def colour_token(palette: MapPalette, colour: str) -> str:
    """Token of a colour of drawn marks; the first one for a name this version does not know."""
    known = palette.tokens.drawn_colours
    return f"map.drawn.{colour if colour in known else known[0]}"


def drawing_card(mark: DrawnMark) -> list[CardLine]:
    """What it is or says, and who drew it when."""
    when = mark.at[:16].replace("T", " ")
    return [
        CardLine(mark.text or layer_words.shape_name(mark.shape), "text.primary", True),
        CardLine(layer_words.drawn_by(mark.by, when), "text.tertiary"),
    ]


def paint_path(painter: QPainter, at: FloatArray, closed: bool, color: QColor, palette: MapPalette) -> None:
    """Paint a line or an area through pixels ``(n, 2)``, with halo."""
    path = QPainterPath()
    path.addPolygon(polygon_of(at))
    if closed:
        path.closeSubpath()
        soft = QColor(color)
        soft.setAlphaF(0.14)
        painter.fillPath(path, soft)
    for one, width in ((palette.color("map.halo", 0.8), LINE_PX + 2.6), (color, LINE_PX)):
        pen = QPen(one, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.strokePath(path, pen)


def _placed(mark: DrawnMark) -> _Placed:
    xy = mark.world()
    low, high = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return _Placed(mark, xy, (low[0], low[1]), (high[0], high[1]))


def _is_at(placed: _Placed, view: Viewport, px: float, py: float) -> bool:
    at = view.to_screen(placed.xy)
    shape = placed.mark.shape
    if shape in ("point", "text"):
        x, y = at[0].tolist()
        wide = 10.0 if shape == "point" else 7.0 * len(placed.mark.text)
        return bool(abs(px - x) <= wide and y - 17 <= py <= y + 10)
    if shape == "polygon":
        at = np.vstack([at, at[:1]])
    a, b = at[:-1], at[1:]
    way = b - a
    length2 = np.maximum((way**2).sum(axis=1), 1e-12)
    part = np.clip(((np.array([px, py]) - a) * way).sum(axis=1) / length2, 0, 1)
    gap = np.hypot(*(a + way * part[:, None] - (px, py)).T)
    return bool(np.min(gap) <= HIT_PX)
