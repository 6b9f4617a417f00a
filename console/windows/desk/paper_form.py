"""派遣单 on A4 for when the line is dead, and the list of forms that are still to be entered (补录)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import QWidget

from console.notices.notice import ERROR, GOOD, Notice
from console.viewmodels.desk.contacts import ContactBook
from console.viewmodels.desk.paper_dispatch import PaperDispatch, PaperForm
from console.viewmodels.desk.words import moment_words
from console.viewmodels.rows import category_name, dept_word, short_number
from console.viewmodels.seat import SeatViewModel
from console.windows.desk.desk_list import DeskList, ListLine
from console.windows.desk.location_sketch import MAP_H, MAP_W, location_sketch
from console.windows.desk.paper import (
    AskPath,
    AskPrinter,
    ask_path,
    ask_printer,
    document,
    esc,
    facts_table,
    heading,
    print_out,
    table,
    write_pdf,
)
from services.domain.case import Case
from services.domain.states import STATES
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.forms.fields import ComboField, TextField
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the form."""
    return QCoreApplication.translate("PaperDispatch", text)


def form_document(seat: SeatViewModel, form: PaperForm, contacts: ContactBook) -> QTextDocument:
    """Return the form laid out for A4: facts, unit, limit, sketch, lines to sign. The caller stays masked."""
    entry = seat.case(form.case_id)
    assert entry is not None
    case, calendar = entry.case, seat.rules.calendar
    printed = calendar.local(form.printed_at).strftime("%Y-%m-%d %H:%M")
    picture = location_sketch(seat.areas, case.grid, case.location.lon, case.location.lat)
    shown = (
        f'<p align="center"><img src="map" width="{MAP_W}" height="{MAP_H}"></p>'
        if picture is not None
        else ""
    )
    serial = tr("编号 {serial} · {at}").format(serial=form.serial, at=printed)
    now = calendar.local(seat.now()).strftime("%Y-%m-%d %H:%M")
    foot = tr("打印 {name} · {at}").format(name=seat.actor.name, at=now)
    body = (
        f'<h1 align="center">{esc(tr("案件派遣单（纸质）"))}</h1><p align="center">{esc(serial)}</p>'
        f'<p class="q" align="center">{esc(tr("线路中断时使用；恢复后须补录，以系统记录为准。"))}</p>'
        + heading(tr("案件")) + facts_table(_case_facts(seat, case, printed)) + shown
        + heading(tr("派遣")) + facts_table(_order(seat, case, form, contacts))
        + heading(tr("签收与补录")) + table(_sign_rows(seat.actor.name), 6) + f'<p class="q">{esc(foot)}</p>'
    )  # fmt: skip
    return document(body, {"map": picture} if picture is not None else None)


def _case_facts(seat: SeatViewModel, case: Case, printed: str) -> tuple[tuple[str, str], ...]:
    """Return what is known of the case here."""
    category = seat.rules.categories.get(case.category or "")
    conditions = category.conditions if category is not None else ()
    known = case.condition is not None and case.condition < len(conditions)
    return (
        (tr("案号"), case.number or tr("未编号（登记时中心还没有给号）")),
        (tr("类别"), category_name(case.category, seat)),
        (tr("立案条件"), conditions[case.condition].text if known and case.condition is not None else ""),
        (tr("地址"), case.location.address),
        (tr("网格"), seat.areas.name(case.grid) if case.grid else ""),
        (tr("问题"), case.description),
        (tr("来电人"), case.caller_masked or ""),
        (tr("本机所知状态"), tr("{state}，{at} 打印").format(state=STATES[case.state].name, at=printed)),
    )


def _order(
    seat: SeatViewModel, case: Case, form: PaperForm, contacts: ContactBook
) -> tuple[tuple[str, str], ...]:
    """Return who is to do what until when."""
    unit = contacts.card(form.dept)
    limit = seat.rules.handling_limit(case.category, case.condition) if case.category else None
    reach = (unit.phone(night=contacts.night()), unit.duty_officer) if unit is not None else ()
    return (
        (tr("承办单位"), unit.name if unit is not None else dept_word(form.dept, seat)),
        (tr("联系电话"), " ".join(part for part in reach if part)),
        (tr("处置时限"), limit.words if limit is not None else tr("由派遣员填写：________")),
        (tr("派遣意见"), form.note),
    )


def _sign_rows(name: str) -> str:
    """Return the lines that are filled in by hand, as rows of a table."""
    moment = tr("时间：____ 月 ____ 日 ____ 时 ____ 分")
    rows = (
        (tr("派遣员"), tr("{name}　签字：______________").format(name=name) + moment),
        (tr("通知方式"), tr("□ 电话　□ 当面　□ 对讲　　接听人：______________")),
        (tr("承办单位接单"), tr("签字：______________　") + moment),
        (tr("处置结果"), "\u3000"),
        (tr("补录"), tr("补录人：______________　") + moment),
    )
    return "".join(
        f'<tr><td width="22%">{esc(word)}</td><td width="78%">{esc(line)}</td></tr>' for word, line in rows
    )


class PaperFormDialog(DialogFrame):
    """Chooses the unit, gives the form its serial, prints or saves it."""

    def __init__(
        self,
        forms: PaperDispatch,
        contacts: ContactBook,
        case_id: str,
        dept: str,
        host: QWidget,
        path_asked: AskPath = ask_path,
        printer_asked: AskPrinter = ask_printer,
    ) -> None:
        """Fill in what is known; `dept` is the suggested unit."""
        seat = forms.seat
        entry = seat.case(case_id)
        number = entry.case.number or tr("未编号") if entry is not None else ""
        super().__init__(host, tr("纸质派遣单"), number, "print", 620, main=tr("打印"))
        self.forms, self.contacts, self.case_id = forms, contacts, case_id
        self._ask_path, self._ask_printer = path_asked, printer_asked
        self.form: PaperForm | None = None
        why = tr("线路中断时用。打印后案件进入“待补录”，恢复后按单上的编号和时间补录派遣，并自动附一条备注。")
        self.content.addWidget(TextLabel(why, "body", "text.secondary", self, wrap=True))
        self.unit = ComboField(tr("承办单位"), parent=self, required=True)
        units = tuple((card.dept, card.name) for card in contacts.found())
        self.unit.set_entries(units, dept or (units[0][0] if units else ""))
        self.note = TextField(tr("派遣意见"), "Alt+O", parent=self)
        self.note.editor.setFixedHeight(64)
        self.content.addWidget(self.unit)
        self.content.addWidget(self.note)
        self.save_button = Button(tr("存为 PDF"), keys="Ctrl+S", parent=self)
        self.save_button.clicked.connect(self.save)
        self.foot.right.insertWidget(1, self.save_button)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save)
        QShortcut(QKeySequence("Alt+O"), self).activated.connect(self.note.editor.setFocus)
        self.set_first_field(self.unit.editor)

    def _issue(self) -> PaperForm:
        """Give the serial once, whatever is printed how often."""
        if self.form is None:
            self.form = self.forms.issue(self.case_id, self.unit.current(), self.note.text().strip())
        return self.form

    def paper(self) -> QTextDocument:
        """Return the form of this case, with its serial."""
        return form_document(self.forms.seat, self._issue(), self.contacts)

    def accept(self) -> None:
        """Print; the form waits for being entered from here on."""
        printer = self._ask_printer(self)
        if printer is not None:
            print_out(printer, self.paper())
            super().accept()

    def save(self) -> None:
        """Write a PDF where the operator wants it."""
        path = self._ask_path(self, tr("派遣单.pdf"))
        if not path:
            return
        notices = self.forms.seat.notices
        try:
            with open(path, "ab"):
                """The place can be written, before the form gets its serial."""
            write_pdf(path, tr("案件派遣单"), self.paper())
        except OSError:
            notices.tell(Notice(ERROR, tr("没有保存：这个位置不能写入。"), path, key="paper"))
        else:
            notices.tell(Notice(GOOD, tr("派遣单已保存，记得补录"), path, key="paper"))
            super().accept()


class PaperListDialog(DialogFrame):
    """Forms that wait to be entered. `entry_wanted(str)` asks to enter one by its serial, `case_wanted(str)`."""

    entry_wanted = Signal(str)
    case_wanted = Signal(str)

    def __init__(self, forms: PaperDispatch, host: QWidget) -> None:
        """List the forms."""
        hints = (KeyHint(("Enter",), tr("看案件")), KeyHint(("Delete",), tr("作废")))
        super().__init__(
            host, tr("待补录的派遣单"), "", "document", 860, main=tr("补录"), cancel=tr("关闭"), hints=hints
        )
        self.forms = forms
        self.list = DeskList(tr("待补录的派遣单"), self)
        self.list.setMinimumHeight(320)
        self.content.addWidget(self.list, 1)
        self.remark_button = Button(tr("只记备注"), parent=self)
        self.remark_button.clicked.connect(lambda: forms.enter_by_remark(self.list.current))
        self.foot.right.insertWidget(1, self.remark_button)
        self.set_first_field(self.list)
        self.list.opened.connect(self._on_opened)
        self.list.chosen.connect(lambda _key: self._show_reason())
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self).activated.connect(
            lambda: forms.void(self.list.current)
        )
        forms.changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Show what waits first, then what was entered lately."""
        seat = self.forms.seat
        now, calendar = seat.now(), seat.rules.calendar
        year = calendar.local(now).year

        def line(form: PaperForm) -> ListLine:
            waits = form.status == "open"
            words = {"open": tr("待补录"), "entered": tr("已补录"), "void": tr("作废")}
            at = moment_words(form.printed_at, now, calendar)
            text = tr("{serial} · {unit} · {at} 打印").format(
                serial=form.serial, unit=dept_word(form.dept, seat), at=at
            )
            number = short_number(form.number, year) if form.number else ""
            tone = "sla.soon.text" if waits else "text.tertiary"
            return ListLine(form.serial, text, number, side=words[form.status], icon="document", tone=tone)

        done = tuple(form for form in self.forms.forms if form.status != "open")[:20]
        empty = ListLine("none", tr("没有待补录的派遣单。"), heading=True)
        lines = tuple(line(form) for form in (*self.forms.waiting, *done))
        self.list.show_lines(lines or (empty,))
        self.head.subtitle.set_text(tr("{n} 张").format(n=len(self.forms.waiting)))
        self._show_reason()

    def _current(self) -> PaperForm | None:
        return next((form for form in self.forms.waiting if form.serial == self.list.current), None)

    def _show_reason(self) -> None:
        why = "" if self._current() is not None else tr("选中一张待补录的派遣单")
        self.set_main_reason(why)
        self.remark_button.set_reason(why)

    def accept(self) -> None:
        """Enter the form under the cursor."""
        form = self._current()
        if form is not None:
            self.entry_wanted.emit(form.serial)
            super().accept()

    def _on_opened(self, serial: str) -> None:
        form = next((form for form in self.forms.forms if form.serial == serial), None)
        if form is not None:
            self.case_wanted.emit(form.case_id)
            self.reject()
