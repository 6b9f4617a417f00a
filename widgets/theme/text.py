"""Drawing words: one line, fixed places, cut with an ellipsis."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


@lru_cache(maxsize=64)
def _metrics(key: str) -> QFontMetricsF:
    font = QFont()
    font.fromString(key)
    return QFontMetricsF(font)


def metrics_of(font: QFont) -> QFontMetricsF:
    """Return the metrics of a font, cached by the font's description."""
    return _metrics(font.toString())


def text_width(font: QFont, text: str) -> float:
    """Return the advance of a line of text in logical pixels."""
    return metrics_of(font).horizontalAdvance(text)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    colour: QColor,
    align: Qt.AlignmentFlag = LEFT,
    *,
    elide: bool = True,
) -> float:
    """Draw one line of text inside a rectangle and return the width it took.

    Text wider than the rectangle is cut with … unless ``elide`` is False.
    """
    if elide:
        metrics = metrics_of(font)
        if metrics.horizontalAdvance(text) > rect.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, int(align | Qt.TextFlag.TextSingleLine), text)
    return min(text_width(font, text), rect.width())
