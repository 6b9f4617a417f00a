"""Buttons (DESIGN §6): main, plain, danger word, hang up; the key is printed on them; a refused one says why."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

_RING = 4  # focus ring: 2 px line and 2 px gap, the body inside
_GAP = 8
_CHEVRON = 18


class ButtonKind(StrEnum):
    """What a button is for; one ``MAIN`` per view."""

    MAIN = "main"
    PLAIN = "plain"
    DANGER = "danger"
    HANG_UP = "hang_up"
    GHOST = "ghost"


class ButtonSize(StrEnum):
    """Heights: 24, 32, 40."""

    SMALL = "control_small"
    NORMAL = "control"
    LARGE = "control_large"


class Button(QAbstractButton):
    """A push button painted by the design.

    With keyboard focus the ring (2 px, 2 px gap) takes the outer edge and the body shrinks inside, so that no layout
    cuts it. A button that may not be used now takes a reason by ``set_reason``: it stays reachable by Tab, tells the
    reason at once on focus and on hover, and never clicks. ``opens_menu`` draws a chevron behind the word.

    Signals:
        refused(str): pressed although not allowed; carries the reason.
    """

    refused = Signal(str)

    def __init__(
        self,
        text: str = "",
        kind: ButtonKind | str = ButtonKind.PLAIN,
        keys: str = "",
        icon: str = "",
        size: ButtonSize = ButtonSize.NORMAL,
        parent: QWidget | None = None,
        *,
        opens_menu: bool = False,
    ) -> None:
        super().__init__(parent)
        self._opens_menu = opens_menu
        self._kind = ButtonKind(kind)
        self._keys = keys
        self._icon_name = icon
        self._size = size
        self._reason = ""
        self._keyboard_focus = False
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    # --- values in --------------------------------------------------------------------------------

    @property
    def kind(self) -> ButtonKind:
        """What the button is for."""
        return self._kind

    @property
    def keys(self) -> str:
        """The key printed on it; the shortcut itself is wired by the window."""
        return self._keys

    @property
    def reason(self) -> str:
        """Why it may not be used now; empty when it may."""
        return self._reason

    def set_kind(self, kind: ButtonKind) -> None:
        """Change what the button is for."""
        self._kind = kind
        self.update()

    def set_keys(self, keys: str) -> None:
        """Print another key."""
        self._keys = keys
        self.updateGeometry()
        self.update()

    def set_icon(self, name: str) -> None:
        """Show a drawing before the word; an empty name shows none."""
        self._icon_name = name
        self.updateGeometry()
        self.update()

    def set_reason(self, reason: str) -> None:
        """Refuse with a reason, or allow again with an empty one."""
        self._reason = reason
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        self.update()

    # --- behaviour --------------------------------------------------------------------------------

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """Keep the state when the button is refused."""
        if not self._reason:
            super().nextCheckState()

    def click_or_refuse(self) -> None:
        """Act as a click from a shortcut: clicks, or tells the reason."""
        if self._reason:
            self._refuse()
        elif self.isEnabled():
            self.click()

    def event(self, event: QEvent) -> bool:
        """Stop presses of a refused button before Qt turns them into clicks."""
        if self._reason and event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._refuse()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press by Space and Enter."""
        pressing = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if pressing and plain and self._reason:
            self._refuse()
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring for keyboard focus, and the reason of a refused button at once."""
        keyboard = (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
            Qt.FocusReason.OtherFocusReason,
        )
        self._keyboard_focus = event.reason() in keyboard
        super().focusInEvent(event)
        if self._reason and self._keyboard_focus:
            self._show_reason()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._keyboard_focus = False
        super().focusOutEvent(event)

    def _refuse(self) -> None:
        self._show_reason()
        self.refused.emit(self._reason)

    def _show_reason(self) -> None:
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), self._reason, self)

    # --- size and paint ---------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the body's size; small ones take ``label`` type."""
        look = theme()
        inner = self._content_width(look)
        pad = 8 if self._size is ButtonSize.SMALL else 14
        height = look.metric(f"size.{self._size}")
        if not self.text() and not self._keys:
            return QSize(height, height)
        return QSize(round(inner) + 2 * pad, height)

    def minimumSizeHint(self) -> QSize:
        """Never narrower than the words."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw body, drawing, word and key."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill, edge, words, on_fill = self._paints(look)
            ring = self._keyboard_focus and self.hasFocus()
            body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            radius = look.metric("radius.control")
            if ring:
                painter.setPen(QPen(look.color("accent.focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 1, radius + 1)
                body = (
                    QRectF(self.rect()).adjusted(_RING, _RING, -_RING, -_RING).adjusted(-0.5, -0.5, 0.5, 0.5)
                )
                radius = max(2, radius - 1)
            painter.setPen(QPen(edge, 1))
            painter.setBrush(fill)
            painter.drawRoundedRect(body, radius, radius)
            self._draw_content(painter, look, words, on_fill)

    def _content_width(self, look: Theme) -> float:
        width = text_width(self._font(look), self.text()) if self.text() else 0.0
        if self._icon_name:
            width += 16 + (_GAP - 1 if self.text() else 0)
        if self._keys:
            width += keycap_width(self._keys, look) + (_GAP if width else 0)
        return width + (_CHEVRON if self._opens_menu else 0)

    def _draw_content(self, painter: QPainter, look: Theme, words: QColor, on_fill: QColor | None) -> None:
        x = max(6.0, (self.width() - self._content_width(look)) / 2)
        middle = self.height() / 2
        if self._icon_name:
            draw_icon(painter, QRectF(x, 0, 16, self.height()), self._icon_name, words)
            x += 16 + (_GAP - 1 if self.text() else 0)
        if self.text():
            keys = keycap_width(self._keys, look) + _GAP if self._keys else 0
            keys += _CHEVRON if self._opens_menu else 0
            room = QRectF(x, 0, max(0.0, self.width() - x - keys - 4), self.height())
            x += draw_text(painter, room, self.text(), self._font(look), words) + _GAP
        if self._keys:
            if self._disabled_look():
                painter.setOpacity(0.6)
            draw_keycap(painter, round(x), middle, self._keys, look, on_fill=on_fill)
            x += keycap_width(self._keys, look) + _GAP
        if self._opens_menu:
            draw_icon(painter, QRectF(x - 3, 0, 14, self.height()), "chevron_down", words, 12)

    def _font(self, look: Theme) -> QFont:
        bold = self._size is ButtonSize.LARGE and self._kind is ButtonKind.MAIN
        return look.font("label" if self._size is ButtonSize.SMALL else "body", bold)

    def _disabled_look(self) -> bool:
        return bool(self._reason) or not self.isEnabled()

    def _paints(self, look: Theme) -> tuple[QColor, QColor, QColor, QColor | None]:
        """Return fill, edge, words and, for filled buttons, the colour to draw the key with."""
        if self._disabled_look():
            ground = (
                QColor(Qt.GlobalColor.transparent)
                if self._kind is ButtonKind.GHOST
                else look.color("bg.raised")
            )
            edge = ground if self._kind is ButtonKind.GHOST else look.color("line.normal")
            return ground, edge, look.color("text.disabled"), None
        pressed, hovered = self.isDown(), self.underMouse()
        if self._kind is ButtonKind.MAIN:
            token = "accent.fill_pressed" if pressed else "accent.fill_hover" if hovered else "accent.fill"
            return (
                look.color(token),
                look.color(token),
                look.color("text.on_accent"),
                look.color("text.on_accent"),
            )
        if self._kind is ButtonKind.HANG_UP:
            base = look.color("danger.fill")
            fill = base.darker(115) if pressed else base.lighter(112) if hovered else base
            return fill, fill, look.color("danger.on_fill"), look.color("danger.on_fill")
        return self._quiet_paints(look, pressed, hovered)

    def _quiet_paints(
        self, look: Theme, pressed: bool, hovered: bool
    ) -> tuple[QColor, QColor, QColor, QColor | None]:
        words = look.color("sla.over2.text" if self._kind is ButtonKind.DANGER else "text.primary")
        if self.isCheckable() and self.isChecked():
            return look.color("bg.selected"), look.color("accent.base"), words, None
        if self._kind is ButtonKind.GHOST:
            clear = QColor(Qt.GlobalColor.transparent)
            ground = look.color("bg.selected") if pressed else look.color("bg.hover") if hovered else clear
            return ground, ground, look.color("text.secondary"), None
        token = "bg.selected" if pressed else "bg.hover" if hovered else "bg.raised"
        return look.color(token), look.color("line.normal"), words, None


class IconButton(Button):
    """A square button with a drawing only; its accessible name and tool tip are required."""

    def __init__(
        self, icon: str, name: str, size: ButtonSize = ButtonSize.NORMAL, parent: QWidget | None = None
    ) -> None:
        super().__init__("", ButtonKind.GHOST, "", icon, size, parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
