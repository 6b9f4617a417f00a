"""The mouse on the map: drag, wheel, click, double click, hover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent

from maps.canvas.cards import area_card, mark_card, officer_card
from maps.canvas.hits import area_at, marks_at, officer_at
from maps.canvas.pin import Pin, pin_at_pixel
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark, risk_key

if TYPE_CHECKING:
    from maps.canvas.widget import GridMapWidget

DRAG_PX = 4.0
"""A hand that moves less than this has clicked."""
HOVER_MS = 400
WHEEL_STEP = 1.25
SPOT_M = 8.0
"""Cases nearer than this (world metres) are on one spot."""
PIN_HEAD = QPointF(0, -18)
"""From the tip of the pin to the middle of its head."""


class Pointer(QObject):
    """Turns mouse events of one map into movements and choices."""

    def __init__(self, widget: GridMapWidget) -> None:
        super().__init__(widget)
        self._map = widget
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._pin_held = False
        self._grip = QPointF()
        self._hover_at = QPointF()
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(HOVER_MS)
        self._hover.timeout.connect(self._on_hover)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the pointer, a notch a quarter."""
        notches = event.angleDelta().y() / 120.0
        if notches:
            at = event.position()
            self._map.nav.zoom_at(WHEEL_STEP**notches, at.x(), at.y())
        event.accept()

    def press(self, event: QMouseEvent) -> None:
        """Note where; a press on the pin takes hold of it."""
        self._hover.stop()
        self._map.show_card(None)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed = self._last = event.position()
        self._dragging = False
        self._pin_held = self._map.pick_mode and self._on_pin(event.position())
        if self._pin_held:
            self._grip = self._tip() - event.position()

    def move(self, event: QMouseEvent) -> None:
        """Drag what is held; without a button, wait for a hover."""
        at = event.position()
        if self._pressed is None:
            self._hover_at = at
            self._map.show_card(None)
            self._hover.start()
            return
        if not self._dragging and _length(at - self._pressed) < DRAG_PX:
            return
        self._dragging = True
        if self._pin_held:
            self._map.pin = self._pin_in_hand(at)
            self._map.update()
        else:
            way = at - self._last
            self._map.nav.jump(self._map.view.panned(way.x(), way.y()))
        self._last = at

    def release(self, event: QMouseEvent) -> None:
        """End the drag; a click chooses."""
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        was_drag, held = self._dragging, self._pin_held
        self._pressed, self._dragging, self._pin_held = None, False, False
        at = event.position()
        if held and was_drag:
            self._map.place_pin(self._pin_in_hand(at))
        elif not was_drag:
            self._click(at)

    def double_click(self, event: QMouseEvent) -> None:
        """Open a case; elsewhere zoom in."""
        self._pressed = None
        if event.button() is not Qt.MouseButton.LeftButton or self._map.pick_mode:
            return
        mark = self._mark(event.position())
        if mark is not None and mark.count == 1:
            self._map.case_activated.emit(mark.case_ids[0])
        elif mark is None:
            self._map.nav.zoom_at(2.0, event.position().x(), event.position().y())

    def leave(self) -> None:
        """Nothing is below the pointer."""
        self._hover.stop()
        self._map.show_card(None)

    def _click(self, at: QPointF) -> None:
        grid_map = self._map
        if grid_map.pick_mode:
            grid_map.place_pin(pin_at_pixel(grid_map.state, grid_map.view, at.x(), at.y()))
            return
        marks = self._marks(at)
        ids = self._stacked(marks)
        if not marks:
            grid_map.choose_area(area_at(grid_map.state, grid_map.view, at.x(), at.y()))
        elif len(ids) > 1:
            self._choose_in_turn(ids)
        elif marks[0].count == 1:
            grid_map.choose_case(marks[0].case_ids[0])
        else:
            self._open_cluster(marks[0])

    def _stacked(self, marks: list[Mark]) -> list[str]:
        """Cases below the pixel, worst first, if they all are on one spot, where no zoom parts them."""
        cases = self._map.state.cases.cases
        ids = sorted((i for mark in marks for i in mark.case_ids), key=lambda i: risk_key(cases[i]))
        if not ids:
            return []
        low, high = self._spread(ids)
        return ids if float(np.max(high - low)) < SPOT_M else []

    def _choose_in_turn(self, ids: list[str]) -> None:
        chosen = self._map.selection.case_id
        self._map.choose_case(ids[(ids.index(chosen) + 1) % len(ids)] if chosen in ids else ids[0])

    def _spread(self, ids: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Lower left and upper right corner of the points of placed cases, world metres."""
        points = np.array([self._map.state.cases.point(i) for i in ids], dtype=np.float64)
        return points.min(axis=0), points.max(axis=0)

    def _open_cluster(self, mark: Mark) -> None:
        """Zoom in until the cases part."""
        low, high = self._spread(mark.case_ids)
        view = self._map.view
        bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        fitted = Viewport.fit(bounds, view.width, view.height, padding=min(view.width, view.height) / 4)
        scale = min(fitted.scale, view.scale / 1.5)
        middle = view.centred_on((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        self._map.nav.glide(middle.zoomed_at(view.scale / scale, view.width / 2, view.height / 2))

    def _marks(self, at: QPointF) -> list[Mark]:
        """Marks below a pixel, the nearest first; none whose case has gone since they were laid out."""
        layout, cases = self._map.scene.layout, self._map.state.cases.cases
        if layout is None:
            return []
        found = marks_at(layout.marks, self._map.view, self._map.scene.palette.tokens, at.x(), at.y())
        return [m for m in found if all(i in cases for i in m.case_ids)]

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
        if self._map.nav.moving or self._map.pick_mode:
            return
        at, state = self._hover_at, self._map.state
        mark = self._mark(at)
        if mark is not None:
            self._map.show_card(at, mark_card(state, mark))
            return
        drawn = self._map.scene.layout is not None and self._map.scene.layout.officers
        officer = officer_at(state, self._map.view, at.x(), at.y()) if drawn else None
        if officer is not None:
            self._map.show_card(at, officer_card(officer))
            return
        self._map.show_card(at, area_card(state, area_at(state, self._map.view, at.x(), at.y())))


def _length(way: QPointF) -> float:
    return float((way.x() ** 2 + way.y() ** 2) ** 0.5)
