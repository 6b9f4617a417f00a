"""The keyboard on the map: every key is a command on the widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeyEvent

from maps.canvas.keys import NUDGE_PX, PAN_PX, ZOOM_STEP, arrow_of, command_of, counts_in_mini
from maps.canvas.pin import pin_at_pixel
from maps.layers.areas import Measure

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs


class CommandRunner:
    """Runs named commands on one map."""

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget
        self._plain: dict[str, Callable[[], object]] = {
            "zoom_in": lambda: self._zoom(ZOOM_STEP),
            "zoom_out": lambda: self._zoom(1 / ZOOM_STEP),
            "fit": widget.fit_all,
            "next_mark": lambda: widget.next_mark(True),
            "last_mark": lambda: widget.next_mark(False),
            "layers": lambda: widget.furniture.toggle_layers(),
            "back": widget.back,
            "forward": widget.forward,
            "copy_point": widget.copy_coordinate,
            "system": widget.switch_coordinate_system,
            "copy_picture": widget.copy_picture,
            "save_picture": widget.picture_wanted.emit,
            "legend_all": lambda: widget.legend_filter.show_all(),
            "clear_region": widget.clear_region,
            "menu": lambda: widget.furniture.open_menu(),
        }

    def run_key(self, event: QKeyEvent) -> bool:
        """Offer a key press to the tool in hand, then run its command; False if it is none of the map's."""
        if self._map.tools.key(event.key(), event.modifiers()):
            return True
        return self.run(command_of(event.key(), event.modifiers()))

    def takes_key(self, event: QKeyEvent) -> bool:
        """Tell whether the map wants a key press for itself before any shortcut of the window."""
        command = command_of(event.key(), event.modifiers())
        if self._map.mini:
            return counts_in_mini(command)
        return bool(command) or self._map.tools.takes_key(event.key(), event.modifiers())

    def run(self, command: str) -> bool:
        """Run a command by name; False if there is nothing to do for it."""
        grid_map = self._map
        if not command or (grid_map.mini and not counts_in_mini(command)):
            return False
        head, _, rest = command.partition(":")
        if head == "pan":
            dx, dy = arrow_of(command)
            grid_map.pan_by(dx * PAN_PX, dy * PAN_PX)
        elif head == "measure":
            grid_map.choose_measure(Measure(rest))
        elif head == "tool":
            grid_map.start_tool(rest)
        elif command in self._plain:
            self._plain[command]()
        else:
            return self._run_choice(command)
        return True

    def _zoom(self, factor: float) -> None:
        view = self._map.nav.goal
        self._map.nav.zoom_at(factor, view.width / 2, view.height / 2)

    def _run_choice(self, command: str) -> bool:
        grid_map = self._map
        if command == "centre":
            return grid_map.centre_on_case()
        if command == "open":
            return self._open()
        if command == "clear":
            return self._clear()
        if command.startswith("neighbour:"):
            return self._neighbour(*arrow_of(command))
        if command.startswith("nudge:"):
            return self._nudge(*arrow_of(command))
        return False

    def _clear(self) -> bool:
        """Take back the region first, then the choice."""
        grid_map = self._map
        if not grid_map.region.empty:
            grid_map.clear_region()
            return True
        if grid_map.selection.case_id or grid_map.selection.area_code:
            grid_map.choose_case("")
            return True
        return False

    def next_case(self, forward: bool) -> bool:
        """Choose the next case in view, worst first; False after the last one: the focus goes on."""
        grid_map = self._map
        if grid_map.pick_mode or not grid_map.state.shows("cases"):
            return False
        found = grid_map.state.cases.next_in(grid_map.view.bounds, grid_map.selection.case_id, forward)
        if found:
            grid_map.choose_case(found)
        return bool(found)

    def _open(self) -> bool:
        grid_map = self._map
        if grid_map.pick_mode:
            view = grid_map.view
            grid_map.place_pin(pin_at_pixel(grid_map.state, view, view.width / 2, view.height / 2))
            return True
        if grid_map.selection.case_id:
            grid_map.case_activated.emit(grid_map.selection.case_id)
            return True
        return False

    def _neighbour(self, dx: int, dy: int) -> bool:
        """Choose the neighbouring cell (without a choice the one in the middle) and bring it into view."""
        grid_map, state = self._map, self._map.state
        if state.areas is None or state.picker is None:
            return False
        cells = state.areas.cells
        here = cells.index.get(grid_map.selection.area_code, -1)
        there = (
            state.picker.neighbour(here, dx, dy)
            if here >= 0
            else state.picker.pick(grid_map.view.cx, grid_map.view.cy)
        )
        if there < 0:
            return False
        grid_map.choose_area(cells.codes[there])
        x, y = (float(v) for v in cells.anchors[there])
        if not grid_map.nav.goal.contains(x, y, 48):
            grid_map.nav.glide(grid_map.nav.goal.centred_on(x, y))
        return True

    def _nudge(self, dx: int, dy: int) -> bool:
        """Move the pin by a few pixels."""
        grid_map = self._map
        if not grid_map.pick_mode or grid_map.pin is None:
            return False
        px, py = grid_map.view.to_screen((grid_map.pin.x, grid_map.pin.y))
        moved = pin_at_pixel(
            grid_map.state, grid_map.view, float(px) + dx * NUDGE_PX, float(py) + dy * NUDGE_PX
        )
        grid_map.place_pin(moved)
        return True
