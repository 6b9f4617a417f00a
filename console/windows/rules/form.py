"""The fields of a rule: who, when, what, how much. Values in and out, nothing decided here."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.viewmodels.rules.draft import RuleForm, actions, special_words, then_hint, then_label
from widgets.forms.fields import ComboField, LineField
from widgets.indicators.text_label import TextLabel

YES, NO = "yes", "no"


def tr(text: str) -> str:
    """Translate a word of the form."""
    return QCoreApplication.translate("Rules", text)


class RuleFields(QWidget):
    """The form. `changed()` tells that the operator wrote something."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the fields in three columns."""
        super().__init__(parent)
        self._form = RuleForm()
        self.name = LineField(tr("名称"), parent=self, required=True)
        self.action = ComboField(tr("动作"), parent=self)
        self.action.set_entries(actions(), "accept")
        self.then = LineField("", parent=self)
        self.lines: dict[str, LineField] = {"name": self.name, "then": self.then}
        texts = (
            ("categories", tr("类别"), tr("名称、编码或编码开头，空＝全部")),
            ("areas", tr("街道、社区、网格编码"), tr("空＝本区全部")),
            ("sources", tr("来源"), tr("空＝全部")),
            ("confidence", tr("把握度下限 %"), tr("空＝不限")),
            ("hours", tr("时段"), tr("例 22:00-06:00，空＝全天")),
            ("wait", tr("先留给人（分钟）"), tr("空＝立即")),
            ("words", tr("描述用语（任一）"), tr("例 已当场处置")),
            ("photos", tr("至少照片数"), ""),
            ("include", tr("也办这些特殊件"), "、".join(special_words().values())),
            ("cap", tr("每日上限（件）"), ""),
        )  # fmt: skip
        for name, label, hint in texts:
            self.lines[name] = LineField(label, placeholder=hint, parent=self)
        self.own_report = self._switch(tr("只办一线自采件"))
        self.street_handled = self._switch(tr("只办本街道承办的"))
        self._lay_out()
        for field in self.lines.values():
            field.text_changed.connect(self.changed)
        self.action.chosen.connect(self._on_action)
        for switch in (self.own_report, self.street_handled):
            switch.chosen.connect(self.changed)
        self.show_form(self._form)

    def _switch(self, label: str) -> ComboField:
        field = ComboField(label, parent=self)
        field.set_entries(((NO, tr("否")), (YES, tr("是"))), NO)
        return field

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        rows: tuple[tuple[str, tuple[QWidget, ...]], ...] = (
            ("", (self.name, self.action, self.then)),
            (tr("哪些案件"), (self.lines["categories"], self.lines["areas"], self.lines["sources"])),
            ("", (self.own_report, self.street_handled, self.lines["words"])),
            (tr("什么条件下"), (self.lines["confidence"], self.lines["hours"], self.lines["wait"])),
            ("", (self.lines["photos"], self.lines["cap"], self.lines["include"])),
        )
        for heading, fields in rows:
            if heading:
                column.addWidget(TextLabel(heading, "label", "text.secondary", self))
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            for place, field in enumerate(fields):
                grid.addWidget(field, 0, place)
                grid.setColumnStretch(place, 1)
            column.addLayout(grid)

    # --- values -------------------------------------------------------------------------------------------

    def show_form(self, form: RuleForm) -> None:
        """Show the fields of a rule."""
        self._form = form
        self.action.set_current(form.action)
        for name, field in self.lines.items():
            field.set_text(str(getattr(form, name)))
            field.set_error("")
        self.own_report.set_current(YES if form.own_report else NO)
        self.street_handled.set_current(YES if form.street_handled else NO)
        self._show_then()

    def form(self) -> RuleForm:
        """Return what the fields hold."""
        texts = {name: field.text() for name, field in self.lines.items()}
        return RuleForm(
            id=self._form.id,
            edit=self._form.edit,
            action=self.action.current(),
            own_report=self.own_report.current() == YES,
            street_handled=self.street_handled.current() == YES,
            **texts,
        )

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Mark fields that are wrong; the first of them gets the focus."""
        first: LineField | None = None
        for name, field in self.lines.items():
            sentence = errors.get(name, "")
            field.set_error(sentence)
            first = first or (field if sentence else None)
        if first is not None:
            first.setFocus()

    def _on_action(self, _action: str) -> None:
        self._show_then()
        self.changed.emit()

    def _show_then(self) -> None:
        """Name the field of the payload after the action."""
        action = self.action.current()
        label = then_label(action)
        self.then.label.set_label(label or tr("办理内容"), required=action == "self_close")
        self.then.editor.setPlaceholderText(then_hint(action) or tr("受理不需要"))
        self.then.set_read_only(not label)
        if not label:
            self.then.set_text("")
