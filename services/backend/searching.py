"""Search over all cases in scope: filters, full text, keyset paging (contract section 3)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select, text

from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.db.tables import NO_DUE, cases
from services.backend.history import from_packed
from services.backend.problems import invalid
from services.backend.scoping import of_dept, prefix, scoped
from services.backend.wire import case_wire
from services.backend.words import match_text
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.domain.states import STAGES, STATES
from services.sql.engine import is_sqlite, reading
from services.sql.types import to_ms

MAX_LIMIT = 500
#: order word -> (column, descending)
ORDERS: dict[str, tuple[Any, bool]] = {
    "created_at": (cases.c.created_at, False),
    "-created_at": (cases.c.created_at, True),
    "due_at": (cases.c.due_at, False),
    "-due_at": (cases.c.due_at, True),
    "closed_at": (func.coalesce(cases.c.closed_at, NO_DUE), False),
    "-closed_at": (func.coalesce(cases.c.closed_at, 0), True),
    "number": (func.coalesce(cases.c.number, ""), False),
    "-number": (func.coalesce(cases.c.number, ""), True),
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; None or empty means anything. `born_from` (included) to `born_to` (excluded)."""

    states: tuple[str, ...] = ()
    dept: str | None = None
    area: str | None = None
    category: str | None = None
    source: str | None = None
    words: str | None = None
    overdue: bool | None = None
    born_from: datetime | None = None
    born_to: datetime | None = None
    order: str = "-created_at"
    limit: int = 100
    cursor: str | None = None


def states_of(state: str | None, stage: str | None) -> tuple[str, ...]:
    """Return the states two comma lists ask for; raises Problem 422 for an unknown word."""
    wanted = set(STATES)
    if state:
        asked = set(state.split(","))
        if not asked <= set(STATES):
            raise invalid({"state": "不认识的状态"})
        wanted &= asked
    if stage:
        stages = set(stage.split(","))
        if not stages <= set(STAGES):
            raise invalid({"stage": "应为 " + "、".join(STAGES) + " 之一"})
        wanted &= {name for name, entry in STATES.items() if entry.stage in stages}
    return () if not (state or stage) else tuple(sorted(wanted)) or ("none",)


def search(centre: Centre, actor: Actor, query: Query) -> dict[str, Any]:
    """Return one page: `cases`, `next_cursor` (None after the last) and `server_time`; raises Problem 422."""
    now = centre.now()
    column, descending = ORDERS[query.order]
    statement = select(cases.c.case_id, cases.c.doc, column.label("place")).where(scoped(actor))
    statement = _filtered(statement, query, now, is_sqlite(centre.engine))
    if query.cursor:
        statement = statement.where(_beyond(query, column, descending))
    order = (column.desc(), cases.c.case_id.desc()) if descending else (column, cases.c.case_id)
    with reading(centre.engine) as conn:
        rows = conn.execute(statement.order_by(*order).limit(query.limit + 1)).all()
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return {
        "cases": [case_wire(from_packed(row.doc), now, centre.calendar) for row in page],
        "next_cursor": _cursor(query.order, page[-1].place, page[-1].case_id) if more else None,
        "server_time": time_text(now),
    }


def _filtered(statement: Select[Any], query: Query, now: datetime, sqlite: bool) -> Select[Any]:
    """Narrow a statement to what is asked for."""
    conditions: list[ColumnElement[bool]] = []
    if query.states:
        conditions.append(cases.c.state.in_(query.states))
    if query.dept:
        conditions.append(of_dept(query.dept))
    if query.area:
        conditions.append(prefix(cases.c.grid, query.area))
    if query.category:
        conditions.append(cases.c.category.startswith(query.category, autoescape=True))
    if query.source:
        conditions.append(cases.c.source == query.source)
    if query.overdue is not None:
        late = and_(cases.c.open, cases.c.due_at < to_ms(now))
        conditions.append(late if query.overdue else ~late)
    if query.born_from:
        conditions.append(cases.c.created_at >= to_ms(query.born_from))
    if query.born_to:
        conditions.append(cases.c.created_at < to_ms(query.born_to))
    if query.words:
        conditions.append(_text_condition(query.words, sqlite))
    return statement.where(*conditions)


def _text_condition(words: str, sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that every word stands in description, address or number.

    The index finds the candidates, LIKE proves them; a word the index knows nothing of (only punctuation) is
    left to LIKE alone.
    """
    parts = []
    for word in words.split()[:8]:
        plain: ColumnElement[bool] = or_(
            cases.c.description.icontains(word, autoescape=True),
            cases.c.address.icontains(word, autoescape=True),
        )
        match = match_text(word, sqlite)
        if match is not None:
            plain = and_(cases.c.ref.in_(_matches(match, sqlite)), plain)
        if word[:1].isdigit() and len(word) >= 4:
            plain = or_(plain, cases.c.number.startswith(word, autoescape=True))
        parts.append(plain)
    return and_(*parts) if parts else literal(True)


def _matches(match: str, sqlite: bool) -> Any:
    """Return the sub-select of the word index."""
    if sqlite:
        statement = text("SELECT rowid AS ref FROM case_words WHERE case_words MATCH :words")
    else:
        statement = text("SELECT ref FROM case_words WHERE words @@ CAST(:words AS tsquery)")
    return (
        statement.bindparams(bindparam("words", match, unique=True)).columns(cases.c.ref).subquery().select()
    )


def _cursor(order: str, place: Any, case_id: str) -> str:
    """Return the token of the place after a row."""
    return base64.urlsafe_b64encode(compact([order, place, case_id]).encode()).decode().rstrip("=")


def _beyond(query: Query, column: Any, descending: bool) -> ColumnElement[bool]:
    """Return the condition of the rows beyond a cursor; raises Problem 422 for anything but a cursor."""
    token = query.cursor or ""
    try:
        raw = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        order, place, case_id = json.loads(raw)
        numeric = not query.order.endswith("number")
        good = order == query.order and isinstance(case_id, str) and len(case_id) == 36
        good = good and (
            isinstance(place, int) and abs(place) < 1 << 62 if numeric else isinstance(place, str)
        )
        bytes.fromhex(case_id.replace("-", ""))
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        good = False
    if not good:
        raise invalid({"cursor": "不是有效的续页标记"})
    if descending:
        return or_(column < place, and_(column == place, cases.c.case_id < case_id))
    return or_(column > place, and_(column == place, cases.c.case_id > case_id))
