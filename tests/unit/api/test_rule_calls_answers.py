"""Rule and referee calls against a real socket: what is asked, how long, and the classes of what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.api.gateway import HttpCentreGateway
from services.api.rule_calls import HttpRuleCalls
from services.ports.errors import GatewayError, NeverValid, Unknown
from tests.support.scripted_server import at_once, http, scripted

Call = Callable[[HttpRuleCalls], Any]
CALLS: dict[str, Call] = {
    "rules": lambda calls: calls.rules(),
    "rule": lambda calls: calls.rule("night"),
    "put": lambda calls: calls.put_rule("night", {"name": "夜间"}),
    "try": lambda calls: calls.try_rule("night", 30),
    "switch": lambda calls: calls.switch_rule("night", True),
    "days": lambda calls: calls.rule_days("night"),
    "referee": lambda calls: calls.referee("01930000-0000-7000-8000-000000000001"),
    "meetings": lambda calls: calls.meetings(),
}


def problem(status: str, code: str, **more: Any) -> bytes:
    doc = {"code": code, "title": "不行。", "detail": "", "trace_id": "t", **more}
    return http(json.dumps(doc).encode(), status, "application/problem+json")


def asked(raw: bytes, call: Call) -> tuple[Any, bytes]:
    """The answer of a call (or the error it raised) and the request that went out."""
    with scripted(at_once(raw)) as server:
        gateway = HttpCentreGateway(server.url)
        try:
            found: Any = call(HttpRuleCalls(gateway))
        except GatewayError as error:
            found = error
        finally:
            gateway.close()
        return found, server.requests[0]


def parts(request: bytes) -> tuple[str, Any]:
    """The first line of a request and its body."""
    head, _, body = request.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode(), json.loads(body) if body else None


@pytest.mark.parametrize(
    ("name", "line", "body"),
    [
        ("rules", "GET /v1/rules HTTP/1.1", None),
        ("put", "PUT /v1/rules/night HTTP/1.1", {"name": "夜间"}),
        ("try", "POST /v1/rules/night/try HTTP/1.1", {"days": 30}),
        ("switch", "POST /v1/rules/night/switch HTTP/1.1", {"active": True}),
        ("meetings", "GET /v1/meetings HTTP/1.1", None),
    ],
)
def test_what_goes_out(name: str, line: str, body: Any) -> None:
    found, request = asked(http(b'{"ok": 1}'), CALLS[name])
    assert found == {"ok": 1}
    assert parts(request) == (line, body)


@pytest.mark.parametrize("name", ["rule", "try", "referee"])
@pytest.mark.parametrize("raw", [b"[]", b"null", b'"ok"', b"1"])
def test_an_answer_that_is_no_document_is_not_believed(name: str, raw: bytes) -> None:
    found, _ = asked(http(raw), CALLS[name])
    assert isinstance(found, GatewayError) and not isinstance(found, NeverValid)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("rule", "404 Not Found", "not_found"), ("referee", "404 Not Found", "not_found"),
        ("put", "409 Conflict", "edited"), ("switch", "409 Conflict", "not_tried"), ("try", "409 Conflict", "edited"),
    ],
)  # fmt: skip
def test_refusals_are_told_with_their_sentence(name: str, status: str, code: str) -> None:
    found, _ = asked(problem(status, code), CALLS[name])
    assert isinstance(found, NeverValid) and found.title == "不行。"
    assert found.problem is not None and found.problem.code == code


def test_wrong_fields_come_with_their_paths() -> None:
    fields = {"when.hours[0]": "应为时刻，例如 22:00", "then.lead_dept": "没有这个单位"}
    found, _ = asked(problem("422 Unprocessable Entity", "invalid", fields=fields), CALLS["put"])
    assert isinstance(found, NeverValid) and found.problem is not None
    assert dict(found.problem.fields) == fields


@pytest.mark.parametrize("name", ["rules", "switch", "meetings"])
def test_a_centre_that_is_down_leaves_it_unknown(name: str) -> None:
    found, _ = asked(problem("503 Service Unavailable", "busy"), CALLS[name])
    assert isinstance(found, Unknown)


class Line:
    """Notes how long a call may take."""

    def __init__(self) -> None:
        self.more: dict[str, Any] = {}

    def _ask(self, _method: str, path: str, read: Any, **more: Any) -> Any:
        self.path, self.more = path, more
        return read({})


@pytest.mark.parametrize("name", sorted(CALLS))
def test_only_a_trial_may_take_long(name: str) -> None:
    """It walks thousands of cases; everything else keeps the line's own deadlines."""
    line = Line()
    CALLS[name](HttpRuleCalls(line))  # type: ignore[arg-type] # a double of the line
    limits = {key: value for key, value in line.more.items() if key in ("deadline_s", "read_s")}
    if name == "try":
        assert limits["deadline_s"] >= 60 and limits["read_s"] == limits["deadline_s"]
    else:
        assert limits == {}


@pytest.mark.parametrize("rule_id", ["a/b", "a?b", "a#b", "a b", "..", "规则", "a%2Fb"])
def test_no_name_leaves_its_place_in_the_path(rule_id: str) -> None:
    line = Line()
    HttpRuleCalls(line).rule(rule_id)  # type: ignore[arg-type] # a double of the line
    assert line.path.startswith("/rules/")
    assert not set(line.path.removeprefix("/rules/")) & set("/?# ") and line.path.isascii()
