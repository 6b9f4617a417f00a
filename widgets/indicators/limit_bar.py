"""The limit bar (DESIGN §6): how much of the limit is used; full at due time, then it stays full."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.indicators.sla_shape import known_band
from widgets.theme import Theme, theme

HEIGHT = 6


def draw_bar(painter: QPainter, rect: QRectF, part: float, fill_token: str, look: Theme) -> None:
    """Draw a rounded bar with its used part (0–1, clamped) from the left."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = min(2.0, rect.height() / 2)
    painter.setBrush(look.color("line.subtle"))
    painter.drawRoundedRect(rect, radius, radius)
    part = min(max(part, 0.0), 1.0)
    if part > 0:
        painter.setBrush(look.color(fill_token))
        width = max(2 * radius, rect.width() * part)
        painter.drawRoundedRect(QRectF(rect.x(), rect.y(), width, rect.height()), radius, radius)
    painter.restore()


class LimitBar(QWidget):
    """The bar beside the countdown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = 0.0
        self._band = "ok"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def part(self) -> float:
        """The used part shown now, 0–1."""
        return self._part

    def set_used(self, part: float, band: str) -> None:
        """Show the used part of the limit in the band's fill."""
        self._part = min(max(part, 0.0), 1.0)
        self._band = known_band(band)
        self.setAccessibleName(self.tr("时限已用 {0}%").format(round(self._part * 100)))
        self.update()

    def sizeHint(self) -> QSize:
        """Return 6 high, as wide as there is room."""
        return QSize(120, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        with QPainter(self) as painter:
            token = "text.tertiary" if self._band == "ok" else f"sla.{self._band}.fill"
            draw_bar(painter, QRectF(self.rect()), self._part, token, theme())
