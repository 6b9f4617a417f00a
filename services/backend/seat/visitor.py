"""Who is looking at a web seat: the session cookie, the form token, and how a page's work is run.

The cookie holds the same opaque token that a console sends as `Authorization: Bearer`. The form token is made
from it with HMAC, so that it needs no store, holds in every backend process and ends with the session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.backend.access.sessions import Caller, find_caller
from services.backend.centre import Centre
from services.backend.http.calls import centre_of, off_loop
from services.backend.problems import Problem
from services.domain.reference import Rules
from services.domain.roles import Actor

ROOT = "/seat"
COOKIE = "griddesk_seat"
#: a secret for the sign-in form, before there is a session
DOOR_COOKIE = "griddesk_seat_door"
#: when the account was last used before this session, and the failures since: told on every page's foot
LAST_COOKIE = "griddesk_seat_last"


class SessionEndedError(Exception):
    """Nobody is signed in (any more)."""


class PasswordDueError(Exception):
    """The password must be changed before anything else."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in person: request, centre, caller, form token and the moment it came."""

    request: Request
    centre: Centre
    caller: Caller
    form_token: str
    now: datetime

    @property
    def actor(self) -> Actor:
        """Return who is asking."""
        return self.caller.actor

    @property
    def rules(self) -> Rules:
        """Return the rules in force."""
        return self.centre.reference.rules


def form_token(secret: str) -> str:
    """Return the form token that belongs to a session token or to the secret of the sign-in form."""
    return hmac.new(secret.encode(), b"griddesk seat form", hashlib.sha256).hexdigest()


def good_token(given: str, wanted: str) -> bool:
    """Compare form tokens in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def visit_of(request: Request, *, gate: bool = True) -> Visit:
    """Return the visit of a signed-in person; blocks on the database.

    Raises SessionEndedError without a valid session, PasswordDueError while the password must be changed
    (`gate` False lets the few pages through that may be used then).
    """
    centre = centre_of(request)
    token = request.cookies.get(COOKIE, "")
    caller = find_caller(centre.engine, token, centre.access) if 20 <= len(token) <= 200 else None
    if caller is None:
        raise SessionEndedError
    if gate and caller.must_change:
        raise PasswordDueError
    return Visit(request, centre, caller, form_token(token), centre.now())


async def on_visit(request: Request, work: Callable[[Visit], Response], *, gate: bool = True) -> Response:
    """Run a page's blocking work for a signed-in person on a worker thread."""
    return await off_loop(request, lambda: work(visit_of(request, gate=gate)))


def foreign_origin(request: Request) -> bool:
    """Tell whether a browser says that a form comes from another site."""
    for name in ("origin", "referer"):
        value = request.headers.get(name)
        if value is not None:
            return urlsplit(value).netloc.lower() != request.headers.get("host", "").lower()
    return False


def check_origin(request: Request) -> None:
    """Raise Problem 403 for a form of another site."""
    if foreign_origin(request):
        raise Problem(403, "foreign_form", "这个请求不是从本页面发出的，没有执行。")


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send; Secure over https."""
    response.set_cookie(
        name, value, path=ROOT, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(
        name, path=ROOT, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def new_secret() -> str:
    """Return a random secret for the sign-in form."""
    return secrets.token_urlsafe(24)


def see_other(path: str) -> RedirectResponse:
    """Send the browser to another page of the seat with GET."""
    return RedirectResponse(f"{ROOT}{path}", 303)


def safe_next(path: str | None) -> str:
    """Return where to go after signing in: a page of the seat, the list for anything else."""
    if not path or not path.startswith(f"{ROOT}/") or "//" in path or "\\" in path or len(path) > 200:
        return "/"
    return path[len(ROOT) :]
