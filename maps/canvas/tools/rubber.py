"""Rubber bands: a rectangle by a drag or two corners, a region by corners or by a free line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from maps.canvas import tool_texts
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.canvas.tools.base import MOST_POINTS, PointTool, WorldPoint, length, pixel, pixels
from maps.geometry.viewport import Viewport
from maps.layers.region import RubberSelection

LASSO_PX = 3.0
"""A free line gets a corner after this many pixels."""
LEAST_PX = 4.0
"""A band narrower than this in both directions was a slip of the hand."""


class RectangleTool(PointTool):
    """Chooses what lies in a rectangle: drag, or set two corners."""

    name = "rectangle"

    def hint(self) -> str:
        """What to do now."""
        return tool_texts.rectangle_hint(bool(self.points))

    def press(self, at: QPointF) -> bool:
        """The first corner."""
        if not self.points:
            self.cross = None
            self.points = [self.world(at)]
            self._tip = self.points[0]
        return True

    def drag(self, at: QPointF) -> None:
        """The other corner follows."""
        self._tip = self.world(at)
        self._map.update()

    def release(self, at: QPointF) -> None:
        """The band is drawn."""
        self._tip = self.world(at)
        self.finish()

    def click(self, at: QPointF) -> None:
        """A click sets a corner as well: first the one, then the other."""
        if self.points and self.points[0] != self.world(at):
            self._tip = self.world(at)
            self.finish()
        else:
            self._map.tool_changed()

    def double_click(self, at: QPointF) -> None:
        """Two clicks at one place make no band."""

    def point_set(self) -> None:
        """The second corner by keyboard ends the band."""
        if len(self.points) == 2:
            self._tip, self.cross = self.points.pop(), None
            self.finish()

    def finish(self) -> None:
        """Choose what lies in the rectangle."""
        ring = self.ring()
        small = not ring or float(np.ptp(pixels(self._map.view, ring), axis=0).max()) < LEAST_PX
        if small:
            self._map.tool_changed()
            return
        self.points, self.cross = [], None
        self._map.finish_region(ring)

    def ring(self) -> list[WorldPoint]:
        """The four corners so far; empty without a tip."""
        if not self.points or self.tip is None:
            return []
        (x0, y0), (x1, y1) = self.points[0], self.tip
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """The band and the crosshair."""
        if ring := self.ring():
            paint_region(painter, polygon_of(pixels(view, ring)), palette)
        self.paint_cross(painter, view, palette)


class PolygonTool(PointTool):
    """Chooses what lies in a region: click its corners, or draw a free line with the button held."""

    name = "polygon"

    _free = False
    """The line is being drawn with the button held."""

    def hint(self) -> str:
        """What to do now."""
        return tool_texts.polygon_hint(len(self.points))

    def press(self, at: QPointF) -> bool:
        """A drag draws; a click sets a corner."""
        self._free = False
        self._tip = self.world(at)
        return True

    def drag(self, at: QPointF) -> None:
        """The free line grows."""
        if not self._free:
            self._free = True
            if not self.points and self._tip is not None:
                self.points.append(self._tip)
        self._tip = self.world(at)
        far = not self.points or length(at - pixel(self._map.view, self.points[-1])) >= LASSO_PX
        if far and len(self.points) < MOST_POINTS:
            self.points.append(self._tip)
        self._map.update()

    def release(self, at: QPointF) -> None:
        """A free line closes when the button is let go."""
        if self._free:
            self._tip = self.world(at)
            self.finish()

    def finish(self) -> None:
        """Choose what lies in the region, once it has three corners."""
        self._free = False
        if len(self.points) < 3:
            self._map.tool_changed()
            return
        ring, self.points, self.cross = self.points, [], None
        self._map.finish_region(ring)

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """The region so far and the crosshair."""
        if self.points:
            ring = [*self.points, self.tip] if self.tip is not None else self.points
            paint_region(painter, polygon_of(pixels(view, ring)), palette)
            painter.setPen(QPen(palette.color("map.halo"), 1))
            painter.setBrush(palette.color("accent.focus"))
            for point in self.points if not self._free else ():
                painter.drawEllipse(pixel(view, point), 3.5, 3.5)
        self.paint_cross(painter, view, palette)


def paint_region(painter: QPainter, polygon: QPolygonF, palette: MapPalette, dashed: bool = True) -> None:
    """Draw a region: soft ground, dashed line with halo."""
    painter.setPen(QPen(palette.color("map.halo", 0.8), 3.4))
    painter.setBrush(palette.color("accent.focus", 0.10))
    painter.drawPolygon(polygon)
    pen = QPen(palette.color("accent.focus"), 1.6)
    if dashed:
        pen.setDashPattern([4, 3])
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(polygon)


def paint_chosen_region(
    painter: QPainter, region: RubberSelection, view: Viewport, palette: MapPalette
) -> None:
    """Outline the region that was chosen; it stays until it is taken back."""
    if region.empty:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_region(painter, polygon_of(pixels(view, list(region.ring))), palette, dashed=False)
    painter.restore()
