"""One of at most five, beside each other (DESIGN §6): one frame, or separate boxes as for the urgency."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.indicators.urgency import draw_urgency_bar
from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """One choice: key, word, printed keys, and the urgency bar 0–3 in front (−1: none)."""

    key: str
    word: str
    keys: str = ""
    urgency: int = -1


class Segmented(QWidget):
    """A segmented control; Left and Right move, digits belong to the panel.

    Args:
        segments: two to five.
        boxed: separate boxes of equal width, 32 high.

    Signals:
        chosen(str): key of the segment the operator chose.
    """

    chosen = Signal(str)

    def __init__(
        self, segments: tuple[Segment, ...], parent: QWidget | None = None, *, boxed: bool = False
    ) -> None:
        super().__init__(parent)
        if len(segments) > LIMIT:
            raise ValueError(f"at most {LIMIT} segments")
        self._segments = segments
        self._current = ""
        self._boxed = boxed
        self._hover = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        across = QSizePolicy.Policy.Expanding if boxed else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    @property
    def current(self) -> str:
        """The chosen key; empty when none."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose without a signal; an unknown key chooses nothing."""
        known = {segment.key: segment.word for segment in self._segments}
        self._current = key if key in known else ""
        self.setAccessibleDescription(known.get(key, ""))
        self.update()

    def choose(self, key: str) -> None:
        """Choose as the operator would."""
        if key != self._current and any(segment.key == key for segment in self._segments):
            self.set_current(key)
            self.chosen.emit(key)

    def sizeHint(self) -> QSize:
        """Return all segments, 28 high (boxed 32)."""
        look = theme()
        if self._boxed:
            return QSize(96 * len(self._segments), 32)
        return QSize(round(sum(self._width(segment, look) for segment in self._segments)) + 4, 30)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the choice by Left and Right."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step or not self._segments:
            event.ignore()
            return
        keys = [segment.key for segment in self._segments]
        at = keys.index(self._current) if self._current in keys else (-1 if step > 0 else len(keys))
        self.choose(keys[min(max(at + step, 0), len(keys) - 1)])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was pressed."""
        place = self._place_at(event.position().x())
        if event.button() is Qt.MouseButton.LeftButton and place >= 0:
            self.choose(self._segments[place].key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what the pointer is on."""
        self._hover = self._place_at(event.position().x())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame and segments."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = look.metric("radius.control")
            if not self._boxed:
                edge = look.color("accent.focus" if self.hasFocus() else "line.normal")
                painter.setPen(QPen(edge, 1))
                painter.setBrush(look.color("bg.panel"))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            for place, (segment, box) in enumerate(self._boxes(look)):
                self._draw_segment(painter, segment, box, place == self._hover, look)

    def _draw_segment(
        self, painter: QPainter, segment: Segment, box: QRectF, hovered: bool, look: Theme
    ) -> None:
        chosen = segment.key == self._current
        radius = look.metric("radius.control") if self._boxed else look.metric("radius.chip")
        if self._boxed:
            focused = chosen and self.hasFocus()
            edge = "accent.focus" if focused else "accent.base" if chosen else "line.normal"
            painter.setPen(QPen(look.color(edge), 2 if focused else 1))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
        ground = "bg.selected" if chosen else "bg.hover" if hovered else "bg.panel"
        painter.setBrush(look.color(ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        font = look.font("body" if self._boxed else "label", chosen)
        content = text_width(font, segment.word)
        content += 8 + keycap_width(segment.keys, look) if segment.keys else 0
        content += 12 if segment.urgency >= 0 else 0
        x = box.center().x() - content / 2
        if segment.urgency >= 0:
            draw_urgency_bar(painter, QRectF(x, box.y(), 4, box.height()), segment.urgency, look, 0.77)
            x += 12
        words = QRectF(x, box.y(), content + 2, box.height())
        colour = look.color("text.primary" if chosen else "text.secondary")
        x += draw_text(painter, words, segment.word, font, colour, elide=False)
        if segment.keys:
            draw_keycap(painter, round(x + 8), box.center().y(), segment.keys, look)

    def _width(self, segment: Segment, look: Theme) -> float:
        width = text_width(look.font("label", True), segment.word) + 24
        return width + (8 + keycap_width(segment.keys, look) if segment.keys else 0)

    def _boxes(self, look: Theme) -> list[tuple[Segment, QRectF]]:
        boxes: list[tuple[Segment, QRectF]] = []
        if self._boxed:
            gap = 8
            count = max(1, len(self._segments))
            width = (self.width() - gap * (count - 1)) / count
            return [
                (s, QRectF(i * (width + gap), 0, width, self.height())) for i, s in enumerate(self._segments)
            ]
        x = 2.0
        for segment in self._segments:
            width = self._width(segment, look)
            boxes.append((segment, QRectF(x, 2, width, self.height() - 4)))
            x += width
        return boxes

    def _place_at(self, x: float) -> int:
        boxes = self._boxes(theme())
        return next((i for i, (_, box) in enumerate(boxes) if box.left() <= x <= box.right()), -1)
