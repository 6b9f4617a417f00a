"""Words on a panel: a type step, a colour token, and the design's fixed line height, with or without wrapping."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import theme
from widgets.theme.text import draw_text, metrics_of, text_width

# A width that no text reaches, for measuring without wrapping.
_UNBOUND = 1e6


class TextLabel(QWidget):
    r"""A label whose line height comes from the token, not from the font (YaHei and Noto give the same rows).

    Args:
        text: plain text; ``\\n`` starts a new line.
        step: type step (``body``, ``label``, ``title`` …).
        token: colour token.
        wrap: break lines to the width; without it one line is cut with ….
        bold: overrides the step's weight.
        max_lines: with ``wrap``, cut after so many lines; 0 is no limit.
        align: horizontal alignment.
    """

    def __init__(
        self,
        text: str = "",
        step: str = "body",
        token: str = "text.primary",
        parent: QWidget | None = None,
        *,
        wrap: bool = False,
        bold: bool | None = None,
        max_lines: int = 0,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        super().__init__(parent)
        self._text, self._step, self._token = text, step, token
        self._wrap, self._bold, self._max_lines, self._align = wrap, bold, max_lines, align
        # A label that is not left-aligned needs the room of its column to stand in.
        fills = wrap or align != Qt.AlignmentFlag.AlignLeft
        across = QSizePolicy.Policy.Preferred if fills else QSizePolicy.Policy.Maximum
        policy = QSizePolicy(across, QSizePolicy.Policy.Minimum if wrap else QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)
        self.setAccessibleName(text)

    # QLabel-like names, so that callers read naturally.
    def text(self) -> str:
        """Return the words."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show other words."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_token(self, token: str, *, bold: bool | None = None) -> None:
        """Use another colour, and another weight when given."""
        self._token = token
        if bold is not None and bold != self._bold:
            self._bold = bold
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Wrapped text is as high as its lines need."""
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped lines."""
        return len(self._lines(width)) * theme().line(self._step)

    def sizeHint(self) -> QSize:
        """Return the unwrapped width, or 40 characters with wrapping."""
        look = theme()
        font = self._font()
        lines = self._text.split("\n")
        width = max((text_width(font, line) for line in lines), default=0.0)
        if self._wrap:
            width = min(width, 40 * font.pixelSize())
            return QSize(round(width) + 1, self.heightForWidth(round(width) + 1))
        return QSize(round(width) + 1, look.line(self._step))

    def minimumSizeHint(self) -> QSize:
        """May be squeezed to two characters; the rest is cut."""
        two = 2 * self._font().pixelSize()
        return QSize(min(two, self.sizeHint().width()), theme().line(self._step))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        look = theme()
        with QPainter(self) as painter:
            colour = look.color(self._token if self.isEnabled() else "text.disabled")
            align = self._align | Qt.AlignmentFlag.AlignVCenter
            height = look.line(self._step)
            lines = self._lines(self.width()) if self._wrap else [self._text]
            top = 0.0 if self._wrap else (self.height() - height) / 2
            for number, line in enumerate(lines):
                row = QRectF(0, top + number * height, self.width(), height)
                draw_text(painter, row, line, self._font(), colour, align)

    def _font(self) -> QFont:
        return theme().font(self._step, self._bold)

    def _lines(self, width: int) -> list[str]:
        lines = wrap_lines(self._text, self._font(), max(1, width))
        if self._max_lines and len(lines) > self._max_lines:
            rest = "".join(lines[self._max_lines - 1 :])
            cut = metrics_of(self._font()).elidedText(rest, Qt.TextElideMode.ElideRight, width)
            lines = [*lines[: self._max_lines - 1], cut]
        return lines


def wrap_lines(text: str, font: QFont, width: float) -> list[str]:
    """Break text into lines no wider than ``width``; Chinese breaks between characters, punctuation stays."""
    lines: list[str] = []
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    for paragraph in text.split("\n"):
        layout = QTextLayout(paragraph, font)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width if width > 0 else _UNBOUND)
            line.setPosition(QPointF(0, 0))
            lines.append(paragraph[line.textStart() : line.textStart() + line.textLength()].rstrip())
        layout.endLayout()
    return lines
