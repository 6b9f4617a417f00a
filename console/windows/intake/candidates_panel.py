"""附近疑似重复: cards of cases near the point; one key joins the call to the case, one says it is another matter."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.viewmodels.intake import IntakeViewModel
from console.viewmodels.intake_similar import Candidate
from widgets import format as fmt
from widgets.forms.buttons import Button, ButtonKind
from widgets.forms.chip import Chip
from widgets.forms.keycap import KeyCap
from widgets.indicators.limit_bar import draw_bar
from widgets.indicators.sla_shape import draw_sla_shape
from widgets.indicators.state_panel import PanelState, StatePanel
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme, theme_store
from widgets.theme.text import RIGHT, draw_text, text_width

CARD = 84


def tr(text: str) -> str:
    """Translate a word of the panel."""
    return QCoreApplication.translate("Similar", text)


class CandidateCards(QWidget):
    """Painted cards; Up and Down choose. `chosen(str)` with the case."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._cards: tuple[Candidate, ...] = ()
        self._current = ""
        self._now: datetime | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("附近疑似重复"))
        theme_store().changed.connect(self.update)

    def set_cards(self, cards: tuple[Candidate, ...], current: str, now: datetime) -> None:
        """Show candidates; `now` in the centre's zone dates them."""
        self._cards, self._current, self._now = cards, current, now
        chosen = next((card for card in cards if card.case_id == current), None)
        self.setAccessibleDescription(f"{chosen.category} {chosen.number}" if chosen is not None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return all cards under each other."""
        return QSize(320, CARD * len(self._cards))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with the arrows."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        ids = [card.case_id for card in self._cards]
        if step and ids:
            at = ids.index(self._current) if self._current in ids else 0
            self.chosen.emit(ids[min(max(at + step, 0), len(ids) - 1)])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the card."""
        place = int(event.position().y() // CARD)
        if 0 <= place < len(self._cards):
            self.chosen.emit(self._cards[place].case_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, card in enumerate(self._cards):
            self._draw(painter, QRectF(0, place * CARD, self.width(), CARD), card)
        painter.end()

    def _draw(self, painter: QPainter, box: QRectF, card: Candidate) -> None:
        look, on = theme(), card.case_id == self._current
        if on:
            painter.fillRect(box, look.color("bg.selected"))
        if on and self.hasFocus():
            painter.setPen(QPen(look.color("accent.focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -1.5))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        left, right = box.x() + 40, box.right() - 16
        draw_sla_shape(painter, QRectF(box.x() + 14, box.y() + 8, 18, 22), card.band, look, 16)
        bold, body, label = look.font("body", True), look.font("body"), look.font("label")
        primary, quiet = look.color("text.primary"), look.color("text.secondary")
        row = QRectF(left, box.y() + 8, right - left, 22)
        taken = draw_text(painter, row.adjusted(0, 0, -160, 0), card.category, bold, primary)
        draw_text(painter, row.adjusted(taken + 8, 0, -90, 0), card.number, label, quiet)
        words = tr("相距 {metres}").format(metres=fmt.distance(card.distance_m))
        draw_text(painter, row, words, label, quiet, RIGHT)
        when = fmt.moment_text(card.created_at.astimezone(self._now.tzinfo), self._now) if self._now else ""
        second = " · ".join(part for part in (when, card.state, card.address) if part)
        draw_text(painter, QRectF(left, box.y() + 31, right - left, 20), second, label, quiet)
        third = QRectF(left, box.y() + 54, right - left, 20)
        if card.score >= 0:
            percent = f"{round(card.score * 100)}%"
            draw_text(painter, third, tr("相似"), label, quiet)
            bar = QRectF(left + 32, box.y() + 61, 76, 6)
            draw_bar(painter, bar, card.score, "accent.base" if on else "text.tertiary", look)
            draw_text(painter, third.adjusted(116, 0, 0, 0), percent, bold, primary)
            third = third.adjusted(116 + text_width(bold, percent) + 10, 0, 0, 0)
        draw_text(painter, third, card.why or card.description, body if card.score < 0 else label, quiet)


class CandidatesPanel(QWidget):
    """Heading, cards, and the two answers."""

    def __init__(self, model: IntakeViewModel, parent: QWidget | None = None) -> None:
        """Build heading and cards."""
        super().__init__(parent)
        self.model = model
        self.count = Chip("", tone="sla.soon", parent=self, bold=True)
        self.local = Chip(tr("离线，依据本机资料"), "cloud_off", "sla.soon", self)
        self.cards = CandidateCards(self)
        self.join_button = Button(tr("并入此件"), ButtonKind.PLAIN, "Alt+G", "merge", parent=self)
        self.other_button = Button(tr("不是同一件"), ButtonKind.PLAIN, "Alt+X", parent=self)
        self.empty = StatePanel(PanelState("locate", tr("250 米内 7 天没有相似案件")), self)
        self._lay_out()
        self.cards.chosen.connect(model.choose_candidate)
        self.join_button.clicked.connect(lambda: model.join())
        self.other_button.clicked.connect(lambda: model.dismiss())
        model.candidates_changed.connect(self.show_model)
        model.form_changed.connect(self.show_model)
        self.setFocusProxy(self.cards)
        self.show_model()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.setSpacing(10)
        head.addWidget(TextLabel(tr("附近疑似重复"), "heading", parent=self))
        head.addWidget(self.count)
        head.addWidget(self.local)
        head.addStretch(1)
        head.addWidget(TextLabel(tr("250 米 · 7 天"), "label", "text.tertiary", self))
        head.addWidget(KeyCap("Alt+R", self))
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("ground", "panel")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.cards)
        column.addWidget(self.empty)
        column.addStretch(1)
        area.setWidget(inner)
        self.answers = QWidget(self)
        row = QHBoxLayout(self.answers)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(self.join_button)
        row.addWidget(self.other_button)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(area, 1)
        whole.addWidget(self.answers)

    def show_model(self) -> None:
        """Show what was found."""
        model = self.model
        found = model.candidates
        self.count.set_chip(tr("{n} 件").format(n=len(found)), tone="sla.soon")
        self.count.setVisible(bool(found))
        self.local.setVisible(model.candidates_local)
        now = model.seat.rules.calendar.local(model.now())
        self.cards.set_cards(found, model.candidate_id, now)
        self.cards.setVisible(bool(found))
        self.answers.setVisible(bool(found))
        self.empty.setVisible(not found)
        located = model.form.lon is not None
        title = tr("250 米内 7 天没有相似案件") if located else tr("定出位置后，这里列出附近的案件")
        self.empty.set_state(PanelState("locate", title))
        chosen = next((card for card in found if card.case_id == model.candidate_id), None)
        reason = tr("这件已经办结，请新登记") if chosen is not None and not chosen.open else ""
        self.join_button.set_reason(reason)
