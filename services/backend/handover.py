"""Hand-overs at the centre: kept in a chain, read by the same area, signed once by who takes over.

The one who leaves signs by sending the brief under an own session; the one who takes over signs under an own session
or with name and password at the seat of the other. Claims named in the brief move with the second signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from services.backend.case_view import visible_case
from services.backend.centre import Centre
from services.backend.db.access_tables import claims
from services.backend.db.handover_tables import handover_signatures, handovers
from services.backend.db.packing import pack, unpack
from services.backend.presence import LAPSE_MS
from services.backend.problems import Problem, not_found
from services.backend.scoping import prefix
from services.domain.case_doc import time_text
from services.domain.codes import covers
from services.domain.handover import (
    NO_HASH,
    POSTS,
    READERS,
    brief_hash,
    counts_by_kind,
    held_cases,
    signature_hash,
)
from services.domain.masking import mask_phones_in
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from services.sql.types import from_ms, to_ms

MAX_PAGE = 100
#: the advisory lock under which the chain grows and signatures are put
_CHAIN = 0x6772_6964_0005


def keep(centre: Centre, actor: Actor, brief: dict[str, Any]) -> dict[str, Any]:
    """Append a brief, signed by `actor`; the same brief again gives the same answer.

    Raises Problem 403 for a post that hands nothing over, 409 `handover_differs` for a known id with another
    content or sender.
    """
    _need(actor, POSTS, "您的岗位不交接班。")
    if brief["post"] not in actor.roles:
        raise Problem(403, "not_your_post", "交班的岗位不是您的岗位。")
    with writing(centre.engine) as conn:
        _alone(conn)
        known = _row(conn, brief["handover_id"])
        if known is not None:
            if known.user_id != actor.id or unpack(bytes(known.doc)) != brief:
                raise Problem(409, "handover_differs", "这份交班单已经存在，内容不同。")
            return wire(known, None)
        last = conn.execute(select(handovers.c.hash).order_by(handovers.c.n.desc()).limit(1)).scalar()
        before = NO_HASH if last is None else bytes(last)
        values = {
            "handover_id": brief["handover_id"], "area_code": actor.area_code or "", "post": brief["post"],
            "user_id": actor.id, "name": actor.name, "at": to_ms(centre.now()), "doc": pack(brief),
            "hash": brief_hash(brief, actor.id, before), "prev_hash": before,
        }  # fmt: skip
        conn.execute(insert(handovers).values(values))
        row = _row(conn, brief["handover_id"])
        assert row is not None
        return wire(row, None)


def listing(
    centre: Centre, actor: Actor, limit: int, before: int | None, *, unsigned: bool
) -> dict[str, Any]:
    """Return the heads of the last hand-overs of an area, the newest first; `before` pages on."""
    _need(actor, READERS, "您的岗位不能查看交班单。")
    asked = (
        select(handovers, *_signed_columns())
        .join(handover_signatures, _JOIN, isouter=True)
        .where(prefix(handovers.c.area_code, actor.area_code or "-"))
        .order_by(handovers.c.n.desc())
    )
    if before is not None:
        asked = asked.where(handovers.c.n < before)
    if unsigned:
        asked = asked.where(handover_signatures.c.at.is_(None))
    with reading(centre.engine) as conn:
        rows = conn.execute(asked.limit(limit + 1)).all()
    heads = [_head(row) for row in rows[:limit]]
    more = heads[-1]["n"] if len(rows) > limit else None
    return {"handovers": heads, "next_before": more, "server_time": time_text(centre.now())}


def show(centre: Centre, actor: Actor, handover_id: str) -> dict[str, Any]:
    """Return a whole hand-over; raises Problem 404 outside the area."""
    _need(actor, READERS, "您的岗位不能查看交班单。")
    with reading(centre.engine) as conn:
        row = _visible(conn, actor, handover_id)
        return wire(row, _signature(conn, handover_id))


def sign(centre: Centre, actor: Actor, handover_id: str, note: str) -> dict[str, Any]:
    """Take over: append the signature and move the claims; the same person again gets the same answer.

    Raises Problem 404 outside the area, 403 for another post, 409 `own_handover` or `already_signed`.
    """
    _need(actor, POSTS, "您的岗位不接班。")
    with writing(centre.engine) as conn:
        _alone(conn)
        row = _visible(conn, actor, handover_id)
        if row.user_id == actor.id:
            raise Problem(409, "own_handover", "交班人不能接自己的班，请接班人签字。")
        done = _signature(conn, handover_id)
        if done is not None:
            if done.user_id != actor.id:
                raise Problem(409, "already_signed", f"这份交班单已由{done.name}接班签字。")
            return wire(row, done)
        brief = unpack(bytes(row.doc))
        at, note = to_ms(centre.now()), mask_phones_in(note)
        moved = _move_claims(conn, brief, row.user_id, actor, at)
        values = {
            "handover_id": handover_id, "user_id": actor.id, "name": actor.name, "at": at, "note": note,
            "moved": " ".join(moved), "hash": signature_hash(bytes(row.hash), actor.id, at, note),
        }  # fmt: skip
        conn.execute(insert(handover_signatures).values(values))
        return wire(row, _signature(conn, handover_id))


def _move_claims(
    conn: Connection, brief: Mapping[str, Any], leaving: str, actor: Actor, now: int
) -> list[str]:
    """Give the claims of who leaves to who takes over; a case somebody else holds by now stays with them."""
    moved = []
    for case_id in held_cases(brief):
        try:
            case = visible_case(conn, actor, case_id)
        except Problem:
            continue
        alive = (claims.c.case_id == case_id) & (claims.c.kind == "hold") & (claims.c.at >= now - LAPSE_MS)
        others = conn.execute(
            select(claims.c.user_id).where(alive, claims.c.user_id.not_in((leaving, actor.id)))
        ).first()
        if not case.open or others is not None:
            continue
        who = claims.c.user_id.in_((leaving, actor.id))
        conn.execute(delete(claims).where(claims.c.case_id == case_id, who))
        conn.execute(
            insert(claims).values(
                case_id=case_id, user_id=actor.id, name=actor.name, kind="hold", since=now, at=now
            )
        )
        moved.append(case_id)
    return moved


def _alone(conn: Connection) -> None:
    """Be the only one who writes hand-overs until the transaction ends; SQLite has one writer anyhow."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_CHAIN)))


# --- rows ---------------------------------------------------------------------------------------------

_JOIN = handover_signatures.c.handover_id == handovers.c.handover_id


def _signed_columns() -> tuple[Any, ...]:
    """Return the columns of the second signature under names of their own."""
    table = handover_signatures.c
    return (table.user_id.label("by_id"), table.name.label("by_name"), table.at.label("by_at"))


def _need(actor: Actor, roles: Any, sentence: str) -> None:
    if not set(actor.roles) & set(roles):
        raise Problem(403, "not_allowed", sentence)


def _row(conn: Connection, handover_id: str) -> Row[Any] | None:
    return conn.execute(select(handovers).where(handovers.c.handover_id == handover_id)).first()


def _visible(conn: Connection, actor: Actor, handover_id: str) -> Row[Any]:
    row = _row(conn, handover_id)
    if row is None or not actor.area_code or not covers(actor.area_code, row.area_code):
        raise not_found("没有找到这份交班单，或它不在您的范围内。")
    return row


def _signature(conn: Connection, handover_id: str) -> Row[Any] | None:
    asked = select(handover_signatures).where(handover_signatures.c.handover_id == handover_id)
    return conn.execute(asked).first()


def _head(row: Row[Any]) -> dict[str, Any]:
    """Return what a list shows."""
    brief = unpack(bytes(row.doc))
    signed = None if row.by_at is None else _signed(row.by_id, row.by_name, row.by_at)
    return {
        **_said(row, brief),
        "counts": counts_by_kind(brief["lines"]),
        "taken_over": signed,
    }


def wire(row: Row[Any], signature: Row[Any] | None) -> dict[str, Any]:
    """Return a whole hand-over as sent."""
    brief = unpack(bytes(row.doc))
    taken: dict[str, Any] | None = None
    if signature is not None:
        taken = {
            **_signed(signature.user_id, signature.name, signature.at),
            "note": signature.note,
            "moved": signature.moved.split(),
            "hash": bytes(signature.hash).hex(),
        }
    return {
        **_said(row, brief),
        "drafted_at": brief["drafted_at"],
        "lines": brief["lines"],
        "remarks": brief["remarks"],
        "prev_hash": bytes(row.prev_hash).hex(),
        "taken_over": taken,
    }


def _said(row: Row[Any], brief: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n": row.n,
        "handover_id": row.handover_id,
        "area_code": row.area_code,
        "post": row.post,
        "from": {"id": row.user_id, "name": row.name},
        "at": time_text(from_ms(row.at)),
        "said_at": brief["said_at"],
        "began_at": brief["began_at"],
        "hash": bytes(row.hash).hex(),
    }


def _signed(user_id: str, name: str, at: int) -> dict[str, Any]:
    return {"id": user_id, "name": name, "at": time_text(from_ms(at))}


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How far the chain was followed and the first hand-over (`n`) that does not fit, None when all do."""

    seen: int
    broken_at: int | None = None


def verify_chain(conn: Connection) -> ChainReport:
    """Compute every hash of the chain and of the signatures anew."""
    before, seen = NO_HASH, 0
    signed = {row.handover_id: row for row in conn.execute(select(handover_signatures))}
    for row in conn.execute(select(handovers).order_by(handovers.c.n)):
        found = brief_hash(unpack(bytes(row.doc)), row.user_id, before)
        if bytes(row.prev_hash) != before or bytes(row.hash) != found:
            return ChainReport(seen, row.n)
        taken = signed.get(row.handover_id)
        if taken is not None and bytes(taken.hash) != signature_hash(
            found, taken.user_id, taken.at, taken.note
        ):
            return ChainReport(seen, row.n)
        before, seen = found, seen + 1
    return ChainReport(seen)
