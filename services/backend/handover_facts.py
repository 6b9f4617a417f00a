"""What the centre's log knows for a brief and no seat does: what citizens were told, and who waits for a call back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from services.backend import sequencer
from services.backend.centre import Centre
from services.backend.db.packing import unpack
from services.backend.db.tables import cases, changes
from services.backend.history import from_packed
from services.backend.presence import presence
from services.backend.scoping import scoped
from services.domain.case_doc import time_text
from services.domain.masking import mask_phones_in
from services.domain.roles import Actor
from services.sql.engine import reading
from services.sql.types import from_ms, to_ms

#: what was said longer ago is no longer the business of a shift
DAYS = 14
MOST = 500


def facts(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return contacts with citizens of open cases (the last one a case), call-backs due, and live claims."""
    now = centre.now()
    with reading(centre.engine) as conn:
        head = sequencer.head_of(conn)
        contacts = _contacts(conn, actor, to_ms(now - timedelta(days=DAYS)))
        callbacks = _callbacks(conn, actor)
    held = [claim for claim in presence(centre, actor)["claims"] if claim["kind"] == "hold"]
    return {
        "as_of_seq": head,
        "contacts": contacts,
        "callbacks": callbacks,
        "claims": held,
        "server_time": time_text(now),
    }


def _contacts(conn: Connection, actor: Actor, after: int) -> list[dict[str, Any]]:
    """Return the last contact of each open case in scope, the newest first."""
    asked = (
        select(changes.c.case_id, changes.c.at, changes.c.body, cases.c.number, cases.c.address)
        .join(cases, cases.c.case_id == changes.c.case_id)
        .where(changes.c.action == "contact_citizen", changes.c.at >= after, cases.c.open, scoped(actor))
        .order_by(changes.c.at.desc())
        .limit(4 * MOST)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in conn.execute(asked):
        if row.case_id in found or len(found) >= MOST:
            continue
        body = unpack(bytes(row.body))
        said = body["p"]
        found[row.case_id] = {
            "case_id": row.case_id,
            "number": row.number,
            "address": row.address,
            "at": said.get("at") or time_text(from_ms(row.at)),
            "reached": bool(said.get("reached")),
            "text": mask_phones_in(str(said.get("text", "")))[:300],
            "by": body["n"],
        }
    return list(found.values())


def _callbacks(conn: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Return the cases that may only be closed after a call back which was not made yet."""
    asked = (
        select(cases.c.doc)
        .where(cases.c.open, cases.c.state == "pending_close", scoped(actor))
        .order_by(cases.c.due_at)
        .limit(4 * MOST)
    )
    waiting = []
    for (packed,) in conn.execute(asked):
        case = from_packed(packed)
        if case.need_callback and "called_back" not in case.marks:
            waiting.append(
                {
                    "case_id": case.case_id,
                    "number": case.number,
                    "address": case.location.address,
                    "due_at": time_text(case.due_at) if case.due_at is not None else None,
                }
            )
    return waiting[:MOST]
