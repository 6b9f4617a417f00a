"""What a seat may ask of the book of calls: the news, the thread to a case, a reason, the call back, the number.

Numbers are masked for everybody but the taker, and for the taker from the answer until the wrap-up is over; after that
the full number is an audited act with a reason. Confidential callers are not told apart here: a case hides them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, or_, select

from services.backend.access.audit import record
from services.backend.access.sessions import Caller
from services.backend.calls import book
from services.backend.case_view import visible_case
from services.backend.centre import Centre
from services.backend.db.call_tables import calls
from services.backend.db.tables import callers, cases
from services.backend.problems import Problem, not_found
from services.backend.scoping import scoped
from services.domain.call_story import ANSWERED, UNANSWERED, answer_s
from services.domain.case_doc import time_text
from services.domain.masking import mask_phone
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms, to_ms

#: the posts that work the telephone
ROLES = frozenset({"acceptor", "shift_leader"})
#: how far back calls are told
DAYS = 7
#: the taker sees the number for so long after the call
WRAP_UP = timedelta(minutes=15)
HISTORY = 10
#: results of a call back
BACK = ("reached", "not_reached", "dropped")


def may(actor: Actor) -> None:
    """Raise Problem 403 for a post that does not work the telephone."""
    if not ROLES & set(actor.roles):
        raise Problem(403, "not_allowed", "您的岗位不接听热线。")


def report(centre: Centre, actor: Actor, given: list[dict[str, Any]]) -> dict[str, Any]:
    """Take reports of a seat; returns the newest rev."""
    may(actor)
    return {"rev": book.take(centre, actor.id, given), "server_time": time_text(centre.now())}


def news(centre: Centre, actor: Actor, rev: int, limit: int) -> dict[str, Any]:
    """Return the calls that changed after a rev, as the actor may see them."""
    may(actor)
    with glancing(centre.engine) as conn:
        rows = book.after(conn, rev, limit, centre.now() - timedelta(days=DAYS))
        newest = book.newest(conn)
    found = [wire(centre, actor, row) for row in rows]
    reached = found[-1]["rev"] if len(rows) == limit else newest
    return {"calls": found, "next": max(rev, reached), "rev": newest, "server_time": time_text(centre.now())}


def bind(centre: Centre, actor: Actor, call_id: str, case_id: str) -> dict[str, Any]:
    """Tie a call to the case it became or was about; again with another case moves it."""
    may(actor)
    _seen(centre, call_id)
    with glancing(centre.engine) as conn:
        visible_case(conn, actor, case_id)
    return _changed(centre, actor, call_id, {"case_id": case_id, "reason": None, "settled_by": actor.id})


def close(centre: Centre, actor: Actor, call_id: str, reason: str) -> dict[str, Any]:
    """Say why a call became no case; raises Problem 409 when it has one."""
    may(actor)
    _seen(centre, call_id)
    row = book.change(
        centre, call_id, {"reason": reason, "settled_by": actor.id}, unless=(calls.c.case_id.is_(None),)
    )
    if row is None:
        raise Problem(409, "has_case", "这个电话已经登记为案件，不用再写原因。")
    return wire(centre, actor, row)


def call_back(centre: Centre, actor: Actor, call_id: str, result: str) -> dict[str, Any]:
    """Note that a missed caller was called back; raises Problem 409 for a call that was answered or goes on."""
    may(actor)
    _seen(centre, call_id)
    row = book.change(
        centre, call_id, {"back_by": actor.id, "back_at": to_ms(centre.now()), "back_result": result},
        unless=(calls.c.outcome.in_(sorted(UNANSWERED)),),
    )  # fmt: skip
    if row is None:
        raise Problem(409, "not_missed", "这个电话已经接听或还在进行，不用回拨。")
    return wire(centre, actor, row)


def number(centre: Centre, caller: Caller, call_id: str, reason: str, trace: str) -> dict[str, Any]:
    """Return the full number of a call; audited with its reason."""
    may(caller.actor)
    with writing(centre.engine) as conn:
        row = book.find(conn, call_id)
        if row is None or row.phone is None:
            raise not_found("没有这个电话，或来电没有显示号码。")
        record(conn, caller.actor.id, "call_number_shown", call_id, {"reason": reason}, trace)
    return {"call_id": call_id, "phone": row.phone}


def history(centre: Centre, actor: Actor, call_id: str) -> dict[str, Any]:
    """Return the last cases and calls of the same number, as far as the actor may see them."""
    may(actor)
    row = _seen(centre, call_id)
    if row.phone_mac is None:
        return {"call_id": call_id, "cases": [], "calls": []}
    with glancing(centre.engine) as conn:
        same = conn.execute(
            select(cases.c.case_id, cases.c.number, cases.c.state, cases.c.created_at)
            .where(cases.c.case_id.in_(select(callers.c.case_id).where(callers.c.phone_mac == row.phone_mac)))
            .where(scoped(actor))
            .order_by(cases.c.created_at.desc())
            .limit(HISTORY)
        ).all()
        before = conn.execute(
            select(calls)
            .where(calls.c.phone_mac == row.phone_mac, calls.c.call_id != call_id)
            .order_by(calls.c.began_at.desc())
            .limit(HISTORY)
        ).all()
    return {
        "call_id": call_id,
        "cases": [
            {
                "case_id": one.case_id, "number": one.number, "state": one.state,
                "created_at": time_text(from_ms(one.created_at)),
            }
            for one in same
        ],
        "calls": [wire(centre, actor, one) for one in before],
    }  # fmt: skip


def wire(centre: Centre, actor: Actor, row: Row[Any]) -> dict[str, Any]:
    """Return a call as sent to somebody."""
    now = centre.now()
    story = book.story_of(row)
    outcome = story.outcome(now)
    mine = row.taker == actor.id
    over = story.over_at(now)
    full = mine and row.phone is not None and (over is None or now - over < WRAP_UP)
    return {
        "call_id": row.call_id, "rev": row.rev, "incoming": bool(row.incoming), "queue": row.queue,
        "number": row.phone if full else mask_phone(row.phone) if row.phone else "", "kind": row.kind,
        "hidden": row.phone is None, "full": full,
        "state": story.state(now), "outcome": outcome, "taker": row.taker, "mine": mine,
        "seats": sorted(story.parts), "began_at": time_text(from_ms(row.began_at)),
        "answered_at": _moment(row.answered_at), "over_at": time_text(over) if over else None,
        "answer_s": answer_s(story), "case_id": row.case_id, "reason": row.reason, "recording": row.recording,
        "back": None if row.back_at is None else {
            "by": row.back_by, "at": time_text(from_ms(row.back_at)), "result": row.back_result,
        },
        "to_do": _to_do(row, outcome),
    }  # fmt: skip


def _to_do(row: Row[Any], outcome: str) -> str:
    """Return what a finished call still asks for: `ticket` (a case or a reason), `call_back`, or nothing."""
    if outcome == ANSWERED and row.incoming and row.case_id is None and row.reason is None:
        return "ticket"
    if outcome in UNANSWERED and row.incoming and row.back_at is None and row.phone is not None:
        return "call_back"
    return ""


def open_ends(centre: Centre) -> dict[str, int]:
    """Return how many calls of the last days still ask for something, by what they ask for."""
    since = to_ms(centre.now() - timedelta(days=DAYS))
    with glancing(centre.engine) as conn:
        rows = conn.execute(
            select(calls).where(
                calls.c.began_at >= since,
                calls.c.incoming,
                or_(calls.c.case_id.is_(None), calls.c.back_at.is_(None)),
            )
        ).all()
    found = {"ticket": 0, "call_back": 0}
    for row in rows:
        word = _to_do(row, row.outcome)
        if word:
            found[word] += 1
    return found


def _seen(centre: Centre, call_id: str) -> Row[Any]:
    """Return a call; raises Problem 404."""
    with glancing(centre.engine) as conn:
        row = book.find(conn, call_id)
    if row is None:
        raise not_found("没有这个电话。")
    return row


def _changed(centre: Centre, actor: Actor, call_id: str, values: dict[str, Any]) -> dict[str, Any]:
    row = book.change(centre, call_id, values)
    if row is None:
        raise not_found("没有这个电话。")
    return wire(centre, actor, row)


def _moment(at: int | None) -> str | None:
    return None if at is None else time_text(from_ms(at))
