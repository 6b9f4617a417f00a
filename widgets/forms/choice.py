"""A choice with a title and a sentence, as in the conflict dialog: radio card with its key."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.theme import theme
from widgets.theme.text import draw_text


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    """One card: key, title, sentence, printed key, and the reason why it can't be chosen now."""

    key: str
    title: str
    sentence: str = ""
    keys: str = ""
    reason: str = ""


def draw_radio(painter: QPainter, rect: QRectF, on: bool, enabled: bool = True) -> None:
    """Draw a radio mark of 14 px centred in a rectangle."""
    look = theme()
    box = QRectF(rect.center().x() - 7, rect.center().y() - 7, 14, 14).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = look.color("line.normal" if not enabled else "accent.base" if on else "line.strong")
    painter.setPen(QPen(edge, 4.5 if on else 1))
    painter.setBrush(look.color("bg.field"))
    painter.drawEllipse(box.adjusted(1.75, 1.75, -1.75, -1.75) if on else box)
    painter.restore()


class ChoiceCard(QWidget):
    """One card of a ``ChoiceList``; ``clicked(str)`` says its key."""

    clicked = Signal(str)

    def __init__(self, value: ChoiceValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._chosen = False
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            "，".join(part for part in (value.title, value.sentence, value.reason) if part)
        )
        self.setToolTip(value.reason)

    def set_chosen(self, chosen: bool) -> None:
        """Fill the radio and frame the card."""
        self._chosen = chosen
        self.update()

    @property
    def chosen(self) -> bool:
        """Whether it is the chosen one."""
        return self._chosen

    def sizeHint(self) -> QSize:
        """Return 60 high with a sentence, 40 without."""
        return QSize(360, 60 if self._has_sentence() else 40)

    def _has_sentence(self) -> bool:
        return bool(self.value.sentence or self.value.reason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say that it was pressed."""
        if event.button() is Qt.MouseButton.LeftButton and not self.value.reason:
            self.clicked.emit(self.value.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            usable = not self.value.reason
            parent = self.parentWidget()
            focused = self._chosen and parent is not None and parent.hasFocus()
            edge = "accent.focus" if focused else "accent.base" if self._chosen else "line.normal"
            ground = (
                "accent.soft"
                if self._chosen
                else "bg.hover"
                if self.underMouse() and usable
                else "bg.overlay"
            )
            painter.setPen(QPen(look.color(edge), 2 if focused else 1))
            painter.setBrush(look.color(ground))
            inset = 1 if focused else 0.5
            radius = look.metric("radius.control")
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius
            )
            title_y = 10 if self._has_sentence() else (self.height() - 20) / 2
            draw_radio(painter, QRectF(14, title_y, 16, 20), self._chosen, usable)
            right = self.width() - 14.0
            if self.value.keys:
                width = keycap_width(self.value.keys, look)
                draw_keycap(painter, round(right - width), title_y + 10, self.value.keys, look)
                right -= width + 8
            words = look.color("text.primary" if usable else "text.disabled")
            title = QRectF(40, title_y, right - 40, 20)
            draw_text(painter, title, self.value.title, look.font("body", self._chosen), words)
            quiet = look.color("text.secondary" if usable else "text.disabled")
            draw_text(
                painter,
                QRectF(40, 31, right - 40, 18),
                self.value.reason or self.value.sentence,
                look.font("label"),
                quiet,
            )


class ChoiceList(QWidget):
    """Cards under each other, one chosen; Up and Down move, digits pick.

    Signals:
        chosen(str): key the operator chose.
    """

    chosen = Signal(str)

    def __init__(
        self, values: tuple[ChoiceValue, ...], parent: QWidget | None = None, *, current: str = ""
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._cards = [ChoiceCard(value, self) for value in values]
        for card in self._cards:
            card.clicked.connect(self.choose)
            column.addWidget(card)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_current(current)

    @property
    def current(self) -> str:
        """The chosen key; empty when none."""
        return next((card.value.key for card in self._cards if card.chosen), "")

    def set_current(self, key: str) -> None:
        """Choose without a signal."""
        for card in self._cards:
            card.set_chosen(bool(key) and card.value.key == key)

    def choose(self, key: str) -> None:
        """Choose as the operator would; refused cards stay as they are."""
        card = next((card for card in self._cards if card.value.key == key), None)
        if card is None or card.value.reason or key == self.current:
            return
        self.set_current(key)
        self.chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and pick by keys."""
        usable = [card.value for card in self._cards if not card.value.reason]
        pressed = event.text()
        direct = next((value for value in usable if value.keys and value.keys == pressed), None)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if direct is not None:
            self.choose(direct.key)
        elif step and usable:
            keys = [value.key for value in usable]
            at = keys.index(self.current) if self.current in keys else -1
            self.choose(keys[min(max(at + step, 0), len(keys) - 1)])
        else:
            event.ignore()

    def focusInEvent(self, event: object) -> None:
        """Show the focus on the chosen card."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Take the focus look away."""
        self.update()
