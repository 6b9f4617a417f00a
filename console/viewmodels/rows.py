"""What one row of a queue says: words and tokens made from a case, the rules and the areas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.viewmodels.presence import seat_presence
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BandSettings, Reading, read_clock
from services.domain.case import Case
from services.ports.picture import Projected

STAGE_INDEX = {"intake": 1, "filing": 2, "dispatch": 3, "handle": 4, "check": 5, "close": 6}


def tr(text: str) -> str:
    """Translate a word of the queue."""
    return QCoreApplication.translate("Rows", text)


def state_word(state: str) -> str:
    """Return the two-character word of a state in a row (design section 3.3)."""
    words = {
        "reported": tr("受理"),
        "verifying": tr("核实"),
        "pending_filing": tr("立案"),
        "pending_dispatch": tr("派遣"),
        "returned": tr("回退"),
        "pending_sign": tr("签收"),
        "handling": tr("处置"),
        "suspended": tr("挂账"),
        "feedback_review": tr("批转"),
        "checking": tr("核查"),
        "pending_close": tr("结案"),
        "closed": tr("已结"),
        "archived": tr("归档"),
        "not_accepted": tr("不予受理"),
        "not_filed": tr("不予立案"),
        "cancelled": tr("作废"),
    }
    return words.get(state, state)


def waiting_word(state: str) -> str:
    """Return the words for whom a case waits: 待派遣, 待受理 …; empty where a unit holds it."""
    words = {
        "reported": tr("待受理"),
        "verifying": tr("待核实"),
        "pending_filing": tr("待立案"),
        "pending_dispatch": tr("待派遣"),
        "returned": tr("待改派"),
        "feedback_review": tr("待批转"),
        "checking": tr("待核查"),
        "pending_close": tr("待结案"),
    }
    return words.get(state, "")


@dataclass(frozen=True, slots=True)
class RowView:
    """A queue row in plain values; fields as `widgets.tables.queue_row.QueueRow`, the clock as a `Reading`."""

    case_id: str
    number_short: str
    category: str
    grid: str
    summary: str
    source_icon: str
    source: str
    state: str
    stage: str
    stage_index: int
    band: str
    reading: Reading | None
    measured_at: datetime
    on_time: bool
    holder: str
    holder_tone: str
    urgency: int
    pending: str
    lon: float | None
    lat: float | None
    locked_by: str = ""
    locked_silent: bool = False


def short_number(number: str | None, year: int) -> str:
    """Return 1120-0417 for a number of this year, the full number of another year, 未编号 before there is one."""
    if not number:
        return tr("未编号")
    return number[4:] if number[:4] == str(year) and len(number) > 8 else number


def category_word(case: Case, seat: SeatViewModel) -> str:
    """Return the name of the category, 未分类 without one."""
    return category_name(case.category, seat)


def category_name(code: str | None, seat: SeatViewModel) -> str:
    """Return the name of a category code, 未分类 without one."""
    entry = seat.rules.categories.get(code or "")
    return entry.name if entry is not None else (code or tr("未分类"))


def dept_word(dept: str | None, seat: SeatViewModel) -> str:
    """Return the short name of a unit."""
    entry = seat.rules.departments.get(dept or "")
    return (entry.short or entry.name) if entry is not None else (dept or "")


def pending_mark(entry: Projected) -> str:
    """Return the mark of the own waiting command: `queued`, or empty (design section 3.4)."""
    return "queued" if entry.pending else ""


def _holder(entry: Projected, seat: SeatViewModel) -> tuple[str, str]:
    """Return who holds a case and the tone: accent for what waits at a desk, pending for an unsent dispatch."""
    case = entry.case
    for command in reversed(entry.pending):
        if command.action in ("dispatch", "redispatch"):
            return "→ " + dept_word(str(command.payload.get("lead_dept")), seat), "pending"
    waits = waiting_word(case.state)
    if waits:
        return waits, "accent" if case.state in ("pending_dispatch", "returned", "reported") else ""
    return dept_word(case.lead_dept, seat), ""


def row_view(entry: Projected, seat: SeatViewModel, now: datetime, bands: BandSettings) -> RowView:
    """Return the row of a case at a moment."""
    case = entry.case
    clock = case.clock
    reading = read_clock(clock, now, seat.rules.calendar, bands) if clock is not None else None
    holder, tone = _holder(entry, seat)
    lock = seat_presence(seat).lock(case.case_id)
    # a waiting command changes nothing before the centre decides: pips stay at the old step
    shown = entry.cached if entry.pending and entry.cached is not None else case
    return RowView(
        case_id=case.case_id,
        number_short=short_number(case.number, now.astimezone().year),
        category=category_word(case, seat),
        grid=seat.areas.name(case.grid) or tr("未定位"),
        summary=case.description,
        source_icon=case.source,
        source=seat.rules.sources.get(case.source, case.source),
        state=shown.state,
        stage=state_word(shown.state),
        stage_index=STAGE_INDEX.get(shown.stage or "", 0),
        band=reading.band if reading is not None else "closed" if not case.open else "ok",
        reading=reading,
        measured_at=now,
        on_time=not _closed_late(case),
        holder=holder,
        holder_tone=tone,
        urgency=3 if case.urgent else case.level,
        pending=pending_mark(entry),
        lon=case.location.lon,
        lat=case.location.lat,
        locked_by=lock[0],
        locked_silent=lock[1],
    )


def _closed_late(case: Case) -> bool:
    """Tell whether the handling clock of an ended case stopped after its deadline."""
    clock = case.clocks.get("handle")
    if clock is None or clock.due_at is None or clock.stopped_at is None:
        return False
    return clock.stopped_at > clock.due_at
