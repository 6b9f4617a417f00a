"""The top bar (design section 4): name, workspaces, connection pill, bell, seat, clock."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.windows.palette.field_button import CommandField
from services.ports.picture import NO_ANSWER, OFFLINE, SIGN_IN, SYNCING, Connection
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.connection_pill import ConnectionPill, ConnectionReading, ConnectionState
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

_PILL = {
    SYNCING: ConnectionState.SYNCING,
    OFFLINE: ConnectionState.OFFLINE,
    NO_ANSWER: ConnectionState.NO_ANSWER,
    SIGN_IN: ConnectionState.SIGN_IN,
}
_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def tr(text: str) -> str:
    """Translate a word of the top bar."""
    return QCoreApplication.translate("TopBar", text)


def reading_of(connection: Connection, conflicts: int) -> ConnectionReading:
    """Return the pill's reading of a connection."""
    return ConnectionReading(
        _PILL.get(connection.state, ConnectionState.ONLINE),
        connection.queued,
        conflicts,
        round((connection.progress or 0) * 100),
    )


class Brand(QWidget):
    """Mark and name of the program."""

    def sizeHint(self) -> QSize:
        """Return the room of mark and name."""
        return QSize(round(36 + text_width(theme().font("title"), tr("网格调度席"))) + 4, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mark, a grid with one cell lit, and the name."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent.fill"))
        painter.drawRoundedRect(QRectF(0, 12, 24, 24), 5, 5)
        painter.setPen(QPen(look.color("text.on_accent"), 1.6))
        for step in (8.0, 16.0):
            painter.drawLine(round(step), 16, round(step), 32)
            painter.drawLine(4, round(12 + step), 20, round(12 + step))
        painter.fillRect(QRectF(8.8, 20.8, 6.4, 6.4), look.color("text.on_accent"))
        box = QRectF(34, 0, self.width() - 34, 48)
        draw_text(painter, box, tr("网格调度席"), look.font("title"), look.color("text.primary"))
        painter.end()


class Bell(QAbstractButton):
    """The bell with the number of notices that were not looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with none."""
        super().__init__(parent)
        self._count = 0
        self.setFixedSize(44, 32)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show another number."""
        self._count = count
        self.setAccessibleName(tr("通知 {n} 条未看").format(n=count))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bell and badge."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_icon(painter, QRectF(2, 0, 20, 32), "bell", look.color("text.secondary"), 18)
        if self._count:
            text = str(self._count) if self._count < 100 else "99+"
            font = look.font("caption", True)
            width = max(16.0, text_width(font, text) + 8)
            box = QRectF(22, 8, width, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("sla.over2.fill"))
            painter.drawRoundedRect(box, 3, 3)
            left = box.left() + (width - text_width(font, text)) / 2
            room = QRectF(left, box.top(), width, 16)
            draw_text(painter, room, text, font, look.color("sla.over2.on_fill"), elide=False)
        painter.end()


class TopBar(QWidget):
    """Paints its ground and holds the parts, left to right.

    Signals: `workspace_chosen(str)`, `waiting_wanted()`, `notices_wanted()`.
    """

    workspace_chosen = Signal(str)
    waiting_wanted = Signal()
    notices_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the parts."""
        super().__init__(parent)
        self.setFixedHeight(theme().metric("size.top_bar"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        self.tabs = TabStrip((), self, top=True)
        self.tabs.chosen.connect(self.workspace_chosen)
        self.pill = ConnectionPill(self)
        self.pill.clicked.connect(self.waiting_wanted)
        self.bell = Bell(self)
        self.bell.clicked.connect(self.notices_wanted)
        self.bell.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        right = Qt.AlignmentFlag.AlignRight
        self.seat = TextLabel("", "label", "text.primary", self, align=right)
        self.area = TextLabel("", "caption", "text.tertiary", self, align=right)
        self.clock = TextLabel("00:00:00", "clock", "text.primary", self, align=right)
        self.date = TextLabel("", "caption", "text.tertiary", self, align=right)
        row.addWidget(Brand(self))
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.command = CommandField(self)
        row.addWidget(self.command, 2, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for part in (self.pill, self.bell):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(_pair(self.seat, self.area))
        row.addSpacing(4)
        row.addLayout(_pair(self.clock, self.date))
        self.clock.setMinimumWidth(84)

    def set_workspaces(self, names: tuple[tuple[str, str], ...]) -> None:
        """Show the workspaces as (id, title) with their keys."""
        self.tabs.set_tabs(
            tuple(Tab(name, title, keys=f"Ctrl+{n}") for n, (name, title) in enumerate(names, 1))
        )

    def set_connection(self, connection: Connection, conflicts: int) -> None:
        """Show the state of the line."""
        self.pill.set_reading(reading_of(connection, conflicts))

    def set_seat(self, words: tuple[str, str]) -> None:
        """Show who sits here and for which area."""
        for label, text, step in ((self.seat, words[0], "label"), (self.area, words[1], "caption")):
            label.set_text(text)
            label.setMinimumWidth(round(text_width(theme().font(step), text)) + 4)

    def set_time(self, local: datetime) -> None:
        """Show centre time."""
        self.clock.set_text(local.strftime("%H:%M:%S"))
        self.date.set_text(f"{local:%m-%d} {tr(_DAYS[local.weekday()])}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and divider."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.panel"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()


def _pair(upper: QWidget, lower: QWidget) -> QVBoxLayout:
    """Return two labels one above the other, centred in the bar."""
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addStretch(1)
    column.addWidget(upper, 0, Qt.AlignmentFlag.AlignRight)
    column.addWidget(lower, 0, Qt.AlignmentFlag.AlignRight)
    column.addStretch(1)
    return column
