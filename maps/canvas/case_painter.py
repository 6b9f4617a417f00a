"""Case marks on a frame: only those in view, each a copy of a small picture made once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from maps.canvas.layout import SceneLayout
from maps.canvas.sprites import SpriteBook
from maps.canvas.symbols import paint_pending
from maps.geometry.viewport import Viewport

REACH = 32.0
"""Logical pixels beyond the edge within which a mark still shows."""


def paint_cases(painter: QPainter, layout: SceneLayout, view: Viewport, book: SpriteBook) -> None:
    """Paint the marks that lie in a view, in their order.

    Args:
        painter: of the frame, in logical pixels.
        layout: the last layout, which may be that of another view.
        view: of this frame.
        book: colours of the signs of operations that wait.
    """
    marks, sprites = layout.marks, layout.sprites
    if len(marks) == 0:
        return
    xy = view.to_screen(np.column_stack([marks.x, marks.y]))
    seen = (xy[:, 0] >= -REACH) & (xy[:, 0] <= view.width + REACH)
    seen &= (xy[:, 1] >= -REACH) & (xy[:, 1] <= view.height + REACH)
    at = np.flatnonzero(seen)
    ratio = sprites[0].pixmap.devicePixelRatio()
    # Whole device pixels keep the edges of a picture as sharp as they were painted.
    corners = np.rint((xy[at] - layout.anchors[at]) * ratio) / ratio
    draw, waiting = painter.drawPixmap, marks.pending
    for i, x, y in zip(at.tolist(), corners[:, 0].tolist(), corners[:, 1].tolist(), strict=True):
        draw(QPointF(x, y), sprites[i].pixmap)
        if waiting[i]:
            count = int(marks.counts[i])
            reach = 7.0 if count == 1 else book.tokens.cluster_radius(count) * 0.75
            px, py = xy[i].tolist()
            paint_pending(painter, QPointF(px + reach, py - reach), book.palette)
