"""Toasts (DESIGN §6): 392 wide, bottom right, newest on top, at most three; errors stay."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.buttons import Button, ButtonKind, ButtonSize, IconButton
from widgets.indicators.notice_bar import SEVERITIES
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

WIDTH = 392
STAY_MS = 6000
LIMIT = 3
_MARGIN = 24


@dataclass(frozen=True, slots=True)
class ToastValue:
    """One toast.

    Attributes:
        key: a newer toast with the same key takes the place of the older.
        title: short.
        lines: at most two lines of detail.
        severity: info, good, warning or error; errors stay until closed.
        actions: at most two of (key, word, keys printed).
        stays: keep until closed although it is no error.
    """

    key: str
    title: str
    lines: str = ""
    severity: str = "info"
    actions: tuple[tuple[str, str, str], ...] = ()
    stays: bool = False


class Toast(QWidget):
    """One toast on the screen.

    Signals:
        acted(str, str): toast key and action key.
        closed(str): toast key; by the cross, by its action or because its time is over.
    """

    acted = Signal(str, str)
    closed = Signal(str)

    def __init__(self, value: ToastValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("，".join(part for part in (value.title, value.lines) if part))
        column = QVBoxLayout(self)
        column.setContentsMargins(44, 12, 14, 14)
        column.setSpacing(4)
        head = QHBoxLayout()
        self._title = TextLabel(value.title, "body", "text.primary", self, bold=True)
        head.addWidget(self._title)
        head.addStretch(1)
        cross = IconButton("x", self.tr("关闭"), ButtonSize.SMALL, self)
        cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        cross.clicked.connect(self._close)
        head.addWidget(cross)
        column.addLayout(head)
        if value.lines:
            column.addWidget(TextLabel(value.lines, "label", "text.secondary", self, wrap=True, max_lines=3))
        if value.actions:
            column.addSpacing(4)
            column.addLayout(self._actions_row())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._close)
        if not (value.stays or value.severity == "error"):
            self._timer.start(STAY_MS)

    def set_title(self, title: str) -> None:
        """Show another title in place (a countdown)."""
        self._title.set_text(title)

    @property
    def stays(self) -> bool:
        """Whether it waits for the operator."""
        return not self._timer.isActive()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, edge mark and severity."""
        look = theme()
        token, icon = SEVERITIES[self.value.severity]
        tone = look.tone(token)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = look.metric("radius.notice")
            body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.setBrush(look.color("bg.overlay"))
            painter.drawRoundedRect(body, radius, radius)
            painter.setClipRect(QRectF(0, 0, 3, self.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone.fill if token != "accent" else tone.text)
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
            painter.setClipping(False)
            draw_icon(painter, QRectF(14, 14, 20, 20), icon, tone.text, 16)

    def _actions_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for place, (key, word, keys) in enumerate(self.value.actions[:2]):
            kind = ButtonKind.MAIN if place == 0 else ButtonKind.PLAIN
            button = Button(word, kind, keys, size=ButtonSize.SMALL, parent=self)
            button.setProperty("toast_action", key)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(self._on_action)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _on_action(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.acted.emit(self.value.key, str(button.property("toast_action")))
        self._close()

    def _close(self) -> None:
        self._timer.stop()
        self.closed.emit(self.value.key)


class ToastStack(QObject):
    """Keeps toasts at the bottom right of a widget; never takes the keyboard away from a field.

    Signals:
        acted(str, str): toast key and action key.
    """

    acted = Signal(str, str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._toasts: list[Toast] = []
        host.installEventFilter(self)

    def show(self, value: ToastValue) -> Toast:
        """Show a toast on top; the oldest one that does not stay gives way, else the oldest."""
        self.close(value.key)
        while len(self._toasts) >= LIMIT:
            self.close(next((t.value.key for t in self._toasts if not t.stays), self._toasts[0].value.key))
        toast = Toast(value, self._host)
        toast.acted.connect(self.acted)
        toast.closed.connect(self.close)
        self._toasts.append(toast)
        self._place()
        toast.show()
        toast.raise_()
        return toast

    def retitle(self, key: str, title: str) -> None:
        """Show another title on a toast that is there; unknown keys are passed over."""
        for toast in self._toasts:
            if toast.value.key == key:
                toast.set_title(title)

    def close(self, key: str) -> None:
        """Take a toast away; unknown keys are passed over."""
        for toast in [toast for toast in self._toasts if toast.value.key == key]:
            self._toasts.remove(toast)
            toast.hide()
            toast.deleteLater()
        self._place()

    def move_to(self, host: QWidget) -> None:
        """Show the toasts over another widget."""
        if host is self._host:
            return
        self._host.removeEventFilter(self)
        self._host = host
        host.installEventFilter(self)
        for toast in self._toasts:
            toast.setParent(host)
            toast.show()
            toast.raise_()
        self._place()

    def keys(self) -> tuple[str, ...]:
        """Return the keys shown, oldest first."""
        return tuple(toast.value.key for toast in self._toasts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the host's size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        bottom = self._host.height() - _MARGIN
        for toast in self._toasts:  # oldest at the bottom, newest on top
            height = toast.heightForWidth(WIDTH) if toast.hasHeightForWidth() else toast.sizeHint().height()
            toast.resize(QSize(WIDTH, height))
            toast.move(self._host.width() - WIDTH - _MARGIN, bottom - height)
            bottom -= height + 8
