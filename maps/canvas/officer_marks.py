"""Officers on the map: discs, put together where they would hide one another, with the age of their position."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from maps.canvas import layer_words, texts
from maps.canvas.card_box import CardLine
from maps.canvas.mark_stack import MarkHit, StampSheet, stamp
from maps.canvas.mark_symbols import GROUP_RADIUS, paint_officer_group
from maps.canvas.sprites import OFFICER_PX, Sprite, SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import OFFICERS
from maps.layers.officers import APART_PX, OfficerGroup, OfficerLayer
from maps.layers.state import MapState

AGE_PX = 10.0
HIT_PX = 12.0
MOST_LINES = 8


class OfficerMarks:
    """Layout and painting of the officers."""

    key = OFFICERS

    def __init__(self) -> None:
        self._layer = OfficerLayer()
        self._groups: tuple[OfficerGroup, ...] = ()
        self._offline = False
        self._ages = False
        self._xy = np.empty((0, 2))
        self._stamps = StampSheet(self._xy, ())

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Put together who stands too close; zoomed out to the city nobody is drawn."""
        zoom = book.tokens.band_at(view.metres_per_pixel)
        self._layer, self._offline = state.officers, state.offline
        self._ages = zoom.id == "place"
        self._groups = () if zoom.id == "city" else self._layer.groups(APART_PX * view.scale)
        self._xy = np.array([(g.x, g.y) for g in self._groups], dtype=np.float64).reshape(-1, 2)
        self._stamps = StampSheet(self._xy, [self._sprite(g, book) for g in self._groups])

    @property
    def groups(self) -> tuple[OfficerGroup, ...]:
        """What is drawn at present."""
        return self._groups

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Copy the discs in view, each with the age of its position where there is room for words."""
        self._stamps.paint(painter, view)
        if not self._ages:
            return
        for i, (px, py) in self._seen_at(view):
            words = self._age_words(self._groups[i])
            if words:
                sprite = book.label(words, AGE_PX, False, "map.label")
                stamp(painter, sprite, QPointF(px, py + 18))

    def _seen_at(self, view: Viewport) -> Iterator[tuple[int, tuple[float, float]]]:
        """Index and pixel of each disc on screen."""
        at = view.to_screen(self._xy)
        seen = np.all((at > -OFFICER_PX) & (at < (view.width + OFFICER_PX, view.height + OFFICER_PX)), axis=1)
        for i in np.flatnonzero(seen).tolist():
            yield i, (float(at[i, 0]), float(at[i, 1]))

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The disc below a pixel."""
        if not self._groups:
            return None
        gap = np.hypot(*(view.to_screen(self._xy) - (px, py)).T)
        best = int(np.argmin(gap))
        group = self._groups[best]
        if gap[best] > max(HIT_PX, GROUP_RADIUS if len(group.members) > 1 else 0.0):
            return None
        first = self._layer.officers[group.members[0]].officer_id
        return MarkHit(self.key, first, group.x, group.y, tuple(self.card(group)))

    def places(self) -> FloatArray:
        """Where the discs stand."""
        return self._xy

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Room of the discs."""
        out = []
        for i, (px, py) in self._seen_at(view):
            several = len(self._groups[i].members) > 1
            radius = GROUP_RADIUS + 2 if several else OFFICER_PX / 2 + 2
            below = 8.0 if several else 14.0 if self._ages else 0.0
            out.append(QRectF(px - radius, py - radius, 2 * radius, 2 * radius + below))
        return out

    def card(self, group: OfficerGroup) -> list[CardLine]:
        """One officer: name, grid, state, age of the position. Several: their number and names."""
        if len(group.members) == 1:
            return self._one(group.members[0])
        lines = [CardLine(layer_words.officer_count(len(group.members)), "text.primary", True)]
        for i in group.members[:MOST_LINES]:
            officer = self._layer.officers[i]
            state = texts.officer_state(officer.busy, self._is_lost(i), self._seen(i))
            lines.append(CardLine(f"{officer.name} · {state}"))
        if len(group.members) > MOST_LINES:
            lines.append(CardLine(layer_words.and_more(len(group.members) - MOST_LINES), "text.tertiary"))
        return lines

    def _one(self, i: int) -> list[CardLine]:
        officer = self._layer.officers[i]
        head = " · ".join(t for t in (officer.name, officer.area_name) if t)
        state = texts.officer_state(officer.busy, self._is_lost(i), self._seen(i))
        lines = [CardLine(head, "text.primary", True), CardLine(state)]
        age = self._layer.age(i)
        if age is not None:
            words = layer_words.age(age, officer.seen_at)
            lines.append(CardLine(layer_words.position_age(words), "text.tertiary"))
        return lines

    def _seen(self, i: int) -> str:
        officer = self._layer.officers[i]
        if officer.seen or officer.seen_at is None:
            return officer.seen
        return layer_words.short_clock(officer.seen_at)

    def _is_lost(self, i: int) -> bool:
        return self._offline or self._layer.lost(i)

    def _lost(self, group: OfficerGroup) -> bool:
        return all(self._is_lost(i) for i in group.members)

    def _age_words(self, group: OfficerGroup) -> str:
        """Age of the position of one officer in contact; the time of a lost one is a label of its own."""
        i = group.members[0]
        age = self._layer.age(i)
        if len(group.members) > 1 or age is None or self._is_lost(i):
            return ""
        return layer_words.age(age, self._layer.officers[i].seen_at)

    def _sprite(self, group: OfficerGroup, book: SpriteBook) -> Sprite:
        lost = self._lost(group)
        busy = not lost and any(self._layer.officers[i].busy for i in group.members if not self._is_lost(i))
        count = len(group.members)
        if count == 1:
            return book.officer(busy, lost)
        return book.symbol(
            ("officers", count, busy, lost),
            24.0,
            lambda p, c: paint_officer_group(p, c, count, busy, lost, book.palette),
        )
