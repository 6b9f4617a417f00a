"""The centre's book of calls: takes the reports of the seats, settles what nobody speaks of any more, tells the news.

A call is one row under the switch's own id; its parts are folded by `services.domain.call_story`. Every change gives
the row a new `rev`, under a lock, so that a console which asks for what is newer than a number misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from services.backend.db.call_tables import calls
from services.backend.db.packing import pack, unpack
from services.backend.payload_mask import phone_mac
from services.domain.call_story import CallStory, Part, Report, told
from services.domain.caller_number import LONGEST, caller_number
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import from_ms, to_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

#: one writer at a time gives out revs
_LOCK = 0x6772_6964_0003
#: a report from a seat that was offline is taken this long afterwards
OLDEST = timedelta(hours=24)


def take(centre: Centre, seat: str, given: Sequence[Mapping[str, Any]]) -> int:
    """Take the reports of a seat (a user); returns the newest rev. One transaction."""
    now = centre.now()
    with writing(centre.engine) as conn:
        _alone(conn)
        for one in given:
            _take_one(centre, conn, seat, one, now)
        return newest(conn)


def settle(centre: Centre) -> int:
    """Write down how calls came out of which nothing was heard any more; returns how many."""
    now = centre.now()
    with glancing(centre.engine) as conn:
        waiting = [row for row in _open(conn) if _story(row).outcome(now)]
    if not waiting:
        return 0
    with writing(centre.engine) as conn:
        _alone(conn)
        done = 0
        for row in _open(conn):
            story = _story(row)
            if story.outcome(now):
                _write(conn, row.call_id, story, now)
                done += 1
    return done


def newest(conn: Connection) -> int:
    """Return the highest rev given."""
    return int(conn.execute(select(func.max(calls.c.rev))).scalar() or 0)


def change(
    centre: Centre, call_id: str, values: Mapping[str, Any], unless: Iterable[Any] = ()
) -> Row[Any] | None:
    """Change facts of a call under a new rev; None when there is none of that id, or one of `unless` does not hold."""
    with writing(centre.engine) as conn:
        _alone(conn)
        return conn.execute(
            update(calls)
            .where(calls.c.call_id == call_id, *unless)
            .values(**values, rev=newest(conn) + 1)
            .returning(calls)
        ).first()


def find(conn: Connection, call_id: str) -> Row[Any] | None:
    """Return the row of a call."""
    return conn.execute(select(calls).where(calls.c.call_id == call_id)).first()


def after(conn: Connection, rev: int, limit: int, since: datetime) -> list[Row[Any]]:
    """Return calls with a higher rev that began after a moment, by rev."""
    wanted = select(calls).where(calls.c.rev > rev, calls.c.began_at >= to_ms(since))
    return list(conn.execute(wanted.order_by(calls.c.rev).limit(limit)))


# --- one report ----------------------------------------------------------------------------------------


def _take_one(centre: Centre, conn: Connection, seat: str, one: Mapping[str, Any], now: datetime) -> None:
    """Fold a report into its call; a report of an unknown call begins it."""
    at = min(now, max(now - OLDEST, datetime.fromisoformat(one["at"])))
    report = Report(seat, one["state"], at, now, one.get("ending", ""))
    row = find(conn, one["call_id"])
    before = _story(row) if row is not None else CallStory()
    story = told(before, report)
    if row is None:
        conn.execute(insert(calls).values({**_born(centre, one, story, now), "rev": newest(conn) + 1}))
        return
    if _same(before, story) and row.outcome == story.outcome(now) and not one.get("recording"):
        # a beat: only when it was last heard of has changed, which is no news to anybody
        conn.execute(update(calls).where(calls.c.call_id == row.call_id).values(doc=_packed(story)))
        return
    more = {"recording": one["recording"][:500]} if one.get("recording") else {}
    _write(conn, row.call_id, story, now, more)


def _born(centre: Centre, one: Mapping[str, Any], story: CallStory, now: datetime) -> dict[str, Any]:
    """Return the row of a new call."""
    number = caller_number(one.get("caller", ""))
    digits = number.digits[:LONGEST]
    return {
        "call_id": one["call_id"], "incoming": one.get("incoming", True), "queue": one.get("queue", ""),
        "phone": digits or None, "kind": number.kind, "last4": digits[-4:],
        "phone_mac": phone_mac(digits, centre.facts.phone_key) if digits else None,
        "recording": one.get("recording") or None, **_figures(story, now),
    }  # fmt: skip


def _write(
    conn: Connection, call_id: str, story: CallStory, now: datetime, more: Mapping[str, Any] | None = None
) -> None:
    """Write a story and what follows from it, under a new rev."""
    values = {**_figures(story, now), **(more or {}), "rev": newest(conn) + 1}
    conn.execute(update(calls).where(calls.c.call_id == call_id).values(**values))


def _figures(story: CallStory, now: datetime) -> dict[str, Any]:
    """Return the columns that follow from a story."""
    began, answered, over = story.began_at, story.answered_at, story.over_at(now)
    return {
        "doc": _packed(story), "began_at": to_ms(began or now), "answered_at": to_ms(answered) if answered else None,
        "over_at": to_ms(over) if over else None, "outcome": story.outcome(now), "taker": story.taker or None,
    }  # fmt: skip


# --- stories -------------------------------------------------------------------------------------------

_MOMENTS = ("rang_at", "talked_at", "ended_at", "heard_at")


def story_of(row: Row[Any]) -> CallStory:
    """Return the story of a row."""
    return _story(row)


def _story(row: Row[Any]) -> CallStory:
    parts = {
        seat: Part(
            ending=part["ending"], held=part["held"],
            **{name: from_ms(part[name]) if part[name] is not None else None for name in _MOMENTS},
        )
        for seat, part in unpack(bytes(row.doc)).items()
    }  # fmt: skip
    return CallStory(parts)


def _packed(story: CallStory) -> bytes:
    doc = {
        seat: {
            "ending": part.ending, "held": part.held,
            **{name: to_ms(at) if (at := getattr(part, name)) is not None else None for name in _MOMENTS},
        }
        for seat, part in story.parts.items()
    }  # fmt: skip
    return bytes(pack(doc))


def _same(first: CallStory, second: CallStory) -> bool:
    """Tell whether two stories differ in nothing but when seats were last heard of."""

    def bare(story: CallStory) -> dict[str, Part]:
        return {seat: replace(part, heard_at=None) for seat, part in story.parts.items()}

    return bare(first) == bare(second)


def _open(conn: Connection) -> list[Row[Any]]:
    """Return the calls that go on as far as is written."""
    return list(conn.execute(select(calls).where(calls.c.outcome == "")))


def _alone(conn: Connection) -> None:
    """Be the only one who gives out revs until the transaction ends; SQLite has one writer anyhow."""
    if not is_sqlite(conn):
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_LOCK))
