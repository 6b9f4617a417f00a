"""What the operator can do with a map, each verb once, whichever key, button, menu or tool it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from maps.canvas import pictures, texts, tool_texts
from maps.canvas.commands import CommandRunner
from maps.canvas.furniture import Furniture
from maps.canvas.layered import LayeredSurface
from maps.canvas.legend_filter import LegendFilter
from maps.canvas.menu import MenuPlace
from maps.canvas.palette import MapPalette
from maps.canvas.pin import Pin, pin_at_lonlat
from maps.canvas.pinch import Pinch
from maps.canvas.pointer import Pointer
from maps.canvas.tools.base import PointTool
from maps.canvas.tools.toolbox import Toolbox
from maps.geometry.areas import RefusedArea
from maps.geometry.history import Motion
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure
from maps.layers.coordinates import CoordinateSystem, copied_text, degrees_in
from maps.layers.region import RubberSelection, region_of
from maps.layers.state import Redraw

PAN = Motion("pan")
"""Steps of the arrow keys."""
MINI_CIRCLE = 0.4
"""Radius of the circle of a mini map as part of its height."""


class MapVerbs(LayeredSurface):
    """A surface with hands: pin, choice, tools, history, coordinates, pictures. Signals say what the hand did.

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
    rubber_selected = Signal(object)
    """A region was drawn (``RubberSelection``); an empty one: the region was taken back by hand."""
    legend_filtered = Signal(object)
    """Classes were switched in the legend (``LegendFiltered``)."""
    measured = Signal(object)
    """A way or an area was measured (``Measured``)."""
    view_history_changed = Signal()
    """There is something else to go back or forward to."""
    picture_wanted = Signal()
    """The operator wants the picture in a file: ask for a path, then call ``save_picture``."""
    menu_opening = Signal(object)
    """The context menu is about to open (``MenuPlace``); verbs may be added."""
    coordinate_system_changed = Signal(str)
    """Another coordinate system was chosen by hand (wgs84, gcj02)."""

    def __init__(
        self, palette: MapPalette | None = None, parent: QWidget | None = None, mini: bool = False
    ) -> None:
        super().__init__(palette, parent, mini)
        self.pin: Pin | None = None
        self._framed: Viewport | None = None
        self.pick_mode = mini
        self.radius_m = 250.0 if mini else 0.0
        self.bare = False
        """A picture is being taken: no focus frame, no hint."""
        self.coordinate_system = CoordinateSystem.WGS84
        self.region = RubberSelection()
        self.tools = Toolbox(self)
        self.legend_filter = LegendFilter(self)
        self.furniture = Furniture(self)
        self._pointer = Pointer(self)
        self._pinch = Pinch(self, self._pointer.drop)
        self._commands = CommandRunner(self)
        self.nav.history_changed.connect(self._on_history)
        self.nav.moved.connect(self.furniture.pointer_moved)
        self.grabGesture(Qt.GestureType.PinchGesture)
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
        self.tools.leave()
        self.rest_cursor()
        self.furniture.arrange()
        self.update()

    def rest_cursor(self) -> None:
        """The pointer takes the shape of what a click would do."""
        if self.tools.active is not None:
            self.setCursor(self.tools.active.cursor)
        else:
            self.setCursor(Qt.CursorShape.CrossCursor if self.pick_mode else Qt.CursorShape.ArrowCursor)

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
        self.furniture.arrange()
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

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by pixels, as a key does; steps in quick succession are one move."""
        self.nav.jump(self.nav.goal.panned(dx, dy), PAN)

    def back(self) -> bool:
        """Go to the view before the last move; False when there is none."""
        return self.nav.back() or self._no_way(True)

    def forward(self) -> bool:
        """Take a step back again; False when there was none."""
        return self.nav.forward() or self._no_way(False)

    def _no_way(self, back: bool) -> bool:
        self.say(tool_texts.no_way(back))
        return False

    def run_command(self, command: str) -> bool:
        """Run a command by its name, as its key does; False if there is nothing to do for it."""
        return self._commands.run(command)

    # --- tools ------------------------------------------------------------------------------------

    def start_tool(self, name: str) -> bool:
        """Take a tool in hand: rectangle, polygon, distance, area, legend; the same one again puts it away.

        Returns:
            Whether it is in hand now; the mini map has none.

        Raises:
            KeyError: there is no such tool.
        """
        return self.tools.start(name)

    def tool_changed(self) -> None:
        """The tool, or what it has so far, is another: hint, description and picture follow."""
        before = self.accessibleDescription()
        self._describe()
        if self.tools.active is not None and self.accessibleDescription() != before:
            self.furniture.hint.announce(self.accessibleDescription())
        self.furniture.tool_changed()
        self.update()

    def say(self, text: str) -> None:
        """Show a sentence for a short while where the hints stand, and give it to the screen reader."""
        self.furniture.say(text)

    def finish_region(self, ring: Sequence[tuple[float, float]]) -> None:
        """A rubber band was drawn: choose what lies in it; the signal is sent."""
        found = region_of(self.state, ring)
        if found is None:
            self.say(tool_texts.no_region())
            return
        self.region = found
        self.tools.leave()
        self.update()
        self.say(tool_texts.chosen_region(len(found.case_ids), len(found.area_codes)))
        self.rubber_selected.emit(found)

    def clear_region(self) -> None:
        """Take the region back as the operator does: an empty selection is sent."""
        if not self.region.empty:
            self.set_region(None)
            self.say(tool_texts.region_gone())
            self.rubber_selected.emit(self.region)

    def set_region(self, region: RubberSelection | None) -> None:
        """Show a region that is known already, or none; no signal is sent."""
        self.region = region or RubberSelection()
        self.update()

    # --- coordinates and pictures -----------------------------------------------------------------

    def set_coordinate_system(self, system: CoordinateSystem | str) -> None:
        """Name places in this system: ``wgs84`` or ``gcj02``; no signal is sent."""
        self.coordinate_system = CoordinateSystem(system)
        self.furniture.sync()

    def switch_coordinate_system(self) -> None:
        """Name places in the other system, as the operator does: the signal is sent."""
        self.set_coordinate_system(self.coordinate_system.other)
        self.coordinate_system_changed.emit(self.coordinate_system.value)

    def pointed_at(self) -> tuple[float, float]:
        """World point below the pointer, else at the crosshair of a tool, else in the middle."""
        tool = self.tools.active
        if isinstance(tool, PointTool) and tool.cross is not None:
            return tool.cross
        at = self._pointer.at
        return self.world_at(at) if at is not None else (self.view.cx, self.view.cy)

    def world_at(self, at: QPoint | QPointF) -> tuple[float, float]:
        """World point below a pixel."""
        x, y = self.view.to_world((at.x(), at.y()))
        return float(x), float(y)

    def copy_coordinate(self, point: tuple[float, float] | None = None) -> str:
        """Put ``lon,lat`` and the system on the clipboard: of a world point, or of what is pointed at."""
        text = copied_text(self.coordinate_system, *(point or self.pointed_at()))
        QGuiApplication.clipboard().setText(text)
        self.say(tool_texts.copied(text))
        return text

    def copy_picture(self) -> None:
        """Put the picture of the map on the clipboard."""
        pictures.copy_picture(self)
        self.say(tool_texts.picture_copied())

    def save_picture(self, path: str | Path) -> bool:
        """Write the picture of the map as PNG; False, and a sentence, when it could not be written.

        It waits for the disk; ``pictures.write_picture`` does the same on another thread.
        """
        saved, name = pictures.write_picture(pictures.picture_of(self), path), Path(path).name
        self.say(tool_texts.picture_saved(name) if saved else tool_texts.picture_not_saved(name))
        return saved

    def place_at(self, at: QPoint, menu: QMenu) -> MenuPlace:
        """What a context menu for a pixel is about."""
        mark = self._pointer.single_at(QPointF(at))
        x, y = self.world_at(at)
        lonlat = degrees_in(CoordinateSystem.WGS84, x, y)
        return MenuPlace(menu, lonlat, mark, self.state.area_at(x, y))

    def _describe(self) -> None:
        words = self.tools.spoken()
        if words:
            self.setAccessibleDescription(words)
        else:
            super()._describe()

    def _on_history(self) -> None:
        self.furniture.sync()
        self.view_history_changed.emit()
