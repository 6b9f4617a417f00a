"""The queue's questions to `cache.db` as SQLAlchemy expressions; every value is bound."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, column, func, literal_column, or_, select, table

from services.ports.picture import CaseQuery
from services.store.case_rows import ROW_COLUMNS, to_ms

_CASES = table(
    "cases",
    *(
        column(name)
        for name in (
            "id", "case_id", "number", "kind", "source", "state", "stage", "open", "category", "grid",
            "lead_dept", "urgent", "due_ms", "address", "description", "created_ms",
        )
    ),
)  # fmt: skip
_TEXT = table("case_text", column("rowid"), column("case_text"))
_c = _CASES.c

_ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (_c.urgent.desc(), case((_c.due_ms.is_(None), 1), else_=0), _c.due_ms, _c.created_ms, _c.id),
    "newest": (_c.created_ms.desc(), _c.id.desc()),
    "number": (_c.number, _c.id),
}
#: the trigram index finds nothing shorter
MIN_INDEXED = 3


def rows_of(query: CaseQuery) -> Select[Any]:
    """Return the statement for the rows of a queue; ValueError for an unknown order."""
    if query.order not in _ORDERS:
        raise ValueError(f"unknown order {query.order!r}")
    wanted: Select[Any] = select(literal_column(ROW_COLUMNS)).select_from(_CASES)
    return wanted.where(*_conditions(query)).order_by(*_ORDERS[query.order]).limit(query.limit)


def _conditions(query: CaseQuery) -> list[ColumnElement[bool]]:
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
    if query.text.strip():
        found.append(contains(query.text.strip()))
    return found


def _prefix(named: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Return "starts with" as a half-open range, which an index can answer."""
    return (named >= prefix) & (named < prefix + "\uffff")


def contains(text: str) -> ColumnElement[bool]:
    """Return "number, address or description contain this text"; three characters and more by the index."""
    if len(text) >= MIN_INDEXED:
        quoted = '"' + text.replace('"', '""') + '"'
        hits = select(_TEXT.c.rowid).where(_TEXT.c.case_text.op("MATCH")(quoted))
        return _c.id.in_(hits)
    folded = text.lower()
    columns = (func.coalesce(_c.number, ""), _c.address, _c.description)
    return or_(*(func.instr(func.lower(shown), folded) > 0 for shown in columns))


def search_of(text: str, limit: int) -> Select[Any]:
    """Return the statement of a search: open cases first, then the newest."""
    wanted: Select[Any] = select(literal_column(ROW_COLUMNS)).select_from(_CASES).where(contains(text))
    return wanted.order_by(_c.open.desc(), _c.created_ms.desc(), _c.id).limit(limit)
