"""A filter above a list: 街道：全部 with a chevron; when it filters, framed in accent with a cross."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

_PAD = 8


class FilterButton(QAbstractButton):
    """``clicked`` asks for the choices; ``cleared`` says that the cross was pressed.

    Signals:
        cleared(): take this filter away.
    """

    cleared = Signal()

    def __init__(self, name: str, value: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._value = value
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_value(value)

    @property
    def value(self) -> str:
        """What is filtered by; empty for all."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show what is filtered by; empty shows 全部."""
        self._value = value
        self.setAccessibleName(self._words())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return words and mark, 24 high."""
        return QSize(round(text_width(theme().font("label"), self._words())) + 2 * _PAD + 22, 24)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell the cross from the rest."""
        if (
            self._value
            and event.position().x() > self.width() - 24
            and self.rect().contains(event.position().toPoint())
        ):
            self.setDown(False)
            self.cleared.emit()
            return
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, words and mark."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            active = bool(self._value)
            edge = "accent.focus" if self.hasFocus() else "accent.base" if active else "line.normal"
            painter.setPen(QPen(look.color(edge), 1))
            ground = "accent.soft" if active else "bg.hover" if self.underMouse() else "bg.panel"
            painter.setBrush(look.color(ground))
            radius = look.metric("radius.control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            colour = look.color("accent.base" if active else "text.secondary")
            row = QRectF(_PAD + 1, 0, self.width() - 30, self.height())
            draw_text(painter, row, self._words(), look.font("label"), colour, elide=False)
            mark = QRectF(self.width() - 24, 0, 20, self.height())
            draw_icon(painter, mark, "x" if active else "chevron_down", colour, 12)

    def _words(self) -> str:
        return f"{self._name}：{self._value or self.tr('全部')}"
