"""Painting of one frame: the ground picture, then symbols, selection and labels where they stand now."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from maps.canvas.ground import GroundPicture, paint_ground
from maps.canvas.labels import label_point
from maps.canvas.layout import SceneLayout, lay_out
from maps.canvas.overlay import paint_chosen_area, paint_chosen_case, paint_way_to_officer
from maps.canvas.palette import MapPalette
from maps.canvas.sprites import Sprite, SpriteBook
from maps.canvas.symbols import paint_pending
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState

LABEL_STRETCH = 1.35
"""Labels stay on screen while the scale differs from theirs by at most this factor."""


class Scene:
    """Keeps the last ground picture and the last layout; while the view moves they are moved and scaled."""

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        self._state = state
        self._palette = palette
        self._book = SpriteBook(palette, 1.0)
        self._ground: GroundPicture | None = None
        self.layout: SceneLayout | None = None
        self.ground_stale = True
        self.marks_stale = True
        self.ground_paints = 0
        """How often the ground has been painted; watched by tests and benches."""

    @property
    def palette(self) -> MapPalette:
        """Colours in use."""
        return self._palette

    @property
    def ratio(self) -> float:
        """Device pixel ratio of the pictures kept."""
        return self._book.ratio

    def set_palette(self, palette: MapPalette) -> None:
        """Other colours: everything is painted anew."""
        self._palette = palette
        self._book = SpriteBook(palette, self._book.ratio)
        self.ground_stale = self.marks_stale = True

    def refresh(self, view: Viewport, ratio: float, obstacles: list[QRectF], mini: bool = False) -> None:
        """Paint what is out of date for this view."""
        if ratio != self._book.ratio:
            self._book = SpriteBook(self._palette, ratio)
            self.ground_stale = self.marks_stale = True
        if self._ground is None or self.ground_stale or not self._ground.covers(view):
            self._ground = paint_ground(self._state, self._palette, view, ratio)
            self.ground_stale = False
            self.ground_paints += 1
        if self.layout is None or self.marks_stale or self.layout.view != view:
            self.layout = lay_out(self._state, view, self._book, obstacles, mini)
            self.marks_stale = False

    def draw(self, painter: QPainter, view: Viewport) -> None:
        """Draw the frame from what there is."""
        painter.fillRect(QRectF(0, 0, view.width, view.height), self._palette.color("map.sea"))
        if self._ground is not None:
            self._ground.draw(painter, view)
        self._draw_officers(painter, view)
        paint_way_to_officer(painter, self._state, self._palette, view)
        chosen = self._state.selection.case_id
        layout = self.layout
        later: list[tuple[float, float]] = []
        paint_chosen_area(painter, self._state, self._palette, view)
        for mark in layout.marks if layout else ():
            if chosen and chosen in mark.case_ids:
                later.append((mark.x, mark.y))
                sprite = self._book.band(mark.bands[0][0], 22.0)
            else:
                sprite = self._book.mark(mark)
            at = _point(view, mark.x, mark.y)
            _copy(painter, sprite, at)
            if mark.pending:
                reach = 7.0 if mark.count == 1 else self._book.tokens.cluster_radius(mark.count) * 0.75
                paint_pending(painter, at + QPointF(reach, -reach), self._palette)
        paint_chosen_case(painter, self._state, self._palette, view)
        for label in layout.labels if layout and self._labels_fit(view, layout) else ():
            sprite = self._book.label(label.text, label.pixels, label.bold, label.token, label.angle)
            _copy(painter, sprite, label_point(view, label))

    @staticmethod
    def _labels_fit(view: Viewport, layout: SceneLayout) -> bool:
        """Labels keep their size while the view is zoomed; far from their own scale they would pile up."""
        return 1 / LABEL_STRETCH <= view.scale / layout.view.scale <= LABEL_STRETCH

    def _draw_officers(self, painter: QPainter, view: Viewport) -> None:
        if self.layout is None or not self.layout.officers:
            return
        for officer, (x, y) in zip(self._state.officers.officers, self._state.officers.points, strict=True):
            lost = officer.lost or self._state.offline
            _copy(painter, self._book.officer(officer.busy and not lost, lost), _point(view, x, y))


def _point(view: Viewport, x: float, y: float) -> QPointF:
    px, py = view.to_screen((x, y))
    return QPointF(float(px), float(py))


def _copy(painter: QPainter, sprite: Sprite, at: QPointF) -> None:
    """Copy a sprite onto whole device pixels, which keeps its edges as sharp as they were painted."""
    ratio = sprite.pixmap.devicePixelRatio()
    corner = at - sprite.anchor
    painter.drawPixmap(
        QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), sprite.pixmap
    )
