"""自动规则: the rules of the area at the left, the open one with its trial and its days at the right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.viewmodels.rules.book import TRIAL_DAYS, RuleBook
from console.viewmodels.rules.figures import (
    DayCount,
    line_of,
    standing_words,
    trial_days,
    trial_facts,
    tried_words,
    worked_days,
)
from console.windows.desk.desk_list import DeskList, ListLine
from console.windows.rules.form import RuleFields
from widgets.charts.day_bars import BarWords, DayBar, DayBars
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind
from widgets.indicators.facts import Fact, FactGrid
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel

WIDTH, LIST_WIDTH = 1240, 320
CASES_SHOWN = 60


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("Rules", text)


class RulesDialog(DialogFrame):
    """The rules of the area. `case_wanted(str)` asks to show a case."""

    case_wanted = Signal(str)

    def __init__(self, book: RuleBook, host: QWidget) -> None:
        """Build list, form and results; the list comes when the centre has answered."""
        hints = (KeyHint(("F9",), tr("试运行")), KeyHint(("F10",), tr("启用或停用")))
        super().__init__(
            host, tr("自动规则"), tr("交付时全部停用；先在历史案件上试运行，再启用"), "branch", WIDTH,
            main=tr("保存"), cancel=tr("关闭"), hints=hints,
        )  # fmt: skip
        self.book = book
        self._dirty = self._begun = False
        self.notice = NoticeBar("info", parent=self)
        self.notice.hide()
        self.content.addWidget(self.notice)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._left())
        row.addWidget(self._right(), 1)
        self.content.addLayout(row, 1)
        self._buttons()
        self.set_first_field(self.list)
        book.listed.connect(self._show_list)
        book.shown.connect(self._show_rule)
        book.busy_changed.connect(self._show_state)
        book.refused.connect(self._on_refused)
        self._show_list()
        self._show_rule()

    # --- parts ----------------------------------------------------------------------------------------------

    def _left(self) -> QWidget:
        part = QWidget(self)
        part.setFixedWidth(LIST_WIDTH)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.list = DeskList(tr("自动规则"), part)
        self.list.chosen.connect(self._on_chosen)
        self.new_button = Button(tr("新建规则"), keys="Ctrl+N", icon="plus", parent=part)
        self.new_button.clicked.connect(self.new)
        column.addWidget(self.list, 1)
        column.addWidget(self.new_button)
        return part

    def _right(self) -> QWidget:
        page = QWidget()
        page.setProperty("ground", "overlay")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        self.standing = TextLabel("", "label", "text.secondary", page, wrap=True)
        self.fields = RuleFields(page)
        self.fields.changed.connect(self._on_edited)
        self.trial_head = TextLabel(tr("试运行结果"), "heading", parent=page)
        self.facts = FactGrid((), page, label_width=96)
        self.trial_bars = DayBars(BarWords(tr("与人一致"), tr("不一致或未办"), tr("后被退回")), page)
        self.tried = DeskList(tr("试运行的案件"), page)
        self.tried.setFixedHeight(260)
        self.tried.opened.connect(self._on_case)
        self.days_head = TextLabel(tr("每日办理"), "heading", parent=page)
        self.day_bars = DayBars(BarWords(tr("办成"), "", tr("退回")), page)
        for part in (
            self.standing, self.fields, self.trial_head, self.facts, self.trial_bars, self.tried, self.days_head,
            self.day_bars,
        ):  # fmt: skip
            column.addWidget(part)
        column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setMinimumHeight(min(620, max(320, self._host.height() - 230)))
        self.area.setWidget(page)
        return self.area

    def _buttons(self) -> None:
        self.try_button = Button(tr("试运行"), keys="F9", icon="history", parent=self)
        self.switch_button = Button(tr("启用"), ButtonKind.PLAIN, "F10", parent=self)
        for place, (button, act) in enumerate(
            ((self.try_button, self.try_now), (self.switch_button, self.switch))
        ):
            button.clicked.connect(act)
            button.refused.connect(self._tell_refused)
            self.foot.right.insertWidget(place, button)
        for keys, press in (("F9", self.try_button), ("F10", self.switch_button)):
            QShortcut(QKeySequence(keys), self).activated.connect(press.click_or_refuse)
        QShortcut(QKeySequence("Ctrl+N"), self).activated.connect(self.new)

    # --- showing --------------------------------------------------------------------------------------------

    def _show_list(self) -> None:
        found = [line_of(doc) for doc in self.book.rows]
        lines = tuple(
            ListLine(one.id, one.name, under=one.under, side=one.state, tone=one.tone) for one in found
        )
        empty = ListLine("none", tr("还没有规则，按 Ctrl+N 新建"), heading=True)
        self._point_at(lines or (empty,))
        if found and not self._begun:
            self._begun = True
            if self.book.rule is None and not self._dirty:
                self.book.open(found[0].id)

    def _point_at(self, lines: tuple[ListLine, ...] | None = None) -> None:
        """Put the cursor of the list on the open rule without opening anything."""
        self.list.blockSignals(True)
        if lines is not None:
            self.list.show_lines(lines)
        if self.book.rule is not None:
            self.list.choose(str(self.book.rule["id"]))
        self.list.blockSignals(False)

    def _show_rule(self) -> None:
        rule, seat = self.book.rule, self.book.seat
        self._dirty = False
        self.fields.show_form(self.book.form())
        self._point_at()
        self.standing.set_text(tr("新规则") if rule is None else standing_words(rule, seat))
        trial = None if rule is None else rule.get("trial")
        for part in (self.facts, self.trial_bars, self.tried):
            part.setVisible(trial is not None)
        if trial is None:
            self.trial_head.set_text(tr("还没有试运行"))
        else:
            fresh = rule is not None and rule["tried"]
            self.trial_head.set_text(tr("试运行结果") if fresh else tr("试运行结果（修改前的，需重新试）"))
            self._show_trial(trial)
        days = worked_days(self.book.days) if self.book.days is not None else ()
        self.day_bars.set_bars(_bars(days))
        self.days_head.setVisible(bool(days))
        self.day_bars.setVisible(bool(days))
        self._show_state()

    def _show_trial(self, trial: Mapping[str, object]) -> None:
        seat = self.book.seat
        self.facts.set_facts(
            tuple(
                Fact(label, text, wide=True, token=tone or "text.primary", bold=bool(tone))
                for label, text, tone in trial_facts(trial, seat)
            )
        )
        self.trial_bars.set_bars(_bars(trial_days(trial)))
        lines = []
        cases = trial.get("cases")
        for one in (cases if isinstance(cases, list) else [])[-CASES_SHOWN:][::-1]:
            wanted, made, tone = tried_words(one, self.fields.action.current(), seat)
            number = str(one.get("number") or "")[4:]
            lines.append(ListLine(one["case_id"], wanted, number, made, under_tone=tone))
        none = ListLine("none", tr("没有可看的案件"), heading=True)
        self.tried.show_lines(tuple(lines) or (none,))

    def _show_state(self) -> None:
        """Say what may be done now and what is under way."""
        book, rule = self.book, self.book.rule
        words = {"try": tr("正在历史案件上试运行…"), "save": tr("正在保存…"), "switch": tr("正在办…")}
        self.head.subtitle.set_text(words.get(book.busy, tr("交付时全部停用；先在历史案件上试运行，再启用")))
        busy = tr("请稍候") if book.busy else ""
        write = "" if book.may_write else tr("您的岗位只能查看")
        first = tr("先保存改动") if self._dirty else ""
        self.set_main_reason(busy or write or ("" if self._dirty else tr("没有改动")))
        self.try_button.set_reason(busy or write or first or ("" if rule is not None else tr("先保存规则")))
        active = rule is not None and bool(rule["active"])
        self.switch_button.setText(tr("停用") if active else tr("启用"))
        self.switch_button.set_reason(busy or write or first or ("" if active else book.why_not_on()))

    # --- acting ---------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin an empty rule."""
        self.notice.hide()
        self.book.new()
        self.fields.name.setFocus()

    def accept(self) -> None:
        """Keep what was written; the dialog stays open."""
        self.notice.hide()
        self.book.save(self.fields.form())

    def try_now(self) -> None:
        """Try the rule on the last weeks."""
        self.notice.hide()
        self.book.try_now(TRIAL_DAYS)

    def switch(self) -> None:
        """Switch the rule on or off."""
        rule = self.book.rule
        if rule is not None:
            self.notice.hide()
            self.book.switch(not rule["active"])

    def _on_chosen(self, rule_id: str) -> None:
        now = self.book.rule
        if not rule_id or rule_id == "none" or (now is not None and now["id"] == rule_id):
            return
        if self._dirty:
            self._tell_refused(tr("有改动还没有保存：先保存，或关闭后重新打开"))
            self._point_at()
            return
        self.notice.hide()
        self.book.open(rule_id)

    def _on_case(self, case_id: str) -> None:
        if case_id and case_id != "none":
            self.case_wanted.emit(case_id)
            self.reject()

    def _on_edited(self) -> None:
        self._dirty = True
        self._show_state()

    def _on_refused(self, title: str, fields: object) -> None:
        assert isinstance(fields, Mapping)
        self.fields.show_errors({str(name): str(words) for name, words in fields.items()})
        rest = "；".join(str(words) for name, words in fields.items() if name not in self.fields.lines)
        self.notice.set_notice("warning", title, rest)
        self.notice.show()

    def _tell_refused(self, reason: str) -> None:
        self.notice.set_notice("info", reason)
        self.notice.show()


def _bars(days: tuple[DayCount, ...]) -> tuple[DayBar, ...]:
    """Return days as bars, labelled month-day."""
    return tuple(DayBar(f"{d.day[4:6]}-{d.day[6:8]}", d.total, d.good, d.bad) for d in days)
