"""A vector layer from outside as a layer of the ground: culled by bounds, thinned for each zoom, drawn in steps."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.base import FeatureLayer

POINT_PX = 3.0
LABEL_PX = 11.0
A_STEP = 3000
"""Corners drawn before a frame may come between."""
MOST_THINNED = 6
"""Copies for zoom steps that are kept."""
MOST_LABELS = 400
SLACK_PX = 8.0


class FeatureGround:
    """Paints one :class:`FeatureLayer`; follows the ground layer protocol."""

    def __init__(self, layer: FeatureLayer, palette: MapPalette) -> None:
        self._layer = layer
        self._palette = palette
        self._thin: dict[int, FeatureLayer] = {}
        self.revision = 0

    @property
    def key(self) -> str:
        """Id in the layer book."""
        return self._layer.key

    @property
    def layer(self) -> FeatureLayer:
        """What is drawn."""
        return self._layer

    def set_palette(self, palette: MapPalette) -> None:
        """Take the colours of another theme."""
        self._palette = palette
        self.revision += 1

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint everything at once."""
        for _ in self.steps(painter, view):
            pass

    def steps(self, painter: QPainter, view: Viewport) -> Iterator[None]:
        """Areas as one path for each step, then lines, points and labels."""
        layer = self._at(view.scale)
        near = layer.in_view(view.bounds, SLACK_PX * view.scale)
        yield
        if not len(near):
            return
        style = layer.style
        color = self._palette.color(style.token)
        pen = QPen(color, style.width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        inside = self._palette.color(style.token, style.fill)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path, owner, drawn = QPainterPath(), -1, 0
        for part in near.tolist():
            begin, end = int(layer.start[part]), int(layer.start[part + 1])
            mine = int(layer.owner[part])
            if mine != owner and not path.isEmpty():
                # Rings of one feature share a path: its holes stay open.
                self._area(painter, path, pen, style.fill, inside)
                path = QPainterPath()
            owner = mine
            at = view.to_screen(layer.xy[begin:end])
            if layer.closed[part]:
                path.addPolygon(polygon_of(at))
            elif len(at) == 1:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QPointF(*at[0].tolist()), POINT_PX, POINT_PX)
            else:
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(polygon_of(at))
            drawn += end - begin
            if drawn >= A_STEP:
                drawn = 0
                yield
        self._area(painter, path, pen, style.fill, inside)
        yield
        yield from self._labels(painter, view, layer)

    def _area(self, painter: QPainter, path: QPainterPath, pen: QPen, fill: float, inside: QColor) -> None:
        if path.isEmpty():
            return
        if fill > 0:
            painter.fillPath(path, inside)
        painter.strokePath(path, pen)

    def _labels(self, painter: QPainter, view: Viewport, layer: FeatureLayer) -> Iterator[None]:
        """Text of each feature at the middle of its first part in view; one that would lie on another is left."""
        if not layer.style.label_field:
            return
        font = self._palette.font(LABEL_PX)
        metrics = QFontMetricsF(font)
        taken: set[tuple[int, int]] = set()
        done: set[int] = set()
        for part in layer.in_view(view.bounds).tolist():
            owner = int(layer.owner[part])
            text = layer.labels[owner] if owner < len(layer.labels) else ""
            if not text or owner in done or len(done) >= MOST_LABELS:
                continue
            at = _label_place(view, layer, part)
            cell = (math.floor(at.x() / 72), math.floor(at.y() / 20))
            if cell in taken:
                continue
            taken.add(cell)
            done.add(owner)
            words = QPainterPath()
            words.addText(at - QPointF(metrics.horizontalAdvance(text) / 2, -4), font, text)
            painter.strokePath(words, QPen(self._palette.color("map.halo"), 3.2, j=Qt.PenJoinStyle.RoundJoin))
            painter.fillPath(words, self._palette.color("map.label"))
            if len(done) % 20 == 0:
                yield

    def _at(self, scale: float) -> FeatureLayer:
        """The copy for a zoom: one for each power of two of the scale."""
        step = math.floor(math.log2(scale))
        if step not in self._thin:
            while len(self._thin) >= MOST_THINNED:
                self._thin.pop(next(iter(self._thin)))
            self._thin[step] = self._layer.thinned(2.0**step)
        return self._thin[step]


def _label_place(view: Viewport, layer: FeatureLayer, part: int) -> QPointF:
    xy: FloatArray = layer.xy[int(layer.start[part]) : int(layer.start[part + 1])]
    place = (xy.min(axis=0) + xy.max(axis=0)) / 2 if layer.closed[part] else xy[len(xy) // 2]
    px, py = view.to_screen(place).tolist()
    return QPointF(px, py - (9 if not layer.closed[part] else 0))
