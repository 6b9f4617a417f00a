"""The feed (contract sections 3 and 7): numbered changes with the case after each, as one caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from services.backend import sequencer
from services.backend.access.sessions import Caller
from services.backend.db.packing import compact, unpack
from services.backend.db.tables import changes
from services.backend.feed_hub import KEPT
from services.backend.history import versions
from services.backend.problems import must_refetch
from services.backend.wire import case_wire, change_wire
from services.domain.case import Case, in_scope
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import from_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

MAX_LIMIT = 1000


def check_cursor(centre: Centre, caller: Caller, epoch: str | None, since: int) -> None:
    """Raise Problem 409 `must_refetch` when a cursor no longer fits the log or the caller's rights.

    `epoch` None is not compared. Reads the head from the database only for a cursor beyond the known one.
    """
    facts = centre.facts
    if epoch is not None and epoch != facts.epoch:
        raise must_refetch("feed_epoch differs")
    if since < facts.first_seq - 1:
        raise must_refetch("the cursor is older than the log keeps")
    if caller.rights_changed:
        raise must_refetch("the caller's rights have changed")
    if since > centre.hub.head:
        with glancing(centre.engine) as conn:
            head = sequencer.head_of(conn)
        if since > head:
            raise must_refetch("the cursor is beyond the log")


def read_changes(
    centre: Centre, actor: Actor, since: int, limit: int, *, fresh: bool = False
) -> tuple[bytes, int]:
    """Return the body of the answer and how many rows of the log were examined; reads what is not in memory.

    `fresh` looks at the log itself, not at what this process knows of it since its last beat.
    """
    head = head_now(centre) if fresh else 0
    rows = centre.recent.after(since, limit) if head <= centre.recent.last else None
    ready = None if rows is None else _assembled(centre, actor, since, rows, head)
    if rows is not None and ready is not None:
        return ready, len(rows)
    with glancing(centre.engine) as conn:
        if rows is None:
            rows = rows_after(conn, since, limit)
        encode(centre, conn, [row for row in rows if _scope(actor, row) == "in"])
    made = _assembled(centre, actor, since, rows, head)
    if made is None:  # more changes than the memory of encoded ones holds: cannot be with MAX_LIMIT
        raise RuntimeError("encoded changes were dropped at once")
    return made, len(rows)


def head_now(centre: Centre) -> int:
    """Number what is committed and return the head of the log, without waiting for the next beat.

    For who asks without waiting: what was decided before the question is in the answer, whichever process
    decided it (unless another sequencer holds the lock at this very moment). Blocks on the database.
    """
    with glancing(centre.engine) as conn:
        waits, head, _ = sequencer.look(conn)
    if waits and not is_sqlite(centre.engine):
        with writing(centre.engine) as conn:
            sequencer.number(conn)
            head = sequencer.head_of(conn)
    return head


def ready_changes(centre: Centre, actor: Actor, since: int, limit: int) -> tuple[bytes, int] | None:
    """Return what `read_changes` does when everything is in memory, else None; never touches the database."""
    rows = centre.recent.after(since, limit)
    made = None if rows is None else _assembled(centre, actor, since, rows)
    return None if rows is None or made is None else (made, len(rows))


def follow(centre: Centre, head: int) -> None:
    """Take the rows up to a new head into memory and, when somebody waits, encode them once for all who do."""
    last = centre.recent.last
    if head > last:
        if head - last > KEPT // 2:
            centre.recent.start(head)
        else:
            with glancing(centre.engine) as conn:
                rows = rows_after(conn, last, head - last)
                if centre.hub.waiting:
                    encode(centre, conn, rows)
            centre.recent.add(rows)
    centre.hub.tell(head)


def rows_after(conn: Connection, since: int, limit: int) -> list[Any]:
    """Return rows of `changes` after a number, in order."""
    wanted = select(changes).where(changes.c.seq > since).order_by(changes.c.seq).limit(limit)
    return list(conn.execute(wanted).mappings())


def _assembled(centre: Centre, actor: Actor, since: int, rows: Sequence[Any], head: int = 0) -> bytes | None:
    """Return the body of the answer from encoded changes; None when one of them is not encoded yet."""
    parts = []
    for row in rows:
        scope = _scope(actor, row)
        if scope == "in":
            made = centre.change_bytes.get(row["seq"])
            if made is None:
                return None
            parts.append(made)
        elif scope == "left":
            parts.append(_left_bytes(row))
    reached = int(rows[-1]["seq"]) if rows else since
    head = max(centre.hub.head, reached, head)
    tail = f'],"next":{reached},"head":{head},"server_time":"{time_text(centre.now())}"}}'
    begin = f'{{"epoch":"{centre.facts.epoch}","changes":['
    return begin.encode() + b",".join(parts) + tail.encode()


def encode(centre: Centre, conn: Connection, rows: Sequence[Any]) -> None:
    """Encode changes with their cases, as everybody who sees them gets them, and keep that."""
    missing = [row for row in rows if centre.change_bytes.get(row["seq"]) is None]
    after = cases_after(centre, conn, missing)
    for row in missing:
        body = unpack(bytes(row["body"]))
        at = from_ms(row["at"])
        document = change_wire(row, body["n"], body["p"], at)
        document["case"] = case_wire(after[(row["case_id"], row["version"])], at, centre.calendar)
        document["left_scope"] = False
        centre.change_bytes.put(row["seq"], compact(document).encode())


def _scope(actor: Actor, row: Any) -> str:
    """Return `in`, `left` (it was in the caller's scope before this change) or `out`."""
    depts = row["depts"]
    if in_scope(actor, row["grid"], frozenset(depts.split(",")) if depts else frozenset()):
        return "in"
    if row["was"] is None:
        return "out"
    grid, _, before = row["was"].partition("|")
    was = in_scope(actor, grid or None, frozenset(before.split(",")) if before else frozenset())
    return "left" if was else "out"


def cases_after(centre: Centre, conn: Connection, rows: list[Any]) -> dict[tuple[str, int], Case]:
    """Return the case after each of some changes; from memory where possible, else replayed."""
    found: dict[tuple[str, int], Case] = {}
    missing: dict[str, set[int]] = {}
    for row in rows:
        key = (row["case_id"], row["version"])
        kept = centre.cases.get(key)
        if kept is not None:
            found[key] = kept
        else:
            missing.setdefault(key[0], set()).add(key[1])
    if missing:
        replayed = versions(conn, missing)
        found.update(replayed)
        for key, case in replayed.items():
            centre.cases.put(key, case)
    return found


def _left_bytes(row: Any) -> bytes:
    """Return the one change that tells a caller that a case has left their scope: without case and payload."""
    body = unpack(bytes(row["body"]))
    document = change_wire(row, body["n"], {}, from_ms(row["at"]))
    document["left_scope"] = True
    return compact(document).encode()
