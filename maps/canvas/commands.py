"""The keyboard on the map: every key is a command on the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeyEvent

from maps.canvas.keys import NUDGE_PX, PAN_PX, ZOOM_STEP, arrow_of, command_of
from maps.canvas.pin import pin_at_pixel
from maps.layers.areas import Measure
from maps.layers.cases import risk_key

if TYPE_CHECKING:
    from maps.canvas.widget import GridMapWidget


class CommandRunner:
    """Runs named commands on one map."""

    def __init__(self, widget: GridMapWidget) -> None:
        self._map = widget

    def run_key(self, event: QKeyEvent) -> bool:
        """Run the command of a key press; False if it is none of the map's."""
        return self.run(command_of(event.key(), event.modifiers()))

    def run(self, command: str) -> bool:
        """Run a command by name; False if there is nothing to do for it."""
        grid_map = self._map
        view = grid_map.nav.goal
        if command.startswith("pan:"):
            dx, dy = arrow_of(command)
            grid_map.nav.jump(view.panned(dx * PAN_PX, dy * PAN_PX))
        elif command in ("zoom_in", "zoom_out"):
            factor = ZOOM_STEP if command == "zoom_in" else 1 / ZOOM_STEP
            grid_map.nav.zoom_at(factor, view.width / 2, view.height / 2)
        elif command == "fit":
            grid_map.fit_all()
        elif command.startswith("measure:") and not grid_map.mini:
            grid_map.choose_measure(Measure(command.partition(":")[2]))
        elif command == "layers" and not grid_map.mini:
            grid_map.furniture.toggle_layers()
        else:
            return self._run_choice(command)
        return True

    def _run_choice(self, command: str) -> bool:
        grid_map = self._map
        if command == "centre":
            return grid_map.centre_on_case()
        if command == "open":
            return self._open()
        if command == "clear" and (grid_map.selection.case_id or grid_map.selection.area_code):
            grid_map.choose_case("")
            return True
        if command.startswith("neighbour:"):
            return self._neighbour(*arrow_of(command))
        if command.startswith("nudge:"):
            return self._nudge(*arrow_of(command))
        return False

    def next_case(self, forward: bool) -> bool:
        """Choose the next case in view, worst first; False after the last one: the focus goes on."""
        grid_map = self._map
        if grid_map.pick_mode or not grid_map.state.shows("cases"):
            return False
        cases = grid_map.state.cases
        inside = []
        for case in sorted(cases.cases.values(), key=risk_key):
            point = cases.point(case.case_id)
            if point is not None and grid_map.view.contains(*point):
                inside.append(case.case_id)
        chosen = grid_map.selection.case_id
        if not inside:
            return False
        if chosen in inside:
            at = inside.index(chosen) + (1 if forward else -1)
            if not 0 <= at < len(inside):
                return False
        else:
            at = 0 if forward else len(inside) - 1
        grid_map.choose_case(inside[at])
        return True

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
