"""Routes of the desk: hand-overs between shifts, what the log knows for them, and marked callers."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend import handover, marked_callers
from services.backend.access.sessions import Caller, end_session, token_mark
from services.backend.centre import Centre
from services.backend.handover_facts import facts
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import (
    json_answer,
    only_query,
    path_uuid,
    query_number,
    query_text,
    query_whole,
    signed_in,
    trace_of,
)
from services.backend.http.routes_access import checked, sign_in_checked
from services.backend.problems import Problem, invalid
from services.domain import fields as f
from services.domain.handover import POSTS, READERS, check_brief
from services.domain.roles import Actor
from services.sql.engine import writing

router = APIRouter()


def _secret(value: Any) -> str:
    """Check a password: any text up to 1,000 characters."""
    found = f.fit_text(value)
    if not 1 <= len(found) <= 1000:
        raise f.Bad("应为 1 到 1000 个字")
    return found


_sign = f.record({}, {"note": f.text(0, 500), "username": f.text(1, 64), "password": _secret})
_phone = f.record({"phone": f.text(1, 40)}, {})
_mark = f.record(
    {"reason": f.text(1, 200), "days": f.whole(1, marked_callers.MAX_DAYS)},
    {"phone": f.text(1, 40), "case_id": f.uuid},
)


@router.get("/handovers/facts")
async def handover_facts(request: Request) -> Response:
    """Return what the log knows for a brief."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        if not READERS & set(caller.actor.roles):
            raise Problem(403, "not_allowed", "您的岗位不交接班。")
        return json_answer(facts(centre, caller.actor))

    return await signed_in(request, work)


@router.post("/handovers")
async def hand_over(request: Request) -> Response:
    """Keep a brief, signed by the caller."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(handover.keep(centre, caller.actor, checked(body, check_brief)))

    return await signed_in(request, work)


@router.get("/handovers")
async def list_handovers(request: Request) -> Response:
    """Return the heads of the last hand-overs."""
    only_query(request, "limit", "before", "unsigned")
    unsigned = query_text(request, "unsigned", 5)
    if unsigned not in (None, "true", "false"):
        raise invalid({"unsigned": "应为 true 或 false"})
    work = partial(
        _list,
        limit=query_number(request, "limit", 20, 1, handover.MAX_PAGE),
        before=query_whole(request, "before", None, 1),
        unsigned=unsigned == "true",
    )
    return await signed_in(request, work)


def _list(centre: Centre, caller: Caller, *, limit: int, before: int | None, unsigned: bool) -> Response:
    return json_answer(handover.listing(centre, caller.actor, limit, before, unsigned=unsigned))


@router.get("/handovers/{handover_id}")
async def one_handover(request: Request, handover_id: str) -> Response:
    """Return a whole hand-over."""

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(handover.show(centre, caller.actor, path_uuid(request, "handover_id")))

    return await signed_in(request, work)


@router.post("/handovers/{handover_id}/sign")
async def take_over(request: Request, handover_id: str) -> Response:
    """Sign for taking over: as the caller, or with name and password at the seat of who leaves."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        found = path_uuid(request, "handover_id")
        given = checked(body, _sign) if body.strip() else {}
        if ("username" in given) != ("password" in given):
            raise invalid({"password": "用户名和密码要一起给"})
        actor = _proved(centre, given, trace) if "username" in given else caller.actor
        return json_answer(handover.sign(centre, actor, found, given.get("note", "")))

    return await signed_in(request, work)


def _proved(centre: Centre, given: dict[str, Any], trace: str) -> Actor:
    """Return who name and password stand for; counted and locked like any sign-in, no session is left.

    Raises Problem 422 `wrong_credentials` (401 would mean that the session of the seat has lapsed).
    """
    try:
        found = sign_in_checked(centre, given, trace)
    except Problem as problem:
        if problem.status != 401:
            raise
        raise Problem(422, problem.code, problem.title, fields={"password": problem.title}) from None
    with writing(centre.engine) as conn:
        end_session(conn, token_mark(found.token))
    if found.must_change:
        raise invalid({"password": "这个账号要先修改密码，才能接班签字"})
    if not set(found.actor.roles) & set(POSTS):
        raise invalid({"username": "这个账号的岗位不接班"})
    return found.actor


@router.post("/marked-callers/match")
async def match_caller(request: Request) -> Response:
    """Return the mark of a number; the number travels in the body, so that no log holds it."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(marked_callers.match(centre, caller.actor, checked(body, _phone)["phone"]))

    return await signed_in(request, work)


@router.get("/marked-callers")
async def list_marks(request: Request) -> Response:
    """Return the marks that hold."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(marked_callers.listing(centre, caller.actor))

    return await signed_in(request, work)


@router.post("/marked-callers")
async def mark_caller(request: Request) -> Response:
    """Mark a number, or the caller of a case."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _mark)
        if ("phone" in given) == ("case_id" in given):
            raise invalid({"phone": "电话号码和案件只给一个"})
        return json_answer(marked_callers.mark(centre, caller, given, trace), 201)

    return await signed_in(request, work)


@router.delete("/marked-callers/{mark_id}")
async def unmark_caller(request: Request, mark_id: str) -> Response:
    """Take a mark off."""
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> None:
        marked_callers.lift(centre, caller, path_uuid(request, "mark_id"), trace)

    await signed_in(request, work)
    return Response(status_code=204)
