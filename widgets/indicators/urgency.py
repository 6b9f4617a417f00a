"""Urgency (DESIGN §3.2): a bar whose height is the second cue beside its colour, and the word."""

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width
from widgets.theme.tokens import value

LEVELS = range(4)
_TONES = ("neutral", "sla.soon", "sla.over1", "sla.over2")


def urgency_label(level: int) -> str:
    """Return 一般, 较急, 紧急 or 特急; levels outside 0–3 are clamped."""
    words = (
        QCoreApplication.translate("Urgency", "一般"),
        QCoreApplication.translate("Urgency", "较急"),
        QCoreApplication.translate("Urgency", "紧急"),
        QCoreApplication.translate("Urgency", "特急"),
    )
    return words[_clamped(level)]


def _clamped(level: int) -> int:
    return min(max(level, 0), 3)


def draw_urgency_bar(painter: QPainter, rect: QRectF, level: int, look: Theme, scale: float = 1.0) -> None:
    """Draw the bar centred in a rectangle: 4 px wide, 4 to 26 px high; ``scale`` shrinks the height alone."""
    step = value("urgency")[_clamped(level)]
    width = 4.0
    height = min(max(width, step["bar_h"] * scale), rect.height())
    left, top = round(rect.center().x() - width / 2), round(rect.center().y() - height / 2)
    box = QRectF(left, top, width, round(height))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(step["token"]))
    radius = 2 if level <= 0 else 1
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


class UrgencyTag(QWidget):
    """The urgency with its word on a tinted ground, as in the head of the case panel."""

    def __init__(self, level: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = level
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_level(level)

    @property
    def level(self) -> int:
        """0 一般 … 3 特急."""
        return self._level

    def set_level(self, level: int) -> None:
        """Show another urgency."""
        self._level = _clamped(level)
        self.setAccessibleName(urgency_label(self._level))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return bar, word and padding, 20 high."""
        look = theme()
        words = text_width(look.font("label", True), urgency_label(self._level))
        return QSize(round(words + 22), look.metric("size.chip"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, bar and word."""
        look = theme()
        tone = look.tone(_TONES[self._level])
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone.soft)
            radius = look.metric("radius.chip")
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
            scale = 0.5 if self._level == 3 else 0.6
            draw_urgency_bar(painter, QRectF(6, 0, 4, self.height()), self._level, look, scale)
            words = QRectF(15, 0, self.width() - 15, self.height())
            draw_text(
                painter, words, urgency_label(self._level), look.font("label", True), tone.text, elide=False
            )
