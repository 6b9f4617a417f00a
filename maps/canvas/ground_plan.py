"""From the state of the map to the plan of its ground; a part keeps its revision until something in it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtGui import QPainter

from maps.canvas.base_painters import Look, PathTable, border_steps, outside_steps, road_steps, water_steps
from maps.canvas.case_pictures import CasePicture
from maps.canvas.fill_colors import ClassLooks, FillTable, class_looks
from maps.canvas.id_raster import CellRings
from maps.canvas.palette import MapPalette
from maps.canvas.pane_painter import GroundPlan, Steps
from maps.canvas.panes import PaneGrid
from maps.canvas.stack import GroundLayer, SteppedLayer
from maps.geometry.detail import Detail
from maps.geometry.viewport import Viewport
from maps.layers import book as layer_ids
from maps.layers.book import LayerSpec
from maps.layers.state import MapState

AT_ONCE = 1500
"""Districts of up to so many cells are simplified when asked for; larger ones show what is ready."""

_KEPT_LOOKS = 12


class Planner:
    """Makes plans; remembers what the last one was made of."""

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        self._state = state
        self.palette = palette
        self.under: tuple[GroundLayer, ...] = ()
        self.over: tuple[GroundLayer, ...] = ()
        self.top: tuple[CasePicture, ...] = ()
        """Pictures of all cases, above the borders."""
        self._seen: dict[str, tuple[Any, ...]] = {}
        self._revs = {"ids": 0, "under": 0, "over": 0, "top": 0, "ground": 0}
        self._rings: CellRings | None = None
        self._table: FillTable | None = None
        self._looks: dict[tuple[Any, ...], ClassLooks] = {}
        self._paths: dict[str, PathTable] = {}
        self._plan: GroundPlan | None = None

    def plan(self, view: Viewport, grid: PaneGrid) -> GroundPlan:
        """The plan for a view; the same object as long as nothing has changed."""
        state = self._state
        detail = self._detail(grid.pixel)
        zoom = self.palette.tokens.band_at(view.metres_per_pixel)
        look = Look(self.palette, zoom, grid.cy, grid.ratio)
        areas, layer = state.areas, state.area_layer
        if self._differs("base", (state.base,)):
            base = state.base
            self._paths = {
                "outside": PathTable(base.outside),
                "water": PathTable(base.water),
                "roads": PathTable(base.roads),
            }
        new = self._differs("grid", (grid.pixel, grid.ratio, grid.west, grid.north))
        if self._differs("ids", (detail, areas)) or new:
            self._revs["ids"] += 1
            self._rings = (
                None if detail is None or areas is None else CellRings(detail.rings, len(areas.cells))
            )
        fill = "" if areas is None else layer.fill_level(areas, zoom.id)
        filled = state.shows(layer_ids.FILL)
        table_of = (areas, layer, fill, filled, state.legend_off, state.fill_opacity, self.palette)
        if self._differs("table", table_of):
            self._table = self._fill_table(fill, filled)
        under, over = self._layers(look, detail)
        looks = (self.palette, zoom.id, state.base)
        given = self._given_revisions()
        if self._differs("under", (*looks, *_shown(state.book.under()), *given[0])) or new:
            self._revs["under"] += 1
        borders = (detail, state.shows(layer_ids.BORDERS), state.book.opacity(layer_ids.BORDERS), filled)
        if self._differs("over", (*looks, *borders, *_shown(state.book.over()), *given[1])) or new:
            self._revs["over"] += 1
        if self._differs("top", (self.palette, *_revisions(self.top))) or new:
            self._revs["top"] += 1
        parts = tuple(self._revs[k] for k in ("ids", "under", "over", "top"))
        if self._differs("all", (*parts, self._table, state.offline)) or self._plan is None:
            self._revs["ground"] += 1
            bounds = np.empty((0, 4)) if areas is None else areas.cells.bounds
            self._plan = GroundPlan(
                self.palette,
                grid.ratio,
                self._rings,
                bounds,
                self._table,
                under,
                over,
                tuple((1.0, partial(_given_steps, layer=x)) for x in self.top if x.shown),
                state.offline,
                (parts[0], parts[1], parts[2], parts[3], self._revs["ground"]),
            )
        return self._plan

    def _given_revisions(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Revisions of the layers of others by the side the book puts them on; unknown ones by how they were set."""
        below = {spec.id for spec in self._state.book.under()}
        known = set(self._state.book.ids())
        layers = {layer.key: layer for layer in (*self.under, *self.over)}.values()
        under = [x for x in layers if x.key in below or (x.key not in known and x in self.under)]
        return _revisions(under), _revisions([x for x in layers if x not in under])

    def _differs(self, what: str, now: tuple[Any, ...]) -> bool:
        """Compare by identity what something was made of, and remember it."""
        before = self._seen.get(what)
        self._seen[what] = now
        return (
            before is None
            or len(before) != len(now)
            or any(
                a is not b and not (isinstance(a, str | int | float | frozenset) and a == b)
                for a, b in zip(before, now, strict=True)
            )
        )

    def _detail(self, scale: float) -> Detail | None:
        state = self._state
        if state.detail is None or state.areas is None:
            return None
        if len(state.areas.cells) <= AT_ONCE:
            return state.detail.at(scale)
        return state.detail.ready(scale) or state.detail.at(scale)

    def _fill_table(self, level: str, filled: bool) -> FillTable | None:
        state = self._state
        if state.areas is None:
            return None
        styles = state.area_layer.styles() if filled else ()
        look_of = (self.palette, state.area_layer.measure, filled, state.legend_off, state.fill_opacity)
        if look_of not in self._looks:
            if len(self._looks) >= _KEPT_LOOKS:
                self._looks.clear()
            self._looks[look_of] = class_looks(styles, self.palette, state.legend_off, state.fill_opacity)
        classes = state.area_layer.cell_classes(state.areas, level, self.palette.tokens)
        return FillTable(self._looks[look_of], classes)

    def _layers(
        self, look: Look, detail: Detail | None
    ) -> tuple[tuple[tuple[float, Steps], ...], tuple[tuple[float, Steps], ...]]:
        """Layers below and above the fill in the order of the layer book, borders on top."""
        book = self._state.book
        given = {layer.key: layer for layer in (*self.under, *self.over)}
        built_in: dict[str, Steps] = {
            layer_ids.OUTSIDE: partial(outside_steps, table=self._paths["outside"], look=look),
            layer_ids.WATER: partial(water_steps, table=self._paths["water"], look=look),
            layer_ids.ROADS: partial(road_steps, table=self._paths["roads"], look=look),
        }
        used = {
            "outside": bool(self._state.base.outside),
            "water": bool(self._state.base.water),
            "roads": bool(self._state.base.roads),
        }
        sides: list[tuple[tuple[float, Steps], ...]] = []
        for specs, rest in ((book.under(), self.under), (book.over(), self.over)):
            side: list[tuple[float, Steps]] = []
            for spec in specs:
                if spec.id in built_in and used[spec.id]:
                    side.append((spec.opacity, built_in[spec.id]))
                elif spec.id in given:
                    side.append((spec.opacity, partial(_given_steps, layer=given[spec.id])))
            side += [(1.0, partial(_given_steps, layer=x)) for x in rest if book.get(x.key) is None]
            sides.append(tuple(side))
        if detail is not None and book.shows(layer_ids.BORDERS):
            steps = partial(border_steps, lines=detail.lines, look=look, grids=book.shows(layer_ids.FILL))
            sides[1] = (*sides[1], (book.opacity(layer_ids.BORDERS), steps))
        return sides[0], sides[1]


def _shown(specs: tuple[LayerSpec, ...]) -> tuple[Any, ...]:
    return tuple(v for spec in specs for v in (spec.id, spec.opacity))


def _revisions(layers: Sequence[GroundLayer]) -> tuple[Any, ...]:
    return tuple(v for layer in layers for v in (layer.key, layer.revision))


def _given_steps(painter: QPainter, view: Viewport, layer: GroundLayer) -> Iterator[None]:
    if isinstance(layer, SteppedLayer):
        yield from layer.steps(painter, view)
    else:
        layer.paint(painter, view)
        yield
