"""The digest of the open cases in a caller's scope at a number of the log: finds silent drift."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.backend import sequencer
from services.backend.centre import Centre
from services.backend.db.tables import cases
from services.backend.history import cases_as_of, count_since, since
from services.backend.problems import Problem, invalid
from services.backend.scoping import scoped
from services.domain.case import sees
from services.domain.digest import digest
from services.domain.roles import Actor
from services.sql.engine import reading

KEEPS = 10_000


def digest_at(centre: Centre, actor: Actor, as_of: int | None) -> dict[str, Any]:
    """Return 256 buckets over the open cases in scope as they were at `as_of` (None: at the head).

    Raises Problem 409 `too_old` when more than 10,000 changes came since, 422 for a number not yet given.
    """
    with reading(centre.engine) as conn:
        head = sequencer.head_of(conn)
        at = head if as_of is None else as_of
        if at > head:
            raise invalid({"as_of": "这个序号还没有产生"})
        if at < head and count_since(conn, at, KEEPS) > KEEPS:
            raise Problem(409, "too_old", "这个序号之后的变化太多，无法核对，请重新取全部案件。")
        changed = set(conn.execute(since(at)).scalars())
        rows = conn.execute(select(cases.c.case_id, cases.c.version).where(cases.c.open, scoped(actor)))
        found = [(case_id, version) for case_id, version in rows if case_id not in changed]
        for case in cases_as_of(conn, changed, at).values():
            if case.open and sees(actor, case):
                found.append((case.case_id, case.version))
    buckets = digest(found)
    return {
        "as_of": at,
        "epoch": centre.facts.epoch,
        "buckets": [{"count": bucket.count, "xor": bucket.xor} for bucket in buckets],
    }
