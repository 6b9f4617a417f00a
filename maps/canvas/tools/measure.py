"""Measuring: a way with its segments and running total, an area; both true on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from maps.canvas import tool_texts
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.canvas.tools.base import PointTool, WorldPoint, length, pixel, pixels
from maps.geometry.geodesy import crosses_itself, degrees_of, ring_area, segment_lengths
from maps.geometry.viewport import Viewport

WORDS_PX = 64.0
"""A segment shorter than this on screen carries no words of its own."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A finished measurement.

    Attributes:
        kind: ``distance`` or ``area``.
        lonlat: the points, WGS84 degrees.
        segments_m: length of each segment in metres; of a closed ring for an area.
        area_m2: area in square metres; None for a distance and for a ring that crosses itself.
    """

    kind: str
    lonlat: tuple[tuple[float, float], ...]
    segments_m: tuple[float, ...]
    area_m2: float | None = None

    @property
    def total_m(self) -> float:
        """Length of the way, or of the rim."""
        return sum(self.segments_m)


class MeasureTool(PointTool):
    """What both have in common: points until ``Return``, then the figures stay until the next point."""

    done = False
    closed = False

    def hover(self, at: QPointF) -> None:
        """The open end follows the pointer, a finished measurement does not."""
        if not self.done:
            super().hover(at)

    def add(self, point: WorldPoint) -> None:
        """Set a point; after a finished measurement it begins a new one."""
        if self.done:
            self.points, self.done = [], False
        super().add(point)

    def finish(self) -> None:
        """The figures stand."""
        if self.done or len(self.points) < (3 if self.closed else 2):
            self._map.tool_changed()
            return
        self.done, self.cross, self._tip = True, None, None
        self._map.tool_changed()
        self._map.measured.emit(self.measured())

    def cancel(self) -> bool:
        """Forget the measurement."""
        self.done = False
        return super().cancel()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """As every tool of points; taking a point back opens a finished measurement again."""
        if key == Qt.Key.Key_Backspace:
            self.done = False
        return super().key(key, modifiers)

    def line(self) -> list[WorldPoint]:
        """The points and the open end."""
        tip = None if self.done else self.tip
        return [*self.points, tip] if tip is not None and self.points else list(self.points)

    def measured(self, open_end: bool = False) -> Measured:
        """The figures of the points that are set, or of all that is drawn, the open end included."""
        line = self.line() if open_end else list(self.points)
        ring = [*line, line[0]] if self.closed and len(line) > 2 else line
        lonlat = degrees_of(line)
        segments = segment_lengths(degrees_of(ring))
        area = None
        if self.closed and not crosses_itself(line):
            area = ring_area(lonlat)
        points = tuple((float(lon), float(lat)) for lon, lat in lonlat)
        return Measured(self.name, points, tuple(float(m) for m in segments), area)

    def total(self, open_end: bool = False) -> str:
        """The figure in words."""
        return tool_texts.metres(self.measured(open_end).total_m)

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """Line, points, figures, crosshair."""
        line = self.line()
        if line:
            self._paint_line(painter, view, palette, line)
            for point in self.points:
                painter.setPen(QPen(palette.color("map.halo"), 1.4))
                painter.setBrush(palette.color("accent.focus"))
                painter.drawEllipse(pixel(view, point), 4.0, 4.0)
            self.paint_figures(painter, view, palette, line)
        self.paint_cross(painter, view, palette)

    def _paint_line(
        self, painter: QPainter, view: Viewport, palette: MapPalette, line: list[WorldPoint]
    ) -> None:
        if self.closed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color("accent.focus", 0.12))
            painter.drawPolygon(polygon_of(pixels(view, line)))
        ring = [*line, line[0]] if self.closed else line
        at = [pixel(view, point) for point in ring]
        # Segment by segment: one long line that crosses itself is stroked far more slowly.
        segments = [QLineF(a, b) for a, b in pairwise(at)]
        for color, width in ((palette.color("map.halo"), 4.4), (palette.color("accent.focus"), 2.0)):
            painter.setPen(QPen(color, width, c=Qt.PenCapStyle.RoundCap))
            painter.drawLines(segments)

    def paint_figures(
        self, painter: QPainter, view: Viewport, palette: MapPalette, line: list[WorldPoint]
    ) -> None:
        """Write what was measured."""


class DistanceTool(MeasureTool):
    """Length of a way."""

    name = "distance"

    def hint(self) -> str:
        """What to do now, with the running total."""
        return tool_texts.distance_hint(self.total(), len(self.points), self.done)

    def paint_figures(
        self, painter: QPainter, view: Viewport, palette: MapPalette, line: list[WorldPoint]
    ) -> None:
        """The length on each segment that has room, the total at the end."""
        at = [pixel(view, point) for point in line]
        segments = self.measured(open_end=True).segments_m
        for (a, b), value in zip(pairwise(at), segments, strict=False):
            if len(segments) > 1 and length(b - a) >= WORDS_PX:
                write_chip(painter, (a + b) / 2, tool_texts.metres(value), palette)
        if segments:
            write_chip(painter, at[-1] + QPointF(0, -18), self.total(open_end=True), palette, bold=True)


class AreaTool(MeasureTool):
    """Area of a region and length of its rim."""

    name = "area"
    closed = True

    def total(self, open_end: bool = False) -> str:
        """Area and rim in words, or why there is none."""
        found = self.measured(open_end)
        if len(found.lonlat) < 3:
            return tool_texts.three_corners()
        if found.area_m2 is None:
            return tool_texts.crossing()
        return tool_texts.area_and_rim(
            tool_texts.square_metres(found.area_m2), tool_texts.metres(found.total_m)
        )

    def hint(self) -> str:
        """What to do now, with the area so far."""
        return tool_texts.area_hint(self.total(), len(self.points), self.done)

    def paint_figures(
        self, painter: QPainter, view: Viewport, palette: MapPalette, line: list[WorldPoint]
    ) -> None:
        """The area in the middle."""
        found = self.measured(open_end=True)
        if len(line) < 3:
            return
        words = tool_texts.crossing() if found.area_m2 is None else tool_texts.square_metres(found.area_m2)
        middle = pixels(view, line).mean(axis=0)
        write_chip(painter, QPointF(float(middle[0]), float(middle[1])), words, palette, bold=True)


def write_chip(
    painter: QPainter, middle: QPointF, text: str, palette: MapPalette, bold: bool = False
) -> None:
    """Write a figure around a point on a small ground of its own, so that it reads on every fill and label."""
    font = palette.font(12, bold)
    width = QFontMetricsF(font).horizontalAdvance(text) + 10
    room = QRectF(middle.x() - width / 2, middle.y() - 9, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("bg.overlay", 0.88))
    painter.drawRoundedRect(room, 3, 3)
    painter.setPen(palette.color("text.primary"))
    painter.setFont(font)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
