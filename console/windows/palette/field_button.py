"""The command field of the top bar: it looks like a field, and opens the command bar."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

WIDTH, LEAST, HEIGHT = 360, 160, 32


def tr(text: str) -> str:
    """Translate a word of the field."""
    return QCoreApplication.translate("Palette", text)


class CommandField(QAbstractButton):
    """360 wide where there is room. It never takes the focus: `Ctrl+K` and `/` open the same bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with the shipped key."""
        super().__init__(parent)
        self._key = "Ctrl+K"
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(LEAST)
        self.setMaximumWidth(WIDTH)
        self.setAccessibleName(tr("搜索案件、网格、人员，或输入命令"))
        self.setToolTip(self.accessibleName())

    def set_key(self, key: str) -> None:
        """Show the key that opens the bar, none for an empty one."""
        self._key = key
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the design."""
        return QSize(WIDTH, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, glass, words and key."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(look.color("line.normal" if self.underMouse() else "line.subtle"), 1))
            painter.setBrush(look.color("bg.field"))
            radius = look.metric("radius.control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            draw_icon(painter, QRectF(10, 0, 18, self.height()), "search", look.color("text.secondary"), 16)
            right = float(self.width() - 10)
            if self._key:
                width = keycap_width(self._key, look)
                right -= width
                draw_keycap(painter, right, self.height() / 2, self._key, look)
            words = QRectF(36, 0, right - 44, self.height())
            draw_text(painter, words, self.accessibleName(), look.font("body"), look.color("text.tertiary"))
