"""Routes over cases: search, one case, its caller, similar ones, claims."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.case_view import reveal_caller, show_case
from services.backend.centre import Centre
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import (
    json_answer,
    only_query,
    path_uuid,
    query_area,
    query_moment,
    query_number,
    query_text,
    signed_in,
    trace_of,
)
from services.backend.http.routes_access import checked
from services.backend.presence import KINDS, drop_claim, presence, put_claim
from services.backend.problems import invalid
from services.backend.searching import MAX_LIMIT, ORDERS, Query, search, states_of
from services.backend.similar import find_similar
from services.domain import fields as f

router = APIRouter()
_PARAMS = (
    "state", "stage", "dept", "area", "category", "source", "q", "overdue", "from", "to", "order", "cursor",
    "limit",
)  # fmt: skip
_reason = f.record({"reason": f.text(1, 1000)}, {})
_similar = f.record(
    {"lon": f.number(-180, 180), "lat": f.number(-90, 90)},
    {"category": f.ident_or_null, "text": f.text(0, 5000)},
)
_claim = f.record({}, {"kind": f.one_of(*KINDS)})


def read_query(request: Request) -> Query:
    """Return what a request searches for; raises Problem 422 naming each wrong parameter."""
    only_query(request, *_PARAMS)
    order = query_text(request, "order") or "-created_at"
    if order not in ORDERS:
        raise invalid({"order": "应为 " + "、".join(ORDERS) + " 之一"})
    return Query(
        states=states_of(query_text(request, "state", 400), query_text(request, "stage", 100)),
        dept=query_text(request, "dept", 64),
        area=query_area(request),
        category=query_text(request, "category", 64),
        source=query_text(request, "source", 64),
        words=query_text(request, "q", 200),
        overdue=_flag(request, "overdue"),
        born_from=query_moment(request, "from"),
        born_to=query_moment(request, "to"),
        order=order,
        limit=min(query_number(request, "limit", 100, 1, 1 << 31), MAX_LIMIT),
        cursor=query_text(request, "cursor", 400),
    )


def _flag(request: Request, name: str) -> bool | None:
    value = query_text(request, name, 10)
    if value is None:
        return None
    if value not in ("true", "false", "1", "0"):
        raise invalid({name: "应为 true 或 false"})
    return value in ("true", "1")


@router.get("/cases")
async def search_cases(request: Request) -> Response:
    """Search over all cases in scope."""
    query = read_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(search(centre, caller.actor, query))

    return await signed_in(request, work)


@router.post("/cases/similar")
async def similar_cases(request: Request) -> Response:
    """Find cases that may be about the same thing."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        given = checked(body, _similar)
        found = find_similar(
            centre, caller.actor, given["lon"], given["lat"], given.get("category"), given.get("text", "")
        )
        return json_answer(found)

    return await signed_in(request, work)


@router.get("/cases/{case_id}")
async def one_case(request: Request, case_id: str) -> Response:
    """Return one case in full."""
    found = path_uuid(request)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(show_case(centre, caller.actor, found))

    return await signed_in(request, work)


@router.post("/cases/{case_id}/caller")
async def case_caller(request: Request, case_id: str) -> Response:
    """Return the caller's full name and phone; audited with the reason given."""
    found = path_uuid(request)
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        reason = checked(body, _reason)["reason"]
        return json_answer(reveal_caller(centre, caller, found, reason, trace))

    return await signed_in(request, work)


@router.put("/cases/{case_id}/claim")
async def claim_case(request: Request, case_id: str) -> Response:
    """Say that the caller holds or looks at a case; to be repeated within a minute."""
    found = path_uuid(request)
    body = await read_body(request, COMMAND_BYTES)
    return await signed_in(request, partial(_claim_work, case_id=found, body=body))


def _claim_work(centre: Centre, caller: Caller, *, case_id: str, body: bytes) -> Response:
    kind = checked(body, _claim).get("kind", KINDS[0]) if body.strip() else KINDS[0]
    return json_answer(put_claim(centre, caller.actor, case_id, kind))


@router.delete("/cases/{case_id}/claim")
async def unclaim_case(request: Request, case_id: str) -> Response:
    """Take a claim back."""
    found = path_uuid(request)

    def work(centre: Centre, caller: Caller) -> None:
        drop_claim(centre, caller.actor, found)

    await signed_in(request, work)
    return Response(status_code=204)


@router.get("/presence")
async def who_is_where(request: Request) -> Response:
    """Return who holds or looks at what."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> dict[str, Any]:
        return presence(centre, caller.actor)

    return json_answer(await signed_in(request, work))
