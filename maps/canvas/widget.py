"""The grid map: values in, signals out. Here are only the events of Qt and to whom they go."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)

from maps.canvas import texts
from maps.canvas.frame import paint_frame
from maps.canvas.verbs import MapVerbs
from maps.layers.state import Redraw


class GridMapWidget(MapVerbs):
    """Map of areas, cases and officers. Values come in, signals go out; new data never moves the view.

    Data comes in by the methods of the surface below; what the hand can do are those of :class:`MapVerbs`.
    """

    def sizeHint(self) -> QSize:
        """Room of the map in the usual layout; the mini map is a quarter of that."""
        return QSize(352, 200) if self.mini else QSize(680, 760)

    def minimumSizeHint(self) -> QSize:
        """Least room in which the boxes do not cover everything."""
        return QSize(200, 140) if self.mini else QSize(480, 320)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame; the first one begins its pictures on the spot."""
        if self.scene.layout is None or self.devicePixelRatioF() != self.scene.ratio:
            self._begin_pictures()
        painter = QPainter(self)
        try:
            paint_frame(self, painter)
        finally:
            # A painter that outlives its device takes the process with it.
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Other language: the boxes take the width of the new words."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.setAccessibleName(texts.map_name())
            self.furniture.set_map_palette(self.scene.palette)
            self._apply(Redraw.EVERYTHING)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep centre and scale; the boxes keep their corners."""
        framed = self._framed == self.nav.goal
        self.nav.resize(self.width(), self.height())
        if framed and self.pin is not None:
            # A point set before the window had its size is framed again; a view moved by hand is not.
            self._frame_pin(self.pin)
        self.furniture.arrange()
        self._soon.start()

    def event(self, event: QEvent) -> bool:
        """Pinches, and keys the map wants before any shortcut of the window."""
        kind = event.type()
        if kind is QEvent.Type.ShortcutOverride and self._commands.takes_key(cast(QKeyEvent, event)):
            event.accept()
            return True
        if kind is QEvent.Type.Gesture or kind is QEvent.Type.NativeGesture:
            return self._pinch.take(event) or super().event(event)
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Every verb with its key; by keyboard at what is chosen."""
        if self.mini:
            event.ignore()
            return
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        self.furniture.open_menu(event.pos() if by_mouse else None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self._pointer.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or note what is below the pointer."""
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or choose what was clicked."""
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the case below the pointer, or zoom in."""
        self._pointer.double_click(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """The pointer is gone, the card too."""
        self._pointer.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Run the command of the key."""
        if not self._commands.run_key(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """``Tab`` goes through the cases in view, then on to the next widget."""
        return self._commands.next_case(forward) or super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus frame."""
        super().focusOutEvent(event)
        self.update()
