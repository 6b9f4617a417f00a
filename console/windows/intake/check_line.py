"""The live line below the form: 可以登记, or what is still missing, with the count of the seven."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.viewmodels.intake_form import Check
from widgets.theme import theme, theme_store
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text


def tr(text: str) -> str:
    """Translate a word of the line."""
    return QCoreApplication.translate("Intake", text)


class CheckLine(QWidget):
    """A box of two lines: the verdict, and the first things missing (or the near-by candidates)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing met."""
        super().__init__(parent)
        self.title = self.detail = ""
        self._ready = False
        self.setFixedHeight(60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_store().changed.connect(self.update)

    def set_checks(self, checks: tuple[Check, ...], remark: str = "") -> None:
        """Show what is met; `remark` stands behind the count when all is."""
        met = sum(check.met for check in checks)
        self._ready = met == len(checks)
        self.title = tr("可以登记") if self._ready else tr("还不能登记")
        count = tr("必填 {met} / {all}").format(met=met, all=len(checks))
        missing = "；".join(check.sentence for check in checks if not check.met and check.sentence)
        rest = remark if self._ready else missing
        self.detail = f"{count}；{rest}。" if rest else f"{count}。"
        self.setAccessibleName(f"{self.title}，{self.detail}")
        self.update()

    @property
    def ready(self) -> bool:
        """Whether everything is there."""
        return self._ready

    def sizeHint(self) -> QSize:
        """Return two lines."""
        return QSize(480, 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.setBrush(look.color("bg.panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        token = "sla.closed.text" if self._ready else "text.tertiary"
        icon = "check_circle" if self._ready else "info"
        draw_icon(painter, QRectF(14, 8, 18, 22), icon, look.color(token), 18)
        room = QRectF(42, 8, self.width() - 56, 22)
        draw_text(painter, room, self.title, look.font("body", True), look.color("text.primary"))
        room = QRectF(42, 30, self.width() - 56, 22)
        draw_text(painter, room, self.detail, look.font("label"), look.color("text.secondary"))
        painter.end()
