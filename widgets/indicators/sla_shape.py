"""The shapes of the time-limit bands (DESIGN §3.1): one set for queue, map, dialogs and wall.

Bands: ``ok`` ring, ``soon`` triangle, ``over1`` diamond, ``over2`` square, ``over3`` octagon with !, ``suspended``
disc with two bars, ``closed`` disc with tick. Indicator states use the same drawings plus ``dash``.
"""

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme, theme

BANDS = ("ok", "soon", "over1", "over2", "over3", "suspended", "closed")


def band_label(band: str) -> str:
    """Return the word of a band (即将超时, 超时<24h, …), translated; unknown bands give their own name."""
    words = {
        "ok": QCoreApplication.translate("Band", "正常"),
        "soon": QCoreApplication.translate("Band", "即将超时"),
        "over1": QCoreApplication.translate("Band", "超时<24h"),
        "over2": QCoreApplication.translate("Band", "超时24–72h"),
        "over3": QCoreApplication.translate("Band", "超时>72h"),
        "suspended": QCoreApplication.translate("Band", "挂账"),
        "closed": QCoreApplication.translate("Band", "已结案"),
    }
    return words.get(band, band)


def known_band(band: str) -> str:
    """Return the band, or ``ok`` for one the design does not know: paint must never fail for a word."""
    return band if band in BANDS else "ok"


def outline_path(band: str, box: QRectF, ratio: float = 1.0) -> QPainterPath:
    """Return the outer edge of a band's shape inside a box of 16 units (any size).

    The straight edges of the square are snapped to device pixels of ``ratio`` a logical pixel.
    """
    unit = box.width() / 16
    centre = box.center()
    path = QPainterPath()
    if band == "soon":
        path.addPolygon(_polygon(box, ((8, 2.2), (14.6, 13.6), (1.4, 13.6))))
    elif band == "over1":
        path.addPolygon(_polygon(box, ((8, 1.4), (14.6, 8), (8, 14.6), (1.4, 8))))
    elif band == "over2":
        side = round(11 * unit * ratio) / ratio
        left, top = (round((middle - side / 2) * ratio) / ratio for middle in (centre.x(), centre.y()))
        path.addRoundedRect(QRectF(left, top, side, side), 1.2 * unit, 1.2 * unit)
    elif band == "over3":
        radius = 6.4
        corners = [
            (
                8 + radius * math.cos(math.radians(22.5 + 45 * i)),
                8 + radius * math.sin(math.radians(22.5 + 45 * i)),
            )
            for i in range(8)
        ]
        path.addPolygon(_polygon(box, corners))
    else:
        radius = (5.6 if band in ("suspended", "closed") else 5.0) * unit
        path.addEllipse(centre, radius, radius)
    path.closeSubpath()
    return path


def draw_sla_shape(
    painter: QPainter,
    rect: QRectF,
    band: str,
    look: Theme,
    size: float = 16,
    *,
    outline: QColor | None = None,
    colour: QColor | None = None,
) -> None:
    """Draw the shape of a band centred in a rectangle.

    Args:
        painter: any painter; its state is kept.
        rect: where; the shape stands in the middle.
        band: one of ``BANDS`` or ``dash`` (no data).
        look: the theme that gives the colours.
        size: side of the 16-unit box in logical pixels (16 rows, 18 case panel, 14 legends).
        outline: a line around the shape (map halo).
        colour: overrides the fill, for reports in grey.
    """
    if band != "dash":
        band = known_band(band)
    box = QRectF(rect.center().x() - size / 2, rect.center().y() - size / 2, size, size)
    unit = size / 16
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if band == "dash":
        painter.setPen(QPen(colour or look.color("text.tertiary"), 1.6 * unit))
        painter.drawLine(box.center() - QPointF(4 * unit, 0), box.center() + QPointF(4 * unit, 0))
        painter.restore()
        return
    device = painter.device()
    path = outline_path(band, box, device.devicePixelRatioF() if device is not None else 1.0)
    if outline is not None:
        painter.strokePath(path, QPen(outline, 3 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if band == "ok":
        if outline is not None:
            painter.fillPath(path, outline)
        painter.strokePath(path, QPen(colour or look.color("sla.ok.text"), 1.7 * unit))
    else:
        painter.fillPath(path, colour or look.color(f"sla.{band}.fill"))
        _draw_inside(painter, band, box, look.color(f"sla.{band}.on_fill"), unit)
    painter.restore()


def _polygon(
    box: QRectF, corners: "tuple[tuple[float, float], ...] | list[tuple[float, float]]"
) -> QPolygonF:
    unit = box.width() / 16
    return QPolygonF([QPointF(box.x() + x * unit, box.y() + y * unit) for x, y in corners])


def _draw_inside(painter: QPainter, band: str, box: QRectF, colour: QColor, unit: float) -> None:
    pen = QPen(colour, 1.6 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = box.x(), box.y()

    def at(px: float, py: float) -> QPointF:
        return QPointF(x + px * unit, y + py * unit)

    if band == "over3":
        painter.drawLine(at(8, 4.8), at(8, 8.6))
        painter.drawPoint(at(8, 11.2))
    elif band == "suspended":
        painter.drawLine(at(6.5, 5.9), at(6.5, 10.1))
        painter.drawLine(at(9.5, 5.9), at(9.5, 10.1))
    elif band == "closed":
        painter.drawPolyline([at(5.4, 8.2), at(7.3, 10.1), at(10.7, 6.3)])


class SlaShape(QWidget):
    """One band's shape as a widget, e.g. in a legend or beside a title.

    Size 14 in legends, 16 in rows, 18 in the case panel.
    """

    def __init__(self, band: str = "ok", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._band = band
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_band(band)

    @property
    def band(self) -> str:
        """The band shown now."""
        return self._band

    def set_band(self, band: str) -> None:
        """Show another band."""
        self._band = band
        self.setAccessibleName(band_label(band))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the square of the shape."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape."""
        with QPainter(self) as painter:
            draw_sla_shape(painter, QRectF(self.rect()), self._band, theme(), self._size)
