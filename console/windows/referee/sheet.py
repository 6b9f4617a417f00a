"""退单裁判: the sheet of one case as a dialog, and the small dialogs that ask for a joint meeting or record it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.viewmodels.referee.sheet import Entry, RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.windows.desk.desk_list import DeskList, ListLine
from console.windows.referee.ground import GroundPicture
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.forms.fields import ComboField, TextField
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel

WIDTH = 1120
_HEAD, _ROW = 32, 51


def tr(text: str) -> str:
    """Translate a word of the sheet."""
    return QCoreApplication.translate("Referee", text)


class RefereeSheet(DialogFrame):
    """The sheet. `case_wanted(str)` asks to show a precedent.

    `redispatch_wanted(str, str, str)` asks for the 改派 of a decision: case, unit and reason.
    """

    case_wanted = Signal(str)
    redispatch_wanted = Signal(str, str, str)

    def __init__(self, model: RefereeViewModel, host: QWidget) -> None:
        """Build the frame; the evidence comes when the centre has answered."""
        hints = (KeyHint(("Enter",), tr("看先例")), KeyHint(("F8",), tr("提请会商")))
        super().__init__(
            host, tr("退单裁判"), "", "return", WIDTH, main=tr("记录会商决定"), cancel=tr("关闭"), hints=hints
        )
        model.setParent(self)
        self.model = model
        self.notice = NoticeBar("info", parent=self)
        self.content.addWidget(self.notice)
        self.ask_button = Button(tr("提请会商"), keys="F8", icon="people", parent=self)
        self.ask_button.clicked.connect(self.ask)
        self.ask_button.refused.connect(self._tell)
        self.foot.right.insertWidget(0, self.ask_button)
        QShortcut(QKeySequence("F8"), self).activated.connect(self.ask_button.click_or_refuse)
        self.lists: dict[str, DeskList] = {}
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._scroll(self._left()), 3)
        row.addWidget(self._scroll(self._right()), 2)
        self.content.addLayout(row, 1)
        self.set_first_field(self.lists["precedents"])
        model.changed.connect(self.show_model)
        model.said.connect(self._on_said)
        self.show_model()

    # --- parts ----------------------------------------------------------------------------------------------

    def _scroll(self, page: QWidget) -> QScrollArea:
        page.setProperty("ground", "overlay")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(min(640, max(300, self._host.height() - 300)))
        area.setWidget(page)
        return area

    def _left(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        self._section(column, page, "steps", tr("谁退的、为什么"))
        self._section(column, page, "precedents", tr("附近同类先例"))
        self.handled = TextLabel("", "label", "text.secondary", page, wrap=True)
        column.addWidget(self.handled)
        self._section(column, page, "pairs", tr("这两家之间（近 90 天）"))
        column.addStretch(1)
        return page

    def _right(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        column.addWidget(TextLabel(tr("边界核对"), "heading", parent=page))
        self.ground = GroundPicture(page)
        self.ground_words = TextLabel("", "label", "text.secondary", page, wrap=True)
        column.addWidget(self.ground)
        column.addWidget(self.ground_words)
        self._section(column, page, "duty", tr("责任清单"))
        self._section(column, page, "units", tr("经手单位"))
        column.addStretch(1)
        return page

    def _section(self, column: QVBoxLayout, page: QWidget, name: str, title: str) -> None:
        column.addWidget(TextLabel(title, "heading", parent=page))
        shown = DeskList(title, page)
        shown.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if name == "precedents":
            shown.opened.connect(self._on_opened)
        else:  # only read: nothing to choose
            shown.setSelectionMode(DeskList.SelectionMode.NoSelection)
            shown.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lists[name] = shown
        column.addWidget(shown)

    # --- showing --------------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show what the model knows now."""
        model = self.model
        severity, title, detail = model.headline
        self.notice.set_notice(severity, title, detail)
        if model.sheet is not None:
            number = str(model.sheet["number"] or "")[4:]
            lead = model.unit(model.sheet["lead_dept"])
            self.head.subtitle.set_text(" · ".join(part for part in (number, lead) if part))
            words = model.ground_words()
            self.ground.set_ground(model.sheet["ground"], "，".join(words))
            self.ground.setVisible(model.sheet["ground"] is not None)
            self.ground_words.set_text("；".join(words))
            self.handled.set_text(model.handled())
        nothing = {
            "steps": tr("本轮没有流转"), "precedents": tr("附近没有办结的先例"), "pairs": tr("还没有往来记录"),
            "duty": tr("类别未定"), "units": tr("还没有单位经手"),
        }  # fmt: skip
        for name, entries in (
            ("steps", model.steps()), ("precedents", model.precedents()), ("pairs", model.pairs()),
            ("duty", model.duty()), ("units", model.units()),
        ):  # fmt: skip
            _fill(self.lists[name], entries, nothing[name] if model.sheet is not None else "…")
        self.ask_button.set_reason(model.why_not_ask())
        self.set_main_reason(model.why_not_decide() or ("" if model.sheet is not None else tr("还没有读到")))

    # --- acting ---------------------------------------------------------------------------------------------

    def ask(self) -> AskDialog:
        """Ask for a joint meeting."""
        dialog = AskDialog(self)
        dialog.given.connect(self.model.ask)
        dialog.open()
        return dialog

    def accept(self) -> None:
        """Record what a joint meeting has decided."""
        self.decide()

    def decide(self) -> DecisionDialog:
        """Open the dialog of a decision; 改派 follows."""
        dialog = DecisionDialog(self.model, self)
        dialog.given.connect(self._on_decided)
        dialog.open()
        return dialog

    def _on_decided(self, unit: str, text: str) -> None:
        reason = self.model.decide(unit, text)
        self.redispatch_wanted.emit(self.model.case_id, unit, reason)
        self.reject()

    def _on_said(self) -> None:
        """Say that the mark is kept and on its way; the sheet follows when it was decided."""
        self.notice.set_notice("good", tr("已保存，送达中心后列入待会商"), "")

    def _on_opened(self, key: str) -> None:
        if len(key) == 36:
            self.case_wanted.emit(key)
            self.reject()

    def _tell(self, reason: str) -> None:
        self.notice.set_notice("info", reason)


def _fill(shown: DeskList, entries: tuple[Entry, ...], nothing: str) -> None:
    """Show entries in a list as high as they are."""
    lines = tuple(
        ListLine(one.case_id or f"line-{n}", one.text, one.lead, one.under, one.side, tone=one.tone)
        for n, one in enumerate(entries)
    )
    shown.show_lines(lines or (ListLine("none", nothing, heading=True),))
    height = sum(_ROW if line.under else _HEAD + 1 for line in lines) or _HEAD + 1
    shown.setFixedHeight(height + 2)


class AskDialog(DialogFrame):
    """提请会商: one reason. `given(str)` carries it."""

    given = Signal(str)

    def __init__(self, host: QWidget) -> None:
        """One field."""
        super().__init__(host, tr("提请会商"), "", "people", 560, main=tr("提请"))
        self.text = TextField(
            tr("理由"), placeholder=tr("例：两家都认为不在自己管段"), parent=self, required=True
        )
        self.content.addWidget(self.text)
        self.set_first_field(self.text)

    def accept(self) -> None:
        """Take the reason; an empty one is refused at the field."""
        words = self.text.text().strip()
        if not words:
            self.text.set_error(tr("请写理由"))
            return
        self.given.emit(words)
        super().accept()


class DecisionDialog(DialogFrame):
    """会商决定: unit and words. `given(str, str)` carries both."""

    given = Signal(str, str)

    def __init__(self, model: RefereeViewModel, host: QWidget) -> None:
        """Offer the units; first those that had the case."""
        super().__init__(
            host, tr("会商决定"), tr("先记入案件，再按决定改派"), "people", 560, main=tr("记录并改派")
        )
        self.unit = ComboField(tr("承办单位"), parent=self, required=True)
        had = [str(row["dept"]) for row in (model.sheet or {}).get("units", ())]
        others = [
            unit.id for unit in model.seat.rules.departments.values() if unit.active and unit.id not in had
        ]
        self.unit.set_entries(tuple((unit, model.unit(unit)) for unit in (*had, *others)))
        self.text = TextField(
            tr("决定内容"), placeholder=tr("例：设施权属在市政，限 4 小时内到场"), parent=self
        )
        self.content.addWidget(self.unit)
        self.content.addWidget(self.text)
        self.set_first_field(self.unit)

    def accept(self) -> None:
        """Take the decision; a missing unit is refused at the field."""
        unit = self.unit.current()
        if not unit:
            self.unit.set_error(tr("请选承办单位"))
            return
        self.given.emit(unit, self.text.text())
        super().accept()


class MeetingDialog(DialogFrame):
    """待会商: the list. `case_wanted(str)` asks for a case, `sheet_wanted(str)` for its sheet."""

    case_wanted = Signal(str)
    sheet_wanted = Signal(str)

    def __init__(self, model: MeetingList, host: QWidget) -> None:
        """List the cases."""
        hints = (KeyHint(("Enter",), tr("看裁判依据")),)
        super().__init__(
            host, tr("待会商"), "", "people", 900, main=tr("看案件"), cancel=tr("关闭"), hints=hints
        )
        self.model = model
        self.list = DeskList(tr("待会商"), self)
        self.list.setMinimumHeight(320)
        self.list.opened.connect(self._on_opened)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        model.changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Show the cases, the longest in dispute first."""
        entries = self.model.entries()
        lines = tuple(
            ListLine(one.case_id, one.text, one.lead, one.under, one.side, tone=one.tone) for one in entries
        )
        none = self.model.trouble or tr("现在没有案件等着会商")
        self.list.show_lines(lines or (ListLine("none", none, heading=True),))
        self.head.subtitle.set_text(tr("{n} 件").format(n=len(entries)))
        self.set_main_reason("" if entries else none)

    def accept(self) -> None:
        """Show the case under the cursor."""
        if len(self.list.current) == 36:
            self.case_wanted.emit(self.list.current)
            super().accept()

    def _on_opened(self, case_id: str) -> None:
        if len(case_id) == 36:
            self.sheet_wanted.emit(case_id)
            self.reject()
