"""The grid map: values in, signals out."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from maps.canvas import texts
from maps.canvas.commands import CommandRunner
from maps.canvas.frame import paint_frame
from maps.canvas.furniture import Furniture
from maps.canvas.palette import MapPalette
from maps.canvas.pin import Pin, pin_at_lonlat
from maps.canvas.pointer import Pointer
from maps.canvas.surface import MapSurface
from maps.geometry.areas import RefusedArea
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure
from maps.layers.state import Redraw

MINI_CIRCLE = 0.4
"""Radius of the circle of a mini map as part of its height."""


class GridMapWidget(MapSurface):
    """Map of areas, cases and officers. Values come in, signals go out; new data never moves the view.

    Args:
        palette: colours; the dark theme of the shipped tokens when left out.
        parent: owner.
        mini: the small map of a form: no boxes, a circle around the chosen point, drag and click choose it.
    """

    case_selected = Signal(str)
    """A case was chosen by hand (id; empty when the choice was cleared)."""
    case_activated = Signal(str)
    """A case shall be opened (id)."""
    area_clicked = Signal(str)
    """An area was chosen by hand (code)."""
    point_picked = Signal(float, float)
    """Pick mode: a point was chosen (WGS84 lon, lat), inside the district or not: ``pin.area_code`` tells."""
    measure_changed = Signal(str)
    """Another measure was chosen by hand (density, overdue, officer)."""

    def __init__(
        self, palette: MapPalette | None = None, parent: QWidget | None = None, mini: bool = False
    ) -> None:
        super().__init__(palette, parent, mini)
        self.pin: Pin | None = None
        self._framed: Viewport | None = None
        self.pick_mode = mini
        self.radius_m = 250.0 if mini else 0.0
        self.furniture = Furniture(self)
        self._pointer = Pointer(self)
        self._commands = CommandRunner(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # Outside text fields the input method is off, so that it never swallows the letters that are keys.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(texts.map_name())

    def _areas_taken(self, change: Redraw) -> tuple[RefusedArea, ...]:
        refused = super()._areas_taken(change)
        if self.pin is not None:
            self.pin = replace(self.pin, area_code=self.state.area_at(self.pin.x, self.pin.y))
            self._outline_pin()
        return refused

    # --- pick mode --------------------------------------------------------------------------------

    def set_pick_mode(self, on: bool) -> None:
        """Clicks place the pin instead of choosing cases."""
        self.pick_mode = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_point(self, lon: float, lat: float, accuracy_m: float = 0.0, centre: bool = True) -> None:
        """Put the pin at a point that is known already (address search); no signal is sent.

        Raises:
            MapDataError: the degrees are no numbers or out of range.
        """
        self.pin = pin_at_lonlat(self.state, lon, lat, accuracy_m)
        if centre:
            self._frame_pin(self.pin)
        self._outline_pin()

    def clear_point(self) -> None:
        """Take the pin away."""
        self.pin = None
        self._outline_pin()

    def place_pin(self, pin: Pin) -> None:
        """Put the pin as the operator does: the signal is sent."""
        self.pin = pin
        self._outline_pin()
        self.point_picked.emit(*pin.lonlat)

    def _frame_pin(self, pin: Pin) -> None:
        """Bring the pin to the middle; in a mini map its circle fills most of the height."""
        view = self.nav.view.centred_on(pin.x, pin.y)
        if self.mini and self.radius_m > 0:
            wanted = self.radius_m / (MINI_CIRCLE * view.height)
            view = view.zoomed_at(view.metres_per_pixel / wanted, view.width / 2, view.height / 2)
        self.nav.jump(view)
        self._framed = self.nav.view

    def _outline_pin(self) -> None:
        """The grid of the pin is the chosen one, without a signal; the labels make room for the pin."""
        self._apply(self.state.select_area(self.pin.area_code if self.pin else "") | Redraw.MARKS)

    # --- choosing by hand -------------------------------------------------------------------------

    def choose_case(self, case_id: str) -> None:
        """Choose a case as the operator does: the signal is sent."""
        self._apply(self.state.select_case(case_id))
        self.case_selected.emit(self.state.selection.case_id)

    def choose_area(self, code: str) -> None:
        """Choose an area as the operator does: the signal is sent."""
        self._apply(self.state.select_area(code))
        self.area_clicked.emit(self.state.selection.area_code)

    def choose_measure(self, measure: Measure) -> None:
        """Choose the measure as the operator does: the signal is sent."""
        self.set_measure(measure)
        self.measure_changed.emit(measure.value)

    def centre_on_case(self, case_id: str = "") -> bool:
        """Bring a case (the chosen one when left out) to the middle, near enough to tell streets apart."""
        point = self.state.cases.point(case_id or self.state.selection.case_id)
        if point is None:
            return False
        nearest = (
            self.nav.goal.scale
            if self.nav.goal.metres_per_pixel <= 6
            else self.nav.goal.scale * (4 / self.nav.goal.metres_per_pixel)
        )
        view = self.nav.goal.centred_on(*point)
        self.nav.glide(view.zoomed_at(view.scale / nearest, view.width / 2, view.height / 2))
        return True

    def fit_all(self) -> None:
        """Show the whole district."""
        self.nav.fit_now()

    # --- Qt ---------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Room of the map in the usual layout; the mini map is a quarter of that."""
        return QSize(352, 200) if self.mini else QSize(680, 760)

    def minimumSizeHint(self) -> QSize:
        """Least room in which the boxes do not cover everything."""
        return QSize(200, 140) if self.mini else QSize(480, 320)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame; the first one paints its picture on the spot."""
        if self.scene.layout is None or self.devicePixelRatioF() != self.scene.ratio:
            self._paint_pictures()
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
