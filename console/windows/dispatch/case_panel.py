"""The case panel, top to bottom: number and clock, steps, facts, text, attachments, suggestions, history, actions."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from console.viewmodels.case_panel import CasePanelViewModel, PanelView, StepsView
from console.viewmodels.history_words import HistoryLine
from console.windows.dispatch.action_bar import ActionBar
from console.windows.presence import PresenceLine
from console.windows.rows import limit_reading
from widgets.forms.attachments import Attachment, AttachmentStrip
from widgets.forms.keycap import KeyCap
from widgets.indicators.countdown import CountdownLabel
from widgets.indicators.facts import Fact, FactGrid
from widgets.indicators.limit_bar import LimitBar
from widgets.indicators.state_panel import PanelState, StatePanel
from widgets.indicators.step_line import Step, StepLine, StepLineValue, steps_for
from widgets.indicators.suggestion import Suggestion, SuggestionList
from widgets.indicators.text_label import TextLabel
from widgets.indicators.timeline import Timeline, TimelineEntry
from widgets.indicators.urgency import UrgencyTag
from widgets.theme import theme

SHOWN_HISTORY = 8


def tr(text: str) -> str:
    """Translate a word of the panel."""
    return QCoreApplication.translate("CasePanelView", text)


class CasePanel(QWidget):
    """Shows `CasePanelViewModel`. `action_wanted(str)`, `sheet_wanted()` for 时限说明书, `attachment_wanted(str)`."""

    action_wanted = Signal(str)
    sheet_wanted = Signal()
    attachment_wanted = Signal(str)

    def __init__(self, model: CasePanelViewModel, parent: QWidget | None = None) -> None:
        """Build the parts."""
        super().__init__(parent)
        self.model = model
        self.setMinimumWidth(theme().metric("size.case_panel.min"))
        self.setMaximumWidth(theme().metric("size.case_panel.max"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._whole = False
        self._stack = QStackedLayout(self)
        self.empty = StatePanel(parent=self)
        self.empty.set_state(
            PanelState("select_area", tr("还没有选中案件"), tr("在队列按回车，或在地图上选一个点"))
        )
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled())
        model.changed.connect(self._show)
        model.seat.second.connect(self._on_second)
        self._show()

    # --- parts ------------------------------------------------------------------------------------------

    def _filled(self) -> QWidget:
        """Return head, scrolling middle and action bar."""
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head(page))
        self.presence = PresenceLine(self.model.seat, page)
        column.addWidget(self.presence)
        inner = QWidget(page)
        self._body = QVBoxLayout(inner)
        self._body.setContentsMargins(16, 12, 16, 16)
        self._body.setSpacing(12)
        self._fill_body(inner)
        self._scroll = QScrollArea(page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # the ground is the panel's own
        inner.setProperty("ground", "panel")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scroll.setWidget(inner)
        column.addWidget(self._scroll, 1)
        self.action_bar = ActionBar(page)
        self.action_bar.chosen.connect(self.action_wanted)
        self.action_bar.sheet_wanted.connect(self.sheet_wanted)
        column.addWidget(self.action_bar)
        return page

    def _head(self, page: QWidget) -> QWidget:
        """Return number, urgency, countdown and bar."""
        head = QWidget(page)
        column = QVBoxLayout(head)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(6)
        first = QHBoxLayout()
        first.setSpacing(10)
        self.number = TextLabel("", "title", "text.primary", head)
        self.urgency = UrgencyTag(0, head)
        first.addWidget(self.number)
        first.addWidget(self.urgency)
        first.addStretch(1)
        column.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(8)
        self.countdown = CountdownLabel(head)
        self.countdown.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        second.addWidget(self.countdown, 0, Qt.AlignmentFlag.AlignLeft)
        self.bar = LimitBar(head)
        second.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(second)
        # a line of its own: beside a long countdown (非工作时 …) the moment it is due would be cut
        self.clock_line = TextLabel("", "caption", "text.tertiary", head, align=Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.clock_line)
        return head

    def _fill_body(self, inner: QWidget) -> None:
        """Add everything that scrolls."""
        self.steps = StepLine(parent=inner)
        self.note = TextLabel("", "label", "sla.soon.text", inner, wrap=True)
        self.facts = FactGrid((), inner)
        self.description = TextLabel("", "body", "text.secondary", inner, wrap=True)
        self.files_head = TextLabel("", "heading", "text.primary", inner)
        self.files = AttachmentStrip(inner)
        self.files.opened.connect(self.attachment_wanted)
        self.units_head = self._heading(tr("建议承办单位"), "1 2 3", inner)
        self.units = SuggestionList(inner)
        self.units.picked.connect(self.model.pick_unit)
        self.history_head = self._heading(tr("流转记录"), "H", inner)
        self.history = Timeline((), inner, wrap=True)
        self.history_note = TextLabel("", "label", "text.tertiary", inner, wrap=True)
        for part in (
            self.steps,
            self.note,
            self.facts,
            self.description,
            self.files_head,
            self.files,
            self.units_head,
            self.units,
            self.history_head,
            self.history,
            self.history_note,
        ):
            self._body.addWidget(part)
        self._body.addStretch(1)

    def _heading(self, text: str, keys: str, inner: QWidget) -> QWidget:
        """Return a section's head with its keys."""
        head = QWidget(inner)
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(4)
        row.addWidget(TextLabel(text, "heading", "text.primary", head))
        row.addStretch(1)
        for key in keys.split(" "):
            row.addWidget(KeyCap(key, head))
        return head

    # --- showing ------------------------------------------------------------------------------------------

    def toggle_history(self) -> None:
        """Show the whole history or its latest entries."""
        self._whole = not self._whole
        self._show()

    def _show(self) -> None:
        """Show the picture of the model."""
        panel = self.model.panel
        if panel is None:
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        self.number.set_text(panel.number)
        self.presence.show_case(panel.case_id)
        self.urgency.set_level(panel.level)
        self.urgency.setVisible(panel.level > 0)
        self._show_clock(panel)
        self.steps.set_value(_steps(panel.steps))
        self.note.set_text(panel.note)
        self.note.setVisible(bool(panel.note))
        self.facts.set_facts(tuple(Fact(label, text, wide) for label, text, wide in panel.facts))
        self.description.set_text(panel.description)
        self._show_files(panel)
        self._show_units(panel)
        lines = panel.history if self._whole else panel.history[:SHOWN_HISTORY]
        self.history.set_entries(tuple(_entry(line) for line in lines))
        self.history_note.set_text(panel.history_note)
        self.history_note.setVisible(bool(panel.history_note))
        self.action_bar.set_actions(panel.actions, panel.main, self._main_word(panel))

    def _show_clock(self, panel: PanelView) -> None:
        """Show band, countdown and used part."""
        reading = limit_reading(panel.row)
        self.countdown.set_reading(reading, self.model.seat.now())
        self.bar.set_used(panel.used, panel.row.band)
        self.bar.setVisible(panel.row.reading is not None)
        self.clock_line.set_text(panel.clock_line)

    def _show_files(self, panel: PanelView) -> None:
        """Show attachments."""
        self.files_head.set_text(tr("附件 {n}").format(n=len(panel.attachments)))
        items = tuple(
            Attachment(sha, "photo" if mime.startswith("image/") else "file", name)
            for sha, name, mime in panel.attachments
        )
        self.files.set_items(items)
        for part in (self.files_head, self.files):
            part.setVisible(bool(items))

    def _show_units(self, panel: PanelView) -> None:
        """Show suggested units."""
        units = tuple(
            Suggestion(unit.id, unit.name, "", unit.score, unit.reason, unit.against)
            for unit in panel.suggestions
        )
        self.units.set_suggestions(units, self.model.picked)
        for part in (self.units_head, self.units):
            part.setVisible(bool(units))

    def _main_word(self, panel: PanelView) -> str:
        """Return the word of the main button; a dispatch names its unit."""
        if panel.main is None:
            return ""
        if panel.main.id in ("dispatch", "redispatch") and self.model.picked:
            name = next((u.name for u in panel.suggestions if u.id == self.model.picked), "")
            if name:
                return tr("派遣到{unit}").format(unit=name)
        return panel.main.word

    def _on_second(self, now: object) -> None:
        """Count down."""
        if self.model.panel is not None and isinstance(now, datetime):
            self.countdown.tick(now)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and edge."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.panel"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, 0, 0, self.height())
        painter.end()


def _steps(view: StepsView) -> StepLineValue:
    """Return the step line's value."""
    steps = list(steps_for(view.index, view.times))
    if view.rework:
        at = steps[3]
        steps[3] = Step(at.state, at.note, view.rework, tr("返工"))
    if view.returned:
        at = steps[2]
        steps[2] = Step(at.state, at.note, view.returned, tr("回退"))
    return StepLineValue(tuple(steps), view.end_mark, view.round)


def _entry(line: HistoryLine) -> TimelineEntry:
    """Return one entry of the history."""
    tone = "now" if line.latest else "sla.soon" if line.waiting else ""
    icon = "cloud_up" if line.waiting else ""
    return TimelineEntry(line.time, line.actor, line.sentence, tone, line.waiting, icon)
