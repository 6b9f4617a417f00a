"""From a sheet's clock to the drawn bar."""

from __future__ import annotations

from console.viewmodels.deadline import SheetClock
from services.domain.calendar import WorkCalendar
from widgets.charts.limit_ledger import LedgerBar, LedgerSlice, SliceKind

KINDS = {
    "counting": SliceKind.COUNTING,
    "extension": SliceKind.EXTENSION,
    "non_working": SliceKind.NON_WORKING,
    "pause": SliceKind.PAUSE,
    "window": SliceKind.EXCLUSION,
    "overdue": SliceKind.OVERDUE,
}


def ledger_bar(clock: SheetClock, calendar: WorkCalendar) -> LedgerBar:
    """Return the bar of a clock, moments in the centre's zone."""
    return LedgerBar(
        calendar.local(clock.start),
        calendar.local(clock.due) if clock.due is not None else None,
        calendar.local(clock.until),
        tuple(
            LedgerSlice(calendar.local(part.start), calendar.local(part.end), KINDS[part.kind])
            for part in clock.slices
            if part.start < part.end
        ),
        ended=clock.state in ("stopped", "stopped_late", "replaced"),
    )
