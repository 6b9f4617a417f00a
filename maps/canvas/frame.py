"""One frame of the map widget: scene, card of the chosen case, pin, hover card, boxes, focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from maps.canvas.card_box import card_size, paint_card, place_card
from maps.canvas.overlay import case_card, paint_circle
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
        box = place_card(at, *card_size(lines, palette), view, gap=HOVER_GAP)
        paint_card(painter, lines, box, palette)
    grid_map.furniture.paint(painter, view)
    if grid_map.hasFocus():
        painter.setPen(QPen(palette.color("accent.focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(grid_map.rect()).adjusted(1, 1, -1, -1))


def _paint_case_card(grid_map: GridMapWidget, painter: QPainter, view: Viewport) -> None:
    state, palette = grid_map.state, grid_map.scene.palette
    point = state.cases.point(state.selection.case_id)
    if grid_map.mini or point is None or not state.shows("cases"):
        return
    at = QPointF(*(float(v) for v in view.to_screen(point)))
    lines = case_card(state)
    if not lines or not QRectF(grid_map.rect()).contains(at):
        return
    avoid = [*grid_map.furniture.obstacles(), *grid_map.scene.mark_boxes(view)]
    paint_card(painter, lines, place_card(at, *card_size(lines, palette), view, avoid), palette, at)


def _paint_pin(grid_map: GridMapWidget, painter: QPainter, view: Viewport) -> None:
    pin, palette = grid_map.pin, grid_map.scene.palette
    if pin is None:
        return
    if grid_map.radius_m > 0:
        paint_circle(painter, (pin.x, pin.y), grid_map.radius_m, view, palette)
    tip = QPointF(*(float(v) for v in view.to_screen((pin.x, pin.y))))
    paint_pin(painter, tip, palette, bool(pin.area_code))
