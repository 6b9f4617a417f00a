"""Legend of the heat: which colour stands for how many cases a square kilometre, and how far a case reaches."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from maps.canvas import texts
from maps.canvas.case_pictures import heat_colours
from maps.canvas.palette import MapPalette
from maps.canvas.pixels import CLEAR
from maps.layers.heat import HeatField

SIZE = QSizeF(280.0, 66.0)
"""Room of the legend, logical pixels."""
_PAD, _STRIP = 10.0, 10.0


def heat_title() -> str:
    """Heading of the legend."""
    return QCoreApplication.translate("GridMap", "案件热力（件/平方公里）")


def heat_radius(metres: float) -> str:
    """How far a case reaches."""
    return QCoreApplication.translate("GridMap", "半径 {distance}").format(distance=texts.distance(metres))


def density_figure(value: float) -> str:
    """A density with as many figures as it has meaning."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def paint_heat_legend(
    painter: QPainter, room: QRectF, field: HeatField | None, radius_m: float, palette: MapPalette
) -> None:
    """Paint the legend into its room; without a field there are no figures yet."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color("line.normal"), 1))
    painter.setBrush(palette.color("bg.overlay"))
    painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    inner = room.adjusted(_PAD, 6, -_PAD, -4)
    painter.setFont(palette.font(12, bold=True))
    painter.setPen(palette.color("text.primary"))
    line = QRectF(inner.left(), inner.top(), inner.width(), 18)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, heat_title())
    painter.setFont(palette.font(11))
    painter.setPen(palette.color("text.secondary"))
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, heat_radius(radius_m))
    strip = QRectF(inner.left(), line.bottom() + 4, inner.width(), _STRIP)
    painter.fillRect(strip, palette.color("map.density_ramp.0"))
    pixels = heat_colours(palette)
    painter.drawImage(strip, QImage(pixels.data, len(pixels), 1, 4 * len(pixels), CLEAR))
    for i, value in enumerate(field.legend() if field is not None else (), start=1):
        _paint_step(painter, strip, i / 5, density_figure(value), palette)
    painter.restore()


def _paint_step(painter: QPainter, strip: QRectF, share: float, figure: str, palette: MapPalette) -> None:
    x = strip.left() + share * strip.width()
    painter.setPen(QPen(palette.color("line.strong"), 1))
    painter.drawLine(QPointF(x, strip.bottom() - 3), QPointF(x, strip.bottom() + 2))
    painter.setPen(palette.color("text.secondary"))
    left = min(x - 30, strip.right() - 60) if share < 1 else strip.right() - 60
    side = Qt.AlignmentFlag.AlignRight if share >= 1 else Qt.AlignmentFlag.AlignHCenter
    painter.drawText(QRectF(left, strip.bottom() + 2, 60, 16), side | Qt.AlignmentFlag.AlignVCenter, figure)
