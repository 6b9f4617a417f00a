"""The web seats as one application under `/seat`: routes, error pages, security headers.

`mount_seat(app, centre)` hangs it into the centre's application; it shares that one's centre, worker threads and
counts.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.backend.centre import Centre
from services.backend.http.calls import trace_of
from services.backend.http.guard import problem_for
from services.backend.problems import Problem
from services.backend.seat import acting, sign, viewing
from services.backend.seat.pages import page
from services.backend.seat.visitor import (
    COOKIE,
    ROOT,
    PasswordDueError,
    SessionEndedError,
    drop_cookie,
    see_other,
)

errors = logging.getLogger("services.backend.errors")

ROUTES = (
    Route("/", viewing.show_home),
    Route("/sign-in", sign.show_sign_in),
    Route("/sign-in", sign.sign_in, methods=["POST"]),
    Route("/sign-out", sign.sign_out, methods=["POST"]),
    Route("/password", sign.show_password),
    Route("/password", sign.change_password, methods=["POST"]),
    Route("/reports", viewing.show_reports),
    Route("/register", acting.show_register),
    Route("/register", acting.send_register, methods=["POST"]),
    Route("/cases/{case_id}", viewing.show_case),
    Route("/cases/{case_id}/caller", viewing.reveal, methods=["POST"]),
    Route("/cases/{case_id}/{action}", acting.show_form),
    Route("/cases/{case_id}/{action}", acting.send_form, methods=["POST"]),
    Route("/answers/{command_id}", viewing.show_answer),
    Route("/files/{sha256}", viewing.show_file),
    Route("/files/{sha256}/{size}", viewing.show_file),
    Route("/static/{name}", viewing.static_file),
)


def mount_seat(app: Starlette, centre: Centre) -> Starlette:
    """Hang the web seats into the centre's application under `/seat/` and return them.

    `app.state` must have `metrics` and `limiter` already.
    """
    seat = Starlette(
        routes=list(ROUTES),
        exception_handlers={
            SessionEndedError: _session_ended,
            PasswordDueError: _password_due,
            Problem: _failed,
            HTTPException: _http_error,
            Exception: _failed,
        },
    )
    seat.router.redirect_slashes = False
    seat.state.centre = centre
    seat.state.metrics = app.state.metrics
    seat.state.limiter = app.state.limiter
    app.router.routes.append(Route(ROOT, _to_root))
    app.mount(ROOT, seat)
    return seat


async def _to_root(_request: Request) -> Response:
    return RedirectResponse(f"{ROOT}/", 308)


async def _session_ended(request: Request, _error: Exception) -> Response:
    """Send to the sign-in page and back afterwards; a form is not lost: its page stays, and says what to do."""
    if request.method == "POST":
        return _error_page(
            request,
            401,
            "登录已失效，请重新登录",
            "这次没有提交。登录后回到刚才的页面重新加载，会用同一编号再送一次，不会重复办理。",
        )
    path = request.scope["path"]
    back = "" if path in (ROOT, f"{ROOT}/") else f"next={quote(path)}"
    ended = "ended=1" if COOKIE in request.cookies else ""
    query = "&".join(part for part in (ended, back) if part)
    answer = see_other(f"/sign-in?{query}" if query else "/sign-in")
    drop_cookie(request, answer, COOKIE)
    return answer


async def _password_due(_request: Request, _error: Exception) -> Response:
    return see_other("/password")


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    titles = {404: "没有这个页面", 405: "这个页面不接受这种请求", 400: "表单没有传完整"}
    return _error_page(request, status, titles.get(status, "请求无法处理"), "请返回上一页再试。")


async def _failed(request: Request, error: Exception) -> Response:
    """Show a page for every other error: the world's with its own sentence, ours with the trace id."""
    problem = error if isinstance(error, Problem) else problem_for(error)
    if isinstance(error, Problem) and problem.status >= 500:
        # any other exception goes on to the guard, which writes it down
        errors.warning("%s %s answered %s", trace_of(request), request.scope["path"], problem.code)
    advice = ""
    if problem.status >= 500 and request.method == "POST":
        advice = "请稍后在这一页重新加载：会用同一编号再送一次，不会重复办理。"
    return _error_page(request, problem.status, problem.title.rstrip("。"), advice, problem.headers)


def _error_page(
    request: Request, status: int, title: str, advice: str, headers: dict[str, str] | None = None
) -> Response:
    values = {
        "root": ROOT, "title": title, "advice": advice, "trace": trace_of(request), "status": status,
        "sign_in": status == 401,
    }  # fmt: skip
    return page("error.html", values, status, headers)
