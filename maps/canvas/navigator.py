"""Where the operator looks: the view, its limits, and its short movements. Data never moves it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QTimer, QVariantAnimation, Signal

from maps.geometry.history import Motion, Stop, ViewHistory
from maps.geometry.viewport import MAX_SCALE, Bounds, Viewport

SETTLE_MS = 60
"""After this long without movement the picture is painted anew."""
COARSEST = 6.0
"""The view goes out to this many times the scale that shows the whole district."""


STEPS = Motion("zoom")
"""Zoom steps by wheel, key or button: in quick succession they are one move."""


class Navigator(QObject):
    """Holds the view of one map widget, and the views before it.

    ``moved`` comes with every step, ``settled`` once the hand rests, ``history_changed`` when there is something
    else to go back or forward to. `clock` gives steady seconds; it tells which steps belong together.
    """

    moved = Signal()
    settled = Signal()
    history_changed = Signal()

    def __init__(self, zoom_ms: int, parent: QObject, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._history = ViewHistory()
        self._view = Viewport(0.0, 0.0, 20.0, 640.0, 480.0)
        self._extent: Bounds | None = None
        self._fitted_to: Bounds | None = None
        self._touched = False
        self._placed = False
        self._goal: Viewport | None = None
        self._start = self._view
        self._zoom_ms = zoom_ms
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(SETTLE_MS)
        self._rest.timeout.connect(self.settled)
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._on_step)
        self._motion.finished.connect(self._on_arrived)

    @property
    def view(self) -> Viewport:
        """The present view."""
        return self._view

    @property
    def goal(self) -> Viewport:
        """Where a running movement ends; the present view when there is none."""
        return self._goal or self._view

    @property
    def moving(self) -> bool:
        """A movement is under way or the hand has not rested yet."""
        return self._goal is not None or self._rest.isActive()

    def set_motion(self, milliseconds: int) -> None:
        """Length of a zoom step; 0 for reduced motion."""
        self._zoom_ms = milliseconds

    def set_extent(self, extent: Bounds | None) -> None:
        """Where the district lies. The first extent is fitted unless the view was moved; later ones never."""
        self._extent = extent
        if extent is not None and not self._placed:
            self._placed = True
            if not self._touched:
                self._fit_to(extent)

    def resize(self, width: float, height: float) -> None:
        """The window has another size; a view nobody has touched yet is fitted again."""
        width, height = max(width, 1.0), max(height, 1.0)
        if (width, height) == (self._view.width, self._view.height):
            return
        self._stop()
        self._view = self._view.resized(width, height)
        if not self._touched and self._fitted_to is not None:
            # To what was fitted then: the district may have got other areas since, and data moves no view.
            self._view = Viewport.fit(self._fitted_to, width, height)
        self.moved.emit()

    def fit_now(self) -> None:
        """Show the whole district at once."""
        if self._extent is None:
            return
        noted = self._note(Viewport.fit(self._extent, self._view.width, self._view.height), None)
        self._fit_to(self._extent)
        self._tell(noted)

    def _fit_to(self, bounds: Bounds) -> None:
        self._stop()
        self._view = Viewport.fit(bounds, self._view.width, self._view.height)
        self._fitted_to = bounds
        self._touched = False
        self._announce()

    def jump(self, view: Viewport, motion: Motion | None = None) -> None:
        """Go to a view at once, within the limits; moves of one `motion` are one step of the history."""
        view = self._limited(view)
        noted = self._note(view, motion)
        self._arrive(view)
        self._tell(noted)

    def _arrive(self, view: Viewport) -> None:
        self._stop()
        self._touched = True
        self._view = view
        self._announce()

    def glide(self, view: Viewport, motion: Motion | None = None) -> None:
        """Go to a view in one short movement, within the limits."""
        view = self._limited(view)
        noted = self._note(view, motion)
        self._move(view)
        self._tell(noted)

    def _move(self, view: Viewport) -> None:
        if self._zoom_ms <= 0:
            self._arrive(view)
            return
        self._stop()
        self._touched = True
        self._rest.stop()
        self._start, self._goal = self._view, view
        self._motion.setDuration(self._zoom_ms)
        self._motion.start()

    def zoom_at(
        self, factor: float, px: float, py: float, motion: Motion | None = STEPS, smooth: bool = True
    ) -> None:
        """Zoom about a pixel. Steps in quick succession add up; without `smooth` the picture follows at once."""
        base = self.goal
        if self._goal is not None:
            # The pixel is over the picture as it is now; carry it over to where the movement ends.
            wx, wy = self._view.to_world((px, py))
            px, py = (float(v) for v in base.to_screen((wx, wy)))
        view = base.zoomed_at(factor, px, py, max(self._coarsest(base), base.scale))
        if smooth:
            self.glide(view, motion)
        else:
            self.jump(view, motion)

    # --- the views before -------------------------------------------------------------------------

    @property
    def can_back(self) -> bool:
        """There is a view to go back to."""
        return self._history.can_back(self._here())

    @property
    def can_forward(self) -> bool:
        """There is a view to go forward to."""
        return self._history.can_forward(self._here())

    def back(self) -> bool:
        """Go to the view before the last move; False when there is none."""
        return self._revisit(self._history.back(self._here()))

    def forward(self) -> bool:
        """Take the last step back again; False when there is none."""
        return self._revisit(self._history.forward(self._here()))

    def end_burst(self) -> None:
        """What comes next is a move of its own."""
        self._history.end_burst()

    def _revisit(self, stop: Stop | None) -> bool:
        if stop is None:
            return False
        view = self._limited(stop.in_window(self._view.width, self._view.height))
        self._move(view)
        if stop.fitted is not None:
            # As after the fit itself: the view follows the window until a hand moves it.
            self._fitted_to, self._touched = stop.fitted, False
        self.history_changed.emit()
        return True

    def _here(self) -> Stop:
        return Stop(self.goal, None if self._touched else self._fitted_to)

    def _note(self, view: Viewport, motion: Motion | None) -> bool:
        """Note what a move to `view` leaves; True when the history is another one."""
        return view != self.goal and self._history.note(self._here(), motion, self._clock())

    def _tell(self, noted: bool) -> None:
        """Only once the view is there: what there is to go back to depends on where one is."""
        if noted:
            self.history_changed.emit()

    # --- limits and movement ----------------------------------------------------------------------

    def _coarsest(self, view: Viewport) -> float:
        """Outermost scale (world metres a pixel) in the window of `view`."""
        if self._extent is None:
            return MAX_SCALE
        return Viewport.fit(self._extent, view.width, view.height).scale * COARSEST

    def _limited(self, view: Viewport) -> Viewport:
        return view if self._extent is None else view.clamped(self._extent, self._coarsest(view))

    def _stop(self) -> None:
        self._goal = None
        self._motion.stop()

    def _on_step(self, value: object) -> None:
        if self._goal is not None and isinstance(value, float):
            self._view = self._start.between(self._goal, value)
            self.moved.emit()

    def _on_arrived(self) -> None:
        if self._goal is not None:
            self._view, self._goal = self._goal, None
            self._announce()

    def _announce(self) -> None:
        self._rest.start()
        self.moved.emit()
