"""The ground picture: everything below the symbols, painted for one view into one pixmap."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.geometry.areas import AreaLevel
from maps.geometry.borders import RingTable
from maps.geometry.mercator import FloatArray, true_scale
from maps.geometry.viewport import Viewport
from maps.layers.areas import NO_DATA, Measure
from maps.layers.base import BasePath
from maps.layers.measures import NO_DATA_STYLE, class_styles
from maps.layers.state import MapState
from maps.layers.tokens import ZoomBand

MARGIN = 160
"""Logical pixels painted beyond each edge, so that a short drag shows no blank."""
HATCH_PITCH = 10.0
LEAST_ROAD_PX = 0.5
"""Roads narrower than this on screen are left out; they would only grey the fill."""


@dataclass(frozen=True, slots=True)
class GroundPicture:
    """A painted ground and the (enlarged) view it was painted for."""

    pixmap: QPixmap
    view: Viewport

    def draw(self, painter: QPainter, view: Viewport) -> None:
        """Copy it, moved and scaled to another view."""
        west, south, east, north = self.view.bounds
        left, top = view.to_screen((west, north))
        right, bottom = view.to_screen((east, south))
        target = QRectF(float(left), float(top), float(right - left), float(bottom - top))
        moved = abs(view.scale / self.view.scale - 1) < 1e-9
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not moved)
        if moved:
            # Whole device pixels keep the picture sharp while it is dragged.
            ratio = self.pixmap.devicePixelRatio()
            painter.drawPixmap(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), self.pixmap)
        else:
            painter.drawPixmap(target, self.pixmap, QRectF(self.pixmap.rect()))

    def covers(self, view: Viewport) -> bool:
        """Tell whether the view lies inside the picture at the same scale."""
        if abs(view.scale / self.view.scale - 1) > 1e-9:
            return False
        west, south, east, north = self.view.bounds
        w, s, e, n = view.bounds
        return west <= w and south <= s and e <= east and n <= north


def paint_ground(
    state: MapState, palette: MapPalette, view: Viewport, ratio: float, margin: int = MARGIN
) -> GroundPicture:
    """Paint the ground for a view, a margin larger, at a device pixel ratio."""
    wide = replace(view, width=view.width + 2 * margin, height=view.height + 2 * margin)
    pixmap = QPixmap(max(math.ceil(wide.width * ratio), 1), max(math.ceil(wide.height * ratio), 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(palette.color("map.sea"))
    # The pixmap is rounded up to whole device pixels; the view must be exactly as large as the pixmap.
    exact = replace(wide, width=pixmap.width() / ratio, height=pixmap.height() / ratio)
    exact = replace(
        exact,
        cx=wide.cx + (exact.width - wide.width) / 2 * wide.scale,
        cy=wide.cy - (exact.height - wide.height) / 2 * wide.scale,
    )
    painter = QPainter(pixmap)
    try:
        _GroundPainter(painter, state, palette, exact).run()
    finally:
        painter.end()
    return GroundPicture(pixmap, exact)


class _GroundPainter:
    """One run of painting; holds what every step needs."""

    def __init__(self, painter: QPainter, state: MapState, palette: MapPalette, view: Viewport) -> None:
        self._p = painter
        self._state = state
        self._palette = palette
        self._view = view
        self._zoom: ZoomBand = palette.tokens.band_at(view.metres_per_pixel)

    def run(self) -> None:
        """Paint in the order of the design, from below."""
        state = self._state
        if state.shows("base"):
            self._outside(state.base.outside)
        if state.shows("grid") and state.areas is not None:
            self._fill()
        if state.shows("base"):
            self._water(state.base.water)
            self._roads(state.base.roads)
        if state.areas is not None:
            self._lines()
        if state.offline:
            self._p.save()
            self._hatch(self._palette.color("sla.soon.text", 0.13))
            self._p.restore()

    # --- areas ------------------------------------------------------------------------------------

    def _fill(self) -> None:
        areas, detail = self._state.areas, self._state.detail
        if areas is None or detail is None:
            return
        layer = self._state.area_layer
        level_name = layer.fill_level(areas, self._zoom.id)
        classes = np.array(layer.classes(areas, level_name, self._palette.tokens), dtype=np.int64)
        owners = areas.owners[level_name]
        cell_class = np.where(owners >= 0, classes[np.maximum(owners, 0)], NO_DATA)
        level, rings = areas.cells, detail.at(self._view.scale).rings
        shown = self._visible(level)
        hatched = QPainterPath()
        hatched.setFillRule(Qt.FillRule.WindingFill)
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for cell, path in self._cell_paths(rings, shown):
            value = int(cell_class[cell])
            self._p.fillPath(path, self._class_color(layer.measure, value))
            if value == NO_DATA or (layer.measure is Measure.OFFICER and value == 0):
                hatched.addPath(path)
        if not hatched.isEmpty():
            self._p.save()
            self._p.setClipPath(hatched)
            self._hatch(self._palette.color("line.strong", 0.42))
            self._p.restore()

    def _class_color(self, measure: Measure, value: int) -> QColor:
        style = NO_DATA_STYLE if value == NO_DATA else class_styles(measure)[value]
        return self._palette.color(style.token)

    def _visible(self, level: AreaLevel) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        west, south, east, north = self._view.bounds
        b = level.bounds
        return (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)

    def _cell_paths(
        self, rings: RingTable, shown: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> list[tuple[int, QPainterPath]]:
        """Screen path of every visible cell, holes and separate parts in one path."""
        xy = self._view.to_screen(rings.xy)
        out: list[tuple[int, QPainterPath]] = []
        for start, stop, cell in zip(
            rings.start.tolist(), rings.stop.tolist(), rings.cell.tolist(), strict=True
        ):
            if not shown[cell]:
                continue
            if not out or out[-1][0] != cell:
                out.append((cell, QPainterPath()))
            out[-1][1].addPolygon(polygon_of(xy[start:stop]))
        return out

    def _lines(self) -> None:
        areas, detail = self._state.areas, self._state.detail
        if areas is None or detail is None:
            return
        borders = detail.at(self._view.scale).borders
        zoom, palette = self._zoom, self._palette
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._p.setBrush(Qt.BrushStyle.NoBrush)
        if self._state.shows("grid"):
            for name in ("grid", "community"):
                if zoom.grid_line and name in borders:
                    self._stroke(borders[name], QPen(palette.color("map.grid_line"), zoom.grid_line))
        street = QPen(palette.color("map.street_line", 0.75), zoom.street_line)
        if zoom.dashed_streets:
            street.setDashPattern([5 / zoom.street_line, 3 / zoom.street_line])
            street.setCapStyle(Qt.PenCapStyle.FlatCap)
        self._stroke(borders.get("street", ()), street)
        rim = (*borders.get("district", ()), *borders.get("city", ()))
        self._stroke(rim, QPen(palette.color("map.halo", 0.8), 5.0))
        self._stroke(rim, QPen(palette.color("map.district_line", 0.9), zoom.district_line))

    def _stroke(self, lines: tuple[FloatArray, ...], pen: QPen) -> None:
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._p.setPen(pen)
        west, south, east, north = self._view.bounds
        for line in lines:
            low, high = line.min(axis=0), line.max(axis=0)
            if low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south:
                self._p.drawPolyline(polygon_of(self._view.to_screen(line)))

    # --- base map ---------------------------------------------------------------------------------

    def _outside(self, paths: tuple[BasePath, ...]) -> None:
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._p.setPen(QPen(self._palette.color("map.outside_line"), 1.0))
        self._p.setBrush(self._palette.color("map.outside"))
        for path in paths:
            self._p.drawPolygon(polygon_of(self._view.to_screen(path.xy)))

    def _water(self, paths: tuple[BasePath, ...]) -> None:
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._palette.color("map.water")
        solid = QPainterPath()
        for path in paths:
            polygon = polygon_of(self._view.to_screen(path.xy))
            if path.closed:
                solid.addPolygon(polygon)
                solid.closeSubpath()
            else:
                self._p.setPen(self._line_pen(color, path.width_m, 2.0))
                self._p.drawPolyline(polygon)
        self._p.fillPath(solid, color)

    def _roads(self, paths: tuple[BasePath, ...]) -> None:
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._p.setBrush(Qt.BrushStyle.NoBrush)
        color = self._palette.color("map.road")
        for path in paths:
            if path.width_m and path.width_m < LEAST_ROAD_PX * self._view.metres_per_pixel:
                continue
            self._p.setPen(self._line_pen(color, path.width_m, 1.2))
            self._p.drawPolyline(polygon_of(self._view.to_screen(path.xy)))

    def _line_pen(self, color: QColor, width_m: float, least: float) -> QPen:
        width = width_m / true_scale(self._view.cy) / self._view.scale
        pen = QPen(color, max(width, least))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

    def _hatch(self, color: QColor) -> None:
        """Cover the clip with 45° lines that are fixed to the world, so that they do not swim."""
        self._p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._p.setPen(QPen(color, 1.5))
        width, height = self._view.width, self._view.height
        pitch = HATCH_PITCH * math.sqrt(2)
        west, _, _, north = self._view.bounds
        phase = ((west - north) / self._view.scale) % pitch
        x = -phase
        while x < width + height:
            self._p.drawLine(QPointF(x, 0), QPointF(x - height, height))
            x += pitch
