"""The connection pill of the top bar (DESIGN §3.4): five states, one button that opens the waiting operations."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width
from widgets.theme.tokens import value

_HEIGHT = 24
_PAD = 10


class ConnectionState(StrEnum):
    """How this seat and the centre stand."""

    ONLINE = "online"
    SYNCING = "syncing"
    OFFLINE = "offline"
    NO_ANSWER = "no_answer"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class ConnectionReading:
    """State, operations waiting here, conflict answers, and progress 0–100 while synchronising."""

    state: ConnectionState = ConnectionState.ONLINE
    waiting: int = 0
    conflicts: int = 0
    percent: int = 0


def connection_words(reading: ConnectionReading) -> tuple[str, str]:
    """Return the bold part and the rest of the words: ``("离线", "7 项待发送 · 1 项冲突")``."""
    counts = []
    if reading.waiting:
        counts.append(QCoreApplication.translate("Connection", "{0} 项待发送").format(reading.waiting))
    if reading.conflicts:
        counts.append(QCoreApplication.translate("Connection", "{0} 项冲突").format(reading.conflicts))
    tail = " · ".join(counts)
    heads = {
        ConnectionState.ONLINE: QCoreApplication.translate("Connection", "在线 · 已同步"),
        ConnectionState.SYNCING: QCoreApplication.translate("Connection", "正在同步 {0}%").format(
            reading.percent
        ),
        ConnectionState.OFFLINE: QCoreApplication.translate("Connection", "离线"),
        ConnectionState.NO_ANSWER: QCoreApplication.translate("Connection", "中心未答复"),
        ConnectionState.SIGN_IN: QCoreApplication.translate("Connection", "登录已失效"),
    }
    head = heads[reading.state]
    if reading.state is ConnectionState.ONLINE and reading.waiting:
        head = QCoreApplication.translate("Connection", "在线")
    if reading.state is ConnectionState.OFFLINE:
        return head, tail
    return "", " · ".join(part for part in (head, tail) if part)


class ConnectionPill(QAbstractButton):
    """The pill; ``clicked`` asks for the list of waiting operations (Ctrl+O)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = ConnectionReading()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_reading(self._reading)

    @property
    def reading(self) -> ConnectionReading:
        """What is shown."""
        return self._reading

    def set_reading(self, reading: ConnectionReading) -> None:
        """Show another state."""
        self._reading = reading
        words = " ".join(part for part in connection_words(reading) if part)
        self.setAccessibleName(words)
        self.setToolTip(self.tr("打开待发送操作（Ctrl+O）"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return icon, words and padding, 24 high."""
        bold, rest = connection_words(self._reading)
        look = theme()
        width = text_width(look.font("label", True), bold) + text_width(look.font("label"), rest)
        return QSize(round(width) + 16 + 7 + 2 * _PAD + (6 if bold and rest else 0), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, icon and words."""
        look = theme()
        entry = value(f"sync.{self._reading.state}")
        tone = look.tone(entry["token"])
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = self.hasFocus()
            edge = look.color("accent.focus") if focused else tone.text if self.underMouse() else tone.soft
            painter.setPen(QPen(edge, 2 if focused else 1))
            painter.setBrush(tone.soft)
            inset = 1 if focused else 0.5
            body = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(body, look.metric("radius.control"), look.metric("radius.control"))
            self._draw_mark(painter, look, str(entry["icon"]))
            x = _PAD + 16.0 + 7
            bold, rest = connection_words(self._reading)
            for words, heavy in ((bold, True), (rest, False)):
                if words:
                    row = QRectF(x, 0, self.width(), self.height())
                    x += draw_text(painter, row, words, look.font("label", heavy), tone.text, elide=False) + 6

    def _draw_mark(self, painter: QPainter, look: Theme, icon: str) -> None:
        tone = look.tone(value(f"sync.{self._reading.state}")["token"])
        box = QRectF(_PAD, 0, 16, self.height())
        if self._reading.state is not ConnectionState.SYNCING:
            draw_icon(painter, box, icon, tone.text)
            return
        ring = QRectF(box.center().x() - 6, box.center().y() - 6, 12, 12)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.color("line.strong"), 1.6))
        painter.drawEllipse(ring)
        pen = QPen(tone.text, 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(ring, 90 * 16, -round(self._reading.percent * 3.6 * 16))
