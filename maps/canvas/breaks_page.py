"""The class breaks of the present measure: five rows with their colours, four lower bounds that can be changed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from maps.canvas import layer_words
from maps.canvas.palette import MapPalette
from maps.layers.measures import BreaksError, checked_breaks

HEAD = 34
ROW = 30
FIELDS_LEFT = 118
FIELD_WIDTH = 84


@dataclass(frozen=True, slots=True)
class BreaksView:
    """Breaks as they stand.

    Attributes:
        key: name under which they are kept.
        title: measure and level in words.
        values: lower bounds of the five classes.
        tokens: colour token of each class.
        whole: only whole numbers make sense.
        changed: they are not those of the tokens.
    """

    key: str
    title: str
    values: tuple[float, ...]
    tokens: tuple[str, ...]
    whole: bool
    changed: bool = False


class BreaksPage(QWidget):
    """Editor of class breaks; ``Return`` applies, ``Esc`` goes back."""

    applied = Signal(object)
    """Lower bounds (a tuple of five floats); empty for those of the tokens."""
    closed = Signal()

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self._view: BreaksView | None = None
        self._reason = ""
        self.fields = [QLineEdit(self) for _ in range(4)]
        for field in self.fields:
            field.setMaxLength(12)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.installEventFilter(self)
            field.textEdited.connect(self._on_edited)
        self.apply, self.default, self.back = (QPushButton(self) for _ in range(3))
        self.apply.clicked.connect(self._on_apply)
        self.default.clicked.connect(self._on_default)
        self.back.clicked.connect(self.closed)
        for button in (self.apply, self.default, self.back):
            button.installEventFilter(self)
        self._dress()

    @property
    def message(self) -> str:
        """Why the breaks were refused, empty when they were not."""
        return layer_words.breaks_refused(self._reason) if self._reason else ""

    def set_view(self, view: BreaksView | None) -> None:
        """Show other breaks; what is being typed stays while they are the same."""
        if view == self._view:
            return
        self._view = view
        self._reason = ""
        for field, value in zip(self.fields, (view.values if view else (0.0,) * 5)[1:], strict=True):
            field.setText(f"{value:g}")
            field.setVisible(view is not None)
        self.apply.setEnabled(view is not None)
        self.default.setEnabled(view is not None and view.changed)
        self.update()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Take the colours of another theme, or the words of another language."""
        self._palette = palette
        self._dress()
        self.update()

    def take_focus(self) -> None:
        """The first field, or the button back, takes the keyboard."""
        first: QWidget = self.fields[0] if self._view is not None else self.back
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def height_wanted(self) -> int:
        """Height of heading, rows, message and buttons."""
        return HEAD + 5 * ROW + 24 + 38

    def _dress(self) -> None:
        """Words and colours of the fields and buttons, which are the platform's own."""
        self.apply.setText(layer_words.apply_button())
        self.default.setText(layer_words.default_button())
        self.back.setText(layer_words.back_button())
        for i, field in enumerate(self.fields):
            field.setAccessibleName(layer_words.lower_bound(i + 2))
        role = QPalette.ColorRole
        colours = {
            role.Base: "bg.field",
            role.Text: "text.primary",
            role.Button: "bg.raised",
            role.ButtonText: "text.primary",
            role.Highlight: "accent.fill",
            role.HighlightedText: "text.on_accent",
            role.WindowText: "text.primary",
        }
        palette = QPalette(self.palette())
        for one, token in colours.items():
            palette.setColor(one, self._palette.color(token))
        palette.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, self._palette.color("text.disabled"))
        for child in (*self.fields, self.apply, self.default, self.back):
            child.setPalette(palette)
            child.setFont(self._palette.font(12))

    def resizeEvent(self, _event: QEvent) -> None:
        """Fields beside their colours, buttons below."""
        for i, field in enumerate(self.fields):
            field.setGeometry(FIELDS_LEFT, HEAD + (i + 1) * ROW + 2, FIELD_WIDTH, ROW - 5)
        top = HEAD + 5 * ROW + 24
        third = (self.width() - 40) // 3
        for i, button in enumerate((self.apply, self.default, self.back)):
            button.setGeometry(10 + i * (third + 10), top, third, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Heading, a row for each class, the reason of a refusal."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._palette.color("bg.overlay"))
            self._text(painter, QRectF(12, 0, self.width() - 20, HEAD), self._title(), "text.primary", True)
            if self._view is not None:
                for i, token in enumerate(self._view.tokens):
                    self._class(painter, i, self._palette.color(token))
            y = HEAD + 5 * ROW
            self._text(painter, QRectF(12, y, self.width() - 20, 22), self.message, "sla.over2.text")
        finally:
            # A painter that outlives its device takes the process with it.
            painter.end()

    def _title(self) -> str:
        return self._view.title if self._view is not None else layer_words.no_breaks()

    def _class(self, painter: QPainter, i: int, color: QColor) -> None:
        y = HEAD + i * ROW
        box = QRectF(14.5, y + 7.5, 34, ROW - 15)
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(color)
        painter.drawRoundedRect(box, 2, 2)
        self._text(painter, QRectF(60, y, 56, ROW), layer_words.class_number(i + 1), "text.secondary")
        if i == 0:
            self._text(
                painter, QRectF(FIELDS_LEFT, y, FIELD_WIDTH - 6, ROW), "0", "text.tertiary", right=True
            )

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        token: str,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        painter.setFont(self._palette.font(12, bold))
        painter.setPen(self._palette.color(token))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)

    # --- editing ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """``Return`` applies from a field, ``Esc`` goes back from anywhere."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if isinstance(watched, QPushButton):
                    watched.click()
                else:
                    self._on_apply()
                return True
        return super().eventFilter(watched, event)

    def _on_edited(self, _text: str) -> None:
        self._reason = ""
        self.update()

    def _on_apply(self) -> None:
        """Take the numbers, or say why not and go to the first field."""
        if self._view is None:
            return
        try:
            values = (0.0, *(_number(field.text()) for field in self.fields))
            checked = checked_breaks(values, self._view.whole)
        except BreaksError as refused:
            self._reason = refused.reason
            self.setAccessibleDescription(self.message)
            self.take_focus()
            self.update()
            return
        self._reason = ""
        self.applied.emit(checked)

    def _on_default(self) -> None:
        self._reason = ""
        self.applied.emit(())


def _number(text: str) -> float:
    """A number as it is typed, full-width figures included.

    Raises:
        BreaksError: it is none.
    """
    try:
        return float(text.strip().replace("，", "").replace(",", ""))
    except ValueError:
        raise BreaksError("number") from None
