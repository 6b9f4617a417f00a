"""派遣 and 改派 (design picture 09): type, pick, see the due time, confirm: no mouse needed."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.actions.dispatching import DispatchViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.co_units import CoUnits
from console.windows.dialogs.pick_field import picker_items
from console.windows.dialogs.words import moment, moment_with_day, tr
from widgets.forms.fields import FieldLabel, FieldRow, LineField, TextField, repolish
from widgets.forms.picker import Picker
from widgets.forms.picker_list import ROW_HEIGHT
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel

ROWS = 5


class UnitPicker(QWidget):
    """The picker of the responsible unit with label and error; the marked row is the choice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Five rows, as the design draws them."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = FieldLabel(tr("承办单位"), parent=self, required=True)
        self.picker = Picker(tr("拼音首字母、全拼、简称或编码"), ROWS, self)
        self._error = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error.hide()
        for part in (self.label, self.picker, self._error):
            column.addWidget(part)
        column.addStretch(1)
        # the list keeps its room while its rows come and go, so that nothing below jumps
        self.setMinimumHeight(24 + 32 + 6 + ROWS * ROW_HEIGHT + 2)
        self.setFocusProxy(self.picker)

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self.picker.line.setProperty("invalid", bool(sentence))
        repolish(self.picker.line)
        self._error.set_text(sentence)
        self._error.setVisible(bool(sentence))


class DispatchDialog(ActionDialog):
    """The dispatch dialog, 880 wide."""

    model: DispatchViewModel

    def __init__(self, model: DispatchViewModel, host: QWidget) -> None:
        """Lay out picker, limit, co-units, opinion."""
        hints = (KeyHint(("↑", "↓"), tr("选择")), KeyHint(("Tab",), tr("下一项")))
        super().__init__(model, host, "send", 880, main=model.name, hints=hints)
        self.units = UnitPicker(self)
        self.why = TextLabel("", "label", "text.tertiary", self)
        self.limit = LineField(tr("处置时限（由立案条件定）"), parent=self)
        self.limit.set_read_only(True)
        self.co_units = CoUnits(tr("协办单位"), "Alt+C", self)
        self.reason = LineField(tr("改派理由"), "Alt+R", tr("为什么换单位"), self, required=True)
        self.note = TextField(tr("派遣意见"), "Alt+O", parent=self)
        self.note.label.set_remark(tr("常用语 Ctrl ;"))
        self.note.editor.setFixedHeight(64)
        self.content.addWidget(self.units)
        self.content.addWidget(self.why)
        self.content.addWidget(FieldRow(self.limit, self.co_units, parent=self))
        self.content.addWidget(self.reason)
        self.content.addWidget(self.note)
        self.reason.setVisible(model.needs_reason)
        self.fields = {
            "lead_dept": self.units,
            "co_depts": self.co_units,
            "reason": self.reason,
            "note": self.note,
        }
        self._connect()
        self.set_first_field(self.units)
        self._offered = False
        self.finish_layout()

    def _connect(self) -> None:
        self.units.picker.highlighted.connect(self._on_unit)
        self.units.picker.picked.connect(self._on_picked)
        self.co_units.added.connect(self.model.add_co_unit)
        self.co_units.removed.connect(self.model.remove_co_unit)
        self.note.text_changed.connect(lambda text: self.model.set_value("note", text))
        self.reason.text_changed.connect(lambda text: self.model.set_value("reason", text))
        for keys, act in (
            ("Alt+C", self.co_units.setFocus),
            ("Alt+O", self.note.setFocus),
            ("Alt+R", self.reason.setFocus),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def show_model(self) -> None:
        """Show choice, limit and due time."""
        model = self.model
        if not self._offered and model.case is not None:
            # filling the list marks its first row; that is not yet the operator's choice
            self.units.picker.set_items(picker_items(model.units()))
            if model.values["lead_dept"]:
                self.units.picker.mark(model.values["lead_dept"])
            elif self.units.picker.current_id:
                model.values["lead_dept"] = self.units.picker.current_id
            self._offered = True
        self.why.set_text(model.reason_line())
        self.limit.set_text(self._limit_words())
        names = tuple((unit, model.unit_name(unit)) for unit in model.values["co_depts"])
        self.co_units.set_units(names, model.co_units())

    def _limit_words(self) -> str:
        limit, due = self.model.limit(), self.model.due_at()
        if limit is None or due is None:
            return tr("没有立案条件，不能计算时限")
        calendar, now = self.model.seat.rules.calendar, self.model.now()
        same_day = calendar.local(due).date() == calendar.local(now).date()
        when = moment(due, now, calendar) if same_day else moment_with_day(due, calendar)
        return tr("{limit} · 到期 {due}").format(limit=limit.words, due=when)

    def _on_unit(self, unit: str) -> None:
        if self._offered:
            self.model.set_value("lead_dept", unit)

    def _on_picked(self, unit: str) -> None:
        self.model.set_value("lead_dept", unit)
        following: QWidget = self.reason if self.model.needs_reason else self.note
        following.setFocus()
