"""The personal watch list (关注): cases one wants to keep an eye on, with reminders at a time or before the limit.

It is kept on this machine with the user's own data, survives a restart, and a reminder that came due while the console
was closed is told at the next start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import WARN, Notice, NoticeAction
from console.viewmodels.desk.words import moment_words
from console.viewmodels.rows import category_word
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.handover import BriefLine

NAME = "watch.list"
MOST = 200


def tr(text: str) -> str:
    """Translate a word of the watch list."""
    return QCoreApplication.translate("Watch", text)


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched case.

    `at` is a reminder's moment, `before_s` so long before the running limit; `told` when it was said, so that it is
    said once. `label` is what is shown when the case has left this machine.
    """

    case_id: str
    since: datetime
    label: str = ""
    note: str = ""
    at: datetime | None = None
    before_s: int = 0
    told: datetime | None = None

    @property
    def reminds(self) -> bool:
        """Whether a reminder is still to come."""
        return self.told is None and (self.at is not None or self.before_s > 0)


class WatchBook(QObject):
    """The watch list of one seat. `changed()` when it is new; `reminded(Watched)` with every reminder."""

    changed = Signal()
    reminded = Signal(object)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Start empty; `load` reads the kept list."""
        super().__init__(parent)
        self.seat = seat
        self.entries: dict[str, Watched] = {}
        self._loaded = False
        seat.second.connect(self._on_second)

    def load(self) -> None:
        """Read the list."""
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, "watch", lambda: settings.value(NAME, []), self._read)

    def _read(self, kept: Any) -> None:
        for doc in kept if isinstance(kept, list | tuple) else ():
            entry = _entry(doc)
            if entry is not None:
                self.entries.setdefault(entry.case_id, entry)
        self._loaded = True
        self.changed.emit()

    # --- changing ---------------------------------------------------------------------------------------

    def watched(self, case_id: str) -> bool:
        """Tell whether a case is on the list."""
        return case_id in self.entries

    def toggle(self, case_id: str) -> bool:
        """Put a case on the list or take it off; tells whether it is on it now."""
        if case_id in self.entries:
            del self.entries[case_id]
        elif len(self.entries) < MOST:
            self.entries[case_id] = Watched(case_id, self.seat.now(), self._label(case_id))
        self._save()
        return case_id in self.entries

    def remind(self, case_id: str, at: datetime | None = None, before_s: int = 0, note: str = "") -> None:
        """Set (or with neither take off) a reminder; the case goes on the list when it is not there."""
        before = self.entries.get(case_id) or Watched(case_id, self.seat.now())
        self.entries[case_id] = replace(
            before, label=self._label(case_id) or before.label, at=at, before_s=before_s, note=note, told=None
        )
        self._save()

    def _label(self, case_id: str) -> str:
        entry = self.seat.case(case_id)
        if entry is None:
            return ""
        case = entry.case
        return " · ".join(
            part for part in (case.number, category_word(case, self.seat), case.location.address) if part
        )

    def _save(self) -> None:
        docs = [_doc(entry) for entry in self.entries.values()]
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, "put:watch", lambda: settings.put_value(NAME, docs))
        self.changed.emit()

    # --- reminding --------------------------------------------------------------------------------------

    def due(self, entry: Watched) -> datetime | None:
        """Return when a reminder is said, None when it has no moment (no clock runs)."""
        if entry.at is not None:
            return entry.at
        known = self.seat.case(entry.case_id)
        limit = known.case.due_at if known is not None else None
        return None if limit is None or not entry.before_s else limit - timedelta(seconds=entry.before_s)

    def _on_second(self, now: object) -> None:
        if not self._loaded or not isinstance(now, datetime):
            return
        ripe = []
        for entry in self.entries.values():
            when = self.due(entry) if entry.reminds else None
            if when is not None and when <= now:
                ripe.append(entry)
        for entry in ripe:
            self.entries[entry.case_id] = replace(entry, told=now)
            self._tell(entry)
        if ripe:
            self._save()

    def _tell(self, entry: Watched) -> None:
        """Say it once; it stays until the operator has seen it."""
        show = NoticeAction("show_case", tr("看案件"), entry.case_id)
        title = tr("提醒：{label}").format(label=self._label(entry.case_id) or entry.label)
        text = entry.note or (tr("关注的案件快到期了。") if entry.before_s else tr("到了您设的提醒时间。"))
        key = f"watch:{entry.case_id}"
        self.seat.notices.tell(Notice(WARN, title, text, (show,), key, entry.case_id, stays=True))
        self.reminded.emit(entry)

    # --- for others -------------------------------------------------------------------------------------

    def lines(self) -> tuple[BriefLine, ...]:
        """Return the watched open cases as lines of a hand-over."""
        found = []
        for entry in self.entries.values():
            known = self.seat.case(entry.case_id)
            if known is None or not known.case.open:
                continue
            text = tr("关注：{label}").format(label=self._label(entry.case_id))
            if entry.note:
                text += f"（{entry.note}）"
            found.append(BriefLine("note", text[:500], entry.case_id, known.case.number, self.due(entry)))
        return tuple(found)

    def words(self, entry: Watched) -> str:
        """Return what a reminder says: when it comes, or when it was told."""
        calendar, now = self.seat.rules.calendar, self.seat.now()
        if entry.told is not None:
            return tr("{at} 已提醒").format(at=moment_words(entry.told, now, calendar))
        when = self.due(entry)
        if when is not None:
            return tr("{at} 提醒").format(at=moment_words(when, now, calendar))
        return tr("到期前提醒，现在不计时") if entry.before_s else tr("没有提醒")


def _doc(entry: Watched) -> dict[str, Any]:
    return {
        "case_id": entry.case_id, "since": entry.since.isoformat(), "label": entry.label, "note": entry.note,
        "at": None if entry.at is None else entry.at.isoformat(), "before_s": entry.before_s,
        "told": None if entry.told is None else entry.told.isoformat(),
    }  # fmt: skip


def _entry(doc: Any) -> Watched | None:
    try:
        return Watched(
            str(doc["case_id"]), datetime.fromisoformat(doc["since"]), str(doc["label"]), str(doc["note"]),
            None if doc["at"] is None else datetime.fromisoformat(doc["at"]), int(doc["before_s"]),
            None if doc["told"] is None else datetime.fromisoformat(doc["told"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
