"""A notice inside a panel: mark, sentence, at most one action (DESIGN §10)."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

# Severity -> (tone, drawing)
SEVERITIES = {
    "info": ("accent", "info"),
    "good": ("sla.closed", "check_circle"),
    "warning": ("sla.soon", "warn"),
    "error": ("sla.over2", "warn"),
}


class NoticeBar(QWidget):
    """Tinted bar with the severity's mark; ``acted`` says that its action was chosen.

    Signals:
        acted(): the action's button was pressed.
    """

    acted = Signal()

    def __init__(
        self,
        severity: str = "info",
        title: str = "",
        detail: str = "",
        action: str = "",
        keys: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._severity = severity
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 10, 12, 10)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title = TextLabel(title, "body", "text.primary", self, wrap=True)
        self._detail = TextLabel(detail, "label", "text.secondary", self, wrap=True)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row.addLayout(words, 1)
        self._button = Button(action, ButtonKind.PLAIN, keys, size=ButtonSize.SMALL, parent=self)
        self._button.clicked.connect(self.acted)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_notice(severity, title, detail, action, keys)

    def set_notice(
        self, severity: str, title: str, detail: str = "", action: str = "", keys: str = ""
    ) -> None:
        """Show another notice: ``severity`` is info, good, warning or error."""
        token = SEVERITIES[severity][0]
        self._severity = severity
        self._title.set_text(title)
        self._title.set_token("text.primary" if severity in ("info", "good") else f"{token}.text")
        self._detail.set_text(detail)
        self._detail.setVisible(bool(detail))
        self._button.setText(action)
        self._button.set_keys(keys)
        self._button.setVisible(bool(action))
        self.setAccessibleName("，".join(part for part in (title, detail) if part))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and mark."""
        look = theme()
        token, icon = SEVERITIES[self._severity]
        tone = look.tone(token)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(Qt.PenStyle.NoPen))
            painter.setBrush(tone.soft)
            radius = look.metric("radius.notice")
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
            draw_icon(painter, QRectF(12, 10, 20, 20), icon, tone.text, 16)
