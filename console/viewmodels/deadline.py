"""时限说明书: every clock of a case explained in slices and sentences, offline from the own copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.actions.choices import category_name
from console.viewmodels.seat import SeatViewModel
from services.domain.case import Case
from services.domain.clocks import Clock
from services.domain.errors import CalendarError
from services.domain.explain import Explanation, explain, explain_case, rule_of
from services.domain.lifecycle import ACTION_NAMES
from services.domain.reference import Rules
from services.domain.states import STATES
from services.ports.centre import CaseDetail, TimelineEntry

EXTENSION = "extension"
CLOCK_ACTIONS = frozenset({"dispatch", "redispatch", "return_case", "recall", "reopen", "decide_extension",
                           "decide_suspend", "resume", "adjust_limit", "amend", "rework", "check_fail"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetSlice:
    """A stretch of a drawn bar: `counting`, `extension`, `non_working`, `pause`, `window` or `overdue`."""

    start: datetime
    end: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class SheetClock:
    """One clock of the sheet; `state` as in `services.domain.explain`, sentences in the order to be read."""

    name: str
    title: str
    state: str
    limit: str
    start: datetime
    due: datetime | None
    until: datetime
    slices: tuple[SheetSlice, ...]
    sentences: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class SheetEvent:
    """One act that touched a clock, from the history: when, who, action word and its reason."""

    at: datetime
    actor: str
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class SheetCase:
    """The head of the sheet."""

    number: str
    category: str
    condition: str
    grid: str
    address: str
    state: str
    description: str
    round: int


def sheet_slices(told: Explanation, day_hours: float) -> tuple[SheetSlice, ...]:
    """Return the slices to draw; of what counts, the last part is the extensions, whenever they were granted.

    While a clock stands still its deadline is open: then the first part, the limit itself, is known.
    """
    more = sum(limit.seconds(day_hours) for limit in told.clock.extensions)
    counted = sum(part.seconds for part in told.slices if part.kind == "counting")
    own = counted - more if told.due is not None else told.clock.limit.seconds(day_hours)
    found: list[SheetSlice] = []
    for part in told.slices:
        if part.kind != "counting" or not more or part.seconds <= own:
            found.append(SheetSlice(part.start, part.end, part.kind))
        else:
            border = part.start + timedelta(seconds=max(0, own))
            if border > part.start:
                found.append(SheetSlice(part.start, border, part.kind))
            found.append(SheetSlice(border, part.end, EXTENSION))
        if part.kind == "counting":
            own -= part.seconds
    return tuple(found)


def sheet_clock(told: Explanation, now: datetime, day_hours: float) -> SheetClock:
    """Return one clock as the sheet shows it."""
    clock = told.clock
    return SheetClock(
        clock.name,
        told.name,
        told.state,
        clock.limit.words,
        clock.started_at,
        told.due,
        clock.stopped_at or now,
        sheet_slices(told, day_hours),
        tuple(sentence.text for sentence in told.sentences),
        told.exact,
    )


def _explained(case: Case, clock: Clock, rules: Rules, now: datetime) -> SheetClock:
    windows = {window.id: window for window in rules.windows}
    rule = rule_of(clock.name, case.category, case.condition, rules)
    told = explain(clock, rule=rule, calendar=rules.calendar, windows=windows, now=now)
    return sheet_clock(told, now, rules.calendar.day_hours)


def explain_one(case: Case, clock: Clock, rules: Rules, now: datetime) -> SheetClock | None:
    """Explain one clock of a case, for example as it would be after an approval; None beyond the calendar."""
    try:
        return _explained(case, clock, rules, now)
    except CalendarError:
        return None


class DeadlineViewModel(QObject):
    """The sheet of one case. `changed()` follows when the case, or its history, was read."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, case_id: str, parent: QObject | None = None) -> None:
        """Take the seat; `load` reads."""
        super().__init__(parent)
        self.seat = seat
        self.case_id = case_id
        self.detail: CaseDetail | None = None
        self.offline = False
        self.trouble = ""
        self.clocks: tuple[SheetClock, ...] = ()
        self.printed_at: datetime = seat.now()

    def load(self) -> None:
        """Read the own copy at once, and the history when the centre answers."""
        self._explain()
        self.seat.load_detail(self.case_id, self._on_detail, self._on_no_detail)

    @property
    def case(self) -> Case | None:
        """Return the case the centre last told of: an operation not decided yet moves no deadline."""
        if self.detail is not None:
            return self.detail.case
        entry = self.seat.case(self.case_id)
        if entry is None:
            return None
        return entry.cached if entry.cached is not None else entry.case

    def head(self) -> SheetCase | None:
        """Return the head, None for an unknown case."""
        case, rules = self.case, self.seat.rules
        if case is None:
            return None
        condition = rules.condition(case.category, case.condition)
        return SheetCase(
            case.number or "",
            category_name(rules, case.category),
            condition.text if condition is not None else "",
            self.seat.areas.name(case.grid),
            case.location.address,
            STATES[case.state].name,
            case.description,
            case.round,
        )

    def events(self) -> tuple[SheetEvent, ...]:
        """Return the acts that touched clocks, oldest first; empty offline."""
        entries = self.detail.timeline if self.detail is not None else ()
        return tuple(
            _event(entry) for entry in entries if entry.action in CLOCK_ACTIONS and entry.at is not None
        )

    def _explain(self) -> None:
        case = self.case
        self.clocks, self.trouble = (), ""
        self.printed_at = self.seat.now()
        if case is not None:
            try:
                self.clocks = self._all_clocks(case)
            except CalendarError as error:
                self.trouble = error.title
        self.changed.emit()

    def _all_clocks(self, case: Case) -> tuple[SheetClock, ...]:
        """Explain every clock the history knows, else those of the own copy. Raises CalendarError."""
        rules, now = self.seat.rules, self.printed_at
        if self.detail is None or not self.detail.clocks:
            hours = rules.calendar.day_hours
            return tuple(sheet_clock(each, now, hours) for each in explain_case(case, rules, now))
        return tuple(_explained(case, clock, rules, now) for clock in self.detail.clocks)

    def _on_detail(self, detail: CaseDetail) -> None:
        self.detail, self.offline = detail, False
        self._explain()

    def _on_no_detail(self, _error: Exception) -> None:
        self.offline = True
        self.changed.emit()


def _event(entry: TimelineEntry) -> SheetEvent:
    assert entry.at is not None
    payload = entry.payload
    reason = next((str(payload[key]) for key in ("reason", "note", "basis") if payload.get(key)), "")
    word = QCoreApplication.translate("Actions", ACTION_NAMES.get(entry.action, entry.action))
    return SheetEvent(entry.at, entry.actor_name, word, reason)
