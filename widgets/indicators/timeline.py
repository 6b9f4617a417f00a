"""The history of a case: one line an entry (DESIGN §6): time, dot, actor, sentence."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.forms.chip import chip_width, draw_chip
from widgets.indicators.text_label import wrap_lines
from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width

_ROW = 24
_LINE = 20
_DOT = 49
_TEXT = 63


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry, newest first by custom.

    Attributes:
        time: as written (14:20, 11-19 14:20); wider than 36 px moves the rest.
        actor: who, shown stronger.
        sentence: what.
        tone: ``now`` (accent dot) for the latest, ``""`` grey, or a state token for entries that are not decided.
        mark: word of a chip behind the sentence (待发送), with ``mark_icon`` and ``mark_tone``.
    """

    time: str
    actor: str
    sentence: str
    tone: str = ""
    mark: str = ""
    mark_icon: str = ""
    mark_tone: str = "sla.soon"


class Timeline(QWidget):
    """Paints entries; long sentences wrap under the sentence when ``wrap`` is on, else they are cut."""

    def __init__(
        self, entries: tuple[TimelineEntry, ...] = (), parent: QWidget | None = None, *, wrap: bool = False
    ) -> None:
        super().__init__(parent)
        self._entries = entries
        self._wrap = wrap
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)
        self.set_entries(entries)

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """What is shown."""
        return self._entries

    def set_entries(self, entries: tuple[TimelineEntry, ...]) -> None:
        """Show other entries."""
        self._entries = entries
        self.setAccessibleName("；".join(f"{e.time} {e.actor} {e.sentence}" for e in entries))
        self.setToolTip("" if self._wrap else "\n".join(f"{e.time} {e.actor} {e.sentence}" for e in entries))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Wrapped entries are as high as their lines."""
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        """Return the height of all entries."""
        look = theme()
        return round(sum(self._height(entry, width, look) for entry in self._entries))

    def sizeHint(self) -> QSize:
        """Return a usual panel width and all entries."""
        return QSize(400, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        """Return the least width at which a sentence can be read."""
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all entries."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            y = 0.0
            shift = self._shift(look)
            for entry in self._entries:
                height = self._height(entry, self.width(), look)
                self._draw_entry(painter, entry, QRectF(0, y, self.width(), height), shift, look)
                y += height

    def _shift(self, look: Theme) -> float:
        """Return how much wider than usual the time column has to be."""
        widest = max((text_width(look.font("label"), entry.time) for entry in self._entries), default=0.0)
        return max(0.0, widest - 38)

    def _sentence_left(self, entry: TimelineEntry, shift: float, look: Theme) -> float:
        actor = text_width(look.font("label"), entry.actor)
        return _TEXT + shift + (actor + 10 if entry.actor else 0)

    def _lines(self, entry: TimelineEntry, width: float, shift: float, look: Theme) -> list[str]:
        left = self._sentence_left(entry, shift, look)
        mark = chip_width(entry.mark, entry.mark_icon, look) + 8 if entry.mark else 0
        if not self._wrap:
            return [entry.sentence]
        return wrap_lines(entry.sentence, look.font("label"), max(60.0, width - left - mark)) or [""]

    def _height(self, entry: TimelineEntry, width: float, look: Theme) -> float:
        return _ROW + (len(self._lines(entry, width, self._shift(look), look)) - 1) * (_LINE - 2)

    def _draw_entry(
        self, painter: QPainter, entry: TimelineEntry, box: QRectF, shift: float, look: Theme
    ) -> None:
        row = QRectF(box.x(), box.y(), box.width(), _ROW)
        label = look.font("label")
        draw_text(painter, row, entry.time, label, look.color("text.tertiary"), elide=False)
        dot = "accent.base" if entry.tone == "now" else f"{entry.tone}.fill" if entry.tone else "line.strong"
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(look.color(dot))
        painter.drawEllipse(QRectF(_DOT + shift - 3.5, row.center().y() - 3.5, 7, 7))
        draw_text(
            painter, row.adjusted(_TEXT + shift, 0, 0, 0), entry.actor, label, look.color("text.primary")
        )
        left = self._sentence_left(entry, shift, look)
        lines = self._lines(entry, box.width(), shift, look)
        mark = chip_width(entry.mark, entry.mark_icon, look) if entry.mark else 0.0
        taken = 0.0
        for number, line in enumerate(lines):
            place = QRectF(
                left, row.y() + number * (_LINE - 2), box.width() - left - (mark + 8 if mark else 0), _ROW
            )
            taken = draw_text(painter, place, line, label, look.color("text.secondary"))
        if entry.mark:
            y = row.y() + (len(lines) - 1) * (_LINE - 2) + 2
            place = QRectF(left + taken + 8, y, mark, 20)
            draw_chip(painter, place, entry.mark, entry.mark_icon, entry.mark_tone, look)
