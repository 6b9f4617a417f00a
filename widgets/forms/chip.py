"""Chips: an icon and a word on a tinted ground; one drawing for rows, heads and lists."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

_PAD = 6
_ICON = 14
_GAP = 5


def chip_width(text: str, icon: str, look: Theme, *, bold: bool = False) -> float:
    """Return the width of a chip in logical pixels."""
    inner = round(text_width(look.font("label", bold), text)) + 1
    return inner + 2 * _PAD + ((_ICON + _GAP) if icon else 0)


def draw_chip(
    painter: QPainter,
    rect: QRectF,
    text: str,
    icon: str,
    tone_token: str,
    look: Theme,
    *,
    bold: bool = False,
) -> None:
    """Draw a chip filling a rectangle (20 high): ``tone_token`` is ``sla.soon``, ``accent``, ``neutral`` …."""
    tone = look.tone(tone_token)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tone.soft)
    radius = look.metric("radius.chip")
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()
    x = rect.x() + _PAD
    if icon:
        draw_icon(painter, QRectF(x, rect.y(), _ICON, rect.height()), icon, tone.text, _ICON)
        x += _ICON + _GAP
    words = QRectF(x, rect.y(), rect.right() - x - _PAD + 2, rect.height())
    draw_text(painter, words, text, look.font("label", bold), tone.text)


class Chip(QWidget):
    """A chip as a widget."""

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        tone: str = "neutral",
        parent: QWidget | None = None,
        *,
        bold: bool = False,
    ) -> None:
        super().__init__(parent)
        self._text, self._icon, self._tone, self._bold = text, icon, tone, bold
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    def set_chip(self, text: str, icon: str = "", tone: str = "neutral") -> None:
        """Show another word, drawing and tone."""
        self._text, self._icon, self._tone = text, icon, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the chip's size, 20 high."""
        look = theme()
        return QSize(
            round(chip_width(self._text, self._icon, look, bold=self._bold)), look.metric("size.chip")
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        with QPainter(self) as painter:
            draw_chip(
                painter, QRectF(self.rect()), self._text, self._icon, self._tone, theme(), bold=self._bold
            )
