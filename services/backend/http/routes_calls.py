"""Routes of the hotline: reports of the telephones, the book of calls, how the seats stand."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.calls import desk, seats
from services.backend.centre import Centre
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import json_answer, only_query, query_number, signed_in, trace_of
from services.backend.http.routes_access import checked
from services.domain import fields as f
from services.domain.call_story import ENDINGS, REPORTED

router = APIRouter()
_id = f.text(1, 200)
_report = f.record(
    {"call_id": _id, "state": f.one_of(*REPORTED), "at": f.moment},
    {
        "ending": f.one_of(*ENDINGS), "caller": f.text(0, 400), "incoming": f.flag, "queue": f.text(0, 40),
        "recording": f.text(0, 500),
    },
)  # fmt: skip
_reports = f.record({"reports": f.listed(_report, 200, 1)}, {})
_bind = f.record({"call_id": _id, "case_id": f.uuid}, {})
_close = f.record({"call_id": _id, "reason": f.text(1, 200)}, {})
_back = f.record({"call_id": _id, "result": f.one_of(*desk.BACK)}, {})
_number = f.record({"call_id": _id, "reason": f.text(1, 200)}, {})
_one = f.record({"call_id": _id}, {})
_seat = f.record({"state": f.one_of(*seats.STATES)}, {"extension": f.text(0, 40)})


@router.post("/calls/reports")
async def report_calls(request: Request) -> Response:
    """Take what the telephone of a seat saw."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(desk.report(centre, caller.actor, checked(body, _reports)["reports"]))

    return await signed_in(request, work)


@router.get("/calls")
async def list_calls(request: Request) -> Response:
    """Return the calls that changed after a rev."""
    only_query(request, "rev", "limit")
    work = partial(
        _list, rev=query_number(request, "rev", 0), limit=query_number(request, "limit", 200, 1, 500)
    )
    return await signed_in(request, work)


def _list(centre: Centre, caller: Caller, *, rev: int, limit: int) -> Response:
    return json_answer(desk.news(centre, caller.actor, rev, limit))


@router.post("/calls/bind")
async def bind_call(request: Request) -> Response:
    """Tie a call to a case."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _bind)
        return json_answer(desk.bind(centre, caller.actor, given["call_id"], given["case_id"]))

    return await signed_in(request, work)


@router.post("/calls/close")
async def close_call(request: Request) -> Response:
    """Say why a call became no case."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _close)
        return json_answer(desk.close(centre, caller.actor, given["call_id"], given["reason"]))

    return await signed_in(request, work)


@router.post("/calls/back")
async def called_back(request: Request) -> Response:
    """Note that a missed caller was called back."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _back)
        return json_answer(desk.call_back(centre, caller.actor, given["call_id"], given["result"]))

    return await signed_in(request, work)


@router.post("/calls/number")
async def call_number(request: Request) -> Response:
    """Return the full number of a call; audited."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _number)
        return json_answer(desk.number(centre, caller, given["call_id"], given["reason"], trace))

    return await signed_in(request, work)


@router.post("/calls/history")
async def call_history(request: Request) -> Response:
    """Return the last cases and calls of the same number."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(desk.history(centre, caller.actor, checked(body, _one)["call_id"]))

    return await signed_in(request, work)


@router.put("/seats/me")
async def my_seat(request: Request) -> Response:
    """Say how the own seat stands."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _seat)
        return json_answer(seats.say(centre, caller.actor, given["state"], given.get("extension", "")))

    return await signed_in(request, work)


@router.get("/seats")
async def all_seats(request: Request) -> Response:
    """Return how every seat stands."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(seats.seats(centre, caller.actor))

    return await signed_in(request, work)
