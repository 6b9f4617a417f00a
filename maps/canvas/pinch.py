"""Two fingers on a touchpad or a touch screen: zoom about the place between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from maps.geometry.history import Motion

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

MOST = 4.0
"""One event of a pinch never zooms further than this; drivers send wild values when a finger is lost."""


class Pinch:
    """Turns gestures of one map into zooms; one gesture is one step of the history."""

    def __init__(self, widget: MapVerbs, drop_drag: Callable[[], None]) -> None:
        """`drop_drag` lets go of what the first finger holds: it was the beginning of the pinch."""
        self._map = widget
        self._drop_drag = drop_drag
        self._number = 0

    def take(self, event: QEvent) -> bool:
        """Take a gesture; False leaves it to others."""
        if isinstance(event, QNativeGestureEvent):
            return self._native(event)
        if isinstance(event, QGestureEvent):
            found = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(found, QPinchGesture):
                self._touch(found)
                event.accept()
                return True
        return False

    def _native(self, event: QNativeGestureEvent) -> bool:
        """Touchpads: the value is the part by which the picture grows."""
        kind, at = event.gestureType(), event.position()
        if kind is Qt.NativeGestureType.BeginNativeGesture:
            self._begin()
        elif kind is Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + event.value(), at)
        elif kind is Qt.NativeGestureType.SmartZoomNativeGesture:
            self._map.nav.zoom_at(2.0, at.x(), at.y())
        else:
            return kind is Qt.NativeGestureType.EndNativeGesture
        return True

    def _touch(self, gesture: QPinchGesture) -> None:
        """Touch screens: the fingers also carry the picture with them."""
        if gesture.state() is Qt.GestureState.GestureStarted:
            self._begin()
        centre = self._map.mapFromGlobal(gesture.centerPoint())
        way = gesture.centerPoint() - gesture.lastCenterPoint()
        if gesture.state() is Qt.GestureState.GestureUpdated and math.isfinite(way.x() + way.y()):
            self._map.nav.jump(self._map.view.panned(way.x(), way.y()), self._motion())
        self._zoom(gesture.scaleFactor(), centre)

    def _begin(self) -> None:
        self._number += 1
        self._drop_drag()

    def _motion(self) -> Motion:
        return Motion("pinch", self._number)

    def _zoom(self, factor: float, at: QPointF) -> None:
        if math.isfinite(factor) and factor > 0:
            factor = min(max(factor, 1 / MOST), MOST)
            self._map.nav.zoom_at(factor, at.x(), at.y(), self._motion(), smooth=False)
