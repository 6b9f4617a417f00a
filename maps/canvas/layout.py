"""Where marks and labels stand for one view: symbols first, labels where they leave symbols free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from maps.canvas.card_box import CardLine, card_size, place_card
from maps.canvas.labels import LabelPlacer, PlacedLabel, rect_around
from maps.canvas.overlay import case_card
from maps.canvas.sprites import SINGLE_PX, SpriteBook
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark
from maps.layers.state import MapState
from maps.layers.tokens import ZoomBand


@dataclass(frozen=True, slots=True)
class PlacedCard:
    """The box of the selected case: world anchor, shift of its corner in pixels, size, lines."""

    x: float
    y: float
    shift: QPointF
    size: tuple[float, float]
    lines: tuple[CardLine, ...]

    def box(self, view: Viewport) -> QRectF:
        """Where it is on screen in a view."""
        px, py = view.to_screen((self.x, self.y))
        return QRectF(float(px) + self.shift.x(), float(py) + self.shift.y(), *self.size)


@dataclass(frozen=True, slots=True)
class SceneLayout:
    """Marks and labels of one view."""

    view: Viewport
    zoom: ZoomBand
    marks: tuple[Mark, ...] = ()
    labels: tuple[PlacedLabel, ...] = ()
    card: PlacedCard | None = None
    officers: bool = True
    """Whether officers are drawn; zoomed out to the city they would hide one another."""


def lay_out(
    state: MapState, view: Viewport, book: SpriteBook, obstacles: Iterable[QRectF] = (), mini: bool = False
) -> SceneLayout:
    """Group the cases and place the labels.

    Args:
        state: what is on the map.
        view: from where.
        book: for the sizes of texts.
        obstacles: rectangles on screen that labels keep off (the boxes).
        mini: a small map for one spot: cells carry their number at any zoom, streets are not named.
    """
    zoom = book.tokens.band_at(view.metres_per_pixel)
    officers = state.shows("officers") and zoom.id != "city"
    marks: tuple[Mark, ...] = ()
    if state.shows("cases"):
        marks = state.cases.marks(
            zoom, view.scale, book.tokens, state.areas, state.picker, state.selection.case_id or None
        )
    kept_off = list(obstacles)
    card = None if mini else _place_case_card(state, view, book, marks, kept_off)
    if card is not None:
        kept_off.append(card.box(view))
    placer = LabelPlacer(state, view, book, zoom, kept_off, mini, officers)
    placer.block_marks(marks)
    labels = tuple(placer.run(marks)) if state.shows("labels") else ()
    return SceneLayout(view, zoom, marks, labels, card, officers)


def _place_case_card(
    state: MapState, view: Viewport, book: SpriteBook, marks: Iterable[Mark], obstacles: Iterable[QRectF]
) -> PlacedCard | None:
    """Put the box of the selected case where it covers no other box and as few marks as can be."""
    point = state.cases.point(state.selection.case_id)
    lines = case_card(state) if point is not None and state.shows("cases") else []
    if point is None or not lines or not view.contains(*point):
        return None
    px, py = (float(v) for v in view.to_screen(point))
    size = card_size(lines, book.palette)
    avoid = [*obstacles, *mark_boxes(marks, view, book)]
    box = place_card(QPointF(px, py), *size, view, avoid)
    return PlacedCard(*point, QPointF(box.x() - px, box.y() - py), size, tuple(lines))


def mark_boxes(marks: Iterable[Mark], view: Viewport, book: SpriteBook) -> list[QRectF]:
    """Room of the marks on screen."""
    out: list[QRectF] = []
    for mark in marks:
        radius = SINGLE_PX / 2 if mark.count == 1 else book.tokens.cluster_radius(mark.count)
        px, py = (float(v) for v in view.to_screen((mark.x, mark.y)))
        out.append(rect_around(px, py, 2 * radius, 2 * radius))
    return out
