"""Drawing words: one line, fixed places, cut with an ellipsis."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


_SINGLE_LINE = Qt.TextFlag.TextSingleLine.value

# Fonts come from the theme's cache and live as long as it does, so that a font is known by its identity; the entry
# holds the font, so that no other font can take its place in memory while the entry stands.
_KNOWN: dict[int, tuple[QFont, str]] = {}
_KNOWN_LIMIT = 256


def _key_of(font: QFont) -> str:
    known = _KNOWN.get(id(font))
    if known is None:
        if len(_KNOWN) >= _KNOWN_LIMIT:
            _KNOWN.clear()
        known = (font, font.toString())
        _KNOWN[id(font)] = known
    return known[1]


@lru_cache(maxsize=64)
def _metrics(key: str) -> QFontMetricsF:
    font = QFont()
    font.fromString(key)
    return QFontMetricsF(font)


@lru_cache(maxsize=16384)
def _width(key: str, text: str) -> float:
    return _metrics(key).horizontalAdvance(text)


def metrics_of(font: QFont) -> QFontMetricsF:
    """Return the metrics of a font, cached by the font's description."""
    return _metrics(_key_of(font))


def text_width(font: QFont, text: str) -> float:
    """Return the advance of a line of text in logical pixels.

    The font must not be changed afterwards (fonts of a theme never are): its description is remembered.
    """
    return _width(_key_of(font), text)


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
    width, room = text_width(font, text), rect.width()
    if width > room:
        width = room
        if elide:
            text = metrics_of(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, align.value | _SINGLE_LINE, text)
    return width
