"""Counts of measures for a period, an area, a scope and a grouping: from the sums where they reach, else from the rows.

Sums know the district and its streets; below a street, and for a unit's own seat (whose scope is its cases), the rows
of the cases are counted. Both give the same numbers. Rows that ripen with time are added from the few open cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select

from services.backend.db.kpi_tables import kpi_parts, kpi_sums
from services.backend.db.tables import cases
from services.backend.kpi.parts import ALL, CATEGORY, DEPT, NOWHERE, POST, SOURCE, counts_of
from services.backend.kpi.spans import FIRST_MONTH, Period, date_of, month_name, month_of, week_name
from services.backend.scoping import prefix, scoped
from services.domain.roles import Actor
from services.sql.types import to_ms

#: grouping -> the cube of sums that knows it
GROUPS: dict[str, str] = {
    "none": ALL, "dept": DEPT, "area": ALL, "category": CATEGORY, "source": SOURCE, "post": POST, "day": ALL,
    "week": ALL, "month": ALL,
}  # fmt: skip
_COLUMNS = {"dept": "dept", "category": "category", "source": "source", "post": "post"}
_DISTRICT, _STREET = 6, 9
Group = str | None
Counts = dict[Group, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is counted: the caller's scope, the period, an area prefix, a grouping, and the moment it is asked at."""

    actor: Actor
    period: Period
    area: str | None
    group_by: str
    now: datetime

    @property
    def reach(self) -> str | None:
        """Return the area both asked for and in scope; None when they do not meet."""
        own, asked = self.actor.area_code, self.area or ""
        if not own:
            return None
        if own.startswith(asked):
            return own
        return asked if asked.startswith(own) else None

    @property
    def nowhere(self) -> bool:
        """Whether cases without a grid are counted: for the whole centre, and only when no area was asked for."""
        return self.area is None and self.reach is not None and len(self.reach) <= _DISTRICT

    @property
    def child_length(self) -> int:
        """Return the length of the codes a grouping by area shows: one level below what is asked for."""
        own = len(self.reach or "")
        return next((length for length in (_DISTRICT, _STREET, 12, 15) if length > own), 15)

    @property
    def from_sums(self) -> bool:
        """Whether the sums know the answer."""
        reach = self.reach
        if reach is None or self.actor.dept_only or len(reach) > _STREET:
            return False
        if len(reach) > _DISTRICT and len(reach) < _STREET:
            return False
        if len(reach) == _STREET:
            if self.group_by == "dept":
                return self.period.whole_months
            return self.group_by in ("none", "day", "week", "month")
        return True


def count(conn: Connection, ask: Ask, measures: Iterable[str]) -> Counts:
    """Return the counts of measures in thousandths by group; a group without any count is left out."""
    wanted = frozenset(measures)
    found: Counts = {}
    if ask.reach is None or not wanted or ask.period.days < 1:
        return found
    if ask.from_sums:
        _from_sums(conn, ask, wanted, found)
        _from_rows(conn, ask, wanted, found, ripe_only=True)
    else:
        _from_rows(conn, ask, wanted, found, ripe_only=False)
    return found


def _add(found: Counts, group: Group, measure: str, amount: int) -> None:
    counts = found.setdefault(group, {})
    counts[measure] = counts.get(measure, 0) + amount


# --- sums ------------------------------------------------------------------------------------------------


def _from_sums(conn: Connection, ask: Ask, wanted: frozenset[str], found: Counts) -> None:
    """Add what the sums say."""
    by_month = ask.group_by not in ("day", "week")
    column = _sum_column(ask)
    for first, last in ask.period.ranges(by_month):
        statement: Select[Any] = (
            select(kpi_sums.c.measure, column.label("grp"), func.sum(kpi_sums.c.n))
            .where(
                kpi_sums.c.measure.in_(sorted(wanted)),
                kpi_sums.c.cube == GROUPS[ask.group_by],
                _sum_area(ask),
                kpi_sums.c.span >= first,
                kpi_sums.c.span <= last,
            )
            .group_by(kpi_sums.c.measure, column)
        )
        for measure, raw, amount in conn.execute(statement):
            _add(found, _group_of_sum(ask, raw), measure, int(amount))


def _sum_column(ask: Ask) -> ColumnElement[Any]:
    """Return what the sums are grouped by."""
    if ask.group_by in ("day", "week", "month"):
        return kpi_sums.c.span
    return kpi_sums.c.area if ask.group_by == "area" else kpi_sums.c.key


def _sum_area(ask: Ask) -> ColumnElement[bool]:
    """Return the condition on the area of the sums: exactly one level of areas is added up."""
    reach = ask.reach or ""
    if ask.group_by == "area":
        level = ask.child_length
        inside = and_(prefix(kpi_sums.c.area, reach), func.length(kpi_sums.c.area) == level)
    elif len(reach) in (_DISTRICT, _STREET):
        inside = kpi_sums.c.area == reach
    else:
        inside = and_(prefix(kpi_sums.c.area, reach), func.length(kpi_sums.c.area) == _DISTRICT)
    return or_(inside, kpi_sums.c.area == NOWHERE) if ask.nowhere else inside


def _group_of_sum(ask: Ask, raw: Any) -> Group:
    """Return the name of a group of sums."""
    if ask.group_by == "none":
        return None
    if ask.group_by == "area":
        return None if raw == NOWHERE else str(raw)
    if ask.group_by in ("day", "week", "month"):
        return _time_group(ask.group_by, int(raw))
    return str(raw) or None


def _time_group(group_by: str, span: int) -> str:
    """Return the name of the day, week or month a span (a day or a month) lies in."""
    if span >= FIRST_MONTH:
        return month_name(span)
    if group_by == "week":
        return week_name(span)
    return date_of(span).isoformat() if group_by == "day" else month_name(month_of(span))


# --- rows ------------------------------------------------------------------------------------------------


def _from_rows(conn: Connection, ask: Ask, wanted: frozenset[str], found: Counts, *, ripe_only: bool) -> None:
    """Add what the rows of the cases say; rows that say the same are counted by the database."""
    column = _row_column(ask)
    same = _rows(ask, (column.label("grp"), kpi_parts.c.counts, func.count().label("times")), ripe_only)
    for raw, counts, times in conn.execute(same.group_by(column, kpi_parts.c.counts)):
        group = _group_of_row(ask, raw)
        for measure, amount in counts_of(counts).items():
            if measure in wanted:
                _add(found, group, measure, amount * int(times))


def _row_column(ask: Ask) -> ColumnElement[Any]:
    """Return what rows are grouped by."""
    part = kpi_parts.c
    if ask.group_by == "area":
        return func.substr(func.coalesce(part.grid, ""), 1, ask.child_length)
    if ask.group_by in _COLUMNS:
        return part[_COLUMNS[ask.group_by]]
    return part.day if ask.group_by in ("day", "week", "month") else literal("")


def _group_of_row(ask: Ask, raw: Any) -> Group:
    """Return the name of a group of rows."""
    if ask.group_by in ("day", "week", "month"):
        return _time_group(ask.group_by, int(raw))
    return str(raw) or None


def _rows(ask: Ask, columns: Sequence[ColumnElement[Any]], ripe_only: bool) -> Select[Any]:
    """Return the statement of the rows that count for a question, with some columns."""
    now, part, reach = to_ms(ask.now), kpi_parts.c, ask.reach or ""
    ripe = part.ripe_at <= now if ripe_only else or_(part.ripe_at.is_(None), part.ripe_at <= now)
    area = prefix(part.grid, reach)
    statement = select(*columns).where(ripe, part.day >= ask.period.first, part.day < ask.period.end)
    statement = statement.where(or_(area, part.grid.is_(None)) if ask.nowhere else area)
    if ask.actor.dept_only:
        statement = statement.join(cases, cases.c.case_id == part.case_id).where(scoped(ask.actor))
    return statement


def rows_in(conn: Connection, ask: Ask, measures: Iterable[str]) -> Iterator[Any]:
    """Yield the rows that count for a question and hold one of some measures."""
    part = kpi_parts.c
    asked = [part.counts.contains(f" {name}:", autoescape=True) for name in sorted(set(measures))]
    if ask.reach is None or not asked:
        return
    columns = (
        part.case_id,
        part.day,
        part.grid,
        part.category,
        part.source,
        part.dept,
        part.post,
        part.counts,
    )
    statement = _rows(ask, columns, False).where(or_(*asked))
    yield from conn.execution_options(yield_per=5000).execute(statement)


def group_of(ask: Ask, row: Any) -> Group:
    """Return the group a row belongs to."""
    by = ask.group_by
    if by == "none":
        return None
    if by == "area":
        return row.grid[: ask.child_length] if row.grid else None
    if by in _COLUMNS:
        return str(getattr(row, _COLUMNS[by])) or None
    return _time_group(by, int(row.day))
