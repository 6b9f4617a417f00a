"""Case marks on a frame: only those in view, each a copy of a small picture made once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from maps.canvas.palette import MapPalette
from maps.canvas.sprites import Sprite, SpriteBook
from maps.canvas.symbols import paint_pending
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark
from maps.layers.marks import Marks

CHOSEN_PX = 22.0
"""Size of the mark of the selected case."""
REACH = 32.0
"""Logical pixels beyond the edge within which a mark still shows."""


class CasePainter:
    """Paints the marks of cases; keeps which picture belongs to which mark as long as the marks are the same."""

    def __init__(self) -> None:
        self._of: tuple[object, SpriteBook] | None = None
        self._sprites: dict[int, Sprite] = {}

    def paint(
        self,
        painter: QPainter,
        marks: Marks | tuple[Mark, ...],
        view: Viewport,
        book: SpriteBook,
        chosen: str,
    ) -> None:
        """Paint the marks that lie in a view, in their order.

        Args:
            painter: of the frame, in logical pixels.
            marks: of the last layout.
            view: of this frame.
            book: pictures of marks.
            chosen: id of the selected case, empty for none.
        """
        if not isinstance(marks, Marks) or len(marks) == 0:
            return
        if self._of is None or self._of[0] is not marks or self._of[1] is not book:
            self._of, self._sprites = (marks, book), {}
        xy = view.to_screen(np.column_stack([marks.x, marks.y]))
        seen = (xy[:, 0] >= -REACH) & (xy[:, 0] <= view.width + REACH)
        seen &= (xy[:, 1] >= -REACH) & (xy[:, 1] <= view.height + REACH)
        at = np.flatnonzero(seen)
        draw, ratio = painter.drawPixmap, book.ratio
        for i, px, py in zip(at.tolist(), xy[at, 0].tolist(), xy[at, 1].tolist(), strict=True):
            sprite = self._sprites.get(i)
            if sprite is None:
                sprite = self._sprites[i] = self._sprite(marks, i, book, bool(chosen))
            x, y = px - sprite.anchor.x(), py - sprite.anchor.y()
            # Whole device pixels keep the edges of a picture as sharp as they were painted.
            draw(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), sprite.pixmap)
            if marks.pending[i]:
                self._paint_pending(painter, marks, i, QPointF(px, py), book.palette)

    @staticmethod
    def _sprite(marks: Marks, i: int, book: SpriteBook, choosing: bool) -> Sprite:
        if choosing and i == marks.chosen:
            return book.band(marks.bands_of(i)[0][0], CHOSEN_PX)
        return book.mark(marks[i])

    @staticmethod
    def _paint_pending(painter: QPainter, marks: Marks, i: int, at: QPointF, palette: MapPalette) -> None:
        count = int(marks.counts[i])
        reach = 7.0 if count == 1 else palette.tokens.cluster_radius(count) * 0.75
        paint_pending(painter, at + QPointF(reach, -reach), palette)
