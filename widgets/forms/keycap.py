"""Key caps: the key printed on a button, in a legend, in a table of keys."""

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme, theme
from widgets.theme.text import CENTER, draw_text, text_width

HEIGHT = 18
_ARROWS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}


def key_text(keys: str) -> str:
    """Turn a key sequence (``Ctrl+Return``) into what the cap shows (``Ctrl 回车``).

    Sequences are Qt's portable text. Keys that people here call by a Chinese word get that word.
    """
    words = {
        "Return": QCoreApplication.translate("Key", "回车"),
        "Enter": QCoreApplication.translate("Key", "回车"),
        "Space": QCoreApplication.translate("Key", "空格"),
        "Backspace": QCoreApplication.translate("Key", "退格"),
        "Del": QCoreApplication.translate("Key", "删除"),
        "Delete": QCoreApplication.translate("Key", "删除"),
        "Escape": "Esc",
    }
    if keys == "+":
        return keys
    parts = keys.replace("++", "+plus").split("+")
    shown = [words.get(part) or _ARROWS.get(part) or ("+" if part == "plus" else part) for part in parts]
    return " ".join(shown)


def keycap_width(keys: str, look: Theme) -> float:
    """Return the width of a cap in logical pixels, at least its height."""
    return max(float(HEIGHT), round(text_width(look.font("caption"), key_text(keys))) + 10)


def draw_keycap(
    painter: QPainter, x: float, middle: float, keys: str, look: Theme, *, on_fill: QColor | None = None
) -> float:
    """Draw a cap with its left edge at ``x``, centred on ``middle``; return its width.

    ``on_fill`` is the word colour of a filled button: the cap is then drawn on top of that fill.
    """
    width = keycap_width(keys, look)
    box = QRectF(x + 0.5, round(middle - HEIGHT / 2) + 0.5, width - 1, HEIGHT - 1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if on_fill is None:
        edge, ground, words = look.color("line.normal"), look.color("bg.field"), look.color("text.tertiary")
    else:
        edge, ground, words = QColor(on_fill), QColor(on_fill), on_fill
        edge.setAlphaF(0.55)
        ground.setAlphaF(0.18)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(ground)
    radius = look.metric("radius.chip")
    painter.drawRoundedRect(box, radius, radius)
    draw_text(painter, box, key_text(keys), look.font("caption"), words, CENTER, elide=False)
    painter.restore()
    return width


class KeyCap(QWidget):
    """One key cap as a widget."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(key_text(keys))

    def set_keys(self, keys: str) -> None:
        """Show another key."""
        self._keys = keys
        self.setAccessibleName(key_text(keys))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the cap's size."""
        return QSize(round(keycap_width(self._keys, theme())), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cap."""
        with QPainter(self) as painter:
            draw_keycap(painter, 0, self.height() / 2, self._keys, theme())
