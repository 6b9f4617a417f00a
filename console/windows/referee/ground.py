"""A small picture of the ground: the case's grid, its neighbours, the point, and the nearest edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from services.geo.coords import metres_per_degree
from widgets.theme import theme
from widgets.theme.text import CENTER, draw_text, text_width

_PAD = 14.0
#: steps of the scale bar in metres
_SCALES = (10, 20, 50, 100, 200, 500, 1000, 2000)


class GroundPicture(QWidget):
    """Paints the ground of a sheet (`ground` as the centre sends it), north up, metres alike in both directions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing."""
        super().__init__(parent)
        self._ground: Mapping[str, Any] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_ground(self, ground: Mapping[str, Any] | None, words: str = "") -> None:
        """Show another ground; `words` is what a screen reader says."""
        self._ground = ground
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a picture as high as the lines beside it."""
        return QSize(360, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw areas, names, point and scale."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            clip = QPainterPath()
            clip.addRoundedRect(frame, 6, 6)
            painter.setClipPath(clip)
            painter.fillPath(clip, look.color("map.outside"))
            if self._ground is not None:
                self._draw(painter, frame, self._ground)
            painter.setClipping(False)
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, 6, 6)

    def _draw(self, painter: QPainter, frame: QRectF, ground: Mapping[str, Any]) -> None:
        look = theme()
        ramp = look.ramp("map.density_ramp")
        place = _Place(ground, frame)
        own = ground["grid"]
        for area in ground["neighbours"]:
            foreign = area["street"] != own["street"]
            self._area(
                painter, place, area, ramp[0], look.color("map.street_line" if foreign else "line.strong")
            )
        self._area(painter, place, own, ramp[2], look.color("accent.base"), 2.0)
        for area in (*ground["neighbours"], own):
            self._name(painter, place, frame, area, own=area is own)
        self._point(painter, place.at(ground["lon"], ground["lat"]))
        self._scale(painter, frame, place.pixels_per_metre)

    def _area(
        self,
        painter: QPainter,
        place: _Place,
        area: Mapping[str, Any],
        fill: QColor,
        line: QColor,
        width: float = 1.0,
    ) -> None:
        painter.setPen(QPen(line, width))
        painter.setBrush(fill)
        for ring in area["outline"]:
            painter.drawPolygon(QPolygonF([place.at(lon, lat) for lon, lat in ring]))

    def _name(
        self, painter: QPainter, place: _Place, frame: QRectF, area: Mapping[str, Any], *, own: bool
    ) -> None:
        """Write a name in the middle of what can be seen of an area; one without room stays silent."""
        look = theme()
        seen = QPolygonF()
        for ring in area["outline"]:
            seen = QPolygonF([place.at(lon, lat) for lon, lat in ring]).intersected(
                QPolygonF(frame.adjusted(4, 4, -4, -4))
            )
            if not seen.isEmpty():
                break
        box = seen.boundingRect()
        font = look.font("label" if own else "caption")
        if box.height() < 18 or box.width() < text_width(font, area["name"]) * 0.8:
            return
        room = QRectF(box.left() - 20, box.center().y() - 9, box.width() + 40, 18)
        point = place.at(place.lon, place.lat)
        if abs(room.center().y() - point.y()) < 20:
            room.translate(0, 28 if point.y() < frame.center().y() else -28)
        draw_text(
            painter, room, area["name"], font, look.color("text.primary" if own else "text.secondary"), CENTER
        )

    def _point(self, painter: QPainter, at: QPointF) -> None:
        look = theme()
        painter.setPen(QPen(look.color("map.halo"), 2))
        painter.setBrush(look.color("sla.over2.fill"))
        painter.drawEllipse(at, 6.0, 6.0)

    def _scale(self, painter: QPainter, frame: QRectF, pixels: float) -> None:
        look = theme()
        metres = next((m for m in _SCALES if m * pixels >= 40), _SCALES[-1])
        right, y = frame.right() - 12, frame.bottom() - 10
        left = right - metres * pixels
        painter.setPen(QPen(look.color("text.secondary"), 1))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 4), QPointF(x, y))
        room = QRectF(left - 30, y - 20, right - left + 60, 16)
        draw_text(painter, room, f"{metres} m", look.font("caption"), look.color("text.secondary"), CENTER)


class _Place:
    """Where a WGS84 point stands: the case's grid fills the picture, and never less than 60 m around the point."""

    def __init__(self, ground: Mapping[str, Any], frame: QRectF) -> None:
        self.lon, self.lat = float(ground["lon"]), float(ground["lat"])
        self._east, self._north = metres_per_degree(self.lat)
        flat = [self._metres(lon, lat) for ring in ground["grid"]["outline"] for lon, lat in ring]
        xs, ys = [x for x, _ in flat] + [-60.0, 60.0], [y for _, y in flat] + [-60.0, 60.0]
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        self.pixels_per_metre = min((frame.width() - 4 * _PAD) / width, (frame.height() - 4 * _PAD) / height)
        self._middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
        self._frame = frame

    def at(self, lon: float, lat: float) -> QPointF:
        """Return the place of a point."""
        x, y = self._metres(lon, lat)
        centre = self._frame.center()
        return QPointF(
            centre.x() + (x - self._middle[0]) * self.pixels_per_metre,
            centre.y() - (y - self._middle[1]) * self.pixels_per_metre,
        )

    def _metres(self, lon: float, lat: float) -> tuple[float, float]:
        return (lon - self.lon) * self._east, (lat - self.lat) * self._north
