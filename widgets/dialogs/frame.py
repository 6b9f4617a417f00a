"""The frame of every dialog (DESIGN §4, §6): scrim, head 56 with icon and Esc, content, footer with key hints.

The dialog is a window of its own, so that shortcuts of the screen behind rest while it is open; the scrim is a plain
widget over the window behind.
"""

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from widgets.forms.buttons import Button, ButtonKind
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

_SHADOW = 24  # room around the card for its shadow


class Scrim(QWidget):
    """Darkens the window behind a dialog; fades in over 160 ms."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._strength = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.valueChanged.connect(self._on_fade)
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)

    def appear(self) -> None:
        """Show over everything in the window."""
        self.raise_()
        self.show()
        duration = theme().duration("normal_ms")
        if duration:
            self._fade.setDuration(duration)
            self._fade.start()
        else:
            self._on_fade(1.0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if event.type() == QEvent.Type.Resize:
            host = self.parentWidget()
            if host is not None:
                self.setGeometry(host.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover with the scrim colour."""
        colour = QColor(theme().color("bg.scrim"))
        colour.setAlphaF(colour.alphaF() * self._strength)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour)

    def _on_fade(self, value: object) -> None:
        self._strength = float(str(value))
        self.update()


class DialogHead(QWidget):
    """Icon, title, quiet words, room for a countdown or steppers, and the Esc cap."""

    def __init__(
        self, icon: str, title: str, subtitle: str, tone: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone = icon, tone
        self.setFixedHeight(theme().metric("size.dialog_header"))
        row = QHBoxLayout(self)
        row.setContentsMargins(50 if icon else 20, 0, 20, 0)
        row.setSpacing(12)
        self.title = TextLabel(title, "title", "text.primary", self)
        self.subtitle = TextLabel(subtitle, "body", "text.secondary", self)
        row.addWidget(self.title)
        row.addWidget(self.subtitle)
        row.addStretch(1)
        self.extras = QHBoxLayout()
        self.extras.setSpacing(10)
        row.addLayout(self.extras)
        row.addWidget(KeyLegend((KeyHint(("Esc",), ""),), self))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon and divider."""
        look = theme()
        with QPainter(self) as painter:
            if self._icon:
                colour = look.color(f"{self._tone}.text" if self._tone else "accent.base")
                draw_icon(painter, QRectF(20, 0, 18, self.height()), self._icon, colour, 18)
            painter.setPen(QPen(look.color("line.subtle"), 1))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class DialogFoot(QWidget):
    """Raised bar with hints at the left and buttons at the right."""

    def __init__(self, hints: tuple[KeyHint, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(60)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(8)
        self.left = QHBoxLayout()
        self.left.setSpacing(8)
        self.legend = KeyLegend(hints, self)
        row.addLayout(self.left)
        row.addWidget(self.legend)
        row.addStretch(1)
        self.right = QHBoxLayout()
        self.right.setSpacing(8)
        row.addLayout(self.right)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and divider; the corners follow the card."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("bg.raised"))
            radius = look.metric("radius.dialog") - 1
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, -10, 0, 0), radius, radius)
            painter.fillRect(QRectF(0, 0, self.width(), 10), look.color("bg.raised"))
            painter.setPen(QPen(look.color("line.subtle"), 1))
            painter.drawLine(0, 0, self.width(), 0)


class DialogFrame(QDialog):
    """A dialog of fixed width: fill ``content``, name the first field, connect ``accepted``.

    Ctrl+Enter presses the main button (which may refuse), Esc leaves; the focus goes back to where it was. The caller
    decides in ``accepted`` what happens; the frame never acts on a case.

    Args:
        host: the window behind.
        title: what the dialog does.
        subtitle: for which case.
        icon: drawing in the head.
        width: logical pixels (``size.dialog.*``).
        main: word of the main button; empty for none.
        cancel: word of the other button.
        tone: state token of the icon; empty takes the accent.
        hints: keys that help inside.
        danger: the main button is irreversible and drawn as such.
    """

    def __init__(
        self,
        host: QWidget,
        title: str,
        subtitle: str = "",
        icon: str = "",
        width: int = 880,
        *,
        main: str = "",
        cancel: str = "",
        tone: str = "",
        hints: tuple[KeyHint, ...] = (),
        danger: bool = False,
    ) -> None:
        super().__init__(host.window(), Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setAccessibleName("，".join(part for part in (title, subtitle) if part))
        self._host = host.window()
        self._scrim: Scrim | None = None
        self._return_to: QWidget | None = None
        self._first: QWidget | None = None
        self._card_width = width
        column = QVBoxLayout(self)
        column.setContentsMargins(_SHADOW + 1, _SHADOW + 1, _SHADOW + 1, _SHADOW + 1)
        column.setSpacing(0)
        self.head = DialogHead(icon, title, subtitle, tone, self)
        self.body = QWidget(self)
        self.content = QVBoxLayout(self.body)
        self.content.setContentsMargins(20, 16, 20, 16)
        self.content.setSpacing(12)
        self.foot = DialogFoot(hints, self)
        column.addWidget(self.head)
        column.addWidget(self.body, 1)
        column.addWidget(self.foot)
        self.cancel_button = Button(cancel or self.tr("取消"), ButtonKind.PLAIN, "Esc")
        self.cancel_button.clicked.connect(self.reject)
        self.foot.right.addWidget(self.cancel_button)
        kind = ButtonKind.HANG_UP if danger else ButtonKind.MAIN
        self.main_button = Button(main, kind, "Ctrl+Return")
        self.main_button.clicked.connect(self.accept)
        self.foot.right.addWidget(self.main_button)
        self.main_button.setVisible(bool(main))  # only with its parent: alone it would be a window

    # --- use --------------------------------------------------------------------------------------

    def set_first_field(self, field: QWidget) -> None:
        """Name the field in which the cursor stands when the dialog opens."""
        self._first = field

    def set_main_reason(self, reason: str) -> None:
        """Refuse the main action with a reason, or allow it with an empty one."""
        self.main_button.set_reason(reason)

    def sizeHint(self) -> QSize:
        """Return card and shadow; not higher than the window behind."""
        width = self._card_width + 2 * (_SHADOW + 1)
        layout = self.layout()
        height = super().sizeHint().height()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(width)
        return QSize(min(width, self._host.width()), min(height, max(200, self._host.height())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Confirm by Ctrl+Enter, leave by Esc; plain Enter never confirms."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self.main_button.isVisible():
                self.main_button.click_or_refuse()
        elif event.key() == Qt.Key.Key_Escape:
            self.reject()
        elif not enter:
            event.ignore()

    def showEvent(self, event: QShowEvent) -> None:
        """Put the scrim behind, stand in the middle, start in the first field."""
        super().showEvent(event)
        self._return_to = self._host.focusWidget()
        if self._scrim is None:
            self._scrim = Scrim(self._host)
        self._scrim.appear()
        self.resize(self.sizeHint())
        self._centre()
        if self._first is not None:
            self._first.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def done(self, result: int) -> None:
        """Take the scrim away and give the focus back."""
        if self._scrim is not None:
            self._scrim.hide()
            self._scrim.deleteLater()
            self._scrim = None
        super().done(result)
        # the screen behind may have gone on and taken the field away meanwhile
        if self._return_to is not None and shiboken6.isValid(self._return_to):
            self._return_to.setFocus(Qt.FocusReason.OtherFocusReason)
        self._return_to = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shadow, card and edge."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            card = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
            radius = look.metric("radius.dialog")
            draw_shadow(painter, card, radius, _SHADOW)
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.setBrush(look.color("bg.overlay"))
            painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def card_rect(self) -> QRectF:
        """Return the card inside the window (the rest is shadow)."""
        return QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)

    def _centre(self) -> None:
        middle = self._host.mapToGlobal(self._host.rect().center())
        self.move(middle - QPoint(self.width() // 2, self.height() // 2))


def draw_shadow(painter: QPainter, card: QRectF, radius: float, reach: int) -> None:
    """Draw a soft shadow around a card in a few steps, heavier below."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    steps = 8
    for step in range(steps):
        grow = reach * (steps - step) / steps
        colour = QColor(0, 0, 0, 3 + step)
        painter.setBrush(colour)
        painter.drawRoundedRect(
            card.adjusted(-grow * 0.8, -grow * 0.5, grow * 0.8, grow), radius + grow, radius + grow
        )
    painter.restore()
