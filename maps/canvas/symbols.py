"""Vector shapes of bands, officers, clusters and pins, in a 16-unit box; one look everywhere on the map."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from maps.canvas.palette import MapPalette

PIPS = 6
PIP_STEP = 5.0
"""From one pip of the stage to the next, pixels."""


def band_path(band: str) -> QPainterPath:
    """Outline of the shape of a band in a box from (0, 0) to (16, 16)."""
    path = QPainterPath()
    if band == "soon":
        path.addPolygon(QPolygonF([QPointF(8, 1.4), QPointF(15.2, 14.2), QPointF(0.8, 14.2)]))
    elif band == "over1":
        path.addPolygon(QPolygonF([QPointF(8, 0.6), QPointF(15.4, 8), QPointF(8, 15.4), QPointF(0.6, 8)]))
    elif band == "over2":
        path.addRect(QRectF(2, 2, 12, 12))
    elif band == "over3":
        ring = [math.radians(22.5 + 45 * i) for i in range(8)]
        path.addPolygon(QPolygonF([QPointF(8 + 7.4 * math.cos(a), 8 + 7.4 * math.sin(a)) for a in ring]))
    elif band == "ok":
        path.addEllipse(QPointF(8, 8), 5.8, 5.8)
    else:
        path.addEllipse(QPointF(8, 8), 6.8, 6.8)
    path.closeSubpath()
    return path


def paint_band(
    painter: QPainter, band: str, centre: QPointF, size: float, palette: MapPalette, halo: bool = True
) -> None:
    """Paint the shape of a band around ``centre``; with ``halo`` as a map symbol, without as in a legend."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(size / 16, size / 16)
    painter.translate(-8, -8)
    path = band_path(band)
    fill = palette.band_color(band)
    if band == "ok":
        if halo:
            painter.strokePath(path, _pen(palette.color("map.halo"), 4.4))
            painter.fillPath(path, palette.color("bg.overlay"))
        painter.strokePath(path, _pen(fill, 2.2 if halo else 1.8))
    else:
        if halo:
            painter.strokePath(path, _pen(palette.color("map.halo"), 2.6))
        painter.fillPath(path, fill)
        _band_glyph(painter, band, palette)
    painter.restore()


def _band_glyph(painter: QPainter, band: str, palette: MapPalette) -> None:
    """The second cue inside the shape: exclamation mark, two bars, tick."""
    if band not in ("over3", "suspended", "closed"):
        return
    painter.setPen(_pen(palette.color(f"sla.{band}.on_fill"), 2.0))
    if band == "over3":
        painter.drawLine(QPointF(8, 4.4), QPointF(8, 8.8))
        painter.drawLine(QPointF(8, 11.6), QPointF(8, 11.61))
    elif band == "suspended":
        painter.drawLine(QPointF(6.2, 5.6), QPointF(6.2, 10.4))
        painter.drawLine(QPointF(9.8, 5.6), QPointF(9.8, 10.4))
    else:
        painter.drawPolyline(QPolygonF([QPointF(4.9, 8.3), QPointF(7.1, 10.5), QPointF(11.2, 5.8)]))


def paint_single(
    painter: QPainter, band: str, stage: int, centre: QPointF, size: float, palette: MapPalette
) -> None:
    """Paint the shape of a case; below it six pips for its stage: past ones grey, the present one tall in accent."""
    if 1 <= stage <= PIPS:
        _stage_pips(painter, stage, centre + QPointF(0, size / 2 + 5.5), palette)
    paint_band(painter, band, centre, size, palette)


def _stage_pips(painter: QPainter, stage: int, centre: QPointF, palette: MapPalette) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    wide = PIPS * PIP_STEP + 2.0
    painter.setBrush(palette.color("map.halo", 0.72))
    painter.drawRoundedRect(QRectF(centre.x() - wide / 2, centre.y() - 4, wide, 8), 3, 3)
    for step in range(1, PIPS + 1):
        x = centre.x() + (step - (PIPS + 1) / 2) * PIP_STEP
        high = 6.0 if step == stage else 3.0
        token = "accent.base" if step == stage else "text.tertiary" if step < stage else "line.normal"
        painter.setBrush(palette.color(token))
        painter.drawRect(QRectF(x - 1.5, centre.y() - high / 2, 3.0, high))
    painter.restore()


def cluster_figure(count: int) -> str:
    """The count in a disc: whole up to 99,999, from there in ten thousands, as on the wall."""
    if count < 10_000:
        return str(count)
    if count < 100_000:
        return f"{count:,}"
    text = QCoreApplication.translate("GridMap", "{n} 万")
    return text.format(n=f"{count / 10_000:.1f}")


def paint_cluster(
    painter: QPainter,
    bands: Sequence[tuple[str, int]],
    centre: QPointF,
    radius: float,
    palette: MapPalette,
) -> None:
    """Paint a disc with the count, its ring divided by band, worst first clockwise from the top."""
    total = sum(n for _, n in bands)
    width = max(3.5, radius * 0.2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("map.halo", 0.62))
    painter.drawEllipse(centre, radius + 2.5, radius + 2.5)
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawEllipse(centre, radius, radius)
    middle = radius - width / 2 - 0.5
    box = QRectF(centre.x() - middle, centre.y() - middle, 2 * middle, 2 * middle)
    start = 90.0
    for band, count in bands:
        span = 360.0 * count / max(total, 1)
        pen = QPen(palette.band_color(band), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(box, round(start * 16), -round(span * 16))
        start -= span
    if len(bands) > 1:
        _part_gaps(painter, bands, centre, radius, width, palette)
    painter.setPen(palette.color("text.primary"))
    painter.setFont(palette.font(13 if total < 1000 else 11 if total < 10_000 else 10, bold=True))
    painter.drawText(
        QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius),
        Qt.AlignmentFlag.AlignCenter,
        cluster_figure(total),
    )
    painter.restore()


def _part_gaps(
    painter: QPainter,
    bands: Sequence[tuple[str, int]],
    centre: QPointF,
    radius: float,
    width: float,
    palette: MapPalette,
) -> None:
    """Thin cuts between the parts of a ring, so that neighbours are told apart in grey too."""
    total = sum(n for _, n in bands)
    pen = QPen(palette.color("bg.overlay"), 1.0)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    turned = 0
    for _, count in bands:
        angle = math.radians(90 - 360.0 * turned / total)
        out = QPointF(math.cos(angle), -math.sin(angle))
        painter.drawLine(centre + out * (radius - width - 0.5), centre + out * (radius - 0.5))
        turned += count


def paint_officer(
    painter: QPainter, centre: QPointF, busy: bool, lost: bool, palette: MapPalette, size: float = 20.0
) -> None:
    """Paint a disc with a person; a yellow dot when busy, struck and grey when lost."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(size / 20, size / 20)
    ink = palette.color("text.disabled" if lost else "map.officer")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("map.halo", 0.62))
    painter.drawEllipse(QPointF(0, 0), 11.4, 11.4)
    painter.setBrush(palette.color("bg.overlay"))
    painter.setPen(_pen(ink, 1.6))
    painter.drawEllipse(QPointF(0, 0), 9.2, 9.2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(0, -2.4), 2.6, 2.6)
    shoulders = QPainterPath(QPointF(-4.8, 5.0))
    shoulders.cubicTo(QPointF(-4.4, -0.4), QPointF(4.4, -0.4), QPointF(4.8, 5.0))
    shoulders.closeSubpath()
    painter.drawPath(shoulders)
    if lost:
        painter.setPen(_pen(palette.color("bg.overlay"), 3.6))
        painter.drawLine(QPointF(-5.6, 5.6), QPointF(5.6, -5.6))
        painter.setPen(_pen(ink, 1.5))
        painter.drawLine(QPointF(-6.2, 6.2), QPointF(6.2, -6.2))
    elif busy:
        painter.setPen(_pen(palette.color("map.halo"), 1.2))
        painter.setBrush(palette.color("sla.soon.fill"))
        painter.drawEllipse(QPointF(7.0, -7.0), 3.6, 3.6)
    painter.restore()


def paint_pending(painter: QPainter, centre: QPointF, palette: MapPalette) -> None:
    """Paint the small mark of a case with an operation that waits: a yellow disc with an arrow up."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(palette.color("map.halo"), 1.2))
    painter.setBrush(palette.color("sla.soon.soft"))
    painter.drawEllipse(centre, 5.6, 5.6)
    painter.setPen(_pen(palette.color("sla.soon.text"), 1.4))
    painter.drawLine(centre + QPointF(0, 2.8), centre + QPointF(0, -2.8))
    painter.drawPolyline(
        QPolygonF([centre + QPointF(-2.2, -0.6), centre + QPointF(0, -2.8), centre + QPointF(2.2, -0.6)])
    )
    painter.restore()


def paint_target(painter: QPainter, centre: QPointF, palette: MapPalette) -> None:
    """Paint the ring of the selected case: 38 px in the focus colour with halo and four ticks."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, ring, tick in (
        (palette.color("map.halo"), 5.0, 4.4),
        (palette.color("accent.focus"), 2.4, 2.4),
    ):
        painter.setPen(_pen(color, ring))
        painter.drawEllipse(centre, 19.0, 19.0)
        pen = _pen(color, tick)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            way = QPointF(dx, dy)
            painter.drawLine(centre + way * 19.0, centre + way * 28.0)
    painter.restore()


def paint_pin(painter: QPainter, tip: QPointF, palette: MapPalette, good: bool = True) -> None:
    """Paint the drop-shaped pin, its tip on the chosen point; in the error colour when that is outside."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(tip)
    drop = QPainterPath(QPointF(0, 0))
    drop.cubicTo(QPointF(-3, -7), QPointF(-10, -11), QPointF(-10, -19))
    drop.arcTo(QRectF(-10, -29, 20, 20), 180, -180)
    drop.cubicTo(QPointF(10, -11), QPointF(3, -7), QPointF(0, 0))
    painter.strokePath(drop, _pen(palette.color("text.on_accent"), 3.2))
    painter.fillPath(drop, palette.color("accent.fill" if good else "danger.fill"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color("text.on_accent"))
    painter.drawEllipse(QPointF(0, -19), 3.8, 3.8)
    painter.restore()


def _pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
