"""Verbs of the map: every command of the map widget, measures, layers, areas, export and sources."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.viewmodels.verbs.verb import AN_AREA, MAP, MAP_GROUP, SETTINGS_GROUP, Call, Verb, noop, tr
from console.windows.map_source_layers import SourcesVerb
from maps.canvas import texts, tool_texts
from maps.canvas.keys import KEY_WORDS
from maps.canvas.menu import GROUPS
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure

if TYPE_CHECKING:
    from console.windows.dispatch.page import DispatchPage

#: commands with a title of their own that the menu of the map does not offer
OTHERS = ("zoom_in", "zoom_out", "last_mark", "layers", "menu")
ROOM = 0.15
"""Room around an area that is brought into view, as a share of its longer side."""
LAYERS = ("grid", "cases", "officers", "base", "labels")
ALIASES = {
    "fit": ("全区", "全图"), "tool:distance": ("测距",), "tool:area": ("量面积",), "tool:rectangle": ("矩形选区",),
    "tool:polygon": ("圈选", "套索"), "save_picture": ("导出地图", "截图"), "copy_picture": ("复制地图",),
}  # fmt: skip
#: keys the map hears itself, for `?`
MOVES = (
    ("pan", noop("移动视图"), ("Left", "Up", "Down", "Right")),
    ("neighbour", noop("相邻网格"), ("Ctrl+Left", "Ctrl+Right", "Ctrl+Up", "Ctrl+Down")),
    ("next_case", noop("视图内下一件"), ("Tab",)),
    ("open", noop("打开"), ("Return",)),
)
ONLY_CHOSEN = Verb("map.only_chosen", noop("只看所选网格"), (), MAP_GROUP, ("F",), MAP, icon="filter")
GO_TO = Verb("map.go_to", noop("地图移到"), ("定位到", "去", "转到"), MAP_GROUP, (), MAP, (AN_AREA,), "pin")
FOLLOW = Verb(
    "map.follow", noop("选中案件时移到地图中央"), ("地图跟随",), SETTINGS_GROUP, (), MAP, icon="locate"
)
SOURCES = Verb(
    "map.sources", noop("底图与图层来源"), ("底图", "图源"), SETTINGS_GROUP, (), MAP, icon="layers"
)


def printed(key: str) -> str:
    """Return a key as Qt writes it; the map prints arrows and a long minus."""
    return key.replace("←", "Left").replace("→", "Right").replace("−", "-")


def commands() -> tuple[str, ...]:
    """Return the commands of the map that have a title, in the order of its menu."""
    return (*(command for group in GROUPS for command in group), *OTHERS)


def bind_map(page: DispatchPage) -> None:
    """Bind the verbs of the map to the book of the page's seat."""
    verbs, grid_map = page.seat.verbs, page.map.map
    for command in commands():
        keys = (printed(KEY_WORDS[command]),) if command in KEY_WORDS else ()
        verb = Verb(
            f"map.{command}", tool_texts.command_title(command), ALIASES.get(command, ()), MAP_GROUP, keys, MAP,
            icon="map", fixed=True,
        )  # fmt: skip
        verbs.add(verb, partial(grid_map.run_command, command))
    for number, measure in enumerate(Measure, 1):
        title = tr("地图按{measure}着色").format(measure=texts.measure_name(measure))
        verb = Verb(
            f"map.measure.{measure.value}", title, (texts.measure_name(measure),), MAP_GROUP, (str(number),), MAP,
            icon="layers", fixed=True,
        )  # fmt: skip
        verbs.add(verb, partial(grid_map.choose_measure, measure))
    for layer in LAYERS:
        title = tr("图层：{name}（开关）").format(name=texts.layer_name(layer))
        verb = Verb(f"map.layer.{layer}", title, (), MAP_GROUP, (), MAP, icon="layers")
        verbs.add(verb, partial(_toggle_layer, page, layer))
    for name, title, held in MOVES:
        move = Verb(f"map.move.{name}", title, (), MAP_GROUP, held, MAP, fixed=True, listed=False)
        verbs.add(move, lambda: None)
    _bind_areas(page)


def _bind_areas(page: DispatchPage) -> None:
    """Bind going to an area, asking for it, and the settings of the map."""
    verbs, grid_map = page.seat.verbs, page.map.map
    keeper = page.map_model.keeper

    def chosen() -> str:
        return "" if grid_map.selection.area_code else tr("还没有选中网格")

    def go_to(call: Call) -> None:
        grid_map.choose_area(call.area)
        _bring_into_view(page, call.area)

    verbs.add(ONLY_CHOSEN, page.map.hands.toggle_chosen_area, chosen)
    verbs.add_for(GO_TO, go_to, lambda call: "" if call.area else tr("要去的网格、社区或街道还没有写"))
    verbs.add(FOLLOW, lambda: keeper.keep(follow=not keeper.memory.follow))
    sources = grid_map.findChild(SourcesVerb)
    if sources is not None:
        verbs.add(SOURCES, sources.open)


def _bring_into_view(page: DispatchPage, code: str) -> None:
    """Let the view show the whole of an area, with some room around it."""
    entry, nav = page.seat.areas.get(code), page.map.map.nav
    shape = entry.shape if entry is not None else None
    if shape is None:
        return
    west, south, east, north = shape.bounds
    (x0, y0), (x1, y1) = project(west, south), project(east, north)
    room = ROOM * max(x1 - x0, y1 - y0)
    box = (float(x0 - room), float(y0 - room), float(x1 + room), float(y1 + room))
    nav.glide(Viewport.fit(box, nav.goal.width, nav.goal.height))


def _toggle_layer(page: DispatchPage, layer: str) -> None:
    """Show or hide a layer of the map."""
    grid_map = page.map.map
    grid_map.set_layer_visible(layer, not grid_map.state.shows(layer))
