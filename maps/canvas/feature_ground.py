"""A vector layer from outside as a layer of the ground: culled by bounds, thinned for each zoom, drawn in steps."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from maps.canvas.line_paths import Counts, clipped, path_of, stroke_lines
from maps.canvas.palette import MapPalette
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import gathered
from maps.geometry.viewport import Viewport
from maps.layers.base import FeatureLayer

POINT_PX = 3.0
LABEL_PX = 11.0
A_STEP = 200
"""Points drawn before a frame may come between."""
FILL_STEP = 1500
"""Corners of areas filled before a frame may come between."""
LABELS_A_STEP = 6
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
        """Insides of areas, then lines and edges, then points and labels."""
        layer = self._at(view.scale)
        near = layer.in_view(view.bounds, SLACK_PX * view.scale)
        yield
        if not len(near):
            return
        counts = layer.start[near + 1] - layer.start[near]
        at = view.to_screen(layer.xy[gathered(layer.start[near], counts)])
        style = layer.style
        color = self._palette.color(style.token)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        yield
        if style.fill > 0:
            inside = self._palette.color(style.token, style.fill)
            yield from _fill(painter, at, counts, layer.closed[near], layer.owner[near], view, inside)
        lone = counts == 1
        yield from self._strokes(painter, at, counts, view, color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for i, (px, py) in enumerate(at[(np.cumsum(counts) - counts)[lone]].tolist()):
            painter.drawEllipse(QPointF(px, py), POINT_PX, POINT_PX)
            if i % A_STEP == A_STEP - 1:
                yield
        yield from self._labels(painter, view, layer)

    def _strokes(
        self, painter: QPainter, at: FloatArray, counts: Counts, view: Viewport, color: QColor
    ) -> Iterator[None]:
        """Lines and edges, as far as they come near the view."""
        pen = QPen(color, self._layer.style.width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        xy, sizes = clipped(at, counts, view.width, view.height, SLACK_PX)
        yield
        yield from stroke_lines(painter, xy, sizes, pen, painter.deviceTransform().m11() or 1.0)

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
            if at is None:
                continue
            cell = (math.floor(at.x() / 72), math.floor(at.y() / 20))
            if cell in taken:
                continue
            taken.add(cell)
            done.add(owner)
            words = QPainterPath()
            words.addText(at - QPointF(metrics.horizontalAdvance(text) / 2, -4), font, text)
            painter.strokePath(words, QPen(self._palette.color("map.halo"), 3.2, j=Qt.PenJoinStyle.RoundJoin))
            painter.fillPath(words, self._palette.color("map.label"))
            if len(done) % LABELS_A_STEP == 0:
                yield

    def _at(self, scale: float) -> FeatureLayer:
        """The copy for a zoom: one for each power of two of the scale."""
        step = math.floor(math.log2(scale))
        if step not in self._thin:
            while len(self._thin) >= MOST_THINNED:
                self._thin.pop(next(iter(self._thin)))
            self._thin[step] = self._layer.thinned(2.0**step)
        return self._thin[step]


def _fill(
    painter: QPainter,
    at: FloatArray,
    counts: Counts,
    closed: npt.NDArray[np.bool_],
    owner: Counts,
    view: Viewport,
    color: QColor,
) -> Iterator[None]:
    """Fill the areas feature by feature: rings of one share a path, so that its holes stay open."""
    ends = np.cumsum(counts)
    rings = np.flatnonzero(closed)
    done = 0
    for mine in np.split(rings, np.flatnonzero(np.diff(owner[rings])) + 1) if len(rings) else ():
        pieces = [without_far_corners(at[ends[i] - counts[i] : ends[i]], view) for i in mine.tolist()]
        sizes = np.array([len(piece) for piece in pieces], dtype=np.int64)
        painter.fillPath(path_of(np.vstack(pieces), sizes), color)
        done += int(sizes.sum())
        if done >= FILL_STEP:
            done = 0
            yield


def without_far_corners(ring: FloatArray, view: Viewport) -> FloatArray:
    """Leave out corners of a ring that lie off one side of the view together with both their neighbours.

    What is inside the view stays the same: everything left out, and what it is replaced by, is off that side.
    """
    if len(ring) < 4:
        return ring
    side = np.zeros(len(ring), dtype=np.int8)
    for code, off in (
        (4, ring[:, 1] > view.height + SLACK_PX),
        (3, ring[:, 1] < -SLACK_PX),
        (2, ring[:, 0] > view.width + SLACK_PX),
        (1, ring[:, 0] < -SLACK_PX),
    ):
        side[off] = code
    keep = np.ones(len(ring), dtype=bool)
    keep[1:-1] = (side[1:-1] == 0) | (side[1:-1] != side[:-2]) | (side[1:-1] != side[2:])
    return ring[keep]


def _label_place(view: Viewport, layer: FeatureLayer, part: int) -> QPointF | None:
    """Where the name of a part stands: middle of a ring, middle of what is seen of a line; None off screen."""
    xy: FloatArray = layer.xy[int(layer.start[part]) : int(layer.start[part + 1])]
    if layer.closed[part]:
        at = view.to_screen((xy.min(axis=0) + xy.max(axis=0)) / 2).reshape(1, 2)
    else:
        at = view.to_screen(xy)
        at = np.vstack([at, (at[:-1] + at[1:]) / 2])[
            np.argsort([*range(len(xy)), *range(len(xy) - 1)], kind="stable")
        ]
    seen = np.all((at >= 0) & (at <= (view.width, view.height)), axis=1)
    if not bool(seen.any()):
        return None
    px, py = at[seen][int(np.count_nonzero(seen)) // 2].tolist()
    return QPointF(px, py - (0 if layer.closed[part] else 9))
