"""The mouse on the map: drag, wheel, click, double click, hover."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent

from maps.canvas.cards import area_card, mark_card
from maps.canvas.hits import cases_at
from maps.canvas.pin import Pin, pin_at_pixel
from maps.canvas.tools.rubber import RectangleTool
from maps.geometry.history import Motion
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

DRAG_PX = 4.0
"""A hand that moves less than this has clicked."""
HOVER_MS = 400
WHEEL_STEP = 1.25
MOST_NOTCHES = 24.0
SPOT_M = 8.0
"""Cases nearer than this (world metres) are on one spot."""
_THUMB = {Qt.MouseButton.BackButton: "back", Qt.MouseButton.ForwardButton: "forward"}
PIN_HEAD = QPointF(0, -18)
"""From the tip of the pin to the middle of its head."""


class Held(Enum):
    """What the left or middle button has hold of."""

    NOTHING = auto()
    MAP = auto()
    PIN = auto()
    TOOL = auto()
    BAND = auto()
    """A rubber band that begins once the hand moves; until then the press may still be a click."""


class Pointer(QObject):
    """Turns mouse events of one map into movements and choices; the tool in hand is asked first."""

    def __init__(self, widget: MapVerbs) -> None:
        super().__init__(widget)
        self._map = widget
        self.at: QPointF | None = None
        """Where the pointer is over the map, None while it is elsewhere."""
        self._pressed: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._held = Held.NOTHING
        self._last = QPointF()
        self._dragging = False
        self._drags = 0
        self._band = False
        self._grip = QPointF()
        self._hover_at = QPointF()
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(HOVER_MS)
        self._hover.timeout.connect(self._on_hover)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the pointer, a notch a quarter; fine wheels and touchpads move the picture at once."""
        notches = event.angleDelta().y() / 120.0
        if notches:
            at = event.position()
            # Some drivers send a whole flood in one event.
            factor = WHEEL_STEP ** min(max(notches, -MOST_NOTCHES), MOST_NOTCHES)
            self._map.nav.zoom_at(factor, at.x(), at.y(), smooth=abs(notches) >= 1)
        event.accept()

    def press(self, event: QMouseEvent) -> None:
        """Take hold of something; the thumb buttons go back and forward."""
        self._hover.stop()
        self._map.show_card(None)
        button = event.button()
        if button in _THUMB:
            self._map.run_command(_THUMB[button])
            return
        if (
            button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
            or self._pressed is not None
        ):
            return
        self._pressed = self._last = event.position()
        self._button = button
        self._dragging = False
        self._drags += 1
        self._held = self._grasp(event)

    def _grasp(self, event: QMouseEvent) -> Held:
        """What a press at this place takes hold of."""
        grid_map, at = self._map, event.position()
        if event.button() is Qt.MouseButton.MiddleButton:
            return Held.MAP
        if grid_map.tools.active is not None:
            return Held.TOOL if grid_map.tools.active.press(at) else Held.MAP
        if grid_map.pick_mode and self._on_pin(at):
            self._grip = self._tip() - at
            return Held.PIN
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return Held.BAND if shift and not grid_map.mini and not grid_map.pick_mode else Held.MAP

    def move(self, event: QMouseEvent) -> None:
        """Drag what is held; without a button, wait for a hover."""
        at = event.position()
        self.at = at
        self._map.furniture.pointer_moved()
        if self._pressed is not None and not event.buttons() & self._button:
            # The button went up where nobody told the map: over a dialog that came in between.
            self.drop()
        if self._pressed is None:
            self._wander(at)
            return
        if not self._dragging and _length(at - self._pressed) < DRAG_PX:
            return
        if not self._dragging:
            self._dragging = True
            self._begin_drag()
        self._drag(at)
        self._last = at

    def _wander(self, at: QPointF) -> None:
        self._hover_at = at
        self._map.show_card(None)
        if self._map.tools.active is not None:
            self._map.tools.active.hover(at)
        else:
            self._hover.start()
        self._outline(at if self._map.tools.active is None else None)

    def _outline(self, at: QPointF | None) -> None:
        """Outline the cell below the pointer; the small map of a form has its own outline, of the pin's cell."""
        if self._map.scene.hover(self._map.view, None if self._map.mini else at):
            self._map.update()

    def _begin_drag(self) -> None:
        self._outline(None)
        if self._held is Held.MAP:
            self._map.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._held is Held.BAND and self._pressed is not None:
            self._band = self._map.start_tool(RectangleTool.name)
            tool = self._map.tools.active
            self._held = Held.TOOL if tool is not None and tool.press(self._pressed) else Held.MAP

    def _drag(self, at: QPointF) -> None:
        if self._held is Held.PIN:
            self._map.pin = self._pin_in_hand(at)
            self._map.update()
        elif self._held is Held.TOOL:
            if self._map.tools.active is not None:
                self._map.tools.active.drag(at)
        else:
            way = at - self._last
            self._map.nav.jump(self._map.view.panned(way.x(), way.y()), Motion("drag", self._drags))

    def release(self, event: QMouseEvent) -> None:
        """End the drag; a click chooses."""
        if event.button() is not self._button or self._pressed is None:
            return
        was_drag, held, band, at = self._dragging, self._held, self._band, event.position()
        self.drop()
        tool = self._map.tools.active
        if held is Held.PIN and was_drag:
            self._map.place_pin(self._pin_in_hand(at))
        elif held is Held.TOOL and was_drag:
            if tool is not None:
                tool.release(at)
            if band:
                # The tool was only lent for this one drag.
                self._map.tools.leave()
        elif not was_drag and event.button() is Qt.MouseButton.LeftButton:
            if tool is not None:
                tool.click(at)
            else:
                self._click(at)

    def drop(self) -> None:
        """Let go of whatever is held."""
        if self._dragging and self._held is Held.MAP:
            self._map.rest_cursor()
        self._pressed, self._dragging, self._band, self._held = None, False, False, Held.NOTHING
        self._button = Qt.MouseButton.NoButton

    def double_click(self, event: QMouseEvent) -> None:
        """Open a case; elsewhere zoom in. The tool in hand takes it for its end."""
        if event.button() in _THUMB:
            # The second of two quick presses comes as a double click.
            self._map.run_command(_THUMB[event.button()])
            return
        self.drop()
        if event.button() is not Qt.MouseButton.LeftButton or self._map.pick_mode:
            return
        if self._map.tools.active is not None:
            self._map.tools.active.double_click(event.position())
            return
        mark = self._mark(event.position())
        if mark is not None and mark.count == 1:
            self._map.case_activated.emit(mark.case_ids[0])
        elif mark is None:
            self._map.nav.zoom_at(2.0, event.position().x(), event.position().y())

    def leave(self) -> None:
        """Nothing is below the pointer."""
        self.at = None
        self._hover.stop()
        self._map.show_card(None)
        self._outline(None)
        self._map.furniture.pointer_moved()

    def single_at(self, at: QPointF) -> str:
        """Id of the single case whose symbol is below a pixel, empty for none."""
        mark = self._mark(at)
        return mark.case_ids[0] if mark is not None and mark.count == 1 else ""

    def _click(self, at: QPointF) -> None:
        grid_map = self._map
        if grid_map.pick_mode:
            grid_map.place_pin(pin_at_pixel(grid_map.state, grid_map.view, at.x(), at.y()))
            return
        marks = self._marks(at)
        ids = self._stacked(marks)
        other = None if marks else grid_map.scene.others.hit(grid_map.view, at.x(), at.y())
        if other is not None:
            grid_map.choose_mark(other, at)
        elif not marks:
            grid_map.choose_area(grid_map.scene.area_at(grid_map.view, at.x(), at.y()))
        elif len(ids) > 1:
            self._choose_in_turn(ids)
        elif marks[0].count == 1:
            grid_map.choose_case(marks[0].case_ids[0])
        else:
            self._open_cluster(marks[0])

    def _stacked(self, marks: list[Mark]) -> list[str]:
        """Cases below the pixel, worst first, if they all are on one spot, where no zoom parts them."""
        cases = self._map.state.cases
        if not marks:
            return []
        corners = np.array([cases.spread(mark.case_ids) for mark in marks])
        if float(np.max(corners[:, 1].max(axis=0) - corners[:, 0].min(axis=0))) >= SPOT_M:
            return []
        ids = [i for mark in marks for i in mark.case_ids]
        rows = np.array([cases.table.row_of[i] for i in ids], dtype=np.int32)
        return [i for _, i in sorted(zip(cases.table.risk(rows).tolist(), ids, strict=True))]

    def _choose_in_turn(self, ids: list[str]) -> None:
        chosen = self._map.selection.case_id
        self._map.choose_case(ids[(ids.index(chosen) + 1) % len(ids)] if chosen in ids else ids[0])

    def _open_cluster(self, mark: Mark) -> None:
        """Zoom in until the cases part."""
        low, high = self._map.state.cases.spread(mark.case_ids)
        view = self._map.view
        bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        fitted = Viewport.fit(bounds, view.width, view.height, padding=min(view.width, view.height) / 4)
        scale = min(fitted.scale, view.scale / 1.5)
        middle = view.centred_on((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        self._map.nav.glide(middle.zoomed_at(view.scale / scale, view.width / 2, view.height / 2))

    def _marks(self, at: QPointF) -> list[Mark]:
        """Marks below a pixel, the nearest first; none whose case has gone since they were laid out."""
        layout, tokens = self._map.scene.layout, self._map.scene.palette.tokens
        if layout is None:
            return []
        return cases_at(self._map.state, layout, self._map.view, tokens, at.x(), at.y())

    def _mark(self, at: QPointF) -> Mark | None:
        return next(iter(self._marks(at)), None)

    def _on_pin(self, at: QPointF) -> bool:
        return self._map.pin is not None and _length(at - self._tip() - PIN_HEAD) <= 16

    def _tip(self) -> QPointF:
        """Pixel of the tip of the pin."""
        pin = self._map.pin
        return QPointF(*self._map.view.to_screen((pin.x, pin.y)).tolist()) if pin else QPointF()

    def _pin_in_hand(self, at: QPointF) -> Pin:
        """The pin moved with the hand, which holds it where it took hold of it."""
        tip = at + self._grip
        return pin_at_pixel(self._map.state, self._map.view, tip.x(), tip.y())

    def _on_hover(self) -> None:
        if self._map.nav.moving or self._map.pick_mode or self._map.tools.active is not None:
            return
        at, state = self._hover_at, self._map.state
        mark = self._mark(at)
        if mark is not None:
            self._map.show_card(at, mark_card(state, mark))
            return
        other = self._map.scene.others.hit(self._map.view, at.x(), at.y())
        if other is not None:
            self._map.show_card(at, list(other.lines))
            return
        self._map.show_card(at, area_card(state, self._map.scene.area_at(self._map.view, at.x(), at.y())))


def _length(way: QPointF) -> float:
    return float((way.x() ** 2 + way.y() ** 2) ** 0.5)
