"""Routes of sign-in: session, who am I, password (contract section 3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access import passwords
from services.backend.access.accounts import set_password
from services.backend.access.audit import record
from services.backend.access.sessions import Caller, end_others, end_session
from services.backend.access.signin import LockedError, SignedIn, WrongCredentialsError, sign_in
from services.backend.centre import Centre
from services.backend.db.access_tables import accounts
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import centre_of, json_answer, off_loop, signed_in, trace_of
from services.backend.problems import Problem, invalid
from services.backend.strict_json import read_json
from services.domain.case_doc import time_text
from services.domain.fields import Bad, Check, fit_text
from services.domain.fields import record as fields_of
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms

router = APIRouter()


def _short(most: int) -> Check:
    def check(value: Any) -> str:
        found = fit_text(value)
        if not found or len(found) > most:
            raise Bad(f"应为 1 到 {most} 个字")
        return found

    return check


def _console(value: Any) -> str | None:
    return None if value is None else _short(64)(value)


_sign_in = fields_of({"username": _short(200), "password": _short(1000)}, {"console_id": _console})
_change = fields_of({"old": _short(1000), "new": _short(1000)}, {})


def checked(body: bytes, check: Check) -> dict[str, Any]:
    """Return a body's fields after a check; raises Problem 400 or 422."""
    raw = read_json(body)
    try:
        found: dict[str, Any] = check(raw)
    except Bad as bad:
        raise invalid({bad.at.lstrip(".") or "": str(bad)}) from None
    return found


def user_wire(actor: Actor) -> dict[str, Any]:
    """Return a user as sent."""
    return {
        "id": actor.id,
        "name": actor.name,
        "roles": list(actor.roles),
        "area_code": actor.area_code,
        "dept": actor.dept,
    }


@router.post("/session")
async def open_session(request: Request) -> Response:
    """Sign in: a token for name and password."""
    given = checked(await read_body(request, COMMAND_BYTES), _sign_in)
    centre = centre_of(request)
    work = partial(sign_in_checked, centre, given, trace_of(request))
    found = await off_loop(request, work)
    caller_rest = {
        "must_change_password": found.must_change,
        "last_login": None if found.last_login_ms is None else time_text(from_ms(found.last_login_ms)),
        "failed_since": found.failed_since,
    }
    expires = from_ms(found.began_ms + centre.access.session_hours * 3_600_000)
    return json_answer(
        {
            "token": found.token,
            "user": user_wire(found.actor),
            "expires_at": time_text(expires),
            **caller_rest,
        }
    )


def sign_in_checked(centre: Centre, given: dict[str, Any], trace: str) -> SignedIn:
    """Begin a session for `username` and `password`; raises Problem 401 or 403. Also the web seats'."""
    try:
        if len(given["username"]) > 64:
            passwords.check_password(None, given["password"][: passwords.MAX_LENGTH])
            raise WrongCredentialsError
        return sign_in(
            centre.engine, given["username"], given["password"], given.get("console_id"), centre.access, trace
        )
    except WrongCredentialsError:
        raise Problem(401, "wrong_credentials", "用户名或密码不对。") from None
    except LockedError as locked:
        raise Problem(
            403,
            "account_locked",
            f"登录失败次数过多，账号已锁定，请约 {locked.minutes} 分钟后再试或请管理员解锁。",
            headers={"Retry-After": str(locked.minutes * 60)},
        ) from None


@router.delete("/session")
async def close_session(request: Request) -> Response:
    """Sign out: the token is worth nothing in any process from now on."""

    def work(centre: Centre, caller: Caller) -> None:
        with writing(centre.engine) as conn:
            end_session(conn, caller.token_hash)
            record(conn, caller.actor.id, "sign_out", caller.console_id, None, trace)
        centre.callers.forget()

    trace = trace_of(request)
    await signed_in(request, work, gate=False)
    return Response(status_code=204)


@router.get("/me")
async def show_me(request: Request) -> Response:
    """Return who is signed in, until when at the latest, and whether the password must be changed."""

    def work(centre: Centre, caller: Caller) -> dict[str, Any]:
        last = caller.last_login_ms
        return {
            "user": user_wire(caller.actor),
            "expires_at": time_text(caller.expires_at(centre.access)),
            "must_change_password": caller.must_change,
            "last_login": None if last is None else time_text(from_ms(last)),
            "failed_since": caller.failed_since,
        }

    return json_answer(await signed_in(request, work, gate=False))


@router.post("/me/password")
async def change_password(request: Request) -> Response:
    """Change the own password; all other sessions of the account end."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> None:
        given = checked(body, _change)
        change_own_password(centre, caller, given["old"], given["new"], trace)

    await signed_in(request, work, gate=False)
    return Response(status_code=204)


def change_own_password(centre: Centre, caller: Caller, old: str, new: str, trace: str) -> None:
    """Check the old password and the rules for the new one, and store it; raises Problem 403 or 422."""
    with glancing(centre.engine) as conn:
        stored = conn.execute(
            accounts.select()
            .with_only_columns(accounts.c.password_hash)
            .where(accounts.c.user_id == caller.actor.id)
        ).scalar_one()
    if not passwords.check_password(stored, old):
        with writing(centre.engine) as conn:
            record(conn, caller.actor.id, "password_change_failed", None, None, trace)
        raise Problem(403, "wrong_password", "原密码不对。", fields={"old": "原密码不对"})
    fault = passwords.password_fault(new, caller.username, centre.access)
    if fault is None and new == old:
        fault = "新密码不能与原密码相同。"
    if fault is not None:
        raise Problem(422, "weak_password", fault, fields={"new": fault})
    fresh = passwords.hash_password(new)
    with writing(centre.engine) as conn:
        set_password(conn, caller.actor.id, fresh, must_change=False)
        end_others(conn, caller.actor.id, caller.token_hash)
        record(conn, caller.actor.id, "password_changed", None, None, trace)
    centre.callers.forget()
