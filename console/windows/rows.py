"""Turns a row of a view-model into the value the queue table paints."""

from __future__ import annotations

from console.viewmodels.rows import RowView
from widgets.indicators.countdown import LimitReading
from widgets.tables.queue_row import QueueRow


def limit_reading(row: RowView) -> LimitReading | None:
    """Return the running clock of a row as the table counts it."""
    if row.reading is None:
        if row.band != "closed":
            return None
        return LimitReading("closed", 0, row.measured_at, counting=False, on_time=row.on_time)
    reading = row.reading
    return LimitReading(
        reading.band,
        reading.remaining_s,
        row.measured_at,
        counting=reading.counting,
        off_hours=reading.off_hours,
    )


def queue_row(row: RowView) -> QueueRow:
    """Return the value of one row."""
    return QueueRow(
        case_id=row.case_id,
        number_short=row.number_short,
        category=row.category,
        grid=row.grid,
        summary=row.summary,
        source_icon=row.source_icon,
        source=row.source,
        stage=row.stage,
        stage_index=row.stage_index,
        band=row.band,
        limit=limit_reading(row),
        limit_text="—",
        holder=row.holder,
        holder_tone=row.holder_tone,
        urgency=row.urgency,
        pending=row.pending,
        locked_by=row.locked_by,
        locked_silent=row.locked_silent,
    )
