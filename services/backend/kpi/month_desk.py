"""A month of evaluation on its way: computed, published to the units, objected to, scored again, signed, frozen.

A frozen month is sealed: its document, objections and signatures are hashed together with the seal of the month frozen
before it, and never change. What the log corrects afterwards is told as a difference beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.backend.access.audit import record
from services.backend.db.kpi_month_tables import kpi_months, kpi_objections, kpi_signatures
from services.backend.db.packing import compact, pack, unpack
from services.backend.kpi.months import Upheld, case_sides, judged_by, month_doc, period_of
from services.backend.kpi.parts import Accounting
from services.backend.kpi.spans import day_of, month_name
from services.backend.problems import Problem, invalid, not_found
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.types import from_ms, to_ms

#: days in which units may object
OBJECTION_DAYS = 3
_EVALUATORS = frozenset({"evaluator"})
_SIGNERS = frozenset({"evaluator", "leader", "shift_leader"})
_UNITS = frozenset({"dept_user", "street_user"})
GENESIS = bytes(32)

#: digits of a district in an area code
DISTRICT = 6


def _area(actor: Actor) -> str:
    """Return the district an actor works in."""
    return (actor.area_code or "")[:DISTRICT]


def _row(conn: Connection, actor: Actor, month: int) -> Any:
    """Return the stored month, None when there is none."""
    where = (kpi_months.c.month == month, kpi_months.c.area == _area(actor))
    return conn.execute(select(kpi_months).where(*where)).first()


def _objections(conn: Connection, actor: Actor, month: int) -> list[Any]:
    where = (kpi_objections.c.month == month, kpi_objections.c.area == _area(actor))
    return list(conn.execute(select(kpi_objections).where(*where).order_by(kpi_objections.c.at)).all())


def _signatures(conn: Connection, actor: Actor, month: int) -> list[Any]:
    where = (kpi_signatures.c.month == month, kpi_signatures.c.area == _area(actor))
    return list(conn.execute(select(kpi_signatures).where(*where).order_by(kpi_signatures.c.at)).all())


def _need(actor: Actor, roles: frozenset[str], sentence: str) -> None:
    if roles.isdisjoint(actor.roles):
        raise Problem(403, "not_allowed", sentence)


def _of_district(actor: Actor) -> None:
    """Raise Problem 403 for who answers for less than the district: a month is one sheet for all of it."""
    if len(actor.area_code or "") > DISTRICT:
        raise Problem(403, "not_allowed", "考核月由全区的考评员和领导办理。")


def _whole(actor: Actor) -> Actor:
    """Return the actor a month is counted as: the whole district, whoever asks."""
    return Actor(actor.id, actor.name, ("evaluator",), _area(actor), None)


def take_step(
    conn: Connection,
    accounting: Accounting,
    actor: Actor,
    month: int,
    given: Mapping[str, Any],
    now: datetime,
    trace: str,
) -> None:
    """Take one step of a month; raises Problem 403 for another post, 409 when the month does not stand for it."""
    step = given["step"]
    _need(
        actor,
        _SIGNERS if step == "sign" else _EVALUATORS,
        "您的岗位不能签字。" if step == "sign" else "考核月由考评员办理。",
    )
    _of_district(actor)
    row = _row(conn, actor, month)
    if step == "compute":
        _compute(conn, accounting, actor, month, row, now)
    elif row is None:
        raise Problem(409, "not_computed", "这个月还没有计算。")
    elif step == "publish":
        _publish(conn, accounting, actor, month, row, now)
    elif step == "rescore":
        _rescore(conn, accounting, actor, month, row, now)
    elif step == "sign":
        _sign(conn, actor, month, row, given.get("note", ""), now)
    else:
        _freeze(conn, actor, month, row, now)
    record(conn, actor.id, f"month_{step}", month_name(month), None, trace)


def _store(conn: Connection, actor: Actor, month: int, **values: Any) -> None:
    where = (kpi_months.c.month == month, kpi_months.c.area == _area(actor))
    conn.execute(update(kpi_months).where(*where).values(**values))


def _compute(
    conn: Connection, accounting: Accounting, actor: Actor, month: int, row: Any, now: datetime
) -> None:
    """计算: as often as wanted before it is published."""
    if row is not None and row.state != "computed":
        raise Problem(409, "published_before", "这个月已经公示，只能重新评分。")
    doc = pack(month_doc(conn, accounting, _whole(actor), month, (), now))
    if row is not None:
        _store(conn, actor, month, doc=doc, by_user=actor.id)
        return
    values = {"month": month, "area": _area(actor), "state": "computed", "doc": doc, "by_user": actor.id}
    conn.execute(insert(kpi_months).values(**values))


def _publish(
    conn: Connection, accounting: Accounting, actor: Actor, month: int, row: Any, now: datetime
) -> None:
    """公示 to the units: the time to object begins; only a month that is over can be published."""
    if row.state != "computed":
        raise Problem(409, "published_before", "这个月已经公示。")
    if day_of(now, accounting.calendar) < period_of(month).end:
        raise Problem(409, "month_not_over", "这个月还没有结束，不能公示。")
    until = now + timedelta(days=OBJECTION_DAYS)
    _store(conn, actor, month, state="published", published_at=to_ms(now), objections_until=to_ms(until))


def _rescore(
    conn: Connection, accounting: Accounting, actor: Actor, month: int, row: Any, now: datetime
) -> None:
    """重新评分 with the objections that were upheld; earlier signatures lapse."""
    if row.state != "published":
        raise Problem(409, "not_published", "只有公示中的月份可以重新评分。")
    upheld = [Upheld(o.kpi, o.dept, o.case_id, o.kind) for o in _objections(conn, actor, month) if o.approved]
    _store(conn, actor, month, doc=pack(month_doc(conn, accounting, _whole(actor), month, upheld, now)))
    where = (kpi_signatures.c.month == month, kpi_signatures.c.area == _area(actor))
    conn.execute(kpi_signatures.delete().where(*where))


def _settled(conn: Connection, actor: Actor, month: int, row: Any, now: datetime) -> None:
    """Raise Problem 409 while a month may be objected to, an objection waits, or one upheld is not counted yet."""
    if row.state != "published":
        raise Problem(409, "not_published", "这个月不在公示中。")
    if to_ms(now) < row.objections_until:
        raise Problem(409, "objections_open", "申诉期还没有结束。")
    objections = _objections(conn, actor, month)
    if any(o.approved is None for o in objections):
        raise Problem(409, "objections_waiting", "还有申诉没有裁定。")
    computed = to_ms(datetime.fromisoformat(unpack(bytes(row.doc))["computed_at"]))
    if any(o.approved and o.decided_at > computed for o in objections):
        raise Problem(409, "not_rescored", "有申诉已经成立，还没有重新评分。")


def _sign(conn: Connection, actor: Actor, month: int, row: Any, note: str, now: datetime) -> None:
    """签字确认 of the sign-off sheet; once a person."""
    _settled(conn, actor, month, row, now)
    if any(s.user_id == actor.id for s in _signatures(conn, actor, month)):
        raise Problem(409, "signed_before", "您已经签过字。")
    values = {"month": month, "area": _area(actor), "user_id": actor.id, "name": actor.name}
    more = {"role": actor.roles[0], "at": to_ms(now), "note": note}
    conn.execute(insert(kpi_signatures).values(**values, **more))


def _freeze(conn: Connection, actor: Actor, month: int, row: Any, now: datetime) -> None:
    """归档封存: signed by somebody besides who freezes it, sealed with the seal before it."""
    _settled(conn, actor, month, row, now)
    signatures = _signatures(conn, actor, month)
    if not any(s.user_id != actor.id for s in signatures):
        raise Problem(409, "not_signed", "还没有其他人签字确认。")
    last = conn.execute(
        select(kpi_months.c.hash)
        .where(kpi_months.c.area == _area(actor), kpi_months.c.hash.is_not(None))
        .order_by(kpi_months.c.frozen_at.desc(), kpi_months.c.month.desc())
        .limit(1)
    ).scalar()
    previous = GENESIS if last is None else bytes(last)
    seal = seal_of(previous, unpack(bytes(row.doc)), _objections(conn, actor, month), signatures)
    _store(conn, actor, month, state="frozen", frozen_at=to_ms(now), hash=seal, prev_hash=previous)


def seal_of(previous: bytes, doc: Mapping[str, Any], objections: list[Any], signatures: list[Any]) -> bytes:
    """Return the seal of a month: sha256 over the seal before it and all that was published and signed."""
    told = {
        "doc": doc,
        "objections": [_told(o) for o in objections],
        "signatures": [_told(s) for s in signatures],
    }
    return hashlib.sha256(previous + compact(told).encode()).digest()


def _told(row: Any) -> dict[str, Any]:
    """Return a row as JSON values, times as text."""
    found = dict(row._mapping)
    return {k: time_text(from_ms(v)) if k in ("at", "decided_at") and v else v for k, v in found.items()}


# --- objections ------------------------------------------------------------------------------------------


def object_to(
    conn: Connection,
    accounting: Accounting,
    actor: Actor,
    month: int,
    given: Mapping[str, Any],
    now: datetime,
    trace: str,
) -> dict[str, Any]:
    """Object to a figure of one's own unit because of a case that stands behind it.

    Raises Problem 403 for another post, 409 outside the time for it or a second time, 422 when it is not behind it.
    """
    _need(actor, _UNITS, "申诉由承办单位提出。")
    row = _row(conn, actor, month)
    if row is None or row.state != "published" or to_ms(now) >= row.objections_until:
        raise Problem(409, "objections_closed", "现在不在申诉期内。")
    definition = next((d for d in judged_by(accounting) if d.id == given["kpi"]), None)
    if definition is None or actor.dept is None:
        raise invalid({"kpi": "不是按单位考核的指标"})
    if not any(case_sides(conn, definition, month, actor.dept, given["case_id"], now)):
        raise invalid({"case_id": "这件案件不在本单位的这项指标里"})
    values = {**given, "month": month, "area": _area(actor), "dept": actor.dept, "by_user": actor.id}
    waiting = [o for o in _objections(conn, actor, month) if o.dept == actor.dept and o.kpi == given["kpi"]]
    if any(o.case_id == given["case_id"] for o in waiting):
        raise Problem(409, "objected_before", "这件案件已经就这项指标提过申诉。")
    try:
        conn.execute(insert(kpi_objections).values(**values, at=to_ms(now)))
    except IntegrityError:
        raise Problem(409, "objected_before", "这份申诉已经提交过。") from None
    record(conn, actor.id, "month_object", month_name(month), dict(given), trace)
    return {**values, "at": time_text(now), "approved": None}


def decide_objection(
    conn: Connection, actor: Actor, objection_id: str, given: Mapping[str, Any], now: datetime, trace: str
) -> dict[str, Any]:
    """Decide an objection of the district, once; raises Problem 403, 404 or 409."""
    _need(actor, _EVALUATORS, "申诉由考评员裁定。")
    _of_district(actor)
    where = (kpi_objections.c.objection_id == objection_id, kpi_objections.c.area == _area(actor))
    found = conn.execute(select(kpi_objections).where(*where)).first()
    if found is None:
        raise not_found()
    values = {"approved": given["approve"], "decided_by": actor.id, "decided_at": to_ms(now)}
    note = {"note": given.get("note", "")}
    done = conn.execute(
        update(kpi_objections).where(*where, kpi_objections.c.approved.is_(None)).values(**values, **note)
    )
    if done.rowcount != 1:
        raise Problem(409, "decided_before", "这份申诉已经裁定。")
    record(conn, actor.id, "month_decide", objection_id, dict(given), trace)
    return _told(conn.execute(select(kpi_objections).where(*where)).one())


# --- looking ---------------------------------------------------------------------------------------------


def month_view(
    conn: Connection, accounting: Accounting, actor: Actor, month: int, now: datetime
) -> dict[str, Any]:
    """Return a month as it stands; before it is published only to those who evaluate and sign.

    Raises Problem 404 when there is none to see.
    """
    row = _row(conn, actor, month)
    inside = not _SIGNERS.isdisjoint(actor.roles)
    if row is None or (row.state == "computed" and not inside):
        raise not_found()
    doc = unpack(bytes(row.doc))
    objections = _objections(conn, actor, month)
    found = {
        **doc, "month": month_name(month), "area": row.area, "state": row.state,
        "published_at": _time(row.published_at), "objections_until": _time(row.objections_until),
        "frozen_at": _time(row.frozen_at), "seal": None if row.hash is None else bytes(row.hash).hex(),
        "objections": [_told(o) for o in objections if inside or o.dept == actor.dept],
        "signatures": [_told(s) for s in _signatures(conn, actor, month)], "difference": [],
    }  # fmt: skip
    if row.state == "frozen":
        upheld = [Upheld(o.kpi, o.dept, o.case_id, o.kind) for o in objections if o.approved]
        fresh = month_doc(conn, accounting, _whole(actor), month, upheld, now)
        found["difference"] = difference(doc, fresh)
    return found


def difference(frozen: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows in which a month counted again differs from what was frozen, with both."""

    def told(doc: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
        names = ("numerator", "denominator", "value", "definition_version")
        return {(r["dept"], r["id"]): {name: r[name] for name in names} for r in doc["rows"]}

    before, after = told(frozen), told(fresh)
    return [
        {"dept": dept, "id": name, "frozen": before.get((dept, name)), "now": after.get((dept, name))}
        for dept, name in sorted({*before, *after})
        if before.get((dept, name)) != after.get((dept, name))
    ]


def _time(ms: int | None) -> str | None:
    return None if ms is None else time_text(from_ms(ms))
