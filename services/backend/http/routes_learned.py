"""Route over what the log teaches of units: for suggestions and slack, for those who dispatch and lead."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.http.calls import only_query, signed_in, tagged_answer
from services.backend.learned.following import read_experience
from services.backend.problems import not_found

router = APIRouter()
#: figures about units are no business of the units' own seats
READERS = frozenset({"acceptor", "dispatcher", "shift_leader", "supervisor", "leader", "evaluator"})


@router.get("/experience")
async def experience(request: Request) -> Response:
    """Return who handled what, who sent it back and how long it took, by unit and category; 404 for other posts."""
    only_query(request)
    known = request.headers.get("if-none-match")

    def work(centre: Centre, caller: Caller) -> Response:
        if READERS.isdisjoint(caller.actor.roles):
            raise not_found()
        seq, found = read_experience(centre.engine)
        body = {"seq": seq, **found.to_doc()}
        return tagged_answer(f'"exp-{seq}"', known, lambda: compact(body).encode())

    return await signed_in(request, work)
