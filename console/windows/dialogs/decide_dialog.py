"""延期审批 and 挂账审批 (design picture 10): the application at the left, checks and both outcomes at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.viewmodels.actions.deciding import GOOD, Application, Check, DecideViewModel
from console.viewmodels.deadline import explain_one
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.ledger import ledger_bar
from console.windows.dialogs.words import moment, moment_with_day, tr
from widgets.charts.limit_ledger import LimitLedger
from widgets.forms.buttons import Button, ButtonKind, ButtonSize, IconButton
from widgets.forms.fields import TextField
from widgets.indicators.facts import Fact, FactGrid
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

OpenNext = Callable[[str], None]


class CheckLines(QWidget):
    """审批参考: one line a check, a tick or a warning before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._checks: tuple[Check, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_checks(self, checks: tuple[Check, ...]) -> None:
        """Show other checks."""
        if checks != self._checks:
            self._checks = checks
            self.setAccessibleName("；".join(check.text for check in checks))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return 28 a line."""
        return QSize(240, 28 * len(self._checks))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        look = theme()
        painter = QPainter(self)
        for place, check in enumerate(self._checks):
            good = check.tone == GOOD
            token = "sla.closed.text" if good else "sla.soon.text"
            box = QRectF(0, place * 28, 16, 28)
            draw_icon(painter, box, "check" if good else "warn", look.color(token), 16)
            words = QRectF(24, place * 28, self.width() - 24, 28)
            draw_text(painter, words, check.text, look.font("body"), look.color("text.primary"))
        painter.end()


class DecideDialog(ActionDialog):
    """Approve with Ctrl+Enter, refuse with Alt+R; both ask for nothing twice."""

    model: DecideViewModel

    def __init__(self, model: DecideViewModel, host: QWidget, open_next: OpenNext | None = None) -> None:
        """Lay out both sides; `open_next` opens the dialog of another waiting case."""
        super().__init__(model, host, "clock" if model.is_extension else "pause", 920, main=tr("批准"))
        self.head.title.set_text(tr("延期审批") if model.is_extension else tr("挂账审批"))
        self._open_next = open_next
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.removeWidget(self.notice)
        sides = QHBoxLayout()
        sides.setSpacing(0)
        sides.addWidget(self._left(), 3)
        sides.addWidget(self._right(), 2)
        self.content.addLayout(sides)
        self.refuse_button = Button(tr("不批准"), ButtonKind.DANGER, "Alt+R")
        self.refuse_button.clicked.connect(self.refuse)
        self.foot.right.insertWidget(1, self.refuse_button)
        QShortcut(QKeySequence("Alt+R"), self).activated.connect(self.refuse)
        QShortcut(QKeySequence("Alt+O"), self).activated.connect(self.note.setFocus)
        self._steppers()
        self.fields = {"note": self.note}
        self.set_first_field(self.note)
        self._on_changed()

    def _left(self) -> QWidget:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.facts = FactGrid((), side, columns=1, label_width=72)
        self.ledger_title = TextLabel(tr("批准后的时限"), "heading", parent=side)
        self.ledger = LimitLedger(parent=side)
        column.addWidget(self.notice)
        column.addWidget(self.facts)
        column.addWidget(self.ledger_title)
        column.addWidget(self.ledger)
        column.addWidget(self.outlook)
        column.addStretch(1)
        return side

    def _right(self) -> QWidget:
        side = QWidget(self)
        side.setProperty("ground", "raised")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(side)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        self.checks = CheckLines(side)
        self.granted = TextLabel("", "body", "text.secondary", side, wrap=True)
        self.denied = TextLabel("", "body", "text.secondary", side, wrap=True)
        self.note = TextField(tr("审批意见"), "Alt+O", parent=side)
        self.note.label.set_remark(tr("不批准时必填"))
        self.note.editor.setFixedHeight(72)
        self.note.text_changed.connect(lambda text: self.model.set_value("note", text))
        for title, part in (
            (tr("审批参考"), self.checks),
            (tr("批准后"), self.granted),
            (tr("不批准"), self.denied),
        ):
            column.addWidget(TextLabel(title, "heading", parent=side))
            column.addWidget(part)
            column.addSpacing(8)
        column.addStretch(1)
        column.addWidget(self.note)
        return side

    def _steppers(self) -> None:
        self.place = TextLabel("", "label", "text.secondary", self)
        self.previous = IconButton("chevron_left", tr("上一件"), ButtonSize.SMALL, self)
        self.following = IconButton("chevron_right", tr("下一件"), ButtonSize.SMALL, self)
        self.previous.clicked.connect(lambda: self._step(-1))
        self.following.clicked.connect(lambda: self._step(1))
        for part in (self.place, self.previous, self.following):
            self.head.extras.addWidget(part)

    def _step(self, by: int) -> None:
        other = self.model.neighbour(by)
        if other and self._open_next is not None:
            self.reject()
            self._open_next(other)

    def refuse(self) -> None:
        """Refuse; the opinion is asked for first."""
        self.notice.hide()
        if not self.model.refuse():
            self._to_first_error()

    def accept(self) -> None:
        """Approve."""
        self.notice.hide()
        if not self.model.approve():
            self._to_first_error()

    # --- showing ------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show the application and what follows from either answer."""
        model, asked = self.model, self.model.application()
        waiting = model.waiting()
        many = len(waiting) > 1 and self._open_next is not None
        at = waiting.index(model.case_id) + 1 if model.case_id in waiting else 0
        self.place.set_text(
            tr("待审批 {n} 件，第 {at} 件").format(n=len(waiting), at=at) if many and at else ""
        )
        for button in (self.previous, self.following):
            button.setVisible(many)
        self.facts.set_facts(self._facts(asked) if asked is not None else ())
        self.checks.set_checks(model.checks())
        self.granted.set_text(self._granted(asked))
        self.denied.set_text(
            tr("到期不变，不占用延期次数，申请单位收到意见。")
            if model.is_extension
            else tr("时限照常计算，申请单位收到意见，可重新申请。")
        )
        self._show_ledger()

    def outlook_text(self) -> str:
        """Both outcomes stand at the right; no sentence below."""
        return ""

    def _facts(self, asked: Application) -> tuple[Fact, ...]:
        model, calendar = self.model, self.model.seat.rules.calendar
        now = model.now()
        found = [Fact(tr("申请单位"), " · ".join(p for p in (asked.unit, asked.by) if p), wide=True)]
        if asked.at is not None:
            found.append(Fact(tr("申请时间"), moment(asked.at, now, calendar), wide=True))
        if asked.more is not None:
            found.append(Fact(tr("申请延长"), asked.more.words, wide=True, bold=True))
        if asked.until is not None:
            until = moment_with_day(asked.until, calendar)
            found.append(Fact(tr("挂账至"), until, wide=True, bold=True))
        if asked.old_due is not None and asked.new_due is not None:
            old, new = moment_with_day(asked.old_due, calendar), moment_with_day(asked.new_due, calendar)
            found.append(Fact(tr("到期变化"), f"{old} → {new}", wide=True))
        elif asked.old_due is not None:
            found.append(Fact(tr("现在到期"), moment_with_day(asked.old_due, calendar), wide=True))
        found.append(Fact(tr("说明"), asked.reason, wide=True))
        return tuple(found)

    def _granted(self, asked: Application | None) -> str:
        calendar = self.model.seat.rules.calendar
        if asked is None:
            return tr("没有等待审批的申请。")
        if asked.new_due is not None:
            due = moment_with_day(asked.new_due, calendar)
            return tr("到期改为 {due}，按期以新到期计算；延期率计入{unit}。").format(due=due, unit=asked.unit)
        if asked.until is not None:
            until = moment_with_day(asked.until, calendar)
            return tr("时限从现在停止，{until} 自动恢复，或由派遣员提前恢复。").format(until=until)
        return ""

    def _show_ledger(self) -> None:
        model = self.model
        _, after = model.clocks()
        case, calendar = model.case, model.seat.rules.calendar
        told = explain_one(case, after, model.seat.rules, model.now()) if case is not None and after else None
        shown = told is not None and model.is_extension
        self.ledger.set_bar(ledger_bar(told, calendar) if told is not None and shown else None)
        self.ledger.setVisible(shown)
        self.ledger_title.setVisible(shown)
