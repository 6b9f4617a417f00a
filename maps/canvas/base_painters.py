"""The built-in layers of the ground as things that paint themselves: land outside, water, roads, borders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from maps.canvas.line_paths import clipped, dashed, stroke_lines
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.geometry.mercator import FloatArray, true_scale
from maps.geometry.tables import LineTable, gathered
from maps.geometry.viewport import Bounds, Viewport
from maps.layers.base import BasePath
from maps.layers.tokens import ZoomBand

LEAST_ROAD_PX = 0.5
"""Roads narrower than this on screen are left out; they would only grey the fill."""
REACH = 8.0
"""Logical pixels around a view within which a line may still colour it."""
HALO_PX = 5.0
DASH_PX = (5.0, 3.0)
"""Length of a dash and of a gap of street borders."""
_PATHS_A_STEP = 24


@dataclass(frozen=True, slots=True)
class Look:
    """What the built-in layers look like now: colours, row of the zoom table, latitude of widths, pixel ratio."""

    palette: MapPalette
    zoom: ZoomBand
    cy: float
    ratio: float

    def pixels(self, metres: float, view: Viewport) -> float:
        """Logical pixels of a width on the ground."""
        return metres / true_scale(self.cy) / view.scale


class PathTable:
    """Base map features of one kind with the box of each."""

    def __init__(self, paths: tuple[BasePath, ...]) -> None:
        self.paths = paths
        boxes = [(*p.xy.min(axis=0), *p.xy.max(axis=0)) for p in paths]
        self._boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)

    def near(self, bounds: Bounds, reach_m: float) -> list[BasePath]:
        """Features whose box meets the bounds, ``reach_m`` world metres larger."""
        west, south, east, north = bounds
        b = self._boxes
        met = (b[:, 0] <= east + reach_m) & (b[:, 2] >= west - reach_m)
        met &= (b[:, 1] <= north + reach_m) & (b[:, 3] >= south - reach_m)
        return [self.paths[i] for i in np.flatnonzero(met).tolist()]


def outside_steps(painter: QPainter, view: Viewport, table: PathTable, look: Look) -> Iterator[None]:
    """Land around the district."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.palette.color("map.outside_line"), 1.0))
    painter.setBrush(look.palette.color("map.outside"))
    for path in table.near(view.bounds, REACH * view.scale):
        painter.drawPolygon(polygon_of(view.to_screen(path.xy)))
        yield


def water_steps(painter: QPainter, view: Viewport, table: PathTable, look: Look) -> Iterator[None]:
    """Water: polygons with their islands in one path, lines at their width."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = look.palette.color("map.water")
    solid = QPainterPath()
    reach = (_widest(table) / true_scale(look.cy)) + REACH * view.scale
    for i, path in enumerate(table.near(view.bounds, reach)):
        polygon = polygon_of(view.to_screen(path.xy))
        if path.closed:
            solid.addPolygon(polygon)
            solid.closeSubpath()
        else:
            painter.setPen(_line_pen(color, look.pixels(path.width_m, view), 2.0))
            painter.drawPolyline(polygon)
        if i % _PATHS_A_STEP == _PATHS_A_STEP - 1:
            yield
    painter.fillPath(solid, color)


def road_steps(painter: QPainter, view: Viewport, table: PathTable, look: Look) -> Iterator[None]:
    """Roads at their width; those too thin to see are left out."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    color = look.palette.color("map.road")
    reach = (_widest(table) / true_scale(look.cy)) + REACH * view.scale
    for i, path in enumerate(table.near(view.bounds, reach)):
        width = look.pixels(path.width_m, view)
        if path.width_m and width < LEAST_ROAD_PX:
            continue
        painter.setPen(_line_pen(color, width, 1.2))
        painter.drawPolyline(polygon_of(view.to_screen(path.xy)))
        if i % _PATHS_A_STEP == _PATHS_A_STEP - 1:
            yield


def border_steps(
    painter: QPainter, view: Viewport, lines: LineTable, look: Look, grids: bool
) -> Iterator[None]:
    """Border lines, fine levels first; ``grids`` tells whether those below the street are drawn."""
    zoom, palette = look.zoom, look.palette
    if grids and zoom.grid_line:
        pen = QPen(palette.color("map.grid_line"), zoom.grid_line, j=Qt.PenJoinStyle.RoundJoin)
        for name in ("grid", "community"):
            yield from _level(painter, view, lines, name, pen, look.ratio)
    street = QPen(palette.color("map.street_line", 0.75), zoom.street_line, j=Qt.PenJoinStyle.RoundJoin)
    if zoom.dashed_streets:
        street.setCapStyle(Qt.PenCapStyle.FlatCap)
    yield from _level(painter, view, lines, "street", street, look.ratio, zoom.dashed_streets)
    halo = QPen(palette.color("map.halo", 0.8), HALO_PX, j=Qt.PenJoinStyle.RoundJoin)
    rim = QPen(palette.color("map.district_line", 0.9), zoom.district_line, j=Qt.PenJoinStyle.RoundJoin)
    for pen in (halo, rim):
        for name in ("district", "city"):
            yield from _level(painter, view, lines, name, pen, look.ratio)


def _level(
    painter: QPainter,
    view: Viewport,
    lines: LineTable,
    name: str,
    pen: QPen,
    ratio: float,
    dashes: bool = False,
) -> Iterator[None]:
    """Lines of one level that meet the view."""
    west, south, east, north = view.bounds
    reach = REACH * view.scale
    at = lines.within((west - reach, south - reach, east + reach, north + reach), name)
    if len(at) == 0:
        return
    counts = lines.stop[at] - lines.start[at]
    xy: FloatArray = view.to_screen(lines.xy[gathered(lines.start[at], counts)])
    if dashes:
        xy, counts = dashed(xy, counts, *DASH_PX)
    xy, counts = clipped(xy, counts, view.width, view.height, REACH)
    yield from stroke_lines(painter, xy, counts, pen, ratio)


def _widest(table: PathTable) -> float:
    return max((p.width_m for p in table.paths if not p.closed), default=0.0) / 2


def _line_pen(color: QColor, width: float, least: float) -> QPen:
    pen = QPen(color, max(width, least))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
