"""The snapshot: all open cases in the caller's scope and those closed in the last 7 days, every page at one number.

The case table is ahead of the log's numbers by what was committed meanwhile. So every page looks up which
cases changed after `as_of`, and tells those as they were then. Pages run over open cases by id, then over
closed ones by closing time; a case belongs to the part in which it was at `as_of`.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from services.backend import sequencer
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.db.tables import cases
from services.backend.history import cases_as_of, count_since, from_packed, since
from services.backend.problems import invalid, must_refetch
from services.backend.scoping import scoped
from services.backend.wire import case_wire
from services.domain.case import Case, sees
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import reading
from services.sql.types import to_ms

PAGE = 500
KEEPS = 10_000
CLOSED_DAYS = 7
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a snapshot goes on: its number and moment, the part (`open`, `closed`), the last key sent.

    `total` is how many cases there were when it began, counted once for all its pages.
    """

    as_of: int
    epoch: str
    since_ms: int
    part: str = "open"
    after: Key = (-1, "")
    total: int = 0

    def text(self) -> str:
        """Return the page token."""
        values = [self.as_of, self.epoch, self.since_ms, self.part, *self.after, self.total]
        return base64.urlsafe_b64encode(compact(values).encode()).decode().rstrip("=")


def read_cursor(token: str) -> Cursor:
    """Read a page token; raises Problem 422 for anything else."""
    try:
        raw = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        as_of, epoch, since_ms, part, closed, case_id, total = json.loads(raw)
        after = (int(closed), str(case_id))
        cursor = Cursor(int(as_of), str(epoch), int(since_ms), str(part), after, int(total))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise invalid({"page": "不是有效的页码"}) from None
    if cursor.part not in ("open", "closed") or not 0 <= cursor.as_of < 1 << 62:
        raise invalid({"page": "不是有效的页码"})
    return cursor


def snapshot_page(centre: Centre, actor: Actor, token: str | None, size: int = PAGE) -> bytes:
    """Return one page as the body of the answer.

    Raises Problem 409 `must_refetch` when the data history is another one, or more than 10,000 changes came
    since the first page.
    """
    now = centre.now()
    with reading(centre.engine) as conn:
        if token:
            cursor = read_cursor(token)
            if cursor.epoch != centre.facts.epoch:
                raise must_refetch("feed_epoch differs")
            if count_since(conn, cursor.as_of, KEEPS) > KEEPS:
                raise must_refetch("the snapshot is too old to go on with")
        else:
            recent = to_ms(now - timedelta(days=CLOSED_DAYS))
            cursor = Cursor(sequencer.head_of(conn), centre.facts.epoch, recent)
            cursor = replace(cursor, total=_count(conn, actor, cursor))
        found, following = _page(conn, actor, cursor, size)
    document = {
        "as_of_seq": cursor.as_of,
        "epoch": cursor.epoch,
        "cases": [case_wire(case, now, centre.calendar) for case in found],
        "next_page": None if following is None else following.text(),
        "total": cursor.total,
        "server_time": time_text(now),
    }
    return compact(document).encode()


def _count(conn: Connection, actor: Actor, cursor: Cursor) -> int:
    """Return how many cases the snapshot will have; a change under way may make it one more or less."""
    closed = and_(~cases.c.open, cases.c.closed_at.is_not(None), cases.c.closed_at >= cursor.since_ms)
    counted = [
        conn.execute(select(func.count()).select_from(cases).where(scoped(actor), part)).scalar() or 0
        for part in (cases.c.open, closed)
    ]
    return sum(counted)


def _page(conn: Connection, actor: Actor, cursor: Cursor, size: int) -> tuple[list[Case], Cursor | None]:
    """Return the cases of a page and where the next one begins (None after the last)."""
    changed = set(conn.execute(since(cursor.as_of)).scalars())
    back = cases_as_of(conn, changed, cursor.as_of)
    found: list[Case] = []
    here: Cursor | None = cursor
    while here is not None and len(found) < size:
        more, here = _stretch(conn, actor, here, size - len(found), changed, back)
        found += more
    return found, here


def _stretch(
    conn: Connection, actor: Actor, cursor: Cursor, size: int, changed: set[str], back: dict[str, Case]
) -> tuple[list[Case], Cursor | None]:
    """Return up to about `size` cases of one part, and the cursor after them."""
    rows = conn.execute(_statement(actor, cursor).limit(size)).all()
    full = len(rows) == size
    upper: Key | None = _row_key(cursor.part, rows[-1]) if full else None
    unchanged = {
        _row_key(cursor.part, row): from_packed(row.doc) for row in rows if row.case_id not in changed
    }
    then = {
        key: case
        for case in back.values()
        if (key := _key(cursor, case)) is not None
        and key > cursor.after
        and (upper is None or key <= upper)
        and sees(actor, case)
    }
    merged = sorted({**unchanged, **then}.items())
    if upper is not None:
        return [case for _, case in merged], replace(cursor, after=upper)
    following = replace(cursor, part="closed", after=(-1, "")) if cursor.part == "open" else None
    return [case for _, case in merged], following


def _statement(actor: Actor, cursor: Cursor) -> Any:
    """Return the statement for the rows of a part beyond the cursor, in the order of its keys."""
    closed, case_id = cursor.after
    rows = select(cases.c.case_id, cases.c.closed_at, cases.c.doc).where(scoped(actor))
    if cursor.part == "open":
        if case_id:
            rows = rows.where(cases.c.case_id > case_id)
        return rows.where(cases.c.open).order_by(cases.c.case_id)
    rows = rows.where(~cases.c.open, cases.c.closed_at.is_not(None), cases.c.closed_at >= cursor.since_ms)
    if case_id:
        later = and_(cases.c.closed_at == closed, cases.c.case_id > case_id)
        rows = rows.where(or_(cases.c.closed_at > closed, later))
    return rows.order_by(cases.c.closed_at, cases.c.case_id)


def _row_key(part: str, row: Any) -> Key:
    """Return the key of a row in its part."""
    return (0 if part == "open" else int(row.closed_at), str(row.case_id))


def _key(cursor: Cursor, case: Case) -> Key | None:
    """Return the key a case had in the cursor's part at `as_of`, None when it was not in it."""
    if cursor.part == "open":
        return (0, case.case_id) if case.open else None
    if case.open or case.closed_at is None or to_ms(case.closed_at) < cursor.since_ms:
        return None
    return (to_ms(case.closed_at), case.case_id)
