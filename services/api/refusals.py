"""Answers that are no success, sorted into the classes of contract section 4."""

from __future__ import annotations

import re

from services.api import codec
from services.api.strict_json import NotJson, loads
from services.api.transport import Reply
from services.ports.errors import (
    GatewayError,
    MustChangePassword,
    MustRefetch,
    NeverValid,
    Problem,
    SignInNeeded,
    TooOld,
    Unknown,
)

_RETRIABLE = frozenset({408, 425, 429})
#: what the `code` of one of the centre's own problems looks like
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def is_json(reply: Reply) -> bool:
    """Tell whether an answer says that it is JSON of some kind."""
    kind = _kind(reply)
    return kind == "application/json" or kind.endswith("+json")


def _kind(reply: Reply) -> str:
    """Return the type of content an answer claims to have."""
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def failure(reply: Reply) -> GatewayError:
    """Sort an answer that is not a success (contract section 4)."""
    status = reply.status
    if status >= 500 or status in _RETRIABLE:
        return Unknown(
            "中心暂时不能答复。", code=f"http_{status}", problem=_problem(reply), reached=True,
            retry_after_s=_retry_after(reply),
        )  # fmt: skip
    if status < 400 or _problem(reply) is None:
        return Unknown("答复的不是中心，可能需要先登录网络。", code="not_the_centre", reached=True)
    problem = _problem(reply) or codec.problem_from(None, status)
    if status in (401, 403):
        wanted = MustChangePassword if problem.code == "must_change_password" else SignInNeeded
        return wanted(problem.title, problem=problem)
    if status == 409 and problem.code == "must_refetch":
        return MustRefetch(problem.title, problem=problem)
    if status == 409 and problem.code == "too_old":
        return TooOld(problem.title, problem=problem)
    return NeverValid(problem)


def _problem(reply: Reply) -> Problem | None:
    """Return the centre's own words; None when the answer is not the centre's.

    A proxy on the way refuses in JSON as well; only a problem document with a code and a sentence is the centre's, and
    only that may ever put a command into the tray.
    """
    if _kind(reply) != "application/problem+json":
        return None
    try:
        doc = loads(reply.body)
    except NotJson:
        return None
    if not isinstance(doc, dict) or not isinstance(doc.get("title"), str):
        return None
    code = doc.get("code")
    if not isinstance(code, str) or _CODE.fullmatch(code) is None:
        return None
    return codec.problem_from(doc, reply.status)


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds a centre asks to wait (a date there is ignored)."""
    told = reply.headers.get("retry-after", "")
    return float(told) if told.isdecimal() and len(told) < 6 else None
