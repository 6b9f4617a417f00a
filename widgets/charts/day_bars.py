"""Counts by day as bars: how many, how many of them good, how many came back. Values in, a picture out."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import theme
from widgets.theme.text import CENTER, LEFT, RIGHT, draw_text

_TOP, _AXIS, _LEFT, _GAP = 26, 20, 40, 2
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day: its label, all of it, the good part, and what came back (hatched, so that it is read in grey)."""

    label: str
    total: int
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class BarWords:
    """What the parts are called in the legend."""

    good: str
    rest: str
    bad: str


class DayBars(QWidget):
    """Paints one bar a day with a legend above; says its sums to a screen reader."""

    def __init__(self, words: BarWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._bars: tuple[DayBar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> tuple[DayBar, ...]:
        """What is shown."""
        return self._bars

    def set_bars(self, bars: tuple[DayBar, ...]) -> None:
        """Show other days."""
        self._bars = bars
        sums = (sum(b.good for b in bars), sum(b.total - b.good for b in bars), sum(b.bad for b in bars))
        parts = zip((self._words.good, self._words.rest, self._words.bad), sums, strict=True)
        self.setAccessibleName("，".join(f"{word} {n}" for word, n in parts if word))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a flat picture."""
        return QSize(320, 132)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw legend, scale and bars."""
        with QPainter(self) as painter:
            self._legend(painter)
            plot = QRectF(self.rect()).adjusted(_LEFT, _TOP, -4, -_AXIS)
            top = max((bar.total for bar in self._bars), default=0) or 1
            self._scale(painter, plot, top)
            self._draw(painter, plot, top)

    def _legend(self, painter: QPainter) -> None:
        look, x = theme(), float(_LEFT)
        entries = (
            ("accent.base", self._words.good, False),
            ("line.strong", self._words.rest, False),
            ("sla.over2.fill", self._words.bad, True),
        )
        for token, word, hatched in entries:
            if not word:
                continue
            box = QRectF(x, 6, 10, 10)
            painter.fillRect(box, look.color(token))
            if hatched:
                painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
            room = QRectF(x + 15, 0, self.width(), 22)
            x += 15 + draw_text(painter, room, word, look.font("caption"), look.color("text.secondary")) + 18

    def _scale(self, painter: QPainter, plot: QRectF, top: int) -> None:
        look = theme()
        painter.setPen(QPen(look.color("line.subtle"), 1))
        for share, value in ((0.0, 0), (1.0, top)):
            y = plot.bottom() - share * plot.height()
            painter.drawLine(int(plot.left()), int(y), int(plot.right()), int(y))
            room = QRectF(0, y - 9, _LEFT - 6, 18)
            draw_text(painter, room, str(value), look.font("caption"), look.color("text.tertiary"), RIGHT)

    def _draw(self, painter: QPainter, plot: QRectF, top: int) -> None:
        look, count = theme(), len(self._bars)
        if not count:
            return
        step = min(plot.width() / count, 44.0)
        every = max(1, -(-count // _MOST_LABELS))
        for place, bar in enumerate(self._bars):
            width = max(1.0, step - _GAP)
            left = plot.left() + place * step
            height = plot.height() * bar.total / top
            whole = QRectF(left, plot.bottom() - height, width, height)
            painter.fillRect(whole, look.color("line.strong"))
            good = plot.height() * bar.good / top
            painter.fillRect(QRectF(left, plot.bottom() - good, width, good), look.color("accent.base"))
            bad = plot.height() * bar.bad / top
            if bad:
                box = QRectF(left, whole.top(), width, max(2.0, bad))
                painter.fillRect(box, look.color("sla.over2.fill"))
                painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
            if place % every == 0:
                room = QRectF(left - 20, plot.bottom() + 2, width + 40, _AXIS - 2)
                align = LEFT if place == 0 else CENTER
                if place == 0:
                    room = QRectF(left, plot.bottom() + 2, 60, _AXIS - 2)
                draw_text(painter, room, bar.label, look.font("caption"), look.color("text.tertiary"), align)
