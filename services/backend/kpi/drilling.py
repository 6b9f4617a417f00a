"""The very cases behind a figure: those whose contributions to one side of it do not cancel out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.backend.history import current
from services.backend.kpi.asking import top_category
from services.backend.kpi.counting import Ask, Group, group_of, rows_in
from services.backend.kpi.parts import counts_of
from services.backend.wire import case_wire
from services.domain.calendar import WorkCalendar
from services.domain.kpi.definitions import Definition
from services.domain.kpi.measures import PLAIN, WHOLE

#: the default of `group`: all groups
EVERY = object()


def case_weights(
    conn: Connection,
    definition: Definition,
    ask: Ask,
    side: str,
    group: Group | object = EVERY,
    *,
    plain: bool = False,
) -> dict[str, int]:
    """Return each case behind a side of a figure with what it weighs, in thousandths.

    Args:
        conn: a reading connection.
        definition: what was asked for.
        ask: the question it was asked with.
        side: `numerator` or `denominator`.
        group: only this group of the grouping; by default all of them.
        plain: as if no exclusion window had been declared.
    """
    formula = definition.numerator if side == "numerator" else definition.denominator
    if formula is None:
        return {}
    if definition.kind == "top" and side == "numerator":
        best = top_category(conn, definition, ask)
        ask, group = replace(ask, group_by="category"), best[0] or None if best else None
    names = dict(formula.terms)
    if plain:
        names |= {f"{name}{PLAIN}": factor for name, factor in formula.terms}
    weights: dict[str, int] = {}
    for row in rows_in(conn, ask, names):
        if group is not EVERY and group_of(ask, row) != group:
            continue
        amount = sum(names.get(name, 0) * held for name, held in counts_of(row.counts).items())
        weights[row.case_id] = weights.get(row.case_id, 0) + amount
    return {case_id: weight for case_id, weight in weights.items() if weight}


def page_of(
    conn: Connection,
    weights: dict[str, int],
    after: str | None,
    limit: int,
    now: datetime,
    calendar: WorkCalendar,
) -> dict[str, Any]:
    """Return one page of cases, by id, with what each weighs: 1 for a whole case, minus for one taken away."""
    ids = sorted(weights)
    rest = [case_id for case_id in ids if after is None or case_id > after]
    page = rest[:limit]
    found = current(conn, page)
    return {
        "cases": [
            {**case_wire(found[case_id], now, calendar), "weight": _weight(weights[case_id])}
            for case_id in page
            if case_id in found
        ],
        "total": len(ids),
        "sum": _weight(sum(weights.values())),
        "next_cursor": page[-1] if len(rest) > limit else None,
    }


def _weight(thousandths: int) -> int | float:
    """Return thousandths as a number."""
    return thousandths // WHOLE if thousandths % WHOLE == 0 else thousandths / WHOLE
