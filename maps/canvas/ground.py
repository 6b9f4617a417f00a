"""The ground: everything below the symbols, kept as panes and drawn in slices while the last picture is shown.

Under (tiles, land outside), fill (cell numbers by pixel, coloured by a table) and over (water, roads, features,
borders) are drawn separately, so that a change of one costs only that one; a change of colours draws nothing at
all, it looks up. While the view moves at the same scale the panes are copied where they are now, and panes that
come into view are drawn; at another scale the old picture is scaled until the new one is whole.

The slices run on the main thread: Qt keeps the interpreter to itself for as long as a stroke takes, so that a
thread of its own would stop the main thread for longer, and at worse moments, than a slice does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

from maps.canvas.case_pictures import CasePicture
from maps.canvas.ground_plan import Planner
from maps.canvas.palette import MapPalette
from maps.canvas.pane_painter import GroundPlan, pane_steps, recolour
from maps.canvas.pane_set import PaneSet
from maps.canvas.panes import Pane, PaneGrid, PaneKey
from maps.canvas.stack import GroundLayer
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState

SLICE_S = 0.005
"""A slice of drawing ends after the first step beyond this."""
AHEAD_PX = 160.0
"""While the view is panned, so many logical pixels before it are drawn as well, once the view itself is whole."""


class Ground:
    """The ground of one map: says what is out of date, draws it in slices, shows the last picture meanwhile."""

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        self._planner = Planner(state, palette)
        self._plan: GroundPlan | None = None
        self._front: PaneSet | None = None
        self._back: PaneSet | None = None
        self._job: tuple[PaneSet, PaneKey, GroundPlan, Generator[None]] | None = None
        self.paints = 0
        """How often a whole picture has been drawn or coloured anew; watched by tests and benches."""
        self._whole = False
        self._changed = False
        self._seen: Viewport | None = None
        self._drift = (0.0, 0.0)

    # --- what shall be drawn ----------------------------------------------------------------------

    def set_palette(self, palette: MapPalette) -> None:
        """Other colours: a whole new picture, shown when it is complete."""
        self._planner.palette = palette
        self._new_picture()

    def set_under(self, layers: tuple[GroundLayer, ...]) -> None:
        """Layers of others below the fill."""
        self._planner.under = layers

    def set_top(self, pictures: tuple[CasePicture, ...]) -> None:
        """Pictures of all cases above the borders."""
        self._planner.top = pictures

    def set_over(self, layers: tuple[GroundLayer, ...]) -> None:
        """Layers of others above the fill."""
        self._planner.over = layers

    def _new_picture(self) -> None:
        """Keep what is shown, draw anew beside it."""
        self._drop_job()
        if self._front is not None:
            self._back = PaneSet(self._front.grid)
            for key, pane in self._front.panes.items():
                fresh = self._back.pane(key)
                fresh.ids, fresh.cells, fresh.ids_rev = pane.ids, pane.cells, pane.ids_rev

    # --- drawing in slices ------------------------------------------------------------------------

    def advance(self, view: Viewport, ratio: float, seconds: float = SLICE_S) -> bool:
        """Draw for at most about ``seconds``; tells whether there is more to do for this view.

        Args:
            view: the view to draw for: where a movement ends, not where it is.
            ratio: device pixels a logical pixel.
            seconds: time for this slice.
        """
        end = time.perf_counter() + seconds
        plan, work = self._prepare(view, ratio)
        near = work.grid.keys(view)
        while time.perf_counter() < end:
            if self._job is None and not self._begin(work, near, view, plan):
                return False
            self._step()
            if self._job is None and not self._whole and work.whole(near, plan):
                self._finished(work, near)
        return True

    def finish(self, view: Viewport, ratio: float) -> None:
        """Draw all that is in view now, however long it takes."""
        plan, work = self._prepare(view, ratio)
        near = work.grid.keys(view)
        while not work.whole(near, plan):
            if self._job is None:
                self._begin(work, near, view, plan)
            self._step()
        if not self._whole:
            self._finished(work, near)

    def _prepare(self, view: Viewport, ratio: float) -> tuple[GroundPlan, PaneSet]:
        """Find out what is out of date, recolour at once what needs no drawing, and choose the panes to work on."""
        self._note_drift(view)
        if self._back is not None and not self._back.grid.fits(view, ratio):
            self._back = None
        if self._back is None and (self._front is None or not self._front.grid.fits(view, ratio)):
            self._back = PaneSet(PaneGrid.for_view(view, ratio))
            if self._front is not None:
                for pane in self._front.panes.values():
                    pane.keep_picture_only()
        work = self._back or self._front
        if work is None:
            work = self._back = PaneSet(PaneGrid.for_view(view, ratio))
        before, plan = self._plan, self._planner.plan(view, work.grid)
        if plan is not before:
            self._plan = plan
            if self._job is not None and self._job[2] is not plan:
                self._drop_job()
            if before is not None and self._back is None:
                self._recolour_now(work, view, before, plan)
        if self._job is not None and self._job[0] is not work:
            self._drop_job()
        self._whole = self._whole and self._back is None and work.whole(work.grid.keys(view), plan)
        return plan, work

    def _note_drift(self, view: Viewport) -> None:
        """Notice in which direction the hand moves the picture."""
        before, self._seen = self._seen, view
        if before is None or view == before:
            return
        if before.scale != view.scale:
            self._drift = (0.0, 0.0)
            return
        dx, dy = (before.cx - view.cx) / view.scale, (view.cy - before.cy) / view.scale
        length = math.hypot(dx, dy)
        if length > 0:
            self._drift = (dx / length * AHEAD_PX, dy / length * AHEAD_PX)

    def _recolour_now(self, work: PaneSet, view: Viewport, before: GroundPlan, plan: GroundPlan) -> None:
        """A change of the table alone reaches the screen with the next frame, all panes at once."""
        if plan.table is None or before.table is None or plan.revs[:4] != before.revs[:4]:
            return
        if len(plan.table.kind) != len(before.table.kind) or plan.stale != before.stale:
            return
        changed = plan.table.differing(before.table)
        seen = set(work.grid.keys(view))
        for key, pane in work.panes.items():
            # What is out of sight is coloured in a slice of its own.
            if before.current(pane) and (key in seen or len(changed) == 0):
                recolour(pane, plan, changed)
                self._changed = True
        self.paints += self._changed and len(changed) > 0

    def _begin(self, work: PaneSet, near: list[PaneKey], view: Viewport, plan: GroundPlan) -> bool:
        """Take up the next pane that is out of date: those in view, then those the hand is moving to."""
        for key in (*near, *work.grid.keys(view.panned(*self._drift))):
            pane = work.panes.get(key)
            if pane is None or not plan.current(pane):
                self._job = (work, key, plan, pane_steps(work.pane(key), plan))
                return True
        return False

    def _step(self) -> None:
        if self._job is not None:
            try:
                next(self._job[3])
            except StopIteration:
                self._changed |= self._job[0] is self._front
                self._job = None
            except BaseException:
                self._job = None
                raise

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job[3].close()
            self._job = None

    def _finished(self, work: PaneSet, near: list[PaneKey]) -> None:
        """All in view is drawn: it becomes what is shown."""
        self._front, self._back = work, None
        self._whole = self._changed = True
        self.paints += 1
        work.trim(near)

    def take_changed(self) -> bool:
        """Tell whether what is shown has changed since this was last asked."""
        changed, self._changed = self._changed, False
        return changed

    # --- showing ----------------------------------------------------------------------------------

    def draw(self, painter: QPainter, view: Viewport) -> None:
        """Copy the last picture to where it lies in a view: moved at its own scale, else scaled."""
        front = self._front
        if front is None:
            return
        ratio = front.grid.ratio
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        if front.grid.fits(view, ratio):
            self._copy(painter, front, view)
        else:
            self._stretch(painter, front, view)
        painter.restore()

    @staticmethod
    def _copy(painter: QPainter, front: PaneSet, view: Viewport) -> None:
        left, top = front.grid.corner(view)
        for key in front.grid.keys(view):
            pane = front.panes.get(key)
            if pane is not None and pane.shown:
                x, y = left + key[0] * front.grid.width, top + key[1] * front.grid.height
                painter.drawImage(x, y, pane.ground.image)

    @staticmethod
    def _stretch(painter: QPainter, front: PaneSet, view: Viewport) -> None:
        """Panes end on whole pixels, so that no seam shows between them."""
        grid = front.grid
        ratio = grid.ratio
        factor = grid.scale / view.scale
        left, top = ((float(v) * ratio) for v in view.to_screen((grid.west, grid.north)))
        screen = QRectF(0, 0, view.width * ratio, view.height * ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for (column, row), pane in front.panes.items():
            x0, x1 = (round(left + (column + i) * grid.width * factor) for i in (0, 1))
            y0, y1 = (round(top + (row + i) * grid.height * factor) for i in (0, 1))
            target = QRect(x0, y0, x1 - x0, y1 - y0)
            if pane.shown and screen.intersects(QRectF(target)):
                painter.drawImage(target, pane.ground.image)

    # --- asking -----------------------------------------------------------------------------------

    def cell_at(self, view: Viewport, px: float, py: float) -> int | None:
        """Index of the cell drawn at a logical pixel, -1 outside; None while there is no picture of this view."""
        front, plan = self._front, self._plan
        if (
            front is None
            or plan is None
            or self._back is not None
            or not front.grid.fits(view, front.grid.ratio)
        ):
            return None
        west, _, _, north = view.bounds
        grid = front.grid
        column = math.floor((west - grid.west) / grid.pixel + px * grid.ratio)
        row = math.floor((grid.north - north) / grid.pixel + py * grid.ratio)
        pane = front.panes.get((column // grid.width, row // grid.height))
        if pane is None or pane.ids_rev != plan.revs[0] or pane.ids is None:
            return None
        return int(pane.ids[row % grid.height, column % grid.width]) - 1

    def panes(self) -> tuple[Pane, ...]:
        """The panes that are shown, some of them perhaps out of view."""
        return () if self._front is None else tuple(self._front.panes.values())

    @property
    def nbytes(self) -> int:
        """Memory of all pictures kept."""
        return sum(p.nbytes for s in (self._front, self._back) if s is not None for p in s.panes.values())

    def picture(self, view: Viewport, ratio: float) -> QPixmap:
        """The whole ground of a view as one picture, drawn now; for export and tests."""
        self.finish(view, ratio)
        pixmap = QPixmap(math.ceil(view.width * ratio - 1e-6), math.ceil(view.height * ratio - 1e-6))
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        try:
            self.draw(painter, view)
        finally:
            painter.end()
        return pixmap
