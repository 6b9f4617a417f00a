"""What a case contributes as rows, and what rows add to the sums.

A row (`kpi_parts`) is what one case gives on one day for one unit and post; sums (`kpi_sums`) are made of rows that
count at once. Rows with `ripe_at` are few (cases that are open) and are looked at when a question is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.backend.kpi.spans import FIRST_MONTH, day_of, month_of
from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.facts import CaseFacts
from services.domain.kpi.definitions import Catalogue
from services.domain.kpi.windows import plain_dues
from services.sql.types import to_ms

Row = dict[str, Any]
#: (measure, cube, area, span, key)
SumKey = tuple[str, str, str, int, str]
#: what the key of a sum is
ALL, DEPT, CATEGORY, SOURCE, POST = "A", "D", "C", "S", "P"
#: the area of cases without a grid: no code, so that no area but the whole centre holds it
NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class Accounting:
    """What rows are made with: the definitions and the calendar in force.

    `fingerprint` changes whenever all must be counted again.
    """

    catalogue: Catalogue
    calendar: WorkCalendar

    @property
    def fingerprint(self) -> str:
        """Return a hash of definitions and zone."""
        return f"1.{self.catalogue.fingerprint}.{self.calendar.zone}"[:64]

    def rows(self, facts: CaseFacts, case: Case) -> list[Row]:
        """Return the rows of a case."""
        return case_rows(self.catalogue, self.calendar, facts, case)


def case_rows(catalogue: Catalogue, calendar: WorkCalendar, facts: CaseFacts, case: Case) -> list[Row]:
    """Return the rows of a case, one a day, ripeness, unit and post; numbered from 0."""
    merged: dict[tuple[int, int | None, str, str], dict[str, int]] = {}
    for part in catalogue.counter.parts(facts, plain_dues(case, calendar)):
        ripe = None if part.ripe_at is None else to_ms(part.ripe_at)
        counts = merged.setdefault((day_of(part.at, calendar), ripe, part.dept, part.post), {})
        for name, amount in part.counts.items():
            counts[name] = counts.get(name, 0) + amount
    return [
        {
            "case_id": facts.case_id, "n": n, "version": facts.version, "day": day, "ripe_at": ripe,
            "grid": facts.grid, "category": facts.category or "", "source": facts.source, "dept": dept,
            "post": post, "counts": counts_text(counts),
        }
        for n, ((day, ripe, dept, post), counts) in enumerate(merged.items())
    ]  # fmt: skip


def counts_text(counts: Mapping[str, int]) -> str:
    """Return counts as stored; what is 0 is left out. Every name stands between blanks and a colon."""
    return " " + " ".join(f"{name}:{amount}" for name, amount in sorted(counts.items()) if amount) + " "


def counts_of(stored: str) -> dict[str, int]:
    """Read what `counts_text` made."""
    found = {}
    for entry in stored.split():
        name, _, amount = entry.partition(":")
        found[name] = int(amount)
    return found


def sums_of(rows: Iterable[Mapping[str, Any]], sign: int = 1) -> dict[SumKey, int]:
    """Return what rows add to the sums (with `sign` -1: take away)."""
    found: dict[SumKey, int] = {}
    for row in rows:
        if row["ripe_at"] is None:
            for key, amount in _row_sums(row):
                found[key] = found.get(key, 0) + sign * amount
    return found


def _row_sums(row: Mapping[str, Any]) -> Iterator[tuple[SumKey, int]]:
    """Yield what one row adds: the whole by district and street, units by district and (months only) by street.

    A year of days for every unit in every street would be more sums than cases.
    """
    day, grid = row["day"], row["grid"]
    spans = (day, month_of(day))
    district, street = (grid[:6], grid[:9]) if grid else (NOWHERE, None)
    keys = (
        (ALL, ""),
        (DEPT, row["dept"]),
        (CATEGORY, row["category"]),
        (SOURCE, row["source"]),
        (POST, row["post"]),
    )
    for measure, amount in counts_of(row["counts"]).items():
        for span in spans:
            for cube, key in keys:
                yield (measure, cube, district, span, key), amount
                if street is not None and (cube == ALL or (cube == DEPT and span >= FIRST_MONTH)):
                    yield (measure, cube, street, span, key), amount
