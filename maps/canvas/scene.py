"""Painting of one frame: the ground picture, then symbols, selection and labels where they stand now."""

from __future__ import annotations

import math
import time
from collections.abc import Generator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from maps.canvas.case_painter import paint_cases
from maps.canvas.case_pictures import DotsPicture, HeatPicture
from maps.canvas.ground import SLICE_S, Ground
from maps.canvas.label_painter import paint_labels
from maps.canvas.layout import SceneLayout, layout_steps
from maps.canvas.mark_stack import MarkStack
from maps.canvas.outlines import Outlines
from maps.canvas.overlay import paint_chosen_case, paint_way_to_officer
from maps.canvas.palette import MapPalette
from maps.canvas.sprites import SpriteBook
from maps.canvas.stack import GroundLayer
from maps.geometry.viewport import Viewport
from maps.layers.book import OFFICERS
from maps.layers.state import MapState

LABEL_STRETCH = 1.35
"""Labels stay on screen while the scale differs from theirs by at most this factor."""


class Scene:
    """Keeps the last ground and the last layout; while the view moves they are moved and scaled.

    What is out of date is brought up to date in slices (:meth:`advance`), never while a frame is drawn.
    """

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        self._state = state
        self._palette = palette
        self._book = SpriteBook(palette, 1.0)
        self._outlines = Outlines()
        self.ground = Ground(state, palette)
        self.heat = HeatPicture(state, palette)
        """Density of the cases; the legend asks it for its figures."""
        self.pictures = (self.heat, DotsPicture(state, palette))
        self.ground.set_top(self.pictures)
        self.others = MarkStack(state)
        """Layers of marks around the cases: officers, tracks, components, cameras, drawings."""
        self.layout: SceneLayout | None = None
        self._laying: Generator[None, None, SceneLayout] | None = None
        self._laying_for: tuple[object, ...] = ()
        self.ground_stale = True
        self.marks_stale = True
        self.hovered_cell = -1
        """Index of the cell that is outlined because the pointer is over it, -1 for none."""
        self.fresh = False
        """Something that is shown has changed since the last frame."""

    @property
    def palette(self) -> MapPalette:
        """Colours in use."""
        return self._palette

    @property
    def ratio(self) -> float:
        """Device pixel ratio of the pictures kept."""
        return self._book.ratio

    @property
    def ground_paints(self) -> int:
        """How often the ground has been drawn as a whole or coloured anew; watched by tests and benches."""
        return self.ground.paints

    def set_palette(self, palette: MapPalette) -> None:
        """Other colours: everything is painted anew; what is shown stays until then."""
        self._palette = palette
        self._book = SpriteBook(palette, self._book.ratio)
        self.ground.set_palette(palette)
        for picture in self.pictures:
            picture.palette = palette
        self.ground_stale = self.marks_stale = True

    def set_under(self, layers: tuple[GroundLayer, ...]) -> None:
        """Layers below the fill that others paint (tiles); their order is that of the layer book."""
        self.ground.set_under(layers)
        self.ground_stale = True

    def set_over(self, layers: tuple[GroundLayer, ...]) -> None:
        """Layers above the fill that others paint (features); their order is that of the layer book."""
        self.ground.set_over(layers)
        self.ground_stale = True

    # --- bringing up to date ----------------------------------------------------------------------

    def advance(
        self,
        view: Viewport,
        ratio: float,
        obstacles: list[QRectF],
        mini: bool = False,
        resting: bool = True,
        seconds: float = SLICE_S,
    ) -> bool:
        """Work for at most about ``seconds`` on what is out of date; tells whether there is more to do.

        Args:
            view: where the view is, or where its movement ends.
            ratio: device pixels a logical pixel.
            obstacles: rectangles on screen that labels keep off.
            mini: see ``lay_out``.
            resting: the hand rests; marks and labels are laid out anew only then.
            seconds: length of the slice.
        """
        end = time.perf_counter() + seconds
        self._use_ratio(ratio)
        # The ground goes on also while data keep coming that want other marks.
        laid = not resting or self._lay_out(view, obstacles, mini, end - seconds * 0.4)
        if self.others.advance(max(end - time.perf_counter(), 0.0)):
            self.fresh = True
            return True
        more = self.ground.advance(view, ratio, max(end - time.perf_counter(), 0.0))
        self.fresh |= self.ground.take_changed()
        self.ground_stale = self.ground_stale and more
        return more or not laid

    def refresh(self, view: Viewport, ratio: float, obstacles: list[QRectF], mini: bool = False) -> None:
        """Bring all that is in view up to date now, however long it takes."""
        self._use_ratio(ratio)
        while not self._lay_out(view, obstacles, mini, math.inf):
            pass
        self.others.finish()
        self.ground.finish(view, ratio)
        self.ground_stale = False
        self.fresh = True

    def _use_ratio(self, ratio: float) -> None:
        if ratio != self._book.ratio:
            self._book = SpriteBook(self._palette, ratio)
            self.marks_stale = True

    def _lay_out(self, view: Viewport, obstacles: list[QRectF], mini: bool, until: float) -> bool:
        """Work on marks and labels until a moment; the last layout stays until the next is whole.

        A layout that is begun is ended even if the data change meanwhile or the map is dragged on, and made anew
        then: else a busy hour or a long drag would never show one.

        Returns:
            Whether the layout fits view and data.
        """
        wanted = (view.scale, view.width, view.height, mini, self._book, obstacles)
        if self._laying is None or self._laying_for != wanted:
            if self.layout is not None and not self.marks_stale and self.layout.view == view:
                return True
            self._laying_for, self.marks_stale = wanted, False
            self.others.lay_out(view, self._book)
            # Officers are kept free by the labels themselves, which tell the time of those who are lost.
            room = [*obstacles, *self.others.boxes(view, leave_out=OFFICERS)]
            self._laying = layout_steps(self._state, view, self._book, room, mini, self.layout)
        steps, self._laying = self._laying, None
        while True:
            try:
                next(steps)
            except StopIteration as done:
                self.layout = done.value
                break
            if time.perf_counter() >= until:
                self._laying = steps
                return False
        self.fresh = True
        return not self.marks_stale and self.layout.view == view

    def renew_marks(self, key: str) -> None:
        """Lay out one layer of marks anew, where it changes neither labels nor other marks."""
        if self.layout is not None:
            self.others.renew(key, self.layout.view, self._book)

    # --- showing ----------------------------------------------------------------------------------

    def draw(self, painter: QPainter, view: Viewport) -> None:
        """Draw the frame from what there is."""
        self.fresh = False
        painter.fillRect(QRectF(0, 0, view.width, view.height), self._palette.color("map.sea"))
        self.ground.draw(painter, view)
        state, palette, layout = self._state, self._palette, self.layout
        self._outlines.paint_hovered(painter, state, palette, view, self.hovered_cell)
        self.others.paint_below(painter, view, self._book)
        paint_way_to_officer(painter, state, palette, view)
        self._outlines.paint_chosen(painter, state, palette, view)
        if layout is not None:
            paint_cases(painter, layout, view, self._book)
        paint_chosen_case(painter, state, palette, view)
        self.others.paint_above(painter, view, self._book)
        if layout is not None and self._labels_fit(view, layout):
            paint_labels(painter, layout, view)

    def cell_at(self, view: Viewport, px: float, py: float) -> int:
        """Index of the finest cell at a logical pixel, -1 outside every cell.

        Read from the picture when it shows this view, else asked of the geometry.
        """
        found = self.ground.cell_at(view, px, py)
        if found is not None:
            return found
        if self._state.picker is None:
            return -1
        x, y = view.to_world((px, py))
        return self._state.picker.pick(float(x), float(y))

    def area_at(self, view: Viewport, px: float, py: float) -> str:
        """Code of the finest cell at a logical pixel, empty outside every cell."""
        cell = self.cell_at(view, px, py)
        areas = self._state.areas
        return areas.cells.codes[cell] if areas is not None and cell >= 0 else ""

    def hover(self, view: Viewport, at: QPointF | None) -> bool:
        """Outline the cell below the pointer, none for None; tells whether it is another one than before."""
        cell = -1 if at is None else self.cell_at(view, at.x(), at.y())
        changed, self.hovered_cell = cell != self.hovered_cell, cell
        return changed

    @staticmethod
    def _labels_fit(view: Viewport, layout: SceneLayout) -> bool:
        """Labels keep their size while the view is zoomed; far from their own scale they would pile up."""
        return 1 / LABEL_STRETCH <= view.scale / layout.view.scale <= LABEL_STRETCH
