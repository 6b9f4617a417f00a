"""Routes over saved filters of the queue: list what one sees, keep or change one's own, take one away."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import json_answer, only_query, path_uuid, signed_in, tagged_answer, trace_of
from services.backend.http.routes_access import checked
from services.backend.saved_filters import check_saved, drop_filter, list_filters, put_filter
from services.sql.engine import glancing, writing

router = APIRouter()


@router.get("/filters")
async def filters(request: Request) -> Response:
    """Return the caller's own filters and those shared with the caller's posts in the area."""
    only_query(request)
    known = request.headers.get("if-none-match")

    def work(centre: Centre, caller: Caller) -> Response:
        with glancing(centre.engine) as conn:
            etag, body = list_filters(conn, caller.actor)
        return tagged_answer(etag, known, lambda: compact(body).encode())

    return await signed_in(request, work)


@router.put("/filters/{filter_id}")
async def keep_filter(request: Request, filter_id: str) -> Response:
    """Keep a filter under an id the caller has made, new or changed."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted, given = path_uuid(request, "filter_id"), checked(body, check_saved)
        with writing(centre.engine) as conn:
            return json_answer(put_filter(conn, caller.actor, wanted, given, centre.now(), trace))

    return await signed_in(request, work)


@router.delete("/filters/{filter_id}")
async def remove_filter(request: Request, filter_id: str) -> Response:
    """Take a filter away."""
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        wanted = path_uuid(request, "filter_id")
        with writing(centre.engine) as conn:
            drop_filter(conn, caller.actor, wanted, trace)
        return Response(status_code=204)

    return await signed_in(request, work)
