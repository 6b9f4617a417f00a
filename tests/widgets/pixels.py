"""Looking at what a widget painted: which colours, where, how much."""

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme


def picture(widget: QWidget) -> QImage:
    """What the widget shows now, without its being on a screen."""
    widget.ensurePolished()
    image = QImage(widget.size(), QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    widget.render(image, QPoint(0, 0))
    return image


def painted(draw, width: int = 64, height: int = 32, look: Theme | None = None, ratio: float = 1.0) -> QImage:
    """What ``draw(painter, rect)`` puts on a panel ground."""
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill((look or Theme()).color("bg.panel"))
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


def _array(image: QImage) -> np.ndarray:
    """Rows of (blue, green, red, alpha)."""
    flat = image.convertToFormat(QImage.Format.Format_ARGB32)
    data = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine() // 4, 4)
    return data[:, : flat.width()].astype(np.int16)


def _matching(image: QImage, colour: QColor, tolerance: int) -> np.ndarray:
    data = _array(image)
    wanted = np.array([colour.blue(), colour.green(), colour.red()], np.int16)
    return (np.abs(data[:, :, :3] - wanted) <= tolerance).all(axis=2) & (data[:, :, 3] > 200)


def _bounds(found: np.ndarray) -> QRect:
    rows, columns = np.nonzero(found)
    if not len(rows):
        return QRect()
    left, top = int(columns.min()), int(rows.min())
    return QRect(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)


def count(image: QImage, colour: QColor, area: QRect | None = None, tolerance: int = 12) -> int:
    """How many pixels of an area have (about) a colour."""
    area = (area or image.rect()).intersected(image.rect())
    found = _matching(image, colour, tolerance)
    return int(found[area.top() : area.bottom() + 1, area.left() : area.right() + 1].sum())


def extent(image: QImage, colour: QColor, tolerance: int = 12) -> QRect:
    """The smallest rectangle around all pixels of a colour."""
    return _bounds(_matching(image, colour, tolerance))


def differing(a: QImage, b: QImage) -> QRect:
    """The smallest rectangle around all pixels in which two pictures of one size differ."""
    return _bounds((_array(a) != _array(b)).any(axis=2))


def same(a: QImage, b: QImage) -> bool:
    """Whether two pictures are equal pixel by pixel."""
    return a.size() == b.size() and a == b
