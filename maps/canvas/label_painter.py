"""Labels on a frame: each a copy of its picture, their places worked out all at once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from maps.canvas.layout import SceneLayout
from maps.geometry.viewport import Viewport

REACH = 120.0
"""Logical pixels beyond the edge within which a label still shows."""


def paint_labels(painter: QPainter, layout: SceneLayout, view: Viewport) -> None:
    """Paint the labels that lie in a view, in their order; the layout may be that of another view."""
    if not layout.texts:
        return
    middle = view.to_screen(layout.label_places) + layout.label_shifts
    seen = (middle[:, 0] >= -REACH) & (middle[:, 0] <= view.width + REACH)
    seen &= (middle[:, 1] >= -REACH) & (middle[:, 1] <= view.height + REACH)
    at = np.flatnonzero(seen)
    ratio = layout.texts[0].pixmap.devicePixelRatio()
    # Whole device pixels keep the edges of a picture as sharp as they were painted.
    corners = np.rint((middle[at] - layout.label_anchors[at]) * ratio) / ratio
    draw, texts = painter.drawPixmap, layout.texts
    for i, x, y in zip(at.tolist(), corners[:, 0].tolist(), corners[:, 1].tolist(), strict=True):
        draw(QPointF(x, y), texts[i].pixmap)
