"""Components (部件) on the map: a count badge for each group when zoomed out, symbols when near.

Tens of thousands are never painted a frame: they are stamped into a picture when the view rests, in slices, and
the picture is moved and scaled with the view like the ground.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from maps.canvas import layer_words
from maps.canvas.card_box import CardLine
from maps.canvas.mark_stack import MarkHit, stamp
from maps.canvas.mark_symbols import BADGE_HEIGHT, badge_width, paint_badge_of, paint_component
from maps.canvas.sprites import Sprite, SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import COMPONENTS
from maps.layers.components import ComponentLayer, MapComponent
from maps.layers.state import MapState

BADGE_APART_PX = 56.0
SYMBOL_APART_PX = 17.0
"""Symbols nearer than this are one symbol with a number, at any zoom."""
HIT_PX = 12.0
MARGIN = 64
SLICE_S = 0.002
"""Seconds of stamping before the picture may be left for a frame."""


class ComponentMarks:
    """Layout and painting of the components."""

    key = COMPONENTS

    def __init__(self) -> None:
        self._layer = ComponentLayer()
        self._near = False
        self._reach = 0.0
        self._places: FloatArray = np.empty((0, 2))
        self._counts: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self._main: npt.NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self._picture: tuple[QPixmap, Viewport] | None = None
        self._made_for: tuple[object, ...] = ()
        self._asked: tuple[tuple[object, ...], Viewport, SpriteBook] | None = None

    @property
    def drawn(self) -> int:
        """How many symbols and badges the picture holds."""
        return len(self._counts)

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Note what is asked for: what lies in view and a margin around it."""
        zoom = book.tokens.band_at(view.metres_per_pixel)
        near = zoom.id in ("grid", "place")
        wide = replace(view, width=view.width + 2 * MARGIN, height=view.height + 2 * MARGIN)
        asked = (id(state.components), wide, id(book), book.ratio)
        if asked == self._made_for:
            return
        if state.components is not self._layer:
            self._picture = None
        self._layer, self._near = state.components, near
        self._reach = (SYMBOL_APART_PX if near else BADGE_APART_PX) * view.scale
        self._asked = (asked, wide, book)

    def work(self) -> Iterator[None]:
        """Group, choose and stamp; the last picture is shown until the new one is whole."""
        if self._asked is None:
            return
        asked, wide, book = self._asked
        yield from self._layer.grouping(self._reach)
        self._choose(wide)
        yield
        pixmap = self._blank(wide, book)
        yield from self._stamp_all(pixmap, wide, book)
        self._picture, self._made_for, self._asked = (pixmap, wide), asked, None

    def _choose(self, view: Viewport) -> None:
        """Groups in view; nothing else is looked at again until the view rests elsewhere."""
        if not len(self._layer):
            self._places = np.empty((0, 2))
            self._counts, self._main = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int8)
            return
        places, counts, main = self._layer.badges(self._reach)
        west, south, east, north = view.bounds
        x, y = places[:, 0], places[:, 1]
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        self._places, self._counts, self._main = places[inside], counts[inside], main[inside]

    def _blank(self, view: Viewport, book: SpriteBook) -> QPixmap:
        pixmap = QPixmap(max(round(view.width * book.ratio), 1), max(round(view.height * book.ratio), 1))
        pixmap.setDevicePixelRatio(book.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _stamp_all(self, pixmap: QPixmap, view: Viewport, book: SpriteBook) -> Iterator[None]:
        """Stamp every symbol, yielding now and then."""
        painter = QPainter(pixmap)
        try:
            at = view.to_screen(self._places).tolist()
            struck = self._struck()
            rows = zip(at, self._counts.tolist(), self._main.tolist(), struck, strict=True)
            until = perf_counter() + SLICE_S
            for (px, py), count, main, bad in rows:
                stamp(painter, self._sprite(book, count, main, not bad), QPointF(px, py))
                if perf_counter() >= until:
                    yield
                    until = perf_counter() + SLICE_S
        finally:
            painter.end()

    def _struck(self) -> list[bool]:
        """Which single symbols stand for a component that is not sound."""
        if not self._near or not len(self._layer) or bool(np.all(self._layer.sound)):
            return [False] * len(self._counts)
        bad = self._layer.xy[~self._layer.sound]
        keys = set(map(tuple, np.rint(bad * 10).astype(np.int64).tolist()))
        mine = np.rint(self._places * 10).astype(np.int64).tolist()
        return [n == 1 and tuple(p) in keys for p, n in zip(mine, self._counts.tolist(), strict=True)]

    def _sprite(self, book: SpriteBook, count: int, main: int, sound: bool) -> Sprite:
        if count == 1 and self._near:
            return book.symbol(
                ("component", main, sound),
                10.0,
                lambda p, c: paint_component(p, c, main, sound, book.palette),
            )
        return book.symbol(
            ("components", main, count),
            badge_width(count) / 2 + 2,
            lambda p, c: paint_badge_of(p, c, count, main, book.palette),
        )

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Copy the picture, moved and scaled to the view of this frame."""
        del book
        if self._picture is None or not len(self._counts):
            return
        pixmap, made = self._picture
        west, south, east, north = made.bounds
        left, top = view.to_screen((west, north)).tolist()
        right, bottom = view.to_screen((east, south)).tolist()
        ratio = pixmap.devicePixelRatio()
        if abs(view.scale / made.scale - 1) < 1e-9:
            painter.drawPixmap(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), pixmap)
        else:
            target = QRectF(left, top, right - left, bottom - top)
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The symbol or badge below a pixel."""
        if not len(self._counts):
            return None
        at = view.to_screen(self._places)
        gap = np.hypot(at[:, 0] - px, at[:, 1] - py)
        best = int(np.argmin(gap))
        count = int(self._counts[best])
        reach = HIT_PX if count == 1 else max(badge_width(count) / 2, BADGE_HEIGHT / 2)
        if gap[best] > reach:
            return None
        x, y = self._places[best].tolist()
        if count > 1:
            return MarkHit(self.key, "", x, y, tuple(badge_card(count, int(self._main[best]))))
        i = self._layer.nearest(x, y, 1.0)
        if i < 0:
            return None
        one = self._layer.row(i)
        return MarkHit(self.key, one.code, x, y, tuple(component_card(one, int(self._layer.main[i]))))

    def places(self) -> FloatArray:
        """Where symbols and badges stand."""
        return self._places

    def boxes(self, view: Viewport) -> list[QRectF]:
        """None: there may be thousands, and labels of streets and grids come before them."""
        del view
        return []


def badge_card(count: int, main: int) -> list[CardLine]:
    """How many, and what most of them are."""
    return [
        CardLine(layer_words.component_count(count), "text.primary", True),
        CardLine(layer_words.mostly(layer_words.component_class(main))),
    ]


def component_card(one: MapComponent, main: int) -> list[CardLine]:
    """Name, 标识码, department in charge, maintaining unit, state; an unknown one is a dash."""
    code, department, unit, state = layer_words.component_lines()
    name = one.name or layer_words.component_class(main)
    return [
        CardLine(name, "text.primary", True),
        CardLine(code.format(one.code or "—")),
        CardLine(department.format(one.department or "—")),
        CardLine(unit.format(one.unit or "—")),
        CardLine(state.format(one.state or "—"), "text.secondary"),
    ]
