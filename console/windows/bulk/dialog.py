"""The preview of an act on many cases: the form, who will accept, who will refuse and why, and what to leave out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.viewmodels.actions.specs import words
from console.viewmodels.bulk import BulkPreview, BulkViewModel, PreviewLine
from console.viewmodels.bulk_actions import MOST
from console.viewmodels.bulk_hold import second_thoughts
from console.windows.bulk.case_lines import CaseLines, LineValue
from console.windows.bulk.form import editor_for
from console.windows.dialogs.action_dialog import ErrorField
from widgets.dialogs.frame import DialogFrame
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel

ACCEPT, REFUSE = "accept", "refuse"
#: the list gives way where the window is low
LIST_HEIGHT, LEAST_HEIGHT = 264, 136


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("BulkDialog", text)


class BulkDialog(DialogFrame):
    """`saved(str)` carries the name of the act, `case_wanted(str)` a case to be looked at."""

    saved = Signal(str)
    case_wanted = Signal(str)

    def __init__(self, model: BulkViewModel, host: QWidget) -> None:
        """Lay out form, summary and list; the preview is asked for when it is shown."""
        act = model.act
        hints = (KeyHint(("Space",), tr("不办这件")), KeyHint(("Tab",), tr("下一项")))
        super().__init__(
            host, act.word, tr("{n} 件").format(n=len(model.case_ids)), act.spec.icon, 920, main=act.word,
            danger=act.spec.danger, hints=hints,
        )  # fmt: skip
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model.setParent(self)
        self.model = model
        self.fields: dict[str, ErrorField] = {}
        self.editors: dict[str, QWidget] = {}
        self.notice = NoticeBar("error", parent=self)
        self.notice.hide()
        self.meaning = TextLabel(words(act.spec.meaning), "body", "text.secondary", self, wrap=True)
        self.content.addWidget(self.notice)
        self.content.addWidget(self.meaning)
        self._form()
        self._lists()
        model.changed.connect(self.show_model)
        model.errors_changed.connect(self._on_errors)
        model.refused.connect(self._on_refused)
        model.saved.connect(self._on_saved)
        self.show_model()
        model.look_ahead()

    # --- parts ------------------------------------------------------------------------------------------

    def _form(self) -> None:
        """Add the fields of the act."""
        first: QWidget | None = None
        for spec in self.model.act.spec.fields:
            editor, field = editor_for(spec, self.model)
            self.editors[spec.name], self.fields[spec.name] = editor, field
            self.content.addWidget(editor)
            first = first or editor
        self._first = first

    def _lists(self) -> None:
        """Add tabs, list and the line about what happens next."""
        head = QHBoxLayout()
        head.setSpacing(12)
        self.tabs = TabStrip((), self)
        self.tabs.chosen.connect(self._on_tab)
        self.summary = TextLabel("", "label", "text.secondary", self)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.summary)
        self.lines = CaseLines(self, LIST_HEIGHT)
        self.lines.setMinimumHeight(LEAST_HEIGHT)
        self.lines.toggled.connect(self._on_toggled)
        self.lines.opened.connect(self._on_opened)
        self.after = TextLabel("", "body", "text.secondary", self, wrap=True)
        self.content.addLayout(head)
        self.content.addWidget(self.lines, 1)
        self.content.addWidget(self.after)
        self._tab, self._looked = ACCEPT, False
        self.set_first_field(self._first or self.lines)

    # --- showing ----------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show form, counts and lines."""
        model, seen = self.model, self.model.preview
        if seen is not None and not self._looked:
            self._looked, self._tab = True, ACCEPT if seen.accepted else REFUSE
        for name, editor in self.editors.items():
            editor.setVisible(model.asks(name))
        accepted, refused = (len(seen.accepted), len(seen.refused)) if seen is not None else (-1, -1)
        self.tabs.set_tabs((Tab(ACCEPT, tr("可以办"), accepted), Tab(REFUSE, tr("不能办"), refused)))
        self.tabs.set_current(self._tab)
        self._show_lines(seen)
        chosen = len(model.chosen)
        word = model.act.word
        self.main_button.setText(
            tr("{action} {n} 件").format(action=word, n=chosen) if seen is not None else word
        )
        self.set_main_reason(self._why_not(seen, chosen))
        self.main_button.setEnabled(not model.busy)
        self.after.set_text(self._after(seen, chosen))

    def _show_lines(self, seen: BulkPreview | None) -> None:
        """Show the lines of the tab."""
        if seen is None:
            self.summary.set_text(tr("正在逐件核对…"))
            self.lines.set_lines(())
            return
        overrides = sum(line.override for line in seen.lines)
        self.summary.set_text(tr("{n} 件记为值班长代办").format(n=overrides) if overrides else "")
        out = self.model.left_out
        if self._tab == ACCEPT:
            found = [line for line in seen.lines if line.accepted]
            self.lines.set_lines(tuple(_accepted(line, line.case_id not in out) for line in found))
            return
        by_id = {line.case_id: line for line in seen.lines}
        rows: list[LineValue] = []
        for why, ids in seen.groups:
            rows.append(LineValue("", why, word=tr("{n} 件").format(n=len(ids))))
            rows += [_refused(by_id[case_id]) for case_id in ids]
        self.lines.set_lines(tuple(rows))

    def _why_not(self, seen: BulkPreview | None, chosen: int) -> str:
        """Return why the act cannot be confirmed."""
        if self.model.too_many:
            return tr("一次最多 {n} 件，请先用筛选分批").format(n=f"{MOST:,}")
        if seen is not None and not chosen:
            return tr("没有一件可以办")
        return ""

    def _after(self, seen: BulkPreview | None, chosen: int) -> str:
        """Return what happens after confirming."""
        if seen is None:
            return ""
        seconds = round(second_thoughts(self.model.seat).bulk_s)
        parts = []
        if chosen:
            next_ = tr("确认后 {s} 秒内可撤销（Ctrl Z），到时才送出") if seconds else tr("确认后立即送出")
            parts.append(next_.format(s=seconds))
        left = len(seen.lines) - chosen
        if left:
            parts.append(tr("其余 {n} 件不动，仍留在选择里").format(n=left))
        return "；".join(parts) + "。" if parts else ""

    def _on_tab(self, key: str) -> None:
        self._tab = key
        self.show_model()

    def _on_toggled(self, case_id: str) -> None:
        if self._tab == ACCEPT:
            self.model.leave_out(case_id, case_id not in self.model.left_out)

    def _on_opened(self, case_id: str) -> None:
        self.case_wanted.emit(case_id)
        self.reject()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in the middle when fields come and go."""
        super().resizeEvent(event)
        self._centre()

    # --- confirming -------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Hand the act over; the dialog closes when all of it is on disk."""
        self.notice.hide()
        if not self.model.confirm() and self.model.errors:
            name = next(iter(self.model.errors))
            if name in self.editors:
                self.editors[name].setFocus()

    def _on_errors(self, errors: object) -> None:
        assert isinstance(errors, dict)
        for name, field in self.fields.items():
            field.set_error(str(errors.get(name, "")))

    def _on_refused(self, sentence: str) -> None:
        self.notice.set_notice("error", sentence)
        self.notice.show()

    def _on_saved(self, batch: str) -> None:
        self.saved.emit(batch)
        super().accept()


def _accepted(line: PreviewLine, taken: bool) -> LineValue:
    """Return the line of a case that will accept."""
    tone = "accent" if taken else "neutral"
    word = line.follows if taken else tr("不办")
    return LineValue(line.case_id, line.number, line.category, line.address, word, "", tone, "", taken)


def _refused(line: PreviewLine) -> LineValue:
    """Return the line of a case that will refuse; the reason stands above its group."""
    return LineValue(line.case_id, line.number, line.category, line.address, "", "x", "sla.over2")
