"""Turns a row of a view-model into the case the map draws and speaks of."""

from __future__ import annotations

from console.viewmodels.rows import RowView
from console.windows.rows import limit_reading
from maps.layers.cases import MapCase
from widgets.indicators.countdown import limit_text


def map_case(row: RowView, grid: str, address: str = "", note: str = "") -> MapCase:
    """Return a case as the map draws it; `grid` is the code of its grid, `note` a further line of its card."""
    reading = limit_reading(row)
    lines = "\n".join(part for part in (address or row.summary, note) if part)
    return MapCase(
        row.case_id,
        row.number_short,
        row.lon,
        row.lat,
        row.band,
        row.urgency,
        row.category,
        lines,
        grid,
        row.grid,
        limit_text(reading, row.measured_at) if reading is not None else "",
        bool(row.pending),
        row.stage_index,
    )
