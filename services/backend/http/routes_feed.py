"""Routes by which a console keeps its picture: feed, snapshot, digest (contract sections 3 and 7)."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller, settle_rights
from services.backend.centre import Centre
from services.backend.digests import digest_at
from services.backend.feed import MAX_LIMIT, check_cursor, read_changes, ready_changes
from services.backend.http.calls import (
    bearer,
    bytes_answer,
    centre_of,
    json_answer,
    only_query,
    query_number,
    query_text,
    query_whole,
    signed_in,
)
from services.backend.problems import must_refetch
from services.backend.snapshot import PAGE, snapshot_page
from services.sql.engine import writing

router = APIRouter()
MAX_WAIT_S = 30
#: how long a feed request without `wait` is held (the default of contract section 3)
WAIT_S = 10


@router.get("/changes")
async def changes(request: Request) -> Response:
    """Return the changes after a number; waits up to `wait` seconds when there is nothing, without a session.

    `wait=0` asks the log itself: what was decided before the question is in the answer.
    """
    only_query(request, "epoch", "since", "limit", "wait")
    since = query_number(request, "since", 0)
    limit = query_number(request, "limit", 500, 1, 1 << 31)
    wait = query_number(request, "wait", WAIT_S, 0, 1 << 31)
    epoch = request.query_params.get("epoch")
    limit = min(limit, MAX_LIMIT)
    work = partial(_changes, epoch=epoch, since=since, limit=limit, fresh=not wait)
    centre, token = centre_of(request), bearer(request)
    found = _at_hand(centre, token, epoch, since, limit) if wait else None
    body, rows = found if found is not None else await signed_in(request, work)
    if rows or not wait:
        return bytes_answer(body)
    if not centre.hub.closed:
        await centre.hub.beyond(since, min(wait, MAX_WAIT_S))
    # who asks is looked at again: rights may have changed meanwhile, the session may have ended
    found = _at_hand(centre, token, epoch, since, limit)
    body, _ = found if found is not None else await signed_in(request, work)
    return bytes_answer(body)


def _at_hand(
    centre: Centre, token: str, epoch: str | None, since: int, limit: int
) -> tuple[bytes, int] | None:
    """Return the answer and its rows when caller, cursor and changes are all known here without the database."""
    caller = centre.callers.get(token)
    if caller is None or since > centre.hub.head:
        return None
    check_cursor(centre, caller, epoch, since)
    return ready_changes(centre, caller.actor, since, limit)


def _changes(
    centre: Centre, caller: Caller, *, epoch: str | None, since: int, limit: int, fresh: bool
) -> tuple[bytes, int]:
    check_cursor(centre, caller, epoch, since)
    return read_changes(centre, caller.actor, since, limit, fresh=fresh)


@router.get("/snapshot")
async def snapshot(request: Request) -> Response:
    """Return one page of all open cases in scope and those closed lately, at one number of the log."""
    only_query(request, "page", "limit")
    token = query_text(request, "page", 400)
    size = query_number(request, "limit", PAGE, 1, 1 << 31)
    return bytes_answer(await signed_in(request, partial(_snapshot, token=token, size=min(size, 2 * PAGE))))


def _snapshot(centre: Centre, caller: Caller, *, token: str | None, size: int) -> bytes:
    if caller.rights_changed:
        if token:
            raise must_refetch("the caller's rights have changed")
        with writing(centre.engine) as conn:
            settle_rights(conn, caller.token_hash, caller.account_rights)
        centre.callers.forget()
    return snapshot_page(centre, caller.actor, token, size)


@router.get("/digest")
async def digest(request: Request) -> Response:
    """Return 256 buckets over the open cases in scope at a number of the log."""
    only_query(request, "as_of")
    as_of = query_whole(request, "as_of", None)

    def work(centre: Centre, caller: Caller) -> Response:
        return json_answer(digest_at(centre, caller.actor, as_of))

    return await signed_in(request, work)
