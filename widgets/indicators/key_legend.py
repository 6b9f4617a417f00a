"""The keys that matter in this place: caps and words in a row, as in the footer of a list and the status bar."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.forms.keycap import draw_keycap, key_text, keycap_width
from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width

_CAP_GAP = 4
_WORD_GAP = 4
_ENTRY_GAP = 18


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One or more keys and what they do: ``KeyHint(("J", "K"), "上下")``."""

    keys: tuple[str, ...]
    word: str


class KeyLegend(QWidget):
    """Paints hints in one line; those that no longer fit at the right are left out.

    ``ranges`` joins the caps of one hint with an en dash (1 – 3).
    """

    def __init__(
        self, hints: tuple[KeyHint, ...] = (), parent: QWidget | None = None, *, ranges: bool = False
    ) -> None:
        super().__init__(parent)
        self._hints = hints
        self._ranges = ranges
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_hints(hints)

    def set_hints(self, hints: tuple[KeyHint, ...]) -> None:
        """Show other keys."""
        self._hints = hints
        self.setAccessibleName("，".join(f"{' '.join(map(key_text, h.keys))} {h.word}" for h in hints))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room all hints take, 20 high."""
        look = theme()
        total = sum(self._width(hint, look) for hint in self._hints) + _ENTRY_GAP * max(
            0, len(self._hints) - 1
        )
        return QSize(round(total) + 1, 20)

    def minimumSizeHint(self) -> QSize:
        """May be squeezed to nothing."""
        return QSize(0, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caps and words."""
        look = theme()
        with QPainter(self) as painter:
            x, middle = 0.0, self.height() / 2
            for hint in self._hints:
                if x + self._width(hint, look) > self.width() + 2:
                    break
                for place, keys in enumerate(hint.keys):
                    if place:
                        x += self._draw_joint(painter, x, look)
                    x += draw_keycap(painter, round(x), middle, keys, look)
                words = QRectF(x + _WORD_GAP, 0, self.width(), self.height())
                colour = look.color("text.secondary")
                x += _WORD_GAP + draw_text(painter, words, hint.word, look.font("label"), colour, elide=False)
                x += _ENTRY_GAP

    def _joint_width(self, look: Theme) -> float:
        return text_width(look.font("label"), "–") + 2 * _CAP_GAP if self._ranges else _CAP_GAP

    def _draw_joint(self, painter: QPainter, x: float, look: Theme) -> float:
        if self._ranges:
            row = QRectF(x + _CAP_GAP, 0, 20, self.height())
            draw_text(painter, row, "–", look.font("label"), look.color("text.tertiary"), elide=False)
        return self._joint_width(look)

    def _width(self, hint: KeyHint, look: Theme) -> float:
        caps = sum(keycap_width(keys, look) for keys in hint.keys) + self._joint_width(look) * (
            len(hint.keys) - 1
        )
        return caps + _WORD_GAP + text_width(look.font("label"), hint.word)


class KeyTable(QWidget):
    """Hints under each other: caps right-aligned in one column, words left-aligned in the next."""

    _ROW = 28

    def __init__(self, hints: tuple[KeyHint, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hints = hints
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_hints(hints)

    def set_hints(self, hints: tuple[KeyHint, ...]) -> None:
        """Show other keys."""
        self._hints = hints
        self.setAccessibleName("，".join(f"{' '.join(map(key_text, h.keys))} {h.word}" for h in hints))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return both columns."""
        look = theme()
        words = max((text_width(look.font("label"), hint.word) for hint in self._hints), default=0.0)
        return QSize(round(self._caps(look) + 12 + words) + 1, self._ROW * len(self._hints))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all rows."""
        look = theme()
        with QPainter(self) as painter:
            caps = self._caps(look)
            for number, hint in enumerate(self._hints):
                top = number * self._ROW
                x = caps - self._width(hint, look)
                for keys in hint.keys:
                    x += draw_keycap(painter, round(x), top + self._ROW / 2, keys, look) + _CAP_GAP
                row = QRectF(caps + 12, top, self.width() - caps - 12, self._ROW)
                draw_text(painter, row, hint.word, look.font("label"), look.color("text.secondary"))

    def _width(self, hint: KeyHint, look: Theme) -> float:
        return sum(keycap_width(keys, look) for keys in hint.keys) + _CAP_GAP * (len(hint.keys) - 1)

    def _caps(self, look: Theme) -> float:
        return max((self._width(hint, look) for hint in self._hints), default=0.0)
