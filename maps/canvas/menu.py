"""The context menu of the map: every verb with its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from maps.canvas import tool_texts
from maps.canvas.keys import KEY_WORDS
from maps.layers.coordinates import shown_text

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

GROUPS: tuple[tuple[str, ...], ...] = (
    ("copy_point", "system"),
    ("tool:rectangle", "tool:polygon", "clear_region", "tool:legend", "legend_all"),
    ("tool:distance", "tool:area", "tool:draw"),
    ("back", "forward", "fit", "centre", "next_mark"),
    ("copy_picture", "save_picture"),
)


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """A menu that is about to open, for those who add their own verbs.

    Attributes:
        menu: the menu; actions may be added before it is shown.
        lonlat: WGS84 degrees of the place it is for.
        case_id: the single case there, empty for none.
        area_code: the finest area there, empty outside.
    """

    menu: QMenu
    lonlat: tuple[float, float]
    case_id: str
    area_code: str


def open_menu(grid_map: MapVerbs, at: QPoint) -> QMenu:
    """Open the menu for a pixel of the map. It does not wait: the map goes on living below it."""
    menu = QMenu(grid_map)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(tool_texts.command_title("menu"))
    point = grid_map.world_at(at)
    for commands in GROUPS:
        for command in commands:
            _add(menu, grid_map, command, point)
        menu.addSeparator()
    place = grid_map.place_at(at, menu)
    grid_map.menu_opening.emit(place)
    menu.popup(grid_map.mapToGlobal(at))
    return menu


def _add(menu: QMenu, grid_map: MapVerbs, command: str, point: tuple[float, float]) -> None:
    words, key = tool_texts.command_title(command), KEY_WORDS.get(command, "")
    if command == "copy_point":
        words = f"{words} {shown_text(grid_map.coordinate_system, *point)}"
    if command == "system":
        words = f"{words}：{grid_map.coordinate_system.other.label}"
    # The part after the tab is only printed: the map itself hears its keys, whatever the menu does.
    action = menu.addAction(f"{words}\t{key}" if key else words)
    action.setData(command)
    if command == "copy_point":
        action.triggered.connect(lambda: grid_map.copy_coordinate(point))
    else:
        action.triggered.connect(lambda: grid_map.run_command(command))
    if command.startswith("tool:"):
        action.setCheckable(True)
        action.setChecked(grid_map.tools.name == command.partition(":")[2])
    action.setEnabled(_possible(grid_map, command))


def _possible(grid_map: MapVerbs, command: str) -> bool:
    possible: dict[str, bool] = {
        "back": grid_map.nav.can_back,
        "forward": grid_map.nav.can_forward,
        "clear_region": not grid_map.region.empty,
        "legend_all": grid_map.legend_filter.count_off > 0,
        "tool:legend": bool(grid_map.legend_filter.items()),
        "centre": grid_map.state.cases.point(grid_map.selection.case_id) is not None,
    }
    return possible.get(command, True)
