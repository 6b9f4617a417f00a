"""Where marks and labels stand for one view: symbols first, labels where they leave symbols free.

A layout is worked out in steps of at most a few milliseconds; the last one is shown until the next is whole.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from maps.canvas.card_box import CardLine, card_size, place_card
from maps.canvas.label_shapes import rect_around
from maps.canvas.labels import LabelPlacer, PlacedLabel, labels_before
from maps.canvas.overlay import case_card
from maps.canvas.sprites import SINGLE_PX, Sprite, SpriteBook
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Bounds, Viewport
from maps.layers.marks import NO_MARKS, Marks
from maps.layers.state import MapState
from maps.layers.tokens import ZoomBand

AHEAD_PX = 96.0
"""Marks are laid out this far beyond the edges, so that a short drag shows no empty strip."""
CHOSEN_PX = 22.0
"""Size of the mark of the selected case."""
_TURN = 16
"""Pictures that are there already are looked up this many to a turn."""


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
    """Marks and labels of one view.

    Attributes:
        view: the view.
        zoom: row of the zoom table.
        marks: what is drawn for cases, in the order of drawing.
        labels: labels that found room.
        card: box of the selected case.
        officers: whether officers are drawn; zoomed out to the city they would hide one another.
        sprites: the picture of each mark, painted already.
        anchors: ``(n, 2)`` from the corner of each picture to the point it stands for, logical pixels.
        texts: the picture of each label, painted already.
        label_places: ``(n, 2)`` world points the labels belong to.
        label_shifts: ``(n, 2)`` from there to the middle of each label, logical pixels.
        label_anchors: ``(n, 2)`` from the corner of each picture to its middle, logical pixels.
    """

    view: Viewport
    zoom: ZoomBand
    marks: Marks = field(default_factory=lambda: NO_MARKS)
    labels: tuple[PlacedLabel, ...] = ()
    card: PlacedCard | None = None
    officers: bool = True
    sprites: tuple[Sprite, ...] = ()
    anchors: FloatArray = field(default_factory=lambda: np.empty((0, 2)), compare=False)
    texts: tuple[Sprite, ...] = ()
    label_places: FloatArray = field(default_factory=lambda: np.empty((0, 2)), compare=False)
    label_shifts: FloatArray = field(default_factory=lambda: np.empty((0, 2)), compare=False)
    label_anchors: FloatArray = field(default_factory=lambda: np.empty((0, 2)), compare=False)


def lay_out(
    state: MapState,
    view: Viewport,
    book: SpriteBook,
    obstacles: Iterable[QRectF] = (),
    mini: bool = False,
    before: SceneLayout | None = None,
) -> SceneLayout:
    """Group the cases and place the labels in one go; see :func:`layout_steps`."""
    steps = layout_steps(state, view, book, obstacles, mini, before)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: SceneLayout = done.value
            return made


def layout_steps(
    state: MapState,
    view: Viewport,
    book: SpriteBook,
    obstacles: Iterable[QRectF] = (),
    mini: bool = False,
    before: SceneLayout | None = None,
) -> Generator[None, None, SceneLayout]:
    """Group the cases and place the labels in short turns; the layout is what the generator returns.

    A turn takes a fraction of a millisecond, with 100,000 cases up to about five. Whoever drives it counts the
    time, may stop between two turns, and starts anew when state or view have changed.

    Args:
        state: what is on the map; it must not change between two turns.
        view: from where.
        book: for the sizes and pictures of texts and symbols.
        obstacles: rectangles on screen that labels keep off (the boxes).
        mini: a small map for one spot: cells carry their number at any zoom, streets are not named.
        before: the layout shown until now; at the same scale its labels keep their places.
    """
    zoom = book.tokens.band_at(view.metres_per_pixel)
    officers = state.shows("officers") and zoom.id != "city"
    marks = NO_MARKS
    if state.shows("cases"):
        marks = yield from _marks(state, view, book, zoom)
    sprites = yield from _mark_sprites(marks, book, zoom)
    kept_off = list(obstacles)
    card = None if mini else _place_case_card(state, view, book, marks, kept_off)
    if card is not None:
        kept_off.append(card.box(view))
    yield
    labels: tuple[PlacedLabel, ...] = ()
    if state.shows("labels"):
        stood = labels_before(before.labels, before.view.scale, view.scale) if before is not None else {}
        placer = LabelPlacer(state, view, book, zoom, kept_off, mini, officers, stood)
        yield from placer.block_marks(marks)
        labels = tuple((yield from placer.run(marks)))
    texts = yield from _label_sprites(labels, book)
    return SceneLayout(
        view,
        zoom,
        marks,
        labels,
        card,
        officers,
        sprites,
        _anchors(sprites),
        texts,
        np.array([(label.x, label.y) for label in labels], dtype=np.float64).reshape(-1, 2),
        np.array([(label.dx, label.dy) for label in labels], dtype=np.float64).reshape(-1, 2),
        _anchors(texts),
    )


def _anchors(pictures: tuple[Sprite, ...]) -> FloatArray:
    return np.array([(p.anchor.x(), p.anchor.y()) for p in pictures], dtype=np.float64).reshape(-1, 2)


def _marks(state: MapState, view: Viewport, book: SpriteBook, zoom: ZoomBand) -> Generator[None, None, Marks]:
    """Marks in view; where every case is a dot or a part of the heat, only that of the selected case."""
    chosen = state.selection.case_id
    if state.case_mode == "clusters":
        return (
            yield from state.cases.mark_steps(
                zoom, view.scale, book.tokens, state.areas, state.picker, chosen or None, _ahead(view)
            )
        )
    return state.cases.lone_mark(chosen)


def _ahead(view: Viewport) -> Bounds:
    west, south, east, north = view.bounds
    more = AHEAD_PX * view.scale
    return west - more, south - more, east + more, north + more


def _mark_sprites(
    marks: Marks, book: SpriteBook, zoom: ZoomBand
) -> Generator[None, None, tuple[Sprite, ...]]:
    """The picture of each mark; those that are missing are painted, one a turn."""
    out: list[Sprite] = []
    for at in range(len(marks)):
        painted = book.painted
        if at == marks.chosen:
            (band, _), *_ = marks.bands_of(at)
            out.append(book.band(band, CHOSEN_PX))
        else:
            out.append(book.mark_at(marks, at, zoom.numbered))
        if book.painted != painted or at % _TURN == 0:
            yield
    return tuple(out)


def _label_sprites(
    labels: Iterable[PlacedLabel], book: SpriteBook
) -> Generator[None, None, tuple[Sprite, ...]]:
    """The picture of each label; those that are missing are painted, one a turn."""
    out: list[Sprite] = []
    for label in labels:
        painted = book.painted
        out.append(book.label(label.text, label.pixels, label.bold, label.token, label.angle))
        if book.painted != painted or len(out) % _TURN == 0:
            yield
    return tuple(out)


def _place_case_card(
    state: MapState, view: Viewport, book: SpriteBook, marks: Marks, obstacles: Iterable[QRectF]
) -> PlacedCard | None:
    """Put the box of the selected case where it covers no other box and as few marks as can be."""
    point = state.cases.point(state.selection.case_id)
    lines = case_card(state) if point is not None and state.shows("cases") else []
    if point is None or not lines or not view.contains(*point):
        return None
    px, py = (float(v) for v in view.to_screen(point))
    size = card_size(lines, book.palette)
    near = QRectF(px, py, 0, 0).adjusted(-2 * size[0], -3 * size[1], 2 * size[0], 3 * size[1])
    avoid = [*obstacles, *(box for box in mark_boxes(marks, view, book) if box.intersects(near))]
    box = place_card(QPointF(px, py), *size, view, avoid)
    return PlacedCard(*point, QPointF(box.x() - px, box.y() - py), size, tuple(lines))


def mark_boxes(marks: Marks, view: Viewport, book: SpriteBook) -> Iterator[QRectF]:
    """Room of the marks on screen."""
    radius = np.where(marks.counts == 1, SINGLE_PX / 2, book.tokens.cluster_radii_of(marks.counts))
    xy = view.to_screen(np.column_stack([marks.x, marks.y]))
    for (px, py), r in zip(xy.tolist(), radius.tolist(), strict=True):
        yield rect_around(px, py, 2 * r, 2 * r)
