"""Placing of labels: the important first, each at the first free spot near its anchor, else not at all.

What was labelled before keeps its label at its spot as long as there is room for it, so that names stand still
while the map is dragged and cases come and go.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF

from maps.canvas.label_room import LabelRoom
from maps.canvas.label_shapes import area_anchor, cell_number, in_view, longest_piece, short_code, turned
from maps.canvas.sprites import OFFICER_PX, SINGLE_PX, SpriteBook
from maps.geometry.areas import AreaLevel
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.base import BasePath
from maps.layers.cases import Marks
from maps.layers.officers import APART_PX
from maps.layers.state import MapState
from maps.layers.tokens import ZoomBand

STREET_PX = 15.0
DISTRICT_PX = 16.0
GRID_PX = 11.0
ROAD_PX = 11.0
SEEN_PX = 10.0
NUMBER_PX = 24.0
"""From the middle of a single case to the middle of its number; the stage pips stand between them."""
ROAD_EDGE = 30.0
"""Roads are named this far inside the edges of the screen."""
ROAD_REPEAT_PX = 360.0
"""A name stands again only this far from itself."""


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label that found room: world anchor plus a shift in pixels; ``key`` says what it names."""

    text: str
    x: float
    y: float
    dx: float
    dy: float
    pixels: float
    bold: bool
    token: str
    angle: float = 0.0
    key: str = ""


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
        before: Mapping[str, PlacedLabel] | None = None,
    ) -> None:
        """Begin with a screen on which only the obstacles stand.

        Args:
            state: what is on the map.
            view: from where.
            book: for the sizes of texts.
            zoom: row of the zoom table.
            obstacles: rectangles on screen that labels keep off.
            mini: a small map for one spot.
            officers: officers are drawn.
            before: labels of the last layout at the same scale, by key.
        """
        self._officers = officers
        self._named: dict[str, list[FloatArray]] = {}
        self._mini = mini
        self._state = state
        self._view = view
        self._book = book
        self._zoom = zoom
        self._before = before or {}
        self._room = LabelRoom(view.width, view.height)
        self._room.take_boxes(obstacles)

    def block_marks(self, marks: Marks) -> Generator[None]:
        """Keep the labels off the symbols."""
        radius = np.where(
            marks.counts == 1, SINGLE_PX / 2 + 2, self._book.tokens.cluster_radii_of(marks.counts) + 3
        )
        if marks.chosen >= 0:
            radius[marks.chosen] = 29.0
        xy = self._view.to_screen(np.column_stack([marks.x, marks.y]))
        yield from self._room.take_many(xy, radius)
        points = self._state.officers.points
        if self._officers and len(points):
            room = np.full(len(points), OFFICER_PX / 2 + 2)
            yield from self._room.take_many(self._view.to_screen(points), room)

    def run(self, marks: Marks) -> Generator[None, None, list[PlacedLabel]]:
        """Place everything the zoom band asks for; a turn for each label that is tried."""
        out: list[PlacedLabel] = []
        for label in self._all(marks):
            if label is not None:
                out.append(label)
            yield
        return out

    def _all(self, marks: Marks) -> Iterator[PlacedLabel | None]:
        kinds = self._zoom.labels
        if self._mini:
            kinds = kinds - {"street", "district"} | {"grid_no"}
        if self._state.areas is not None:
            yield self._chosen_cell()
            if "district" in kinds:
                yield from self._level_labels("district", DISTRICT_PX)
            if "street" in kinds:
                yield from self._level_labels("street", STREET_PX)
        yield from self._last_seen()
        if self._zoom.numbered:
            yield from self._numbers(marks)
        if "road" in kinds and self._state.shows("roads"):
            for path in self._state.base.roads:
                if path.name:
                    yield self._road(path)
        if self._state.areas is not None and kinds & {"grid_no", "grid_name"} and self._state.shows("grid"):
            yield from self._cells("grid_name" in kinds)

    # --- areas ------------------------------------------------------------------------------------

    def _level_labels(self, name: str, pixels: float) -> Iterator[PlacedLabel | None]:
        areas = self._state.areas
        if areas is None or name not in areas.levels:
            return
        level = areas.levels[name]
        for i in self._steady(level, np.flatnonzero(in_view(level, self._view))):
            text, key = level.names[i], level.codes[i]
            if text:
                kept = self._kept(key, text, pixels, True)
                yield kept or self._place(
                    text,
                    area_anchor(areas, level, i, self._view),
                    pixels,
                    True,
                    "map.label",
                    _AROUND,
                    key=key,
                )

    def _steady(self, level: AreaLevel, which: npt.NDArray[np.int64]) -> list[int]:
        """The areas in the order they are labelled: those that had a label first."""
        at = which.tolist()
        had = {i for i in at if level.codes[i] in self._before}
        return [*(i for i in at if i in had), *(i for i in at if i not in had)]

    def _chosen_cell(self) -> PlacedLabel | None:
        """The label of the selected grid is always drawn; it only avoids the ring of the selected case."""
        areas, code = self._state.areas, self._state.selection.area_code
        if areas is None or code not in areas.cells.index:
            return None
        i = areas.cells.index[code]
        anchor = (float(areas.cells.anchors[i, 0]), float(areas.cells.anchors[i, 1]))
        text = areas.cells.names[i] or short_code(code)
        size = self._book.text_size(text, GRID_PX + 1, True)
        dx, dy = self._spot(anchor, size, _AROUND) or (0.0, 0.0)
        label = PlacedLabel(text, *anchor, dx, dy, GRID_PX + 1, True, "map.label", key=f"chosen:{code}")
        self._take(label, size)
        return label

    def _cells(self, named: bool) -> Iterator[PlacedLabel | None]:
        areas = self._state.areas
        if areas is None:
            return
        level, scale = areas.cells, self._view.scale
        wide = (level.bounds[:, 2] - level.bounds[:, 0]) / scale
        which = np.flatnonzero(in_view(level, self._view) & (wide >= self._book.tokens.grid_label_min_px))
        yield None
        for i in self._steady(level, which):
            code = level.codes[i]
            if code == self._state.selection.area_code:
                continue
            text = level.names[i] if named and level.names[i] else cell_number(code, level.names[i])
            kept = self._kept(code, text, GRID_PX, False)
            if kept is not None:
                yield kept
                continue
            reach = max(float(level.radii[i]) / scale - 8, 0) ** 2
            large = wide[i] > self._view.width / 3
            x, y = area_anchor(areas, level, i, self._view) if large else level.anchors[i].tolist()
            spots = [s for s in _NEAR if s == (0, 0) or s[0] ** 2 + s[1] ** 2 <= reach]
            yield self._place(text, (x, y), GRID_PX, False, "text.secondary", spots, key=code)

    def _last_seen(self) -> Iterator[PlacedLabel | None]:
        """Time of the last report below each officer who is not in contact."""
        if not self._officers:
            return
        layer = self._state.officers
        for group in layer.groups(APART_PX * self._view.scale):
            # Officers put together into one disc have their times in its card.
            i = group.members[0]
            seen = layer.officers[i].seen
            if len(group.members) == 1 and seen and (self._state.offline or layer.lost(i)):
                spots = ((0.0, 20.0), (0.0, -20.0))
                yield self._place(seen, (group.x, group.y), SEEN_PX, False, "text.tertiary", spots)

    # --- roads and cases --------------------------------------------------------------------------

    def _road(self, path: BasePath) -> PlacedLabel | None:
        """Name of a road along its longest straight piece on screen; not twice close together."""
        xy = self._view.to_screen(path.xy)
        room = (ROAD_EDGE, ROAD_EDGE, self._view.width - ROAD_EDGE, self._view.height - ROAD_EDGE)
        if len(xy) < 2 or bool(np.any(xy.max(axis=0) < room[:2])) or bool(np.any(xy.min(axis=0) > room[2:])):
            return None
        piece = longest_piece(xy, room)
        if piece is None:
            return None
        middle, way = piece
        if any(np.hypot(*(middle - p)) < ROAD_REPEAT_PX for p in self._named.get(path.name, ())):
            return None
        angle = float(np.degrees(np.arctan2(way[1], way[0])))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        x, y = self._view.to_world(middle).tolist()
        spots = ((0.0, 0.0),)
        key = f"road:{path.name}:{id(path)}"
        made = self._kept(key, path.name, ROAD_PX, False) or self._place(
            path.name, (x, y), ROAD_PX, False, "text.tertiary", spots, angle, key
        )
        if made is not None:
            self._named.setdefault(path.name, []).append(self._view.to_screen((made.x, made.y)))
        return made

    def _numbers(self, marks: Marks) -> Iterator[PlacedLabel | None]:
        """Number below each single case, the worst first: they are drawn last."""
        seen = np.flatnonzero((marks.counts == 1) & marks.within(self._view.bounds))
        for at in reversed(seen.tolist()):
            case = self._state.cases.cases.get(marks.id_of(at))
            if case is None or not case.number:
                continue
            away = 38.0 if at == marks.chosen else NUMBER_PX
            spots = ((0.0, away), (0.0, -away))
            place = (float(marks.x[at]), float(marks.y[at]))
            yield self._place(case.number, place, GRID_PX, True, "map.label", spots)

    # --- room -------------------------------------------------------------------------------------

    def _kept(self, key: str, text: str, pixels: float, bold: bool) -> PlacedLabel | None:
        """The label as it stood before, if there is room for it where it stood."""
        label = self._before.get(key)
        if label is None or (label.text, label.pixels, label.bold) != (text, pixels, bold):
            return None
        size = turned(self._book.text_size(text, pixels, bold), label.angle)
        if self._spot((label.x, label.y), size, ((label.dx, label.dy),)) is None:
            return None
        self._take(label, size)
        return label

    def _place(
        self,
        text: str,
        anchor: tuple[float, float],
        pixels: float,
        bold: bool,
        token: str,
        spots: Iterable[tuple[float, float]],
        angle: float = 0.0,
        key: str = "",
    ) -> PlacedLabel | None:
        size = turned(self._book.text_size(text, pixels, bold), angle)
        spot = self._spot(anchor, size, spots)
        if spot is None:
            return None
        label = PlacedLabel(text, *anchor, *spot, pixels, bold, token, angle, key)
        self._take(label, size)
        return label

    def _take(self, label: PlacedLabel, size: tuple[float, float]) -> None:
        px, py = self._pixel((label.x, label.y))
        half_w, half_h = size[0] / 2, size[1] / 2
        px, py = px + label.dx, py + label.dy
        self._room.take(px - half_w, py - half_h, px + half_w, py + half_h)

    def _spot(
        self, anchor: tuple[float, float], size: tuple[float, float], spots: Iterable[tuple[float, float]]
    ) -> tuple[float, float] | None:
        px, py = self._pixel(anchor)
        half_w, half_h = size[0] / 2, size[1] / 2
        for dx, dy in spots:
            x, y = px + dx, py + dy
            if self._room.free(x - half_w, y - half_h, x + half_w, y + half_h):
                return dx, dy
        return None

    def _pixel(self, point: tuple[float, float]) -> tuple[float, float]:
        view = self._view
        return (point[0] - view.cx) / view.scale + view.width / 2, (
            view.cy - point[1]
        ) / view.scale + view.height / 2


def labels_before(labels: Iterable[PlacedLabel], scale: float, now: float) -> dict[str, PlacedLabel]:
    """Labels of the last layout that may stay, by key: none after a change of scale."""
    if abs(now / scale - 1) > 1e-6:
        return {}
    return {label.key: label for label in labels if label.key}


_NEAR = ((0.0, 0.0), (0.0, -14.0), (0.0, 14.0), (-18.0, 0.0), (18.0, 0.0), (-14.0, -14.0), (14.0, 14.0))
_AROUND = (
    *((0.0, 0.0), (0.0, -20.0), (0.0, 20.0), (0.0, -34.0), (0.0, 34.0), (-40.0, 0.0), (40.0, 0.0)),
    *((-40.0, -28.0), (40.0, -28.0), (-40.0, 28.0), (40.0, 28.0), (0.0, -50.0), (0.0, 50.0)),
    *((-80.0, 0.0), (80.0, 0.0), (-70.0, -36.0), (70.0, 36.0), (0.0, -70.0), (0.0, 70.0)),
    *((0.0, -96.0), (0.0, 96.0), (-116.0, 0.0), (116.0, 0.0)),
)


def label_point(view: Viewport, label: PlacedLabel) -> QPointF:
    """Where the middle of a placed label is on screen in a view."""
    px, py = view.to_screen((label.x, label.y))
    return QPointF(float(px) + label.dx, float(py) + label.dy)
