"""How a dialog says what will happen: moments, limits and the outlook of a preview, in one place."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.base import ActionViewModel, CaseHead
from console.viewmodels.actions.choices import unit_name
from console.viewmodels.actions.preview import READY, Preview
from services.domain.bands import Reading
from services.domain.calendar import WorkCalendar
from services.domain.clocks import CLOCK_NAMES
from services.domain.states import STATES
from widgets import format as fmt
from widgets.indicators.countdown import LimitReading


def tr(text: str) -> str:
    """Translate a word of the dialogs."""
    return QCoreApplication.translate("Dialogs", text)


def moment(when: datetime, now: datetime, calendar: WorkCalendar) -> str:
    """Write a moment in the centre's zone: today 16:32, this year 11-23 10:00."""
    return fmt.moment_text(calendar.local(when), calendar.local(now))


def moment_with_day(when: datetime, calendar: WorkCalendar) -> str:
    """Write a moment with its weekday: 11-23 周一 10:00."""
    local = calendar.local(when)
    return f"{fmt.date_short(local.date())} {fmt.time_of_day(local)}"


def limit_reading(reading: Reading | None, now: datetime) -> LimitReading | None:
    """Return a clock's reading as the countdown label counts it."""
    if reading is None:
        return None
    return LimitReading(
        reading.band, reading.remaining_s, now, counting=reading.counting, off_hours=reading.off_hours
    )


def head_line(head: CaseHead, now: datetime, calendar: WorkCalendar) -> str:
    """Return the quiet words beside the title: 1120-0417 井盖缺失 · 望塔-09."""
    year = calendar.local(now).year
    number = fmt.short_number(head.number, year) if head.number else tr("未编号")
    first = f"{number} {head.category}".strip()
    return " · ".join(part for part in (first, head.grid) if part)


def outlook(model: ActionViewModel, ahead: Preview | None) -> str:
    """Return what will happen after confirming, as one sentence; empty when nothing can be said yet."""
    if ahead is None or ahead.status != READY or ahead.after is None or ahead.before is None:
        return ""
    parts = []
    after, rules = ahead.after, model.seat.rules
    if ahead.moves:
        parts.append(tr("案件进入“{state}”").format(state=STATES[after.state].name))
        if after.lead_dept and after.lead_dept != ahead.before.lead_dept:
            parts.append(tr("由{unit}承办").format(unit=unit_name(rules, after.lead_dept)))
    if ahead.births:
        parts.append(tr("拆出 {n} 件新案件").format(n=len(ahead.births)))
    due, clock = ahead.new_due, ahead.clock
    if due is not None and clock is not None:
        text = tr("{clock} {limit}，{due} 到期")
        parts.append(
            text.format(
                clock=CLOCK_NAMES[clock.name],
                limit=clock.limit.words,
                due=moment(due, model.now(), rules.calendar),
            )
        )
    if not after.open and ahead.moves:
        parts.append(tr("不再计时"))
    if ahead.override:
        parts.append(tr("记为值班长代办"))
    return tr("确认后：{parts}。").format(parts="；".join(parts)) if parts else ""
