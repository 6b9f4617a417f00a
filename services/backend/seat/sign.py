"""Signing in and out and changing the password: the same accounts, lock and audit as the console's routes."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.audit import record
from services.backend.access.sessions import end_session
from services.backend.access.signin import SignedIn
from services.backend.centre import Centre
from services.backend.http.calls import centre_of, off_loop, trace_of
from services.backend.http.routes_access import change_own_password, sign_in_checked
from services.backend.problems import Problem
from services.backend.seat.frame import framed, last_value
from services.backend.seat.giving import CONSOLE_ID
from services.backend.seat.pages import page
from services.backend.seat.uploads import read_form
from services.backend.seat.visitor import (
    COOKIE,
    DOOR_COOKIE,
    LAST_COOKIE,
    ROOT,
    SessionEndedError,
    Visit,
    check_origin,
    drop_cookie,
    form_token,
    good_token,
    new_secret,
    on_visit,
    safe_next,
    see_other,
    set_cookie,
)
from services.sql.engine import writing

_LEAST_SECRET = 20


async def show_sign_in(request: Request) -> Response:
    """Show the sign-in form."""
    return _door(request, request.query_params.get("next"))


def _door(
    request: Request, then: str | None, fault: str = "", username: str = "", status: int = 200
) -> Response:
    """Return the sign-in page, with a secret of its own for its form."""
    secret = request.cookies.get(DOOR_COOKIE, "")
    fresh = not _LEAST_SECRET <= len(secret) <= 100
    if fresh:
        secret = new_secret()
    answer = page(
        "sign_in.html",
        {
            "root": ROOT,
            "centre": centre_of(request).facts.centre_name,
            "form_token": form_token(secret),
            "then": ROOT + safe_next(then),
            "fault": fault,
            "username": username,
            "ended": request.query_params.get("ended") == "1" and not fault,
        },
        status,
    )
    if fresh:
        set_cookie(request, answer, DOOR_COOKIE, secret)
    return answer


async def sign_in(request: Request) -> Response:
    """Take name and password; on success the session cookie is set and the wanted page follows."""
    check_origin(request)
    data = await read_form(request)
    given = {name: str(data.get(name, "")) for name in ("username", "password", "then", "form_token")}
    await data.close()
    username = given["username"].strip()
    secret = request.cookies.get(DOOR_COOKIE, "")
    if not secret or not good_token(given["form_token"], form_token(secret)):
        return _door(request, given["then"], "登录页已过期，请再登录一次。", username, 403)
    if not username or not given["password"] or len(given["password"]) > 1000 or len(username) > 200:
        return _door(request, given["then"], "请填写用户名和密码。", username, 422)
    credentials = {"username": username, "password": given["password"], "console_id": CONSOLE_ID}
    work = partial(sign_in_checked, centre_of(request), credentials, trace_of(request))
    try:
        found = await off_loop(request, work)
    except Problem as problem:
        if problem.code not in ("wrong_credentials", "account_locked"):
            raise
        return _door(request, given["then"], problem.title, username, problem.status)
    return _welcome(request, found, given["then"])


def _welcome(request: Request, found: SignedIn, then: str) -> Response:
    """Set the session's cookies and go on."""
    answer = see_other("/password" if found.must_change else safe_next(then))
    set_cookie(request, answer, COOKIE, found.token)
    set_cookie(request, answer, LAST_COOKIE, last_value(found.last_login_ms, found.failed_since))
    drop_cookie(request, answer, DOOR_COOKIE)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session; in every process its token is worth nothing from now on."""
    check_origin(request)
    data = await read_form(request)
    token = str(data.get("form_token", ""))
    await data.close()
    trace = trace_of(request)

    def work(visit: Visit) -> Response:
        if good_token(token, visit.form_token):
            _end(visit.centre, visit, trace)
        return see_other("/sign-in")

    try:
        answer = await on_visit(request, work, gate=False)
    except SessionEndedError:
        answer = see_other("/sign-in")
    for name in (COOKIE, LAST_COOKIE):
        drop_cookie(request, answer, name)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _end(centre: Centre, visit: Visit, trace: str) -> None:
    with writing(centre.engine) as conn:
        end_session(conn, visit.caller.token_hash)
        record(conn, visit.actor.id, "sign_out", CONSOLE_ID, None, trace)


async def show_password(request: Request) -> Response:
    """Show the form for a new password."""
    return await on_visit(request, partial(_password_page, wrong={}), gate=False)


def _password_page(visit: Visit, *, wrong: dict[str, str], status: int = 200) -> Response:
    least = visit.centre.access.password_least
    strict = visit.centre.access.password_policy == "mlps"
    values: dict[str, Any] = {
        "wrong": wrong,
        "least": least,
        "strict": strict,
        "due": visit.caller.must_change,
        "here": "password",
        "username": visit.caller.username,
    }
    return framed(visit, "password.html", values, status)


async def change_password(request: Request) -> Response:
    """Take a new password; all other sessions of the account end."""
    check_origin(request)
    data = await read_form(request)
    given = {name: str(data.get(name, "")) for name in ("old", "new", "again", "form_token")}
    await data.close()
    return await on_visit(request, partial(_change, given=given, trace=trace_of(request)), gate=False)


def _change(visit: Visit, *, given: dict[str, str], trace: str) -> Response:
    if not good_token(given["form_token"], visit.form_token):
        return _password_page(visit, wrong={"": "登录已更新，请再填一次。"}, status=403)
    if given["new"] != given["again"]:
        return _password_page(visit, wrong={"again": "两次填写的新密码不一样。"}, status=422)
    try:
        change_own_password(visit.centre, visit.caller, given["old"][:1000], given["new"][:1000], trace)
    except Problem as problem:
        if problem.code not in ("wrong_password", "weak_password"):
            raise
        return _password_page(visit, wrong=problem.fields, status=422)
    return framed(visit, "changed.html", {})
