"""What every tool of the map can be asked, and the tools that set points by mouse or by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from maps.canvas import tool_texts
from maps.canvas.palette import MapPalette
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

STEP_PX = 16.0
"""An arrow key moves the crosshair this far."""
FINE_PX = 1.0
FAR_PX = 96.0
MARGIN_PX = 32.0
"""Nearer to the edge than this the picture moves instead of the crosshair."""
MOST_POINTS = 2000

WorldPoint = tuple[float, float]


class MapTool:
    """A tool. It is asked first for presses and keys; what it does not take goes on to the map."""

    name: ClassVar[str] = ""
    cursor: ClassVar[Qt.CursorShape] = Qt.CursorShape.CrossCursor

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget

    def hint(self) -> str:
        """One line: what to do now."""
        return ""

    def spoken(self) -> str:
        """What a screen reader says after a change; the hint when nothing else is known."""
        return self.hint()

    def press(self, at: QPointF) -> bool:
        """The left button goes down; True takes the drag away from the hand that moves the map."""
        del at
        return False

    def drag(self, at: QPointF) -> None:
        """The held pointer moves after a press that was taken."""

    def release(self, at: QPointF) -> None:
        """The drag that was taken ends."""

    def click(self, at: QPointF) -> None:
        """A press that did not move."""

    def hover(self, at: QPointF) -> None:
        """The pointer moves with no button held."""

    def double_click(self, at: QPointF) -> None:
        """A second click at the same place; the first one was a click."""

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """A key goes down; False leaves it to the map."""
        del key, modifiers
        return False

    def takes_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Tell whether :meth:`key` has a use for this key, so that no shortcut of the window gets it first."""
        del key, modifiers
        return False

    def cancel(self) -> bool:
        """Drop what is half done; False when there was nothing, so that ``Esc`` leaves the tool."""
        return False

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """Draw what the tool has so far, above the scene and below the boxes."""


class PointTool(MapTool):
    """A tool that sets points: by clicks, or by a crosshair that arrow keys move and ``Space`` sets."""

    def __init__(self, widget: MapVerbs) -> None:
        super().__init__(widget)
        self.points: list[WorldPoint] = []
        self.cross: WorldPoint | None = None
        """Where the crosshair of the keyboard stands; None while the mouse is used."""
        self._tip: WorldPoint | None = None

    # --- for subclasses ---------------------------------------------------------------------------

    def point_set(self) -> None:
        """A point was added."""

    def finish(self) -> None:
        """The operator says it is enough."""

    # --- state ------------------------------------------------------------------------------------

    @property
    def tip(self) -> WorldPoint | None:
        """Where the next point would be: below the pointer or at the crosshair."""
        return self.cross or self._tip

    def add(self, point: WorldPoint) -> None:
        """Set a point; the same one twice counts once."""
        if (not self.points or self.points[-1] != point) and len(self.points) < MOST_POINTS:
            self.points.append(point)
            self.point_set()
        self._map.tool_changed()

    def cancel(self) -> bool:
        """Forget the points."""
        had = bool(self.points)
        self.points = []
        self._map.tool_changed()
        return had

    def spoken(self) -> str:
        """The hint, and where the crosshair stands: who cannot see it hears the name of the grid."""
        state = self._map.state
        if self.cross is None or state.areas is None:
            return self.hint()
        code = state.area_at(*self.cross)
        return f"{self.hint()} · {state.areas.name_of(code) if code else tool_texts.no_grid()}"

    # --- mouse ------------------------------------------------------------------------------------

    def click(self, at: QPointF) -> None:
        """Set a point."""
        self.cross = None
        self.add(self.world(at))

    def hover(self, at: QPointF) -> None:
        """The line to the next point follows the pointer."""
        self.cross = None
        self._tip = self.world(at)
        self._map.update()

    def double_click(self, at: QPointF) -> None:
        """The last point was set by the first click."""
        del at
        self.finish()

    # --- keyboard ---------------------------------------------------------------------------------

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows move the crosshair, ``Space`` sets a point, ``Return`` ends, ``Backspace`` takes one back."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        way = _ARROWS.get(key)
        if way is not None and held in _STEPS:
            self._move_cross(way[0] * _STEPS[held], way[1] * _STEPS[held])
            return True
        if held != Qt.KeyboardModifier.NoModifier:
            return False
        if key == Qt.Key.Key_Space:
            self.add(self._cross_or_middle())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._return()
        elif key == Qt.Key.Key_Backspace:
            if self.points:
                self.points.pop()
            self._map.tool_changed()
        else:
            return False
        return True

    def takes_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows, ``Space``, ``Return`` and ``Backspace``."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        return (key in _ARROWS and held in _STEPS) or (
            key in _SETTERS and held == Qt.KeyboardModifier.NoModifier
        )

    def _return(self) -> None:
        """End; without a point it sets the first one, which is what a hand that knows only this key means."""
        if not self.points:
            self.add(self._cross_or_middle())
            return
        if self.cross is not None:
            self.add(self.cross)
        self.finish()

    def _cross_or_middle(self) -> WorldPoint:
        if self.cross is None:
            view = self._map.view
            self.cross = (view.cx, view.cy)
        return self.cross

    def _move_cross(self, dx: float, dy: float) -> None:
        """Move the crosshair by pixels; at the edge the picture moves below it."""
        if self.cross is None:
            self.cross = self._tip if self._tip and self._map.view.contains(*self._tip) else None
        x, y = self._cross_or_middle()
        view = self._map.view
        self.cross = (x + dx * view.scale, y - dy * view.scale)
        if not view.contains(*self.cross, MARGIN_PX):
            self._map.pan_by(-dx, -dy)
        self._map.tool_changed()

    # --- helpers ----------------------------------------------------------------------------------

    def world(self, at: QPointF) -> WorldPoint:
        """World point below a pixel."""
        x, y = self._map.view.to_world((at.x(), at.y()))
        return float(x), float(y)

    def paint_cross(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """Draw the crosshair of the keyboard."""
        if self.cross is None:
            return
        at = pixel(view, self.cross)
        for color, width in ((palette.color("map.halo"), 4.0), (palette.color("accent.focus"), 1.6)):
            painter.setPen(QPen(color, width))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(at + QPointF(dx, dy) * 4, at + QPointF(dx, dy) * 14)


def pixel(view: Viewport, point: WorldPoint) -> QPointF:
    """Pixel of a world point."""
    px, py = view.to_screen(point)
    return QPointF(float(px), float(py))


def pixels(view: Viewport, points: list[WorldPoint]) -> FloatArray:
    """Pixels ``(n, 2)`` of world points."""
    return view.to_screen(np.array(points, dtype=np.float64).reshape(-1, 2))


def length(way: QPointF) -> float:
    """Length of a way in pixels."""
    return float((way.x() ** 2 + way.y() ** 2) ** 0.5)


_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_SETTERS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)
_STEPS = {
    Qt.KeyboardModifier.NoModifier: STEP_PX,
    Qt.KeyboardModifier.ShiftModifier: FINE_PX,
    Qt.KeyboardModifier.ControlModifier: FAR_PX,
}
