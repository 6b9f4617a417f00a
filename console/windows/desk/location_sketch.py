"""Where a case lies, as a sketch in ink for paper: the grids around, the own one with a strong edge, the spot."""

from __future__ import annotations

import math

import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from console.viewmodels.areas import AreaBook
from widgets.theme import Theme
from widgets.theme.text import CENTER, draw_text

#: logical size on the page; drawn twice as fine
MAP_W, MAP_H = 640, 190
_SCALE = 2
#: how much of the surroundings is shown, in widths of the own grid
_AROUND = 1.3


def location_sketch(areas: AreaBook, grid: str | None, lon: float | None, lat: float | None) -> QImage | None:
    """Return the sketch, None where the grid has no known shape (the page is then printed without one)."""
    own = next((area for area in areas.of_level("grid") if area.code == grid), None)
    shape = own.shape if own is not None else None
    if own is None or shape is None:
        return None
    view = _View(shape.bounds)
    image = QImage(MAP_W * _SCALE, MAP_H * _SCALE, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    look = Theme("light")
    with QPainter(image) as painter:
        painter.scale(_SCALE, _SCALE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for area in areas.of_level("grid"):
            # the own street is enough to find the place; building every shape of a city would take seconds
            if area.code == own.code or area.code[:9] != own.code[:9]:
                continue
            around = area.shape
            if around is None or not around.intersects(view.box):
                continue
            _draw(painter, around, view, QPen(QColor("#9AA5B0"), 0.8), None)
            _name(painter, around, view, area.name, look, "#5C6874")
        _draw(painter, shape, view, QPen(QColor("#18212A"), 2.2), QColor("#EEF1F4"))
        _name(painter, shape, view, own.name, look, "#18212A")
        if lon is not None and lat is not None:
            _spot(painter, view.at(lon, lat))
        painter.setPen(QPen(QColor("#9AA5B0"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0.5, 0.5, MAP_W - 1, MAP_H - 1))
    return image


class _View:
    """Degrees to points of the sketch; a degree of longitude is as long as it is at this latitude."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        self._lon, self._lat = (west + east) / 2, (south + north) / 2
        self._cos = math.cos(math.radians(self._lat))
        high = max(north - south, 1e-6) * (1 + _AROUND)
        wide = max(east - west, 1e-6) * self._cos * (1 + _AROUND)
        self._scale = min(MAP_H / high, MAP_W / wide)
        half_lon, half_lat = MAP_W / self._scale / self._cos / 2, MAP_H / self._scale / 2
        self.box = shapely.box(
            self._lon - half_lon, self._lat - half_lat, self._lon + half_lon, self._lat + half_lat
        )

    def at(self, lon: float, lat: float) -> QPointF:
        """Return the point of a position."""
        x = (lon - self._lon) * self._cos * self._scale + MAP_W / 2
        return QPointF(x, MAP_H / 2 - (lat - self._lat) * self._scale)


def _draw(painter: QPainter, shape: shapely.Geometry, view: _View, pen: QPen, fill: QColor | None) -> None:
    path = QPainterPath()
    parts = getattr(shape, "geoms", (shape,))
    for part in parts:
        for ring in (part.exterior, *part.interiors):
            path.addPolygon(QPolygonF([view.at(x, y) for x, y, *_ in ring.coords]))
    painter.setPen(pen)
    painter.setBrush(QBrush(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _name(
    painter: QPainter, shape: shapely.Geometry, view: _View, name: str, look: Theme, colour: str
) -> None:
    seen = shape.intersection(view.box)
    if seen.is_empty:
        return
    middle = seen.representative_point()
    at = view.at(middle.x, middle.y)
    if 40 < at.x() < MAP_W - 40 and 14 < at.y() < MAP_H - 14:
        draw_text(
            painter,
            QRectF(at.x() - 60, at.y() - 9, 120, 18),
            name,
            look.font("caption"),
            QColor(colour),
            CENTER,
        )


def _spot(painter: QPainter, at: QPointF) -> None:
    painter.setPen(QPen(QColor("#18212A"), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 9, 9)
    painter.setBrush(QColor("#18212A"))
    painter.drawEllipse(at, 3.2, 3.2)
