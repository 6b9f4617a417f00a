"""Layers of marks above the ground and around the cases: each lays itself out for a view at rest and paints a frame.

The order is that of the layer book. The cases themselves are painted by the scene, between what lies below and
what lies above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from maps.canvas.card_box import CardLine
from maps.canvas.sprites import Sprite, SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import CASES
from maps.layers.state import MapState

RING_PX = 16.0
READING_PX = 24.0
"""Marks whose heights on screen differ by less are of one line when they are gone through by key."""


@dataclass(frozen=True, slots=True)
class MarkHit:
    """Something below the pointer: its layer, identity, world point, and the lines of its card."""

    layer: str
    id: str
    x: float
    y: float
    lines: tuple[CardLine, ...]


class MarkLayer(Protocol):
    """One layer of marks."""

    @property
    def key(self) -> str:
        """Id in the layer book."""

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Work out what is drawn for a view at rest; called when the view has settled or data has changed."""

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Paint what was laid out, for the view of this frame; a few milliseconds at most."""

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """What was laid out below a pixel."""

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Room on screen that labels keep off."""

    def places(self) -> FloatArray:
        """World points ``(n, 2)`` of everything that was laid out and can be hit."""


@runtime_checkable
class SlowLayer(MarkLayer, Protocol):
    """A layer whose layout is more than a slice of work."""

    def work(self) -> Iterator[None]:
        """What is left to do after ``lay_out``, yielding at least every 2 ms; nothing when all is done."""


class MarkStack:
    """All layers of marks but the cases, in the order of the book."""

    def __init__(self, state: MapState, layers: Iterable[MarkLayer] = ()) -> None:
        self._state = state
        self._layers = {layer.key: layer for layer in layers}
        self._work: list[Iterator[None]] = []
        self.chosen: tuple[float, float] | None = None
        """World point of the mark whose card is shown because it was chosen; it is ringed."""

    def add(self, layer: MarkLayer) -> None:
        """Take another layer in; one of the same key is replaced."""
        self._layers[layer.key] = layer

    def layer(self, key: str) -> MarkLayer | None:
        """The layer of a key."""
        return self._layers.get(key)

    def lay_out(self, view: Viewport, book: SpriteBook) -> None:
        """Lay out every layer that is shown; what takes longer is left to :meth:`advance`."""
        self._work = []
        for layer, _ in self._shown():
            layer.lay_out(self._state, view, book)
            if isinstance(layer, SlowLayer):
                self._work.append(layer.work())

    def renew(self, key: str, view: Viewport, book: SpriteBook) -> None:
        """Lay out one layer anew, if it is shown and is no slow one."""
        for layer, _ in self._shown():
            if layer.key == key and not isinstance(layer, SlowLayer):
                layer.lay_out(self._state, view, book)

    def advance(self, seconds: float) -> bool:
        """Work for about ``seconds`` on what takes longer; tells whether there was anything to do."""
        if not self._work:
            return False
        until = perf_counter() + seconds
        while self._work:
            if next(self._work[0], self) is self:
                self._work.pop(0)
            if perf_counter() >= until:
                break
        return True

    def finish(self) -> None:
        """Do all of it now."""
        while self.advance(1.0):
            pass

    def paint_below(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Paint the layers below the cases."""
        self._paint(painter, view, book, below=True)

    def paint_above(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Paint the layers above the cases, and the ring around the chosen mark."""
        self._paint(painter, view, book, below=False)
        if self.chosen is not None:
            _ring(painter, QPointF(*view.to_screen(self.chosen).tolist()), book)

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The uppermost mark below a pixel."""
        for layer, _ in reversed(self._shown()):
            found = layer.hit(view, px, py)
            if found is not None:
                return found
        return None

    def next_hit(
        self,
        view: Viewport,
        after: tuple[float, float] | None,
        forward: bool,
        keep_off: Sequence[QRectF] = (),
    ) -> MarkHit | None:
        """The next mark on screen in reading order, from left to right and top to bottom; None after the last.

        Args:
            view: what is on screen.
            after: world point of the mark to go on from; the first or last one without it.
            forward: onwards, else back.
            keep_off: boxes on screen; what lies below them is passed over.
        """
        points = [layer.places() for layer, _ in self._shown()]
        world = np.vstack(points) if points else np.empty((0, 2))
        at = view.to_screen(world)
        at = at[np.all((at >= 0) & (at <= (view.width, view.height)), axis=1)]
        for box in keep_off:
            x, y = at[:, 0], at[:, 1]
            at = at[(x < box.left()) | (x > box.right()) | (y < box.top()) | (y > box.bottom())]
        order = np.lexsort((at[:, 0], np.floor(at[:, 1] / READING_PX)))
        keys = [(float(np.floor(y / READING_PX)), float(x)) for x, y in at[order].tolist()]
        here = None
        if after is not None:
            x, y = view.to_screen(after).tolist()
            here = (float(np.floor(y / READING_PX)), float(x))
        for i in range(len(keys)) if forward else reversed(range(len(keys))):
            past = here is None or (keys[i] > here if forward else keys[i] < here)
            found = self.hit(view, *at[order[i]].tolist()) if past else None
            if found is not None and (here is None or (found.x, found.y) != after):
                return found
        return None

    def boxes(self, view: Viewport, leave_out: str = "") -> list[QRectF]:
        """Room on screen that labels keep off, of every layer but one."""
        screen = QRectF(0, 0, view.width, view.height)
        shown = (layer for layer, _ in self._shown() if layer.key != leave_out)
        return [box for layer in shown for box in layer.boxes(view) if box.intersects(screen)]

    def _shown(self) -> list[tuple[MarkLayer, float]]:
        return [(self._layers[s.id], s.opacity) for s in self._state.book.marks() if s.id in self._layers]

    def _paint(self, painter: QPainter, view: Viewport, book: SpriteBook, below: bool) -> None:
        ids = self._state.book.ids()
        middle = ids.index(CASES)
        for layer, opacity in self._shown():
            if (ids.index(layer.key) < middle) is below and opacity > 0:
                painter.save()
                painter.setOpacity(opacity)
                layer.paint(painter, view, book)
                painter.restore()


def stamp(painter: QPainter, sprite: Sprite, at: QPointF) -> None:
    """Copy a sprite onto whole device pixels, which keeps its edges as sharp as they were painted."""
    ratio = sprite.pixmap.devicePixelRatio()
    corner = at - sprite.anchor
    painter.drawPixmap(
        QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), sprite.pixmap
    )


def _ring(painter: QPainter, at: QPointF, book: SpriteBook) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for token, width in (("map.halo", 5.0), ("accent.focus", 2.4)):
        painter.setPen(QPen(book.palette.color(token), width))
        painter.drawEllipse(at, RING_PX, RING_PX)
    painter.restore()


class StampSheet:
    """Sprites that stand at world points, copied each frame with as little work as there can be."""

    def __init__(self, xy: FloatArray, sprites: Sequence[Sprite]) -> None:
        """Take ``(n, 2)`` world points and the sprite of each."""
        self._xy = xy
        self._pixmaps = [sprite.pixmap for sprite in sprites]
        self._anchors = np.array([(s.anchor.x(), s.anchor.y()) for s in sprites]).reshape(-1, 2)
        self._reach = float(self._anchors.max()) if len(self._anchors) else 0.0

    def __len__(self) -> int:
        return len(self._pixmaps)

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Copy those in view onto whole device pixels."""
        if not self._pixmaps:
            return
        ratio, reach = self._pixmaps[0].devicePixelRatio(), self._reach
        at = view.to_screen(self._xy)
        seen = (at[:, 0] > -reach) & (at[:, 0] < view.width + reach)
        seen &= (at[:, 1] > -reach) & (at[:, 1] < view.height + reach)
        here = np.flatnonzero(seen)
        corners = np.rint((at[here] - self._anchors[here]) * ratio) / ratio
        draw, pixmaps = painter.drawPixmap, self._pixmaps
        for i, (x, y) in zip(here.tolist(), corners.tolist(), strict=True):
            draw(QPointF(x, y), pixmaps[i])
