"""One frame of the map widget: scene, card of the chosen case, pin, hover card, boxes, focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from maps.canvas.card_box import card_size, paint_card, place_card
from maps.canvas.overlay import paint_circle
from maps.canvas.symbols import paint_pin
from maps.geometry.viewport import Viewport

if TYPE_CHECKING:
    from maps.canvas.widget import GridMapWidget

HOVER_GAP = 14.0


def paint_frame(grid_map: GridMapWidget, painter: QPainter) -> None:
    """Paint everything in its order; the pictures it copies from must be there already."""
    view, palette = grid_map.view, grid_map.scene.palette
    grid_map.scene.draw(painter, view)
    _paint_case_card(grid_map, painter, view)
    _paint_pin(grid_map, painter, view)
    if grid_map.hover_card is not None:
        at, lines = grid_map.hover_card
        avoid = grid_map.furniture.obstacles()
        box = place_card(at, *card_size(lines, palette), view, avoid, HOVER_GAP)
        paint_card(painter, lines, box, palette)
    grid_map.furniture.paint(painter, view)
    if grid_map.hasFocus() and not grid_map.bare:
        painter.setPen(QPen(palette.color("accent.focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(grid_map.rect()).adjusted(1, 1, -1, -1))


def _paint_case_card(grid_map: GridMapWidget, painter: QPainter, view: Viewport) -> None:
    card = grid_map.scene.layout.card if grid_map.scene.layout else None
    if card is not None:
        at = QPointF(*(float(v) for v in view.to_screen((card.x, card.y))))
        paint_card(painter, card.lines, card.box(view), grid_map.scene.palette, at)


def _paint_pin(grid_map: GridMapWidget, painter: QPainter, view: Viewport) -> None:
    pin, palette = grid_map.pin, grid_map.scene.palette
    if pin is None:
        return
    if grid_map.radius_m > 0:
        paint_circle(painter, (pin.x, pin.y), grid_map.radius_m, view, palette)
    tip = QPointF(*(float(v) for v in view.to_screen((pin.x, pin.y))))
    paint_pin(painter, tip, palette, bool(pin.area_code) or grid_map.state.areas is None)
