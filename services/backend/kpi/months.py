"""The figures of a month of evaluation (考核月): by unit, with objections that were upheld, scores and ranks.

Pure counting; who may do what and where it is kept stands in `month_desk`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from services.backend.db.kpi_tables import kpi_parts
from services.backend.kpi.asking import figures, sides
from services.backend.kpi.counting import Ask
from services.backend.kpi.parts import Accounting, counts_of
from services.backend.kpi.spans import Period, day_number
from services.domain.case_doc import time_text
from services.domain.kpi.definitions import Definition
from services.domain.kpi.figures import Figure, department_score, shown
from services.domain.kpi.measures import WHOLE
from services.domain.roles import Actor
from services.sql.types import to_ms

STEPS = ("compute", "publish", "rescore", "sign", "freeze")
_NAME = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Upheld:
    """An objection that was upheld: `appeal` counts the case as good, `drop` (甩项) takes it out of both sides."""

    kpi: str
    dept: str
    case_id: str
    kind: str


def month_number(name: str) -> int | None:
    """Return `yyyymm` of a month written as `2026-11`; None for anything else."""
    found = _NAME.fullmatch(name)
    return None if found is None else int(found.group(1)) * 100 + int(found.group(2))


def period_of(month: int) -> Period:
    """Return the days of a month."""
    year, number = divmod(month, 100)
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(day_number(date(year, number, 1)), day_number(after))


def judged_by(accounting: Accounting) -> list[Definition]:
    """Return the definitions units are judged by."""
    found = accounting.catalogue.definitions.values()
    return [d for d in found if "dept" in d.levels and d.kind in ("ratio", "mean")]


def case_sides(
    conn: Connection, definition: Definition, month: int, dept: str, case_id: str, now: datetime
) -> tuple[Fraction, Fraction]:
    """Return what one case gives to both sides of a unit's figure in a month."""
    period, part = period_of(month), kpi_parts.c
    rows = conn.execute(
        select(part.counts, part.ripe_at).where(
            part.case_id == case_id, part.dept == dept, part.day >= period.first, part.day < period.end
        )
    )
    above = below = Fraction(0)
    for counts, ripe_at in rows:
        if ripe_at is not None and ripe_at > to_ms(now):
            continue
        held = counts_of(counts)
        above += Fraction(definition.numerator.of(held) if definition.numerator else 0, WHOLE)
        below += Fraction(definition.denominator.of(held) if definition.denominator else 0, WHOLE)
    return above / definition.seconds_a_unit, below


def month_doc(
    conn: Connection,
    accounting: Accounting,
    actor: Actor,
    month: int,
    upheld: Sequence[Upheld],
    now: datetime,
) -> dict[str, Any]:
    """Return the figures of a month: rows by unit and figure, with and without windows, scores and ranks."""
    definitions = judged_by(accounting)
    ask = Ask(actor, period_of(month), None, "dept", now)
    found = figures(conn, accounting.catalogue, definitions, ask)
    plain = figures(conn, accounting.catalogue, definitions, ask, plain=True)
    rows, by_dept = [], dict[str, dict[str, Fraction | None]]()
    for definition in definitions:
        for dept, made in sorted(found[definition.id].items(), key=lambda item: item[0] or ""):
            if dept is None:
                continue
            told = _adjusted(conn, made, definition, month, dept, upheld, now)
            by_dept.setdefault(dept, {})[definition.id] = told.value
            row = {"dept": dept, "id": definition.id, **sides(told), "unit": definition.unit}
            without = plain[definition.id].get(dept)
            rows.append({**row, "definition_version": definition.version, "without_windows": sides(without)})
    return {"month": month, "computed_at": time_text(now), "rows": rows, "scores": _scores(by_dept)}


def _adjusted(
    conn: Connection,
    made: Figure,
    definition: Definition,
    month: int,
    dept: str,
    upheld: Sequence[Upheld],
    now: datetime,
) -> Figure:
    """Return a figure after the objections that were upheld."""
    above, below = made.numerator, made.denominator or Fraction(0)
    for one in upheld:
        if (one.kpi, one.dept) != (definition.id, dept):
            continue
        num, den = case_sides(conn, definition, month, dept, one.case_id, now)
        if one.kind == "drop":
            above, below = above - num, below - den
        else:
            above += den - num if definition.direction == "up" else -num
    return Figure(above, below, made.percent)


def _scores(by_dept: Mapping[str, Mapping[str, Fraction | None]]) -> list[dict[str, Any]]:
    """Return the scores of the units, best first; equal ones share a rank, those without a score have none."""
    scores = {dept: department_score({**values}) for dept, values in by_dept.items()}
    known = sorted({score for score in scores.values() if score is not None}, reverse=True)
    made = [
        {
            "dept": dept, "score": None if score is None else float(shown(score, 2)),
            "rank": None if score is None else 1 + sum(other > score for other in scores.values() if other is not None),
        }
        for dept, score in scores.items()
    ]  # fmt: skip
    assert len(known) <= len(made)
    return sorted(made, key=lambda entry: (entry["rank"] is None, entry["rank"] or 0, str(entry["dept"])))
