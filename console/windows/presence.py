"""Presence on the screen: the line in the case panel, the key 认领, and whether a window can be seen at all."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from console.notices.notice import INFO, Notice
from console.viewmodels.presence import MOST_CLAIMS, presence_words, seat_presence
from console.viewmodels.rows import waiting_word
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import (
    A_CASE,
    CASE,
    CASE_GROUP,
    POOL_CLOSE,
    POOL_FILING,
    POOL_REPORTED,
    Call,
    Verb,
    noop,
)
from widgets import format as fmt
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

KEY = "Y"
CLAIM = Verb(
    "case.claim",
    noop("认领"),
    ("接手", "领件", "放开"),
    CASE_GROUP,
    (KEY, *(f"{pool}:{KEY}" for pool in (POOL_REPORTED, POOL_FILING, POOL_CLOSE))),
    CASE,
    (A_CASE,),
    "lock",
)


def tr(text: str) -> str:
    """Translate a word of presence."""
    return QCoreApplication.translate("Presence", text)


class PresenceLine(QWidget):
    """Who is at the case in the panel, and the button 认领, 接手 or 放开; hidden where there is nothing to say."""

    def __init__(self, seat: SeatViewModel, parent: QWidget | None = None) -> None:
        """Start without a case."""
        super().__init__(parent)
        self.seat, self.presence = seat, seat_presence(seat)
        self.case_id = ""
        self._icon, self._tone = "lock", "text.tertiary"
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 0, 16, 0)
        row.setSpacing(8)
        self.words = TextLabel("", "label", "text.secondary", self)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button = Button("", ButtonKind.PLAIN, KEY, size=ButtonSize.SMALL, parent=self)
        self.button.clicked.connect(self._on_clicked)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.presence.changed.connect(self._on_changed)
        seat.second.connect(self._on_second)
        self.hide()

    def show_case(self, case_id: str) -> None:
        """Show who is at a case."""
        self.case_id = case_id
        self._show()

    def _on_changed(self, ids: object) -> None:
        if isinstance(ids, frozenset) and self.case_id in ids:
            self._show()

    def _on_second(self, _now: object) -> None:
        """The age of a beat moves."""
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        """Say who is there."""
        entry = self.seat.case(self.case_id)
        people, mine = self.presence.of(self.case_id), self.presence.claimed(self.case_id)
        waits = entry is not None and bool(waiting_word(entry.case.state))
        self.setVisible(entry is not None and (bool(people) or mine or waits))
        now = self.seat.now()
        words = presence_words(people, lambda moment: fmt.age(moment, now))
        silent = any(one.silent for one in people) and not any(
            one.kind == "hold" and not one.silent for one in people
        )
        if self.presence.stale and self.presence.heard_at is not None and (people or mine):
            words = tr("{words}（{age}的情况）").format(
                words=words or tr("本席已认领"), age=fmt.age(self.presence.heard_at, now)
            )
        elif mine:
            words = tr("本席已认领") + (" · " + words if words else "")
        self._tone = self._token(bool(words), silent, mine)
        self._icon = "eye" if people and people[0].kind == "look" and not mine else "lock"
        self.words.set_text(words or tr("没有人在办"))
        self.words.set_token(self._tone)
        word = tr("放开") if mine else tr("接手") if silent else tr("认领")
        self.button.setText(word)
        self.button.set_kind(ButtonKind.MAIN if silent and not mine else ButtonKind.PLAIN)
        self.button.setVisible(waits or mine)
        self.update()

    def _token(self, known: bool, silent: bool, mine: bool) -> str:
        """Return the colour of the line: grey while it may be old, amber for a hold that went silent."""
        if self.presence.stale or not known:
            return "text.tertiary"
        if silent and not mine:
            return "sla.soon.text"
        return "accent.base" if mine else "text.secondary"

    def _on_clicked(self) -> None:
        toggle_claim(self.seat, (self.case_id,))
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, mark and the line below."""
        look = theme()
        with QPainter(self) as painter:
            if self._tone == "sla.soon.text":
                painter.fillRect(self.rect(), look.tone("sla.soon").soft)
            draw_icon(painter, QRectF(16, 0, 16, self.height()), self._icon, look.color(self._tone), 16)
            painter.setPen(QPen(look.color("line.subtle"), 1))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


def toggle_claim(seat: SeatViewModel, case_ids: tuple[str, ...]) -> None:
    """Claim cases, take them over, or give back what is claimed already; never refuses because of others."""
    presence = seat_presence(seat)
    if case_ids and all(presence.claimed(case_id) for case_id in case_ids):
        for case_id in case_ids:
            presence.let_go(case_id)
        return
    done = [presence.claim(case_id) for case_id in case_ids]
    if not all(done):
        words = tr("一个席位最多认领 {n} 件，其余没有认领。").format(n=MOST_CLAIMS)
        seat.notices.tell(Notice(INFO, words, key="claim"))


class PresenceEyes(QObject):
    """Follows whether a window can be seen, gives the claims back when it closes, and binds the key."""

    def __init__(self, window: QWidget, seat: SeatViewModel) -> None:
        """Watch a window."""
        super().__init__(window)
        self._window, self._presence = window, seat_presence(seat)
        window.installEventFilter(self)
        seat.verbs.add_for(
            CLAIM,
            lambda call: toggle_claim(seat, call.cases),
            lambda call: self._why_not(seat, call),
        )
        self._look()

    @staticmethod
    def _why_not(seat: SeatViewModel, call: Call) -> str:
        """Only what waits at a desk is claimed; what was claimed can always be given back."""
        for case_id in call.cases:
            entry = seat.case(case_id)
            if seat_presence(seat).claimed(case_id) or (entry is not None and waiting_word(entry.case.state)):
                return ""
        return tr("只有等在席位上的案件要认领，这件已由单位承办或已结束")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look when the window comes, goes, or is minimised."""
        kinds = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange)
        if watched is self._window and event.type() in kinds:
            self._look()
        elif watched is self._window and event.type() == QEvent.Type.Close:
            self._presence.leave()
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        minimised = bool(self._window.windowState() & Qt.WindowState.WindowMinimized)
        self._presence.set_visible(self._window.isVisible() and not minimised)
