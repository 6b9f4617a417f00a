"""Vector shapes of cameras, components, officers close together, stays and drawn points."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_officer

CAMERA_PX = 16.0
CONE_PX = 37.0
CONE_HALF_DEG = 24.0
"""The cone of view is 48° wide."""
COMPONENT_PX = 14.0
GROUP_RADIUS = 13.0
BADGE_HEIGHT = 18.0


def paint_camera(
    painter: QPainter,
    centre: QPointF,
    watched: bool,
    lost: bool,
    palette: MapPalette,
    size: float = CAMERA_PX,
) -> None:
    """Paint a rounded square with a lens; in accent when watched, struck and grey when lost."""
    ink = palette.color("text.disabled" if lost else "accent.base" if watched else "map.camera")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(size / 16, size / 16)
    painter.setPen(pen(palette.color("map.halo", 0.8), 3.0))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawRoundedRect(QRectF(-7, -7, 14, 14), 3.5, 3.5)
    painter.setPen(pen(ink, 1.4))
    painter.drawRoundedRect(QRectF(-7, -7, 14, 14), 3.5, 3.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(QRectF(-4.6, -2.8, 5.8, 5.6), 1.2, 1.2)
    painter.drawPolygon(
        QPolygonF([QPointF(1.8, -0.6), QPointF(4.8, -2.8), QPointF(4.8, 2.8), QPointF(1.8, 0.6)])
    )
    if lost:
        painter.setPen(pen(palette.color("bg.overlay"), 3.4))
        painter.drawLine(QPointF(-5.4, 5.4), QPointF(5.4, -5.4))
        painter.setPen(pen(palette.color("text.secondary"), 1.5))
        painter.drawLine(QPointF(-6, 6), QPointF(6, -6))
    painter.restore()


def paint_cone(
    painter: QPainter, centre: QPointF, heading: float, watched: bool, palette: MapPalette
) -> None:
    """Paint the cone of view: 48° about a heading (degrees clockwise from north)."""
    color = palette.color("accent.base" if watched else "map.camera")
    path = QPainterPath(centre)
    box = QRectF(centre.x() - CONE_PX, centre.y() - CONE_PX, 2 * CONE_PX, 2 * CONE_PX)
    path.arcTo(box, 90.0 - heading - CONE_HALF_DEG, 2 * CONE_HALF_DEG)
    path.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    soft, edge = QColor(color), QColor(color)
    soft.setAlphaF(0.3 if watched else 0.18)
    edge.setAlphaF(0.75 if watched else 0.45)
    painter.fillPath(path, soft)
    painter.strokePath(path, pen(edge, 1.0))
    painter.restore()


def paint_officer_group(
    painter: QPainter, centre: QPointF, count: int, busy: bool, lost: bool, palette: MapPalette
) -> None:
    """Paint officers who stand close together: one disc with a person, their number on a tag below."""
    paint_officer(painter, centre, busy, lost, palette, 22.0)
    ink = palette.color("text.disabled" if lost else "map.officer")
    text = str(count) if count < 1000 else "999+"
    width = 12.0 + 6.5 * len(text)
    tag = QRectF(centre.x() - width / 2, centre.y() + 6.0, width, 14.0)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(ink, 1.2))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawRoundedRect(tag, 7, 7)
    painter.setPen(palette.color("text.secondary" if lost else "text.primary"))
    painter.setFont(palette.font(11, bold=True))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def component_path(main: int) -> QPainterPath:
    """Outline of the symbol of a main class in a box from (-7, -7) to (7, 7).

    Cover (公用), sign post (交通), bin (市容), tree (园林), box (其他): none looks like the shape of a band.
    """
    path = QPainterPath()
    if main == 0:
        path.addEllipse(QPointF(0, 0), 5.2, 5.2)
        for dx in (-2.2, 2.2):
            path.moveTo(dx, -2.6)
            path.lineTo(dx, 2.6)
    elif main == 1:
        path.addRoundedRect(QRectF(-4.6, -6, 9.2, 6), 1.2, 1.2)
        path.moveTo(0, 0)
        path.lineTo(0, 6.2)
    elif main == 2:
        path.addPolygon(QPolygonF([QPointF(-4.4, -3), QPointF(4.4, -3), QPointF(3.2, 6), QPointF(-3.2, 6)]))
        path.closeSubpath()
        path.moveTo(-5.6, -5)
        path.lineTo(5.6, -5)
    elif main == 3:
        path.addEllipse(QPointF(0, -2), 4.4, 4.2)
        path.moveTo(0, 2.2)
        path.lineTo(0, 6.4)
    else:
        path.addRoundedRect(QRectF(-4.8, -3.2, 9.6, 7.4), 1.4, 1.4)
        path.moveTo(-4.8, 0.2)
        path.lineTo(4.8, 0.2)
    return path


def paint_component(
    painter: QPainter,
    centre: QPointF,
    main: int,
    sound: bool,
    palette: MapPalette,
    size: float = COMPONENT_PX,
) -> None:
    """Paint a component; struck when it is damaged, missing or given up."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(size / 14, size / 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("map.halo", 0.72))
    painter.drawEllipse(QPointF(0, 0), 8.0, 8.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = component_path(main)
    painter.strokePath(path, pen(palette.color("map.component"), 1.4))
    if not sound:
        painter.setPen(pen(palette.color("map.halo"), 3.2))
        painter.drawLine(QPointF(-5.4, 5.4), QPointF(5.4, -5.4))
        painter.setPen(pen(palette.color("text.primary"), 1.7))
        painter.drawLine(QPointF(-6, 6), QPointF(6, -6))
    painter.restore()


def badge_width(count: int) -> float:
    """Width of the badge of a number of components."""
    return 26.0 + 6.5 * len(badge_text(count))


def badge_text(count: int) -> str:
    """Number on a badge: in full up to 9999, then in ten thousands."""
    return str(count) if count < 10_000 else f"{count / 10_000:.1f}万"


def paint_badge_of(painter: QPainter, centre: QPointF, count: int, main: int, palette: MapPalette) -> None:
    """Paint a count of components: a pill with the symbol most of them have and their number."""
    width = badge_width(count)
    pill = QRectF(centre.x() - width / 2, centre.y() - BADGE_HEIGHT / 2, width, BADGE_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(palette.color("map.component", 0.65), 1.0))
    painter.setBrush(palette.color("bg.overlay", 0.92))
    painter.drawRoundedRect(pill, 4, 4)
    painter.save()
    painter.translate(pill.left() + 11, centre.y())
    painter.scale(0.72, 0.72)
    painter.strokePath(component_path(main), pen(palette.color("map.component"), 1.6))
    painter.restore()
    painter.setFont(palette.font(11))
    painter.setPen(palette.color("text.primary"))
    painter.drawText(pill.adjusted(20, 0, -4, 0), Qt.AlignmentFlag.AlignCenter, badge_text(count))
    painter.restore()


def paint_stay(painter: QPainter, centre: QPointF, palette: MapPalette) -> None:
    """Paint a stay: a small disc with two hands of a clock."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(palette.color("map.halo"), 3.0))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawEllipse(centre, 6.4, 6.4)
    painter.setPen(pen(palette.color("map.officer"), 1.4))
    painter.drawEllipse(centre, 6.4, 6.4)
    painter.drawLine(centre, centre + QPointF(0, -3.8))
    painter.drawLine(centre, centre + QPointF(2.8, 1.4))
    painter.restore()


def paint_drawn_point(painter: QPainter, centre: QPointF, color: QColor, palette: MapPalette) -> None:
    """Paint a drawn point: a small flag, its foot on the point."""
    flag = QPolygonF([QPointF(0, -15), QPointF(11, -11.5), QPointF(0, -8)])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    pole = QPainterPath(QPointF(0, 0))
    pole.lineTo(0, -15)
    cloth = QPainterPath()
    cloth.addPolygon(flag)
    cloth.closeSubpath()
    painter.strokePath(pole, pen(palette.color("map.halo"), 4.4))
    painter.strokePath(cloth, pen(palette.color("map.halo"), 3.2))
    painter.fillPath(cloth, color)
    painter.strokePath(pole, pen(color, 1.8))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(0, 0), 2.4, 2.4)
    painter.restore()


def heading_point(centre: QPointF, heading: float, reach: float) -> QPointF:
    """Point at a distance in pixels in a heading (degrees clockwise from north)."""
    angle = math.radians(heading)
    return centre + QPointF(math.sin(angle), -math.cos(angle)) * reach


def pen(color: QColor, width: float) -> QPen:
    """Round pen."""
    out = QPen(color, width)
    out.setCapStyle(Qt.PenCapStyle.RoundCap)
    out.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return out
