"""What is painted straight onto the map each frame: selection, cards, scale bar, badge, circle."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from maps.canvas import texts
from maps.canvas.card_box import CardLine
from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_target
from maps.geometry.mercator import true_scale
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState


def paint_chosen_case(painter: QPainter, state: MapState, palette: MapPalette, view: Viewport) -> None:
    """Ring the selected case."""
    point = state.cases.point(state.selection.case_id)
    if point is not None and state.shows("cases"):
        paint_target(painter, _at(view, *point), palette)


def paint_way_to_officer(painter: QPainter, state: MapState, palette: MapPalette, view: Viewport) -> None:
    """Dot a line from the selected case to the nearest officer in contact; it lies below the marks it crosses."""
    point = state.cases.point(state.selection.case_id)
    if point is None or not (state.shows("cases") and state.shows("officers")):
        return
    near = state.officers.nearest(*point)
    if near is None or state.offline:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _dotted(painter, _at(view, *point), _at(view, *state.officers.points[near[0]]), palette)
    painter.restore()


def _dotted(painter: QPainter, a: QPointF, b: QPointF, palette: MapPalette) -> None:
    way = b - a
    length = math.hypot(way.x(), way.y())
    if length < 34:
        return
    a, b = a + way * (22 / length), b - way * (11 / length)
    for color, width in ((palette.color("map.halo", 0.7), 3.2), (palette.color("map.officer"), 1.6)):
        pen = QPen(color, width)
        pen.setDashPattern([3 / width, 3 / width])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(a, b)


def case_card(state: MapState) -> list[CardLine]:
    """Lines of the box at the selected case: class and grid, address, nearest officer."""
    case = state.cases.cases.get(state.selection.case_id)
    point = state.cases.point(state.selection.case_id)
    if case is None or point is None:
        return []
    area = case.area_name or (state.areas.name_of(case.area_code) if state.areas and case.area_code else "")
    head = " · ".join(t for t in (case.title or case.number, area) if t)
    lines = [CardLine(head, "text.primary", True)]
    lines.extend(CardLine(part) for part in case.address.splitlines())
    near = state.officers.nearest(*point) if state.shows("officers") and not state.offline else None
    if near is not None:
        name = state.officers.officers[near[0]].name
        lines.append(CardLine(texts.nearest_officer(name, near[1]), "map.officer"))
    return lines


LONGEST_BAR_PX = 120.0


def scale_bar_length(metres_per_pixel: float, most_px: float = LONGEST_BAR_PX) -> tuple[float, float]:
    """Round distance (metres: 1, 2 or 5 times a power of ten) that fits, and its length in pixels."""
    room = max(metres_per_pixel * most_px, 1e-9)
    power = 10.0 ** math.floor(math.log10(room))
    step = max(f for f in (1.0, 2.0, 5.0) if f * power <= room * (1 + 1e-12))
    metres = step * power
    return metres, metres / metres_per_pixel


def paint_scale_bar(
    painter: QPainter, view: Viewport, palette: MapPalette, right: float, bottom: float
) -> QRectF:
    """Paint the scale bar with its right end at ``right``; returns the room it took."""
    metres, length = scale_bar_length(view.metres_per_pixel)
    text = texts.distance(metres)
    font = palette.font(12)
    width = QFontMetricsF(font).horizontalAdvance(text)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x1 = right - width - 8
    x0 = x1 - length
    bar = QPainterPath(QPointF(x0, bottom - 10))
    for point in (QPointF(x0, bottom - 5), QPointF(x1, bottom - 5), QPointF(x1, bottom - 10)):
        bar.lineTo(point)
    words = QPainterPath()
    words.addText(QPointF(right - width, bottom - 4), font, text)
    room = QRectF(x0 - 8, bottom - 19, right - x0 + 16, 23)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("map.halo", 0.72))
    painter.drawRoundedRect(room, 4, 4)
    painter.strokePath(bar, QPen(palette.color("text.secondary"), 1.4))
    painter.fillPath(words, palette.color("text.secondary"))
    painter.restore()
    return room


def scale_bar_room(palette: MapPalette) -> QSizeF:
    """Room of the scale bar at its longest."""
    words = QFontMetricsF(palette.font(12)).horizontalAdvance(texts.distance(500_000))
    return QSizeF(round(LONGEST_BAR_PX + words + 24), 26)


def badge_width(text: str, palette: MapPalette) -> float:
    """Width of the badge of the offline state."""
    return QFontMetricsF(palette.font(12)).horizontalAdvance(text) + 44


def paint_badge(painter: QPainter, text: str, left: float, top: float, palette: MapPalette) -> QRectF:
    """Paint the yellow badge of the offline state; returns the room it took."""
    font = palette.font(12)
    box = QRectF(left, top, badge_width(text, palette), 28)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color("sla.soon.text"), 1))
    painter.setBrush(palette.color("sla.soon.soft"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    _struck_cloud(painter, QPointF(left + 20, top + 14), palette)
    painter.setFont(font)
    painter.setPen(palette.color("sla.soon.text"))
    painter.drawText(box.adjusted(34, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
    painter.restore()
    return box


def _struck_cloud(painter: QPainter, at: QPointF, palette: MapPalette) -> None:
    cloud = QPainterPath(at + QPointF(-4, 4))
    cloud.cubicTo(at + QPointF(-8.5, 4), at + QPointF(-8, -2), at + QPointF(-4, -1.5))
    cloud.cubicTo(at + QPointF(-3, -6.5), at + QPointF(4, -6), at + QPointF(4, -1.5))
    cloud.cubicTo(at + QPointF(8.5, -2), at + QPointF(8, 4), at + QPointF(4, 4))
    cloud.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.color("sla.soon.text"), 1.4))
    painter.drawPath(cloud)
    painter.setPen(QPen(palette.color("sla.soon.soft"), 3.4))
    painter.drawLine(at + QPointF(-6, -6), at + QPointF(6, 6))
    painter.setPen(QPen(palette.color("sla.soon.text"), 1.4))
    painter.drawLine(at + QPointF(-6, -6), at + QPointF(6, 6))


def paint_circle(
    painter: QPainter, point: tuple[float, float], metres: float, view: Viewport, palette: MapPalette
) -> None:
    """Paint a dashed circle of a true radius around a world point, its length at the upper right."""
    centre = _at(view, *point)
    radius = metres / true_scale(point[1]) / view.scale
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(palette.color("accent.focus", 0.08))
    pen = QPen(palette.color("accent.focus"), 1.4)
    pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.drawEllipse(centre, radius, radius)
    font = palette.font(12, True)
    words = QPainterPath()
    words.addText(centre + QPointF(radius, -radius) * 0.72, font, texts.distance(metres))
    painter.strokePath(words, QPen(palette.color("map.halo"), 3.4, j=Qt.PenJoinStyle.RoundJoin))
    painter.fillPath(words, palette.color("map.label"))
    painter.restore()


def _at(view: Viewport, x: float, y: float) -> QPointF:
    px, py = view.to_screen((x, y))
    return QPointF(float(px), float(py))
