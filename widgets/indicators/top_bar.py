"""What stands in the top bar beside tabs and pill: mark and name, command field, bell, seat and shift, clock."""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets import format as fmt
from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import CENTER, RIGHT, draw_text, text_width


class ProductMark(QWidget):
    """The mark and the product's name."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """Return mark and name."""
        return QSize(round(text_width(theme().font("heading"), self._name)) + 34, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw mark and name."""
        look = theme()
        with QPainter(self) as painter:
            draw_icon(painter, QRectF(0, 0, 24, self.height()), "mark", look.color("text.primary"), 24)
            row = QRectF(32, 0, self.width() - 32, self.height())
            draw_text(painter, row, self._name, look.font("heading"), look.color("text.primary"), elide=False)


class CommandField(QAbstractButton):
    """Looks like a field and opens the command palette when pressed (Ctrl+K)."""

    def __init__(self, words: str, keys: str = "Ctrl+K", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._keys = words, keys
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        """Return 360 × 32."""
        return QSize(360, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = self.hasFocus()
            edge = "accent.focus" if focused else "line.strong" if self.underMouse() else "line.normal"
            painter.setPen(QPen(look.color(edge), 2 if focused else 1))
            painter.setBrush(look.color("bg.field"))
            inset = 1 if focused else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 4, 4)
            draw_icon(painter, QRectF(10, 0, 16, self.height()), "search", look.color("text.secondary"))
            row = QRectF(34, 0, self.width() - 100, self.height())
            draw_text(painter, row, self._words, look.font("body"), look.color("text.tertiary"))
            width = keycap_width(self._keys, look)
            draw_keycap(painter, round(self.width() - width - 10), self.height() / 2, self._keys, look)


class BellButton(QAbstractButton):
    """The bell with the count of unread notices; 0 shows no count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    @property
    def count(self) -> int:
        """How many are unread."""
        return self._count

    def set_count(self, count: int) -> None:
        """Show another count."""
        self._count = count
        self.setAccessibleName(self.tr("通知，{0} 条未读").format(count))
        self.update()

    def sizeHint(self) -> QSize:
        """Return bell and count."""
        return QSize(48, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bell and count."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() or self.hasFocus():
                painter.setPen(QPen(look.color("accent.focus" if self.hasFocus() else "bg.hover"), 1))
                painter.setBrush(look.color("bg.hover"))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            draw_icon(painter, QRectF(6, 0, 16, self.height()), "bell", look.color("text.secondary"))
            if self._count:
                words = str(self._count) if self._count < 100 else "99+"
                width = max(16.0, text_width(look.font("caption", True), words) + 8)
                box = QRectF(25, self.height() / 2 - 8, width, 16)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("sla.over2.fill"))
                painter.drawRoundedRect(box, 3, 3)
                draw_text(
                    painter,
                    box,
                    words,
                    look.font("caption", True),
                    look.color("sla.over2.on_fill"),
                    CENTER,
                    elide=False,
                )


class SeatLabel(QWidget):
    """Two right-aligned lines: shift · seat · name, and the shift's hours and leader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_lines(self, first: str, second: str) -> None:
        """Show other words."""
        self._lines = (first, second)
        self.setAccessibleName("，".join(line for line in self._lines if line))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the longer line."""
        look = theme()
        width = max(
            text_width(look.font("label"), self._lines[0]), text_width(look.font("caption"), self._lines[1])
        )
        return QSize(round(width) + 2, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines."""
        look = theme()
        with QPainter(self) as painter:
            draw_text(
                painter,
                QRectF(0, 4, self.width(), 16),
                self._lines[0],
                look.font("label"),
                look.color("text.primary"),
                RIGHT,
                elide=False,
            )
            draw_text(
                painter,
                QRectF(0, 20, self.width(), 16),
                self._lines[1],
                look.font("caption"),
                look.color("text.tertiary"),
                RIGHT,
                elide=False,
            )


class TopClock(QWidget):
    """Clock with seconds, date and weekday; call ``tick`` once a second with the centre's time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time, self._date = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tick(self, now: datetime) -> None:
        """Show a moment in its own time zone."""
        self._time, self._date = fmt.time_of_day(now, seconds=True), fmt.date_short(now.date())
        self.setAccessibleName(f"{self._date} {fmt.time_of_day(now)}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for eight figures."""
        return QSize(round(text_width(theme().font("clock"), "00:00:00")) + 2, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw time and date."""
        look = theme()
        with QPainter(self) as painter:
            draw_text(
                painter,
                QRectF(0, 5, self.width(), 20),
                self._time,
                look.font("clock"),
                look.color("text.primary"),
                RIGHT,
                elide=False,
            )
            draw_text(
                painter,
                QRectF(0, 24, self.width(), 16),
                self._date,
                look.font("caption"),
                look.color("text.tertiary"),
                RIGHT,
                elide=False,
            )
