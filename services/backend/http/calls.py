"""How a route does its work: on a worker thread, with the caller found out first; and how it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller, find_caller
from services.backend.centre import Centre
from services.backend.db.packing import compact
from services.backend.problems import Problem, invalid, not_found
from services.domain.fields import Bad, fit_text, moment
from services.domain.ids import canonical_uuid

#: worker threads of one process; fewer than the database connections it may open
THREADS = 16
T = TypeVar("T")
_BIG = 1 << 62


def centre_of(request: Request) -> Centre:
    """Return the centre a request came to."""
    found: Centre = request.app.state.centre
    return found


async def off_loop(request: Request, work: Callable[[], T]) -> T:
    """Run blocking work on a worker thread."""
    limiter: CapacityLimiter = request.app.state.limiter
    return await to_thread.run_sync(work, limiter=limiter)


async def signed_in(request: Request, work: Callable[[Centre, Caller], T], *, gate: bool = True) -> T:
    """Run blocking work for a signed-in caller on a worker thread.

    Raises Problem 401 without a valid token, 403 `must_change_password` while that holds (`gate` False lets
    the few routes through that may be used then).
    """
    return await off_loop(request, partial(_as_caller, centre_of(request), bearer(request), work, gate))


def _as_caller(centre: Centre, token: str, work: Callable[[Centre, Caller], T], gate: bool) -> T:
    return work(centre, authenticate(centre, token, gate=gate))


def authenticate(centre: Centre, token: str, *, gate: bool = True) -> Caller:
    """Return who a token stands for; raises Problem 401 or 403 (see `signed_in`). Blocks on the database."""
    version = centre.callers.version
    caller = find_caller(centre.engine, token, centre.access)
    if caller is None:
        raise unauthorized()
    if not caller.must_change:
        centre.callers.keep(caller, version)
    if gate and caller.must_change:
        raise Problem(403, "must_change_password", "请先修改密码。")
    return caller


def bearer(request: Request) -> str:
    """Return the token of the header `Authorization`; raises Problem 401."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 20 <= len(token.strip()) <= 200:
        raise unauthorized()
    return token.strip()


def unauthorized() -> Problem:
    """Return the problem of a missing, unknown or lapsed token."""
    return Problem(401, "unauthorized", "请先登录。", headers={"WWW-Authenticate": "Bearer"})


def trace_of(request: Request) -> str:
    """Return the id under which a request is found in the logs."""
    return str(request.scope.get("griddesk.trace", ""))


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON values."""
    return Response(compact(value).encode(), status, headers, "application/json")


def bytes_answer(body: bytes, status: int = 200) -> Response:
    """Answer with ready JSON."""
    return Response(body, status, None, "application/json")


def tagged_answer(
    etag: str, known: str | None, body: Callable[[], bytes], media: str = "application/json"
) -> Response:
    """Answer with an ETag, or 304 when the asker has this state already (`known` is If-None-Match)."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if known is not None and etag in {part.strip().removeprefix("W/") for part in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body(), 200, headers, media)


def path_uuid(request: Request, name: str = "case_id") -> str:
    """Return a UUID of the path; raises Problem 404 for anything else."""
    found = canonical_uuid(request.path_params[name])
    if found is None:
        raise not_found()
    return found


def query_text(request: Request, name: str, most: int = 200) -> str | None:
    """Return a text of the query string, None when it is missing or empty; raises Problem 422."""
    value = request.query_params.get(name)
    if not value:
        return None
    try:
        fit_text(value)
    except Bad as bad:
        raise invalid({name: str(bad)}) from None
    if len(value) > most:
        raise invalid({name: f"最多 {most} 个字"})
    return value


def query_whole(
    request: Request, name: str, default: int | None, least: int = 0, most: int = _BIG
) -> int | None:
    """Return a whole number of the query string; raises Problem 422 for another shape or outside the range."""
    value = request.query_params.get(name)
    if value is None or value == "":
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 19) or not least <= int(value) <= most:
        raise invalid({name: f"应为 {least} 到 {most} 的整数"})
    return int(value)


def query_number(request: Request, name: str, default: int, least: int = 0, most: int = _BIG) -> int:
    """Return a whole number that has a default."""
    found = query_whole(request, name, default, least, most)
    return default if found is None else found


def query_moment(request: Request, name: str) -> datetime | None:
    """Return a moment of the query string, None when it is missing; raises Problem 422."""
    value = query_text(request, name, 40)
    if value is None:
        return None
    try:
        # a plus sign in a query string arrives as a blank
        return datetime.fromisoformat(moment(value.replace(" ", "+")))
    except Bad as bad:
        raise invalid({name: str(bad)}) from None


def query_area(request: Request, name: str = "area") -> str | None:
    """Return an area prefix of the query string, None when it is missing; raises Problem 422."""
    area = query_text(request, name, 15)
    if area is not None and not (area.isascii() and area.isdigit()):
        raise invalid({name: "区域编码只能由数字组成"})
    return area


def only_query(request: Request, *known: str) -> None:
    """Raise Problem 422 for a query parameter the route does not know: a misspelt filter must not widen a list."""
    wrong = {name[:40]: "不认识的参数" for name in request.query_params if name not in known}
    if wrong:
        raise invalid(wrong)
