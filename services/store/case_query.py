"""The questions to `cache.db` as SQLAlchemy expressions; every value is bound.

`found_by` reads one index alone (`cases_narrow`, a hundred bytes a case), so that half a million cases are searched,
filtered and ordered without touching their documents; the answer comes as one text, made by SQLite while the other
threads of the console run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, column, or_, select, table
from sqlalchemy import literal_column as sql
from sqlalchemy import text as from_text

from services.ports.picture import CaseQuery
from services.ports.search import FindQuery
from services.store import case_words
from services.store.case_rows import ROW_COLUMNS, to_ms

_CASES = table(
    "cases",
    *(
        column(name)
        for name in (
            "id", "case_id", "number", "kind", "source", "state", "stage", "open", "category", "grid",
            "lead_dept", "urgent", "level", "due_ms", "lon", "address", "description", "created_ms",
            "closed_ms",
        )
    ),
)  # fmt: skip
_c = _CASES.c

_ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (_c.urgent.desc(), case((_c.due_ms.is_(None), 1), else_=0), _c.due_ms, _c.created_ms, _c.id),
    "newest": (_c.created_ms.desc(), _c.id.desc()),
    "number": (_c.number, _c.id),
    "closed": (_c.closed_ms.desc(), _c.id.desc()),
}
#: a number is asked for from its beginning once more than the year is there
_NUMBER = re.compile(r"\d{6,8}(-\d*)?$|\d{9,}$")
_TAIL = re.compile("[0-9]{4}")


def rows_of(conn: Connection, query: CaseQuery) -> Select[Any]:
    """Return the statement for the rows of a queue; ValueError for an unknown order."""
    if query.order not in _ORDERS:
        raise ValueError(f"unknown order {query.order!r}")
    wanted: Select[Any] = select(sql(ROW_COLUMNS)).select_from(_CASES)
    return wanted.where(*_conditions(conn, query)).order_by(*_ORDERS[query.order]).limit(query.limit)


def _conditions(conn: Connection, query: CaseQuery) -> list[ColumnElement[bool]]:
    """Return the conditions of a query."""
    found: list[ColumnElement[bool]] = [_c.open == 1] if query.open_only else []
    sets = (
        (_c.state, query.states),
        (_c.stage, query.stages),
        (_c.lead_dept, query.lead_depts),
        (_c.source, query.sources),
        (_c.kind, query.kinds),
        (_c.category, query.categories),
    )
    found += [named.in_(values) for named, values in sets if values]
    if query.area:
        found.append(_prefix(_c.grid, query.area))
    if query.due_before is not None:
        found.append(_c.due_ms < to_ms(query.due_before))
    if query.closed_since is not None:
        found.append(_c.closed_ms >= to_ms(query.closed_since))
    if query.text.strip():
        found.append(contains(conn, query.text.strip()))
    return found


def _prefix(named: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Return "starts with" as a half-open range, which an index can answer."""
    return (named >= prefix) & (named < prefix + "\uffff")


def _begins(named: ColumnElement[Any], prefixes: Sequence[str]) -> ColumnElement[bool]:
    """Return "starts with one of these"."""
    return or_(*(_prefix(named, prefix) for prefix in prefixes))


def contains(conn: Connection, text: str) -> ColumnElement[bool]:
    """Return "number, address or description contain this text, or the address has these initials"."""
    found = case_words.matching(conn, text)
    if not _NUMBER.match(text):
        return found
    by_number = select(_c.id).where(_prefix(_c.number, text))
    return or_(found, column("id").in_(by_number))


def search_of(conn: Connection, text: str, limit: int) -> Select[Any]:
    """Return the statement of a search: open cases first, then the newest."""
    wanted: Select[Any] = select(sql(ROW_COLUMNS)).select_from(_CASES).where(contains(conn, text))
    return wanted.order_by(_c.open.desc(), _c.created_ms.desc(), _c.id).limit(limit)


# --- finding among all -----------------------------------------------------------------------------------

_NARROW = from_text("cases INDEXED BY cases_narrow")
_NEWEST = "created_ms DESC, id DESC"
_LATE_LAST = "due_ms IS NULL, due_ms"
#: what each order sorts by: as it is, and the other way round
_FIND_ORDERS: dict[str, tuple[str, str]] = {
    "risk": (f"open DESC, urgent DESC, {_LATE_LAST}", f"open, urgent, {_LATE_LAST} DESC"),
    "newest": ("open DESC", "open DESC"),
    "limit": (_LATE_LAST, "due_ms IS NULL, due_ms DESC"),
    "urgency": ("urgent DESC, level DESC", "urgent, level"),
    "stage": ("stage, state", "stage DESC, state DESC"),
    **{
        order: (f"{name} IS NULL, {name}", f"{name} IS NULL, {name} DESC")
        for order, name in (
            ("number", "number"), ("category", "category"), ("grid", "grid"), ("source", "source"),
            ("holder", "lead_dept"),
        )
    },
}  # fmt: skip


def found_by(conn: Connection, query: FindQuery) -> Select[Any]:
    """Return the statement whose one value is the ids in order as hex text; ValueError for an unknown order."""
    if query.order not in _FIND_ORDERS:
        raise ValueError(f"unknown order {query.order!r}")
    order = _FIND_ORDERS[query.order][query.descending] + ", " + _NEWEST
    text = query.text.strip()
    if _TAIL.fullmatch(
        text
    ):  # the last four digits of a number are what people name a case by; nothing but digits
        order = "coalesce(substr(number, -4), '') <> '" + text + "', " + order
    packed: ColumnElement[str] = sql("group_concat(replace(case_id, '-', ''), '' ORDER BY " + order + ")")
    wanted: Select[Any] = select(packed).select_from(_NARROW)
    wanted = wanted.where(*_find_conditions(query))
    return wanted if not text else wanted.where(_text_condition(conn, query, text))


def _find_conditions(query: FindQuery) -> list[ColumnElement[bool]]:
    """Return the conditions that are not about the text, on the columns of `cases_narrow`."""
    found: list[ColumnElement[bool]] = [sql("length(case_id)") == bindparam(None, 36)]
    if query.open is not None:
        found.append(column("open") == int(query.open))
    if query.since is not None:
        found.append(column("created_ms") >= to_ms(query.since))
    sets = (
        ("state", query.states),
        ("stage", query.stages),
        ("source", query.sources),
        ("lead_dept", query.depts),
    )
    found += [column(name).in_(values) for name, values in sets if values]
    if query.categories:
        found.append(_begins(column("category"), query.categories))
    if query.areas:
        found.append(_begins(column("grid"), query.areas))
    if query.urgency:
        found.append(case((column("urgent") == 1, 3), else_=column("level")).in_(query.urgency))
    if query.unplaced:
        found.append(column("lon").is_(None))
    return found


def _text_condition(conn: Connection, query: FindQuery, text: str) -> ColumnElement[bool]:
    """Return "the text is in the words of a case, or in a name its codes stand for"."""
    found = contains(conn, text)
    names = query.names
    by_name = [
        *([column("category").in_(names.categories)] if names.categories else ()),
        *([column("lead_dept").in_(names.depts)] if names.depts else ()),
        *([_begins(column("grid"), names.areas)] if names.areas else ()),
    ]
    return or_(found, *by_name) if by_name else found
