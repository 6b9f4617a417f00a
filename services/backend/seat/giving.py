"""Giving a command from a form: the same parsing, judging and storing as `POST /v1/commands`, in process."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from services.backend.commands.deciding import decide_batch, known_commands
from services.backend.commands.outcomes import Outcome
from services.backend.commands.parsing import parse_command
from services.backend.db.packing import unpack
from services.backend.db.tables import changes
from services.backend.history import versions
from services.backend.http.routes_commands import answer_bytes
from services.backend.problems import Problem, not_found
from services.backend.seat.form_reading import Photo
from services.backend.seat.visitor import Visit
from services.domain.case import Case
from services.domain.case_doc import time_text
from services.domain.ids import canonical_uuid, uuid7
from services.sql.engine import reading

#: what stands in the diagnosis of a command that came from here
CONSOLE_ID = "web-seat"


@dataclass(frozen=True, slots=True)
class Ids:
    """What makes a form one command, fixed when it was first shown: id, case, version and moment as seen."""

    command_id: str
    case_id: str
    base_xver: int | None
    seen_at: str


def fresh_ids(visit: Visit, case_id: str, base_xver: int | None) -> Ids:
    """Return the ids of a form that is shown now.

    A new report (`base_xver` None) rests on no picture of a case, so it carries no moment and never grows stale.
    """
    seen_at = "" if base_xver is None else str(time_text(visit.now))
    return Ids(uuid7(), case_id, base_xver, seen_at)


def sent_ids(values: Mapping[str, str], case_id: str | None) -> Ids:
    """Return the ids a form has sent; raises Problem 422 for a form that was tampered with or cut short."""
    command_id = canonical_uuid(values.get("command_id"))
    case_id = case_id or canonical_uuid(values.get("case_id"))
    xver = values.get("base_xver", "")
    if command_id is None or case_id is None or not (xver == "" or (xver.isascii() and xver.isdigit())):
        raise Problem(422, "broken_form", "表单没有传完整，请返回案件重新填写。")
    return Ids(command_id, case_id, int(xver[:15]) if xver else None, values.get("seen_at", ""))


def give(visit: Visit, ids: Ids, action: str, payload: Mapping[str, Any]) -> Outcome:
    """Decide a command; the same ids and payload again give the same stored outcome.

    Raises Problem 422 for what can never be valid (fields `payload.…`), `id_reused`, `id_taken`, 503 when busy.
    """
    raw = {
        "command_id": ids.command_id,
        "case_id": ids.case_id,
        "action": action,
        "base_xver": ids.base_xver,
        "seen_at": ids.seen_at or None,
        "payload_v": 1,
        "payload": dict(payload),
        "console_id": CONSOLE_ID,
    }
    centre = visit.centre
    found = decide_batch(centre.desk(), visit.actor, [parse_command(raw)], centre.now())[0]
    if isinstance(found, Problem):
        raise found
    answer_bytes(centre, found, visit.request.app.state.metrics)
    centre.ticker.nudge()
    return found


def attach_photos(visit: Visit, ids: Ids, photos: tuple[Photo, ...]) -> int:
    """Attach photos to the case a command has registered; returns how many are with it.

    The ids are made from the registering command, so that a repeated form attaches nothing twice.
    """
    done = 0
    for photo in photos:
        own = str(uuid.uuid5(uuid.UUID(ids.command_id), f"attach|{photo.sha256}"))
        payload = {"sha256": photo.sha256, "name": photo.name, "mime": photo.mime, "size": photo.size}
        try:
            outcome = give(visit, Ids(own, ids.case_id, None, ids.seen_at), "attach", payload)
        except Problem as problem:
            # the same picture under another name: it is there already
            if problem.code != "id_reused":
                raise
            done += 1
            continue
        done += outcome.row["outcome"] == "applied"
    return done


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored outcome as a page tells it: the command's row, its reason, and for an applied one the change."""

    row: Mapping[str, Any]
    head: Mapping[str, Any]
    case: Case | None
    action: str | None
    payload: Mapping[str, Any]


def stored_answer(visit: Visit, command_id: str) -> Answer:
    """Return the outcome of one of the caller's own commands; raises Problem 404 for any other."""
    with reading(visit.centre.engine) as conn:
        row = known_commands(conn, [command_id]).get(command_id)
        if row is None or row["user_id"] != visit.actor.id:
            raise not_found("没有找到这次操作的答复；如果刚才没有提交成功，请返回重新提交。")
        head = json.loads(row["head"]) if row["head"] else {}
        if row["outcome"] != "applied":
            return Answer(dict(row), head, None, None, {})
        key = (row["case_id"], row["version"])
        case = versions(conn, {key[0]: {key[1]}}).get(key)
        change = conn.execute(
            select(changes.c.action, changes.c.body).where(
                changes.c.case_id == key[0], changes.c.version == key[1]
            )
        ).first()
    if change is None:
        return Answer(dict(row), head, case, None, {})
    return Answer(dict(row), head, case, change.action, unpack(bytes(change.body))["p"])
