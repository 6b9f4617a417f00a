"""Follows the numbered log for what became of automatic acts and for what goes from unit to unit.

Place in the log and what was written up to it are one transaction, so nothing is counted twice; of several processes
one wins the row. What is written are projections: bounced acts, steps from unit to unit, disputes with their marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from services.backend.db.auto_tables import auto_acts, bounce_steps, disputes
from services.backend.db.learned_tables import learned
from services.backend.db.packing import pack, unpack
from services.backend.db.tables import changes
from services.backend.history import chunks
from services.backend.learned.following import facts_at
from services.domain.auto_rules import AGAIN, UNDONE_BY
from services.domain.bounces import ASKED, DECIDED, Bounce, bounces, meeting_mark
from services.domain.facts import CaseFacts
from services.sql.engine import reading, writing
from services.sql.types import to_ms

NAME = "auto"
#: changes looked at in one turn, and cases folded in one
SPAN, CASES = 4_000, 150
#: changes after which the steps of a case are read anew
_MOVES = frozenset({"return_case", "redispatch", "recall", "reopen"})
_UNDOES = frozenset().union(*UNDONE_BY.values()) | AGAIN | {"amend"}
_AGAIN = "reopen"
_WATCHED = sorted(_MOVES | _UNDOES | {"comment"})


class Follower:
    """Keeps the projections of one database up to date; `turn` takes the next part of the log."""

    def __init__(self, engine: Engine) -> None:
        """Take the database."""
        self._engine = engine

    def turn(self) -> bool:
        """Take in the next part of the log; True when there may be more."""
        with reading(self._engine) as conn:
            since = place(conn)
            rows, upto = _portion(conn, since)
            marks = _marks(conn, rows)
            told = _stories(conn, rows)
        if upto == since:
            return False
        try:
            with writing(self._engine) as conn:
                if not _move(conn, since, upto):
                    return True
                _note_acts(conn, rows)
                for facts in told:
                    _write_steps(conn, facts)
                for case_id, word, mark in marks:
                    _write_mark(conn, case_id, word, mark)
        except IntegrityError:
            return True
        return True


def place(conn: Connection) -> int:
    """Return up to which number the log was followed."""
    return int(conn.execute(select(learned.c.seq).where(learned.c.name == NAME)).scalar() or 0)


def _move(conn: Connection, since: int, upto: int) -> bool:
    """Move the place; False when another process has moved it."""
    if since:
        done = conn.execute(
            update(learned).where(learned.c.name == NAME, learned.c.seq == since).values(seq=upto)
        )
        return done.rowcount == 1
    conn.execute(insert(learned).values(name=NAME, seq=upto, doc=pack({})))
    return True


def _portion(conn: Connection, since: int) -> tuple[list[RowMapping], int]:
    """Return the watched changes of the next stretch and its end; a stretch never holds too many cases."""
    c = changes.c
    end = conn.execute(
        select(c.seq).where(c.seq > since, c.seq <= since + SPAN).order_by(c.seq.desc()).limit(1)
    ).scalar()
    if end is None:
        return [], since
    rows = conn.execute(
        select(c.seq, c.case_id, c.version, c.action, c.actor_id, c.role, c.at)
        .where(c.seq > since, c.seq <= end, c.action.in_(_WATCHED))
        .order_by(c.seq)
    ).mappings()
    found: list[RowMapping] = []
    seen: set[str] = set()
    for row in rows:
        if row["case_id"] not in seen and len(seen) >= CASES:
            return found, int(found[-1]["seq"])
        seen.add(row["case_id"])
        found.append(row)
    return found, int(end)


def _stories(conn: Connection, rows: Iterable[RowMapping]) -> list[CaseFacts]:
    """Return the facts of cases that moved, as of the last change of the stretch; only those that ever bounced."""
    latest: dict[str, int] = {}
    for row in rows:
        if row["action"] in _MOVES:
            latest[row["case_id"]] = max(row["version"], latest.get(row["case_id"], 0))
    if not latest:
        return []
    bounced: set[str] = set()
    for part in chunks(latest):
        bounced |= set(
            conn.execute(
                select(changes.c.case_id).where(
                    changes.c.case_id.in_(part), changes.c.action.in_(("return_case", "redispatch"))
                )
            ).scalars()
        )
    told = []
    for case_id in sorted(bounced):
        found = facts_at(conn, case_id, latest[case_id])
        if found is not None:
            told.append(found[0])
    return told


def _write_steps(conn: Connection, facts: CaseFacts) -> None:
    """Write the steps of a case's present round anew, and how many there are."""
    steps = bounces(facts)
    conn.execute(delete(bounce_steps).where(bounce_steps.c.case_id == facts.case_id))
    if steps:
        conn.execute(insert(bounce_steps), [_step(facts, n, one) for n, one in enumerate(steps, 1)])
    values = {"bounces": len(steps), "last_at": to_ms(steps[-1].at) if steps else None}
    _put(conn, facts.case_id, values)


def _step(facts: CaseFacts, n: int, one: Bounce) -> dict[str, Any]:
    return {
        "case_id": facts.case_id, "n": n, "category": facts.category, "grid": facts.grid, "giver": one.giver,
        "taker": one.taker, "at": to_ms(one.at), "returned": one.returned,
    }  # fmt: skip


def _put(conn: Connection, case_id: str, values: Mapping[str, Any]) -> None:
    """Change or add the row of a dispute."""
    done = conn.execute(update(disputes).where(disputes.c.case_id == case_id).values(**values))
    if not done.rowcount:
        conn.execute(insert(disputes).values(**{"bounces": 0, **values, "case_id": case_id}))


def _marks(conn: Connection, rows: Iterable[RowMapping]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the comments of desks that ask for or decide a joint meeting: case, word, mark; in the log's order.

    A reopened case begins without any.
    """
    found: list[tuple[str, str, dict[str, Any]]] = []
    for row in rows:
        if row["action"] == "reopen":
            found.append((row["case_id"], _AGAIN, {}))
        if row["action"] != "comment" or row["role"] not in ("dispatcher", "shift_leader"):
            continue
        body = unpack(
            bytes(
                conn.execute(
                    select(changes.c.body).where(
                        changes.c.case_id == row["case_id"], changes.c.version == row["version"]
                    )
                ).scalar_one()
            )
        )
        said = meeting_mark(str(body["p"].get("text", "")))
        if said is not None:
            word, text = said
            mark = {"at": row["at"], "by": row["actor_id"], "name": body["n"], "text": text}
            found.append((row["case_id"], word, mark))
    return found


def _write_mark(conn: Connection, case_id: str, word: str, mark: Mapping[str, Any]) -> None:
    """Note that a joint meeting was asked for or has decided, or that the case begins anew."""
    if word == _AGAIN:
        fresh = {"asked": None, "asked_at": None, "decided": None, "decided_at": None}
        conn.execute(update(disputes).where(disputes.c.case_id == case_id).values(**fresh))
        return
    column = {ASKED: "asked", DECIDED: "decided"}[word]
    _put(conn, case_id, {column: pack(mark), f"{column}_at": mark["at"]})


def _note_acts(conn: Connection, rows: list[RowMapping]) -> None:
    """Note which automatic acts were undone or had to be done again; the first undoing stands."""
    undoing = [row for row in rows if row["action"] in _UNDOES]
    acts: dict[str, list[RowMapping]] = {}
    for part in chunks({row["case_id"] for row in undoing}):
        for act in conn.execute(
            select(auto_acts).where(
                auto_acts.c.case_id.in_(part),
                or_(auto_acts.c.outcome.is_(None), auto_acts.c.outcome != "dropped"),
            )
        ).mappings():
            acts.setdefault(act["case_id"], []).append(act)
    for row in undoing:
        for act in acts.get(row["case_id"], ()):
            if row["version"] > act["version"] + 1:
                _note_act(conn, act, row)


def _note_act(conn: Connection, act: RowMapping, row: RowMapping) -> None:
    """Note one later change of a case on one act."""
    c = auto_acts.c
    where = (c.case_id == act["case_id"], c.action == act["action"])
    action = row["action"]
    if action in UNDONE_BY[act["action"]] or (act["action"] == "file" and action == "amend"):
        conn.execute(
            update(auto_acts)
            .where(*where, c.undone_at.is_(None))
            .values(undone_at=row["at"], undone_by=action)
        )
    elif action in AGAIN and act["action"] in ("dispatch", "close"):
        conn.execute(update(auto_acts).where(*where).values(again=c.again + 1))
