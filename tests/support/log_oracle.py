"""What must hold of a centre's database after any fault: nothing lost or doubled, no gap, the chain holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, func, select

from services.backend import sequencer
from services.backend.db.tables import cases, changes, commands, dispatches
from services.backend.history import from_packed, timeline
from services.backend.verify import verify
from services.sql.engine import glancing, is_sqlite, open_engine, reading, writing


def examine(url: str, outcomes: dict[str, dict[str, Any]] | None = None) -> dict[str, int]:
    """Check a database at rest; `outcomes` are the answers that were received, by command id.

    Returns counts; raises AssertionError with what does not hold.
    """
    engine = open_engine(url)
    try:
        _settle(engine)
        with reading(engine) as conn:
            found = verify(conn)
            assert found.good, found.wrong[:5]
            numbers = list(conn.execute(select(changes.c.seq).order_by(changes.c.seq)).scalars())
            assert numbers == list(range(1, len(numbers) + 1)), "the log has gaps"
            unfit = (
                select(dispatches.c.case_id)
                .where(dispatches.c.ended_at.is_(None))
                .group_by(dispatches.c.case_id)
                .having(func.count() > 1)
            )
            assert conn.execute(unfit).first() is None, "two active dispatches of one case"
            for row in conn.execute(select(cases.c.case_id, cases.c.doc, cases.c.version)).all():
                story = timeline(conn, row.case_id)
                assert [change["version"] for change, _, _ in story] == list(range(1, row.version + 1))
                assert story[-1][2] == from_packed(row.doc), f"case {row.case_id} is not its log"
            stored = {row.command_id: row for row in conn.execute(select(commands)).all()}
            effects = Counter(conn.execute(select(changes.c.command_id)).scalars())
            applied = {key for key, row in stored.items() if row.outcome == "applied"}
            assert set(effects) == applied, "changes and applied commands differ"
            for key, outcome in (outcomes or {}).items():
                assert key in stored, f"decided command {key} is lost"
                assert stored[key].outcome == outcome["outcome"], f"command {key} has another outcome"
        return {"changes": len(numbers), "commands": len(stored), "sqlite": int(is_sqlite(engine))}
    finally:
        engine.dispose()


def _settle(engine: Engine) -> None:
    """Number what waits; a centre that still beats may be at it as well."""
    for _ in range(200):
        with writing(engine) as conn:
            sequencer.number_all(conn)
        with glancing(engine) as conn:
            if not sequencer.anything_waits(conn):
                return
        time.sleep(0.02)
    raise AssertionError("changes stay without a number")


def feed_of(seat: Any, epoch: str, limit: int = 500) -> list[dict[str, Any]]:
    """The whole feed as one seat sees it."""
    found: list[dict[str, Any]] = []
    at = 0
    while True:
        answer = seat.get("/changes", epoch=epoch, since=at, limit=limit, wait=0).json()
        found += answer["changes"]
        if answer["next"] == at:
            return found
        at = answer["next"]


def gaps(seqs: Iterable[int]) -> int:
    """How many numbers are missing between the first and the last."""
    listed = sorted(set(seqs))
    return 0 if not listed else listed[-1] - listed[0] + 1 - len(listed)
