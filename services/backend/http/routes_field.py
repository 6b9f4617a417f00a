"""Routes over the district's things and people: components, cameras, officers and their tracks, activity of grids."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.field.activity import activity_body
from services.backend.field.judging import Fix
from services.backend.field.positions import officers, take, track
from services.backend.field.things import MAX_PAGE, cameras_of, components_page, tag_of, things_version
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import (
    json_answer,
    only_query,
    query_area,
    query_moment,
    query_number,
    query_text,
    signed_in,
    tagged_answer,
    trace_of,
)
from services.backend.http.routes_access import checked
from services.backend.problems import invalid, not_found
from services.domain import fields as f
from services.sql.types import to_ms

router = APIRouter()
MOST_POINTS = 500
_point = f.record(
    {"at": f.moment, "lon": f.number(-180, 180), "lat": f.number(-90, 90)},
    {"accuracy_m": f.number(0, 1_000_000)},
)


def _points(value: Any) -> list[dict[str, Any]]:
    """Check a list of points; doubles are no error here, they are ignored later."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_POINTS:
        raise f.Bad(f"应为 1 到 {MOST_POINTS} 个位置")
    found = []
    for index, entry in enumerate(value):
        try:
            found.append(_point(entry))
        except f.Bad as bad:
            raise f.Bad(str(bad), f"[{index}]{bad.at}") from None
    return found


_batch = f.record({"points": _points}, {})


@router.get("/grids/activity")
async def grid_activity(request: Request) -> Response:
    """Return reports of the last 90 days and the last report of every grid in scope."""
    only_query(request)
    known = request.headers.get("if-none-match")

    def work(centre: Centre, caller: Caller) -> Response:
        tag, body = activity_body(centre.activity, caller.actor)
        return tagged_answer(tag, known, lambda: body)

    return await signed_in(request, work)


@router.get("/components")
async def list_components(request: Request) -> Response:
    """Return a page of the components in scope."""
    only_query(request, "area", "cursor", "limit")
    work = partial(
        _components,
        area=query_area(request),
        cursor=query_text(request, "cursor", 200),
        limit=query_number(request, "limit", MAX_PAGE, 1, MAX_PAGE),
        known=request.headers.get("if-none-match"),
    )
    return await signed_in(request, work)


def _components(
    centre: Centre, caller: Caller, *, area: str | None, cursor: str | None, limit: int, known: str | None
) -> Response:
    version = things_version(centre.engine)
    tag = tag_of(centre.facts.epoch, version, caller.actor, "components", area, cursor, limit)
    return tagged_answer(
        tag,
        known,
        lambda: compact(components_page(centre.engine, caller.actor, area, cursor, limit)).encode(),
    )


@router.get("/cameras")
async def list_cameras(request: Request) -> Response:
    """Return the cameras in scope."""
    only_query(request)
    known = request.headers.get("if-none-match")

    def work(centre: Centre, caller: Caller) -> Response:
        tag = tag_of(centre.facts.epoch, things_version(centre.engine), caller.actor, "cameras")
        return tagged_answer(tag, known, lambda: compact(cameras_of(centre.engine, caller.actor)).encode())

    return await signed_in(request, work)


@router.get("/officers")
async def list_officers(request: Request) -> Response:
    """Return where the people in the field were last heard of."""
    only_query(request)
    known = request.headers.get("if-none-match")

    def work(centre: Centre, caller: Caller) -> Response:
        found = officers(centre, caller.actor)
        tag = tag_of(centre.facts.epoch, 0, caller.actor, compact(found["officers"]), found["lost_after_s"])
        return tagged_answer(tag, known, lambda: compact(found).encode())

    return await signed_in(request, work)


@router.get("/officers/{user}/track")
async def officer_track(request: Request, user: str) -> Response:
    """Return an officer's way within a day; audited."""
    only_query(request, "from", "to")
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        start, end = query_moment(request, "from"), query_moment(request, "to")
        if start is None or end is None:
            raise invalid({"from" if start is None else "to": "不能缺少"})
        try:
            who = f.ident(user)
        except f.Bad:
            raise not_found() from None
        return json_answer(track(centre, caller.actor, who, start, end, trace))

    return await signed_in(request, work)


@router.post("/positions")
async def send_positions(request: Request) -> Response:
    """Take a batch of the caller's own positions."""
    body = await read_body(request, COMMAND_BYTES)

    def work(centre: Centre, caller: Caller) -> Response:
        points = [_fix(entry) for entry in checked(body, _batch)["points"]]
        return json_answer(take(centre, caller.actor, points))

    return await signed_in(request, work)


def _fix(entry: dict[str, Any]) -> Fix:
    """Return a checked point as a value."""
    at = to_ms(datetime.fromisoformat(entry["at"]))
    return Fix(at, float(entry["lon"]), float(entry["lat"]), entry.get("accuracy_m"))
