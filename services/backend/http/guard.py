"""The outermost layer of the application: a trace id for every request, a problem for every error, counts."""

from __future__ import annotations

import itertools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.backend.http.metrics import Metrics
from services.backend.problems import MEDIA_TYPE, Problem
from services.backend.reference_store import NoReferenceError

logger = logging.getLogger("services.backend.access_log")
errors = logging.getLogger("services.backend.errors")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_FULL = ("disk is full", "No space left", "could not extend file", "53100", "disk I/O error")

#: SQLite calls a statement that is wrong in itself an operational error too
_OURS = ("no such ", "syntax error", "has no column", "no query solution", "malformed MATCH")


def problem_for(error: BaseException) -> Problem:
    """Return what is answered for an exception: the world's faults as 503, ours as 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NoReferenceError):
        return Problem(503, "not_ready", "中心还没有导入参考数据，暂不能办理案件。")
    if isinstance(error, OSError) and error.errno == 28:
        return _disk_full()
    if isinstance(error, DBAPIError):
        if any(word in str(error.orig) for word in _FULL):
            return _disk_full()
        ours = any(word in str(error.orig) for word in _OURS)
        if not ours and (
            isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        ):
            return Problem(
                503,
                "database_unavailable",
                "中心数据库暂时不可用，请稍后重试。",
                headers={"Retry-After": "2"},
            )
    if isinstance(error, PoolTimeoutError):
        return Problem(503, "busy", "中心正忙，请稍后重试。", headers={"Retry-After": "1"})
    return Problem(500, "internal_error", "中心出了内部错误，已经记录。")


def _disk_full() -> Problem:
    return Problem(
        503, "disk_full", "中心磁盘已满，暂不能保存，请联系管理员。", headers={"Retry-After": "10"}
    )


class Guard:
    """ASGI middleware around everything.

    Paths are logged, query strings never (they may hold what somebody searched for).
    """

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # random once a process; asking the kernel for every request costs more than all the rest here
        self._prefix = secrets.token_hex(6)
        self._count = itertools.count(1)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = f"{self._prefix}{next(self._count):08x}"
        scope["griddesk.trace"] = trace
        started = time.perf_counter()
        status = 500
        begun = False

        async def sending(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                message["headers"] = _with_safe(message.get("headers", ()), trace)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - whatever happens, the sender gets a problem document
            problem = problem_for(error)
            self._report(problem, error, trace, scope["path"])
            if not begun:
                await send_problem(problem, trace, sending)
        finally:
            took = time.perf_counter() - started
            self._metrics.request(_route(scope), status, took)
            logger.info("%s %s %s %d %.1f ms", trace, scope["method"], scope["path"], status, took * 1000)

    def _report(self, problem: Problem, error: BaseException, trace: str, path: str) -> None:
        if problem.code == "internal_error":
            errors.error("%s %s failed", trace, path, exc_info=error)
        elif problem.status >= 500:
            errors.warning(
                "%s %s answered %s: %s", trace, path, problem.code, str(error).splitlines()[0][:200]
            )


_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


def _with_safe(given: Any, trace: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with the trace id and what keeps it out of caches, unless it says so itself."""
    headers = list(given)
    named = {name.lower() for name, _ in headers}
    return [*headers, (b"x-trace-id", trace.encode()), *(pair for pair in _SAFE if pair[0] not in named)]


def _route(scope: MutableMapping[str, Any]) -> str:
    """Return the pattern of the route that served a request, `other` for none."""
    route = scope.get("route")
    return str(getattr(route, "path", "other"))


async def send_problem(problem: Problem, trace: str, send: Send) -> None:
    """Send a problem document."""
    body = problem.body(trace)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


__all__ = ["Guard", "problem_for", "send_problem"]
