"""纸质派遣单 and 补录: dispatching on paper when the line is dead, and entering it afterwards under the paper's serial.

A form has a serial of this console and the moment it was printed. The dispatch entered later carries both in its note,
and a remark tells the log in words that it was done on paper. A form stays on the list until its dispatch was saved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.rows import dept_word
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import SavedCommand

NAME, COUNT = "paper.forms", "paper.count"
OPEN, ENTERED, VOID = "open", "entered", "void"
#: entered and void forms are kept so long for looking up
KEPT = 200
DISPATCHES = ("dispatch", "redispatch")


def tr(text: str) -> str:
    """Translate a word of the forms."""
    return QCoreApplication.translate("PaperDispatch", text)


@dataclass(frozen=True, slots=True)
class PaperForm:
    """A printed dispatch form: serial, case, unit, when it was printed, what became of it."""

    serial: str
    case_id: str
    number: str
    dept: str
    printed_at: datetime
    status: str = OPEN
    command_id: str = ""
    note: str = ""


class PaperDispatch(QObject):
    """The paper forms of one seat. `changed()` when the list is new."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen for the dispatches that are entered afterwards."""
        super().__init__(parent)
        self.seat = seat
        self.forms: tuple[PaperForm, ...] = ()
        self._day, self._count = "", 0
        seat.saved.connect(self._on_saved)

    def load(self) -> None:
        """Read the forms kept here."""
        settings = self.seat.services.settings
        self.seat.background.submit(
            STORE, "paper", lambda: (settings.value(NAME, []), settings.value(COUNT, ["", 0])), self._read
        )

    def _read(self, kept: tuple[Any, Any]) -> None:
        found = [_form(doc) for doc in kept[0]] if isinstance(kept[0], list | tuple) else []
        self.forms = (*self.forms, *(form for form in found if form is not None))
        if not self._day:
            self._day, self._count = _counted(kept[1])
        self.changed.emit()

    @property
    def waiting(self) -> tuple[PaperForm, ...]:
        """Return the forms that were not entered yet, oldest first."""
        return tuple(
            sorted(
                (form for form in self.forms if form.status == OPEN),
                key=lambda form: (form.printed_at, form.serial),
            )
        )

    # --- printing ---------------------------------------------------------------------------------------

    def issue(self, case_id: str, dept: str, note: str = "") -> PaperForm:
        """Give a serial to a form that is printed now; it is on the list from here on."""
        now = self.seat.now()
        day = self.seat.rules.calendar.local(now).strftime("%Y%m%d")
        if day != self._day:
            self._day, self._count = day, 0
        self._count += 1
        entry = self.seat.case(case_id)
        number = (entry.case.number if entry is not None else None) or ""
        who = re.sub(r"[^0-9A-Za-z]", "", self.seat.actor.id)[-5:]
        serial = f"ZP-{day}-{who}-{self._count:02d}"
        form = PaperForm(serial, case_id, number, dept, now, note=note)
        self.forms = (form, *self.forms)
        self._save()
        return form

    def void(self, serial: str) -> None:
        """Take a form off the list that was not used (spoilt, or the line came back before it left the desk)."""
        self._set(serial, status=VOID)

    # --- entering afterwards ----------------------------------------------------------------------------

    def dispatch_note(self, form: PaperForm) -> str:
        """Return the opinion the dispatch is entered with."""
        at = self.seat.rules.calendar.local(form.printed_at).strftime("%Y-%m-%d %H:%M")
        words = tr("纸质派遣 {serial}，{at} 已交{unit}").format(
            serial=form.serial, at=at, unit=dept_word(form.dept, self.seat)
        )
        return f"{words}。{form.note}" if form.note else f"{words}。"

    def remark(self, form: PaperForm, command: SavedCommand) -> str:
        """Return the remark that tells the log what was done on paper."""
        local = self.seat.rules.calendar.local
        text = tr("补录：纸质派遣单 {serial} 于 {at} 出具并交{unit}，系统派遣于 {saved} 补录。").format(
            serial=form.serial, at=local(form.printed_at).strftime("%Y-%m-%d %H:%M"),
            unit=dept_word(form.dept, self.seat), saved=local(command.saved_at).strftime("%Y-%m-%d %H:%M"),
        )  # fmt: skip
        given = str(command.payload.get("lead_dept") or "")
        if given != form.dept:
            text += tr("系统派遣单位为{unit}，与纸质单不同。").format(unit=dept_word(given, self.seat))
        return text

    def _on_saved(self, command: object) -> None:
        """A dispatch whose note names a form's serial enters it; the remark follows on the same case."""
        assert isinstance(command, SavedCommand)
        if command.action not in DISPATCHES:
            return
        note = str(command.payload.get("note") or "")
        form = next(
            (one for one in self.waiting if one.case_id == command.case_id and one.serial in note), None
        )
        if form is None:
            return
        self._set(form.serial, status=ENTERED, command_id=command.command_id)
        self.seat.submit("comment", command.case_id, {"text": self.remark(form, command)})

    def enter_by_remark(self, serial: str) -> None:
        """Enter a form whose case can no longer be dispatched (somebody else did): the remark alone tells of it."""
        form = next((one for one in self.waiting if one.serial == serial), None)
        if form is None:
            return
        at = self.seat.rules.calendar.local(form.printed_at).strftime("%Y-%m-%d %H:%M")
        text = tr("补录：纸质派遣单 {serial} 于 {at} 出具并交{unit}；案件在系统中已另行办理。").format(
            serial=form.serial, at=at, unit=dept_word(form.dept, self.seat)
        )

        def kept(command: SavedCommand) -> None:
            self._set(serial, status=ENTERED, command_id=command.command_id)

        self.seat.submit("comment", form.case_id, {"text": text}, done=kept)

    def _set(self, serial: str, **changes: Any) -> None:
        self.forms = tuple(replace(form, **changes) if form.serial == serial else form for form in self.forms)
        self._save()

    def _save(self) -> None:
        done = [form for form in self.forms if form.status != OPEN][:KEPT]
        docs = [_doc(form) for form in (*self.waiting, *done)]
        count, settings = [self._day, self._count], self.seat.services.settings

        def work() -> None:
            settings.put_value(NAME, docs)
            settings.put_value(COUNT, count)

        self.seat.background.submit(STORE, "put:paper", work)
        self.changed.emit()


def _counted(kept: Any) -> tuple[str, int]:
    """Return the day and the count kept; none when they are not these."""
    if isinstance(kept, list | tuple) and len(kept) == 2 and type(kept[1]) is int:
        return str(kept[0]), kept[1]
    return "", 0


def _doc(form: PaperForm) -> dict[str, Any]:
    return {
        "serial": form.serial, "case_id": form.case_id, "number": form.number, "dept": form.dept,
        "printed_at": form.printed_at.isoformat(), "status": form.status, "command_id": form.command_id,
        "note": form.note,
    }  # fmt: skip


def _form(doc: Any) -> PaperForm | None:
    try:
        return PaperForm(
            str(doc["serial"]), str(doc["case_id"]), str(doc["number"]), str(doc["dept"]),
            datetime.fromisoformat(doc["printed_at"]), str(doc["status"]), str(doc["command_id"]), str(doc["note"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
