"""A suggested department (DESIGN §6): number, name, bar, percent, one line of reasons."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.keycap import draw_keycap
from widgets.indicators.limit_bar import draw_bar
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import RIGHT, draw_text

_HEIGHT = 54
_AGAINST_HEIGHT = 18


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One candidate: unit, name, a quiet second word, score 0–1 (negative: none), a line for it and one against it."""

    unit_id: str
    name: str
    note: str = ""
    score: float = -1.0
    reasons: str = ""
    against: str = ""


class SuggestionCard(QWidget):
    """One card; ``clicked(str)`` says the unit."""

    clicked = Signal(str)

    def __init__(self, number: int, suggestion: Suggestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._suggestion = suggestion
        self._chosen = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._name()

    @property
    def suggestion(self) -> Suggestion:
        """What is shown."""
        return self._suggestion

    @property
    def chosen(self) -> bool:
        """Whether this card is the picked one."""
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        """Mark as picked: accent frame and soft ground."""
        self._chosen = chosen
        self._name()
        self.update()

    def sizeHint(self) -> QSize:
        """Return 54 high (52 and the frame), a line more when something speaks against it."""
        return QSize(400, _HEIGHT + (_AGAINST_HEIGHT if self._suggestion.against else 0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say that the card was clicked."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self._suggestion.unit_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = "accent.base" if self._chosen else "line.subtle"
            ground = "accent.soft" if self._chosen else "bg.hover" if self.underMouse() else "bg.panel"
            painter.setPen(QPen(look.color(edge), 1))
            painter.setBrush(look.color(ground))
            radius = look.metric("radius.control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            self._draw_words(painter, look)

    def _draw_words(self, painter: QPainter, look: Theme) -> None:
        one = self._suggestion
        draw_keycap(painter, 11, 18, str(self._number), look)
        right = self.width() - 11.0
        if one.score >= 0:
            percent = QRectF(right - 46, 8, 46, 20)
            draw_text(
                painter,
                percent,
                f"{one.score:.0%}",
                look.font("body", True),
                look.color("text.primary"),
                RIGHT,
            )
            token = "accent.base" if self._chosen else "text.tertiary"
            draw_bar(painter, QRectF(right - 98, 16, 56, 4), one.score, token, look)
            right -= 108
        left = 37.0
        name = QRectF(left, 8, max(0.0, right - left), 20)
        taken = draw_text(
            painter, name, one.name, look.font("body", self._chosen), look.color("text.primary")
        )
        note = QRectF(left + taken + 8, 8, max(0.0, right - left - taken - 8), 20)
        draw_text(painter, note, one.note, look.font("label"), look.color("text.tertiary"))
        reasons = QRectF(left, 29, self.width() - left - 11, 18)
        draw_text(painter, reasons, one.reasons, look.font("label"), look.color("text.secondary"))
        if one.against:
            draw_icon(painter, QRectF(left, 50, 12, 12), "warn", look.color("sla.soon.text"), 12)
            against = QRectF(left + 17, 47, self.width() - left - 28, 18)
            draw_text(painter, against, one.against, look.font("label"), look.color("sla.soon.text"))

    def _name(self) -> None:
        one = self._suggestion
        score = f"{one.score:.0%}" if one.score >= 0 else ""
        state = self.tr("已选定") if self._chosen else ""
        but = self.tr("注意：{reason}").format(reason=one.against) if one.against else ""
        parts = (str(self._number), one.name, one.note, score, one.reasons, but, state)
        self.setAccessibleName("，".join(part for part in parts if part))
        self.setToolTip("\n".join(part for part in (one.reasons, but) if part))


class SuggestionList(QWidget):
    """Up to nine cards under each other; digits pick (wired by the panel through ``pick``).

    Signals:
        picked(str): another unit is picked.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[SuggestionCard] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)

    @property
    def picked_id(self) -> str:
        """The picked unit; empty when none."""
        return next((card.suggestion.unit_id for card in self._cards if card.chosen), "")

    def set_suggestions(self, suggestions: tuple[Suggestion, ...], picked: str = "") -> None:
        """Show other candidates; ``picked`` is marked without a signal."""
        for card in self._cards:
            self._box.removeWidget(card)
            card.deleteLater()
        self._cards = [SuggestionCard(number, one, self) for number, one in enumerate(suggestions[:9], 1)]
        for card in self._cards:
            card.clicked.connect(self.pick_id)
            card.set_chosen(bool(picked) and card.suggestion.unit_id == picked)
            self._box.addWidget(card)

    def pick(self, number: int) -> bool:
        """Pick the card with that number (1 …); False when there is none."""
        if not 1 <= number <= len(self._cards):
            return False
        self.pick_id(self._cards[number - 1].suggestion.unit_id)
        return True

    def pick_id(self, unit_id: str) -> None:
        """Pick a unit's card."""
        if unit_id == self.picked_id:
            return
        for card in self._cards:
            card.set_chosen(card.suggestion.unit_id == unit_id)
        self.picked.emit(unit_id)
