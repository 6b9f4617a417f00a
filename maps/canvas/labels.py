"""Placing of labels: the important first, each at the first free spot near its anchor, else not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, QSizeF

from maps.canvas.sprites import OFFICER_PX, SINGLE_PX, SpriteBook
from maps.geometry.areas import AreaLevel
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.base import BasePath
from maps.layers.cases import Mark
from maps.layers.state import MapState
from maps.layers.tokens import ZoomBand

STREET_PX = 15.0
DISTRICT_PX = 16.0
GRID_PX = 11.0
ROAD_PX = 11.0
SEEN_PX = 10.0
ROAD_EDGE = 30.0
"""Roads are named this far inside the edges of the screen."""
ROAD_REPEAT_PX = 360.0
"""A name stands again only this far from itself."""


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label that found room: world anchor plus a shift in pixels."""

    text: str
    x: float
    y: float
    dx: float
    dy: float
    pixels: float
    bold: bool
    token: str
    angle: float = 0.0


class LabelPlacer:
    """Greedy placement: the more important label first, each takes the first free spot near its anchor."""

    def __init__(
        self,
        state: MapState,
        view: Viewport,
        book: SpriteBook,
        zoom: ZoomBand,
        obstacles: Iterable[QRectF],
        mini: bool,
        officers: bool,
    ) -> None:
        self._officers = officers
        self._named: dict[str, list[FloatArray]] = {}
        self._mini = mini
        self._state = state
        self._view = view
        self._book = book
        self._zoom = zoom
        self._taken: list[QRectF] = list(obstacles)
        self._screen = QRectF(4, 4, view.width - 8, view.height - 8)

    def block_marks(self, marks: Iterable[Mark]) -> None:
        """Keep the labels off the symbols."""
        chosen = self._state.selection.case_id
        for mark in marks:
            radius = (
                SINGLE_PX / 2 + 2 if mark.count == 1 else self._book.tokens.cluster_radius(mark.count) + 3
            )
            if chosen and chosen in mark.case_ids:
                radius = 29.0
            self._block(mark.x, mark.y, radius)
        if self._officers:
            for x, y in self._state.officers.points:
                self._block(x, y, OFFICER_PX / 2 + 2)

    def _block(self, x: float, y: float, radius: float) -> None:
        px, py = self._view.to_screen((x, y))
        if -radius < px < self._view.width + radius and -radius < py < self._view.height + radius:
            self._taken.append(QRectF(px - radius, py - radius, 2 * radius, 2 * radius))

    def run(self, marks: Iterable[Mark]) -> list[PlacedLabel]:
        """Place everything the zoom band asks for."""
        kinds = self._zoom.labels
        if self._mini:
            kinds = kinds - {"street", "district"} | {"grid_no"}
        out: list[PlacedLabel | None] = []
        if self._state.areas is not None:
            out.append(self._chosen_cell())
            if "district" in kinds:
                out.extend(self._level_labels("district", DISTRICT_PX))
            if "street" in kinds:
                out.extend(self._level_labels("street", STREET_PX))
        out.extend(self._last_seen())
        if self._zoom.numbered:
            out.extend(self._number(m) for m in marks if m.count == 1)
        if "road" in kinds and self._state.shows("base"):
            out.extend(self._road(path) for path in self._state.base.roads if path.name)
        if self._state.areas is not None and kinds & {"grid_no", "grid_name"} and self._state.shows("grid"):
            out.extend(self._cells("grid_name" in kinds))
        return [label for label in out if label is not None]

    # --- areas ------------------------------------------------------------------------------------

    def _level_labels(self, name: str, pixels: float) -> Iterable[PlacedLabel | None]:
        areas = self._state.areas
        if areas is None or name not in areas.levels:
            return
        level = areas.levels[name]
        for i in self._in_view(level):
            text = level.names[i]
            if text:
                yield self._place(text, self._anchor(level, i), pixels, True, "map.label", _AROUND)

    def _anchor(self, level: AreaLevel, i: int) -> tuple[float, float]:
        """Label point; where it is off screen, the inner point of the part that is on screen."""
        x, y = level.anchors[i]
        if self._view.contains(float(x), float(y), 40):
            return float(x), float(y)
        west, south, east, north = self._view.bounds
        part = shapely.intersection(level.geometry[i], shapely.box(west, south, east, north))
        if part.is_empty or part.area < (120 * self._view.scale) ** 2:
            return float(x), float(y)
        inner = shapely.get_coordinates(shapely.point_on_surface(part))[0]
        return float(inner[0]), float(inner[1])

    def _in_view(self, level: AreaLevel) -> list[int]:
        west, south, east, north = self._view.bounds
        b = level.bounds
        inside = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
        return [int(i) for i in np.flatnonzero(inside)]

    def _chosen_cell(self) -> PlacedLabel | None:
        """The label of the selected grid is always drawn; it only avoids the ring of the selected case."""
        areas, code = self._state.areas, self._state.selection.area_code
        if areas is None or code not in areas.cells.index:
            return None
        i = areas.cells.index[code]
        anchor = (float(areas.cells.anchors[i, 0]), float(areas.cells.anchors[i, 1]))
        text = areas.cells.names[i] or short_code(code)
        size = self._book.label_size(text, GRID_PX + 1, True)
        best = self._spot(anchor, size, _AROUND) or (0.0, 0.0)
        px, py = self._view.to_screen(anchor)
        self._taken.append(rect_around(px + best[0], py + best[1], size.width(), size.height()))
        return PlacedLabel(text, *anchor, *best, GRID_PX + 1, True, "map.label")

    def _cells(self, named: bool) -> Iterable[PlacedLabel | None]:
        areas = self._state.areas
        if areas is None:
            return
        level, scale = areas.cells, self._view.scale
        least = self._book.tokens.grid_label_min_px
        for i in self._in_view(level):
            wide = (level.bounds[i, 2] - level.bounds[i, 0]) / scale
            if wide < least or level.codes[i] == self._state.selection.area_code:
                continue
            text = level.names[i] if named and level.names[i] else cell_number(level.codes[i], level.names[i])
            room = float(level.radii[i]) / scale
            x, y = self._anchor(level, i) if wide > self._view.width / 3 else level.anchors[i]
            spots = [
                (dx, dy)
                for dx, dy in _NEAR
                if dx * dx + dy * dy <= max(room - 8, 0) ** 2 or (dx, dy) == (0, 0)
            ]
            yield self._place(text, (float(x), float(y)), GRID_PX, False, "text.secondary", spots)

    def _last_seen(self) -> Iterable[PlacedLabel | None]:
        """Time of the last report below each officer who is not in contact."""
        if not self._officers:
            return
        for officer, point in zip(self._state.officers.officers, self._state.officers.points, strict=True):
            if officer.seen and (officer.lost or self._state.offline):
                yield self._place(
                    officer.seen, point, SEEN_PX, False, "text.tertiary", ((0.0, 20.0), (0.0, -20.0))
                )

    # --- roads and cases --------------------------------------------------------------------------

    def _road(self, path: BasePath) -> PlacedLabel | None:
        """Name of a road along its longest straight piece on screen; not twice close together."""
        xy = self._view.to_screen(path.xy)
        room = (ROAD_EDGE, ROAD_EDGE, self._view.width - ROAD_EDGE, self._view.height - ROAD_EDGE)
        if len(xy) < 2 or bool(np.any(xy.max(axis=0) < room[:2])) or bool(np.any(xy.min(axis=0) > room[2:])):
            return None
        seen = [
            shapely.get_coordinates(p)
            for p in shapely.get_parts(shapely.clip_by_rect(shapely.linestrings(xy), *room))
        ]
        ends = [np.hstack([p[:-1], p[1:]]) for p in seen if len(p) >= 2]
        if not ends:
            return None
        pieces = np.vstack(ends)
        a, b = pieces[:, :2], pieces[:, 2:]
        middle = (a + b) / 2
        length = np.hypot(*(b - a).T)
        at = int(np.argmax(length))
        if any(np.hypot(*(middle[at] - p)) < ROAD_REPEAT_PX for p in self._named.get(path.name, ())):
            return None
        way = b[at] - a[at]
        angle = float(np.degrees(np.arctan2(way[1], way[0])))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        x, y = self._view.to_world(middle[at])
        spots = ((0.0, 0.0),)
        made = self._place(path.name, (float(x), float(y)), ROAD_PX, False, "text.tertiary", spots, angle)
        if made is not None:
            self._named.setdefault(path.name, []).append(middle[at])
        return made

    def _number(self, mark: Mark) -> PlacedLabel | None:
        case = self._state.cases.cases[mark.case_ids[0]]
        below = ((0.0, 19.0), (0.0, -19.0))
        if case.case_id == self._state.selection.case_id:
            below = ((0.0, 38.0), (0.0, -38.0))
        return (
            self._place(case.number, (mark.x, mark.y), GRID_PX, True, "map.label", below)
            if case.number
            else None
        )

    # --- room -------------------------------------------------------------------------------------

    def _place(
        self,
        text: str,
        anchor: tuple[float, float],
        pixels: float,
        bold: bool,
        token: str,
        spots: Iterable[tuple[float, float]],
        angle: float = 0.0,
    ) -> PlacedLabel | None:
        size = self._book.label_size(text, pixels, bold)
        if angle:
            turn = np.radians(angle)
            wide = abs(np.cos(turn)) * size.width() + abs(np.sin(turn)) * size.height()
            high = abs(np.sin(turn)) * size.width() + abs(np.cos(turn)) * size.height()
            size.setWidth(float(wide))
            size.setHeight(float(high))
        spot = self._spot(anchor, size, spots)
        if spot is None:
            return None
        px, py = self._view.to_screen(anchor)
        self._taken.append(rect_around(px + spot[0], py + spot[1], size.width(), size.height()))
        return PlacedLabel(text, *anchor, *spot, pixels, bold, token, angle)

    def _spot(
        self, anchor: tuple[float, float], size: QSizeF, spots: Iterable[tuple[float, float]]
    ) -> tuple[float, float] | None:
        px, py = self._view.to_screen(anchor)
        for dx, dy in spots:
            box = rect_around(px + dx, py + dy, size.width(), size.height())
            if self._screen.contains(box) and not any(box.intersects(r) for r in self._taken):
                return dx, dy
        return None


_NEAR = ((0.0, 0.0), (0.0, -14.0), (0.0, 14.0), (-18.0, 0.0), (18.0, 0.0), (-14.0, -14.0), (14.0, 14.0))
_AROUND = (
    *((0.0, 0.0), (0.0, -20.0), (0.0, 20.0), (0.0, -34.0), (0.0, 34.0), (-40.0, 0.0), (40.0, 0.0)),
    *((-40.0, -28.0), (40.0, -28.0), (-40.0, 28.0), (40.0, 28.0), (0.0, -50.0), (0.0, 50.0)),
    *((-80.0, 0.0), (80.0, 0.0), (-70.0, -36.0), (70.0, 36.0), (0.0, -70.0), (0.0, 70.0)),
)


def rect_around(x: float, y: float, width: float, height: float) -> QRectF:
    """Rectangle of a size around its middle."""
    return QRectF(x - width / 2, y - height / 2, width, height)


def cell_number(code: str, name: str) -> str:
    """Short number of a grid: what follows the last dash of its name, else the last digits of its code."""
    tail = name.rpartition("-")[2]
    return tail if tail.isdigit() else short_code(code)


def short_code(code: str) -> str:
    """Last two digits of a code, the last three where two would hide a hundred."""
    tail = code[-3:]
    return tail[1:] if tail.startswith("0") else tail


def label_point(view: Viewport, label: PlacedLabel) -> QPointF:
    """Where the middle of a placed label is on screen in a view."""
    px, py = view.to_screen((label.x, label.y))
    return QPointF(float(px) + label.dx, float(py) + label.dy)
