"""Routes of the 退单 referee: the sheet of a case, and the cases that wait for a joint meeting (会商)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.http.calls import json_answer, only_query, path_uuid, signed_in
from services.backend.http.routes_learned import READERS
from services.backend.problems import not_found
from services.backend.referee.meetings import waiting
from services.backend.referee.sheet import sheet

router = APIRouter()


@router.get("/cases/{case_id}/referee")
async def referee(request: Request, case_id: str) -> Response:
    """Return the sheet of one case; 404 out of scope, and for posts that are a party to it."""
    only_query(request)
    wanted = path_uuid(request)

    def work(centre: Centre, caller: Caller) -> Response:
        if READERS.isdisjoint(caller.actor.roles):
            raise not_found()
        return json_answer(sheet(centre, caller.actor, wanted))

    return await signed_in(request, work)


@router.get("/meetings")
async def meetings(request: Request) -> Response:
    """Return the cases that wait for a joint meeting."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        if READERS.isdisjoint(caller.actor.roles):
            raise not_found()
        return json_answer(waiting(centre, caller.actor))

    return await signed_in(request, work)
