"""The track that is replayed: its way in the colours of the day, gaps dashed, stays, and the officer at a moment."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from maps.canvas import layer_words
from maps.canvas.card_box import CardLine
from maps.canvas.mark_stack import MarkHit, stamp
from maps.canvas.mark_symbols import paint_stay
from maps.canvas.polygons import polygon_of
from maps.canvas.sprites import SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import TRACKS
from maps.layers.state import MapState
from maps.layers.tracks import Stay, TrackLayer

WAY_PX = 3.0
HIT_PX = 12.0


class TrackMarks:
    """Layout and painting of one track."""

    key = TRACKS

    def __init__(self) -> None:
        self._layer = TrackLayer()
        self._scale = 0.0
        self._strokes: tuple[tuple[FloatArray, int, bool], ...] = ()

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Thin the way to about a point a pixel; the time of each part keeps its colour."""
        del book
        track = state.tracks.track
        if track is not self._layer.track or view.scale != self._scale:
            strokes = track.strokes() if track is not None else ()
            self._strokes = tuple((_thinned(line, view.scale), part, known) for line, part, known in strokes)
        self._layer, self._scale = state.tracks, view.scale

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Halo, then the way, stays, and where the officer was at the moment."""
        if not self._strokes and self._layer.track is None:
            return
        palette = book.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        shapes = [(polygon_of(view.to_screen(line)), part, known) for line, part, known in self._strokes]
        halo = QPen(palette.color("map.halo", 0.8), WAY_PX + 3, c=_ROUND, j=Qt.PenJoinStyle.RoundJoin)
        painter.setPen(halo)
        for shape, _, known in shapes:
            if known:
                painter.drawPolyline(shape)
        for shape, part, known in shapes:
            painter.setPen(_pen(palette.color(f"map.track_ramp.{part}"), known))
            painter.drawPolyline(shape)
        for stay in self._layer.stays:
            stamp(
                painter,
                book.symbol("stay", 10.0, lambda p, c: paint_stay(p, c, palette)),
                _at(view, stay.x, stay.y),
            )
        self._paint_officer(painter, view, book)

    def _paint_officer(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """The officer at the moment of the replay; grey at the last report inside a gap, with its time."""
        track = self._layer.track
        point = track.at(self._layer.moment) if track is not None else None
        if point is None:
            return
        at = _at(view, point.x, point.y)
        stamp(painter, book.officer(False, not point.known), at)
        words = layer_words.clock(self._layer.moment if point.known else point.seen_at)
        token = "map.label" if point.known else "text.tertiary"
        stamp(painter, book.label(words, 11, True, token), at + QPointF(0, 19))

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The stay below a pixel."""
        for stay in self._layer.stays:
            way = _at(view, stay.x, stay.y) - QPointF(px, py)
            if (way.x() ** 2 + way.y() ** 2) ** 0.5 <= HIT_PX:
                return MarkHit(self.key, "", stay.x, stay.y, (CardLine(stay_line(stay), "text.primary"),))
        return None

    def places(self) -> FloatArray:
        """Where somebody stayed."""
        return np.array([(s.x, s.y) for s in self._layer.stays], dtype=np.float64).reshape(-1, 2)

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Room of the stays."""
        points = (_at(view, s.x, s.y) for s in self._layer.stays)
        return [QRectF(p.x() - 9, p.y() - 9, 18, 18) for p in points]


def stay_line(stay: Stay) -> str:
    """How long somebody stayed, from when to when."""
    minutes = int((stay.until - stay.since) // 60)
    return layer_words.stay_words(
        minutes, layer_words.short_clock(stay.since), layer_words.short_clock(stay.until)
    )


_ROUND = Qt.PenCapStyle.RoundCap


def _pen(color: QColor, known: bool) -> QPen:
    pen = QPen(color, WAY_PX if known else 1.6)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(_ROUND if known else Qt.PenCapStyle.FlatCap)
    if not known:
        pen.setDashPattern([4.0, 4.0])
    return pen


def _thinned(line: FloatArray, scale: float) -> FloatArray:
    """Leave out points that stand on the pixel of the one before; both ends stay."""
    if len(line) < 3:
        return line
    pixel = np.floor(line / scale).astype(np.int64)
    keep = np.ones(len(line), dtype=bool)
    keep[1:-1] = np.any(pixel[1:-1] != pixel[:-2], axis=1)
    return line[keep]


def _at(view: Viewport, x: float, y: float) -> QPointF:
    px, py = view.to_screen((x, y))
    return QPointF(float(px), float(py))
