"""The classes of answers of contract section 4, whatever stands at the other end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.api.gateway import HttpCentreGateway
from services.ports.centre import Outcome, WireCommand
from services.ports.errors import (
    GatewayError,
    MustChangePassword,
    MustRefetch,
    NeverValid,
    SignInNeeded,
    TooOld,
    Unknown,
)
from tests.support.scripted_server import at_once, http, scripted

T0 = datetime(2026, 11, 23, 1, 0, 0, 5000, tzinfo=UTC)
COMMAND = WireCommand("cmd-1", "case-1", "comment", {"text": "好"}, None, T0, "console-1", 17, T0)
OUTCOME = {"command_id": "cmd-1", "case_id": "case-1", "outcome": "applied", "version": 2, "xver": 1}
PAGE = {"epoch": "e", "changes": [], "next": 7, "head": 9, "server_time": "2026-11-23T09:00:00+08:00"}


def problem(status: str, code: str = "x", **more: Any) -> bytes:
    doc = {"code": code, "title": "不行。", "detail": "d", "trace_id": "t", **more}
    return http(json.dumps(doc).encode(), status, "application/problem+json")


def answer(doc: Any, status: str = "200 OK") -> bytes:
    return http(json.dumps(doc).encode(), status)


def call(raw: bytes, act: Callable[[HttpCentreGateway], Any]) -> Any:
    with scripted(at_once(raw)) as server:
        gateway = HttpCentreGateway(server.url)
        try:
            return act(gateway)
        finally:
            gateway.close()


def send(gateway: HttpCentreGateway) -> Outcome:
    return gateway.send(COMMAND)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (problem("401 Unauthorized"), SignInNeeded),
        (problem("403 Forbidden"), SignInNeeded),
        (problem("403 Forbidden", "must_change_password"), MustChangePassword),
        (problem("408 Request Timeout"), Unknown),
        (problem("425 Too Early"), Unknown),
        (problem("429 Too Many Requests"), Unknown),
        (problem("500 Internal Server Error"), Unknown),
        (problem("503 Service Unavailable"), Unknown),
        (http(b"<html>nginx</html>", "502 Bad Gateway", "text/html"), Unknown),
        (problem("400 Bad Request"), NeverValid),
        (problem("404 Not Found"), NeverValid),
        (problem("409 Conflict"), NeverValid),
        (problem("409 Conflict", "must_refetch"), MustRefetch),
        (problem("409 Conflict", "too_old"), TooOld),
        (problem("413 Content Too Large"), NeverValid),
        (problem("422 Unprocessable Content"), NeverValid),
        (http(b"", "409 Conflict", "application/json"), Unknown),
        (http(b"<html>login to wifi</html>", "403 Forbidden", "text/html"), Unknown),
        (http(b"<html>not found</html>", "404 Not Found", "text/html"), Unknown),
        (http(b"[1]", "404 Not Found"), Unknown),
        # a proxy that refuses in JSON: its words must never put a command into the tray or end a session
        (http(b'{"code": "blocked", "title": "no"}', "403 Forbidden"), Unknown),
        (http(b'{"code": "blocked", "title": "no"}', "413 Content Too Large"), Unknown),
        (http(b'{"error": "denied"}', "404 Not Found", "application/problem+json"), Unknown),
        (http(b'{"title": "denied"}', "422 Unprocessable Content", "application/problem+json"), Unknown),
        (
            http(b'{"code": 7, "title": "x"}', "422 Unprocessable Content", "application/problem+json"),
            Unknown,
        ),
        (http(b'{"code": "No Way", "title": "x"}', "409 Conflict", "application/problem+json"), Unknown),
        (http(b"<html>login to wifi</html>", "200 OK", "text/html"), Unknown),
        (http(b"", "204 No Content"), Unknown),
        (http(b"", "302 Found", headers=["Location: http://portal.example"]), Unknown),
        (http(b"", "304 Not Modified"), Unknown),
        (http(b'{"a":'), Unknown),
        (http(b'{"version": NaN}'), Unknown),
        (http(b"[" * 100_000), Unknown),
        (http(b'{"version": ' + b"9" * 5000 + b"}"), Unknown),
        (http(b"\xff\xfe"), Unknown),
        (answer([]), Unknown),
        (answer({**OUTCOME, "outcome": "perhaps"}), Unknown),
        (answer({**OUTCOME, "command_id": 5}), Unknown),
        (answer({**OUTCOME, "version": [1]}), Unknown),
        (answer({**OUTCOME, "decided_at": "yesterday"}), Unknown),
        (answer({**OUTCOME, "decided_at": "2026-11-23T09:00:00"}), Unknown),
        (answer({**OUTCOME, "case": {"case_id": "x"}}), Unknown),
    ],
)
def test_every_answer_has_its_class(raw: bytes, kind: type[GatewayError]) -> None:
    with pytest.raises(GatewayError) as error:
        call(raw, send)
    assert type(error.value) is kind
    assert error.value.title
    if kind is Unknown:
        assert error.value.reached


def test_problems_come_with_their_words() -> None:
    raw = problem("422 Unprocessable Content", "invalid_payload", fields={"text": "不能为空"})
    with pytest.raises(NeverValid) as error:
        call(raw, send)
    told = error.value.problem
    assert (told.status, told.code, told.title, told.detail, told.trace_id) == (
        422,
        "invalid_payload",
        "不行。",
        "d",
        "t",
    )
    assert told.fields == {"text": "不能为空"}


@pytest.mark.parametrize(
    ("told", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9999999", None)]
)
def test_the_centre_may_ask_to_wait(told: str, seconds: float | None) -> None:
    raw = http(b"{}", "429 Too Many Requests", headers=[f"Retry-After: {told}"])
    with pytest.raises(Unknown) as error:
        call(raw, send)
    assert error.value.retry_after_s == seconds


def test_a_command_goes_out_as_the_contract_says() -> None:
    with scripted(at_once(answer(OUTCOME))) as server:
        gateway = HttpCentreGateway(server.url)
        for _ in range(2):
            assert gateway.send(COMMAND) == Outcome("cmd-1", "case-1", "applied", 2, 1)
        gateway.close()
        first, second = server.requests
    head, body = first.split(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/commands HTTP/1.1")
    assert b"Idempotency-Key: cmd-1" in head
    assert b"Authorization" not in head
    assert json.loads(body) == {
        "command_id": "cmd-1", "case_id": "case-1", "action": "comment", "base_xver": None,
        "seen_at": "2026-11-23T01:00:00.005Z", "payload_v": 1, "payload": {"text": "好"},
        "console_id": "console-1", "console_n": 17, "client_time": "2026-11-23T01:00:00.005Z",
    }  # fmt: skip
    assert second.split(b"\r\n\r\n")[1] == body, "the same bytes on every try"


def test_signing_in_keeps_the_token_and_signing_out_forgets_it() -> None:
    user = {
        "id": "u-1",
        "name": "林晓禾",
        "roles": ["acceptor", "a_later_role"],
        "area_code": "440106",
        "dept": None,
    }
    session = {
        "token": "secret", "user": user, "expires_at": "2026-11-23T21:00:00+08:00", "must_change_password": False,
        "last_login": None, "failed_since": 2, "a_later_field": 1,
    }  # fmt: skip
    me = {key: value for key, value in session.items() if key != "token"}
    scripts = [
        at_once(answer(session)),
        at_once(answer(me)),
        at_once(problem("500 Oops")),
        at_once(answer(PAGE)),
    ]
    with scripted(*scripts) as server:
        gateway = HttpCentreGateway(server.url)
        assert not gateway.signed_in
        info = gateway.sign_in("lin", "密码", "console-1")
        assert gateway.signed_in
        assert (info.actor.id, info.actor.roles, info.failed_since) == ("u-1", ("acceptor",), 2)
        assert gateway.me() == info
        gateway.sign_out()
        assert not gateway.signed_in
        gateway.changes("e", 7)
        gateway.close()
        posted, asked, ended, after = server.requests
    assert json.loads(posted.split(b"\r\n\r\n")[1]) == {
        "username": "lin",
        "password": "密码",
        "console_id": "console-1",
    }
    assert b"Authorization: Bearer secret" in asked
    assert ended.startswith(b"DELETE /v1/session")
    assert b"Authorization" not in after


def test_a_wrong_password_is_a_sign_in_needed() -> None:
    with pytest.raises(SignInNeeded) as error:
        call(problem("401 Unauthorized", "wrong_password"), lambda g: g.sign_in("lin", "x", "c"))
    assert error.value.code == "sign_in_needed"
    assert error.value.problem is not None
    assert error.value.problem.code == "wrong_password"


class Keeper:
    """Keeps what centre time was heard."""

    def __init__(self) -> None:
        self.times: list[datetime | None] = []

    def now(self) -> datetime | None:
        return None

    def heard(self, server_time: datetime | None) -> None:
        self.times.append(server_time)


def test_centre_time_is_heard_with_every_answer_that_tells_it() -> None:
    keeper = Keeper()

    def both(gateway: HttpCentreGateway) -> None:
        gateway.centre_time = keeper
        gateway.changes("e", 7, 100, 2.5)

    with scripted(at_once(answer(PAGE))) as server:
        gateway = HttpCentreGateway(server.url)
        both(gateway)
        gateway.close()
        assert server.requests[0].startswith(b"GET /v1/changes?epoch=e&since=7&limit=100&wait=2.5 HTTP/1.1")
    assert keeper.times == [datetime(2026, 11, 23, 1, 0, tzinfo=UTC)]
    keeper.times.clear()

    def send_one(gateway: HttpCentreGateway) -> None:
        gateway.centre_time = keeper
        gateway.send(COMMAND)

    call(answer(OUTCOME), send_one)
    assert keeper.times == [None]


def test_documents_are_asked_for_by_their_tag() -> None:
    told = {"version": "r1", "categories": [], "features": []}
    doc = http(json.dumps(told).encode(), headers=['ETag: "r1-x"'])
    with scripted(at_once(doc), at_once(http(b"", "304 Not Modified")), at_once(doc)) as server:
        gateway = HttpCentreGateway(server.url)
        first = gateway.reference()
        assert (first.etag, first.doc) == ('"r1-x"', told)
        assert gateway.reference(first.etag).doc is None
        assert gateway.areas("grid").doc == told
        gateway.close()
        assert b'If-None-Match: "r1-x"' in server.requests[1]
        assert server.requests[2].startswith(b"GET /v1/areas?level=grid")


def test_a_document_that_is_a_list_is_no_answer() -> None:
    with pytest.raises(Unknown):
        call(answer([1]), lambda g: g.reference())


@pytest.mark.parametrize("doc", [{}, {"ok": True}, {"categories": {}, "features": "x"}, {"version": "r1"}])
def test_a_document_of_somebody_else_does_not_take_the_place_of_ours(doc: Any) -> None:
    for ask in (lambda g: g.reference(), lambda g: g.areas("grid")):
        with pytest.raises(Unknown) as told:
            call(answer(doc), ask)
        assert told.value.code == "bad_answer"


def _asked(act: Callable[[HttpCentreGateway], Any], doc: Any) -> tuple[Any, bytes]:
    with scripted(at_once(answer(doc))) as server:
        gateway = HttpCentreGateway(server.url)
        result = act(gateway)
        gateway.close()
        return result, server.requests[0]


def test_batches_keep_their_order() -> None:
    refused = {
        "command_id": "cmd-2",
        "outcome": "invalid",
        "problem": {"status": 422, "code": "x", "title": "不行。"},
    }
    outcomes, asked = _asked(lambda g: g.send_batch([COMMAND, COMMAND]), {"outcomes": [OUTCOME, refused]})
    assert [o.outcome for o in outcomes] == ["applied", "invalid"]
    assert outcomes[1].problem.status == 422
    assert len(json.loads(asked.split(b"\r\n\r\n")[1])["commands"]) == 2


def test_filters_of_a_search_become_text() -> None:
    filters = {
        "state": ["reported", "handling"],
        "overdue": True,
        "q": "井盖&盖",
        "dept": None,
        "from": "2026-11-01",
    }
    page, asked = _asked(lambda g: g.search_cases(filters, "c-1", 20), {"cases": [], "next_cursor": "c-2"})
    assert page.next_cursor == "c-2"
    line = asked.split(b"\r\n")[0].decode()
    for part in ("state=reported%2Chandling", "overdue=true", "limit=20", "cursor=c-1", "from=2026-11-01"):
        assert part in line
    assert "dept" not in line


def test_paths_cannot_be_led_astray() -> None:
    with scripted(at_once(problem("404 Not Found"))) as server:
        gateway = HttpCentreGateway(server.url)
        for act in (gateway.case_detail, gateway.claim, gateway.unclaim, gateway.get_attachment):
            with pytest.raises(NeverValid):
                act("../session?x=1")
        gateway.close()
        assert all(b"..%2Fsession%3Fx%3D1" in request for request in server.requests)


def test_bytes_go_up_and_come_down() -> None:
    with scripted(
        at_once(http(b"", "201 Created")), at_once(http(b"\xff\xd8jpeg", kind="image/jpeg"))
    ) as server:
        gateway = HttpCentreGateway(server.url)
        gateway.put_attachment("ab" * 32, b"\xff\xd8jpeg", "image/jpeg")
        assert gateway.get_attachment("ab" * 32) == b"\xff\xd8jpeg"
        gateway.close()
        assert server.requests[0].endswith(b"\r\n\r\n\xff\xd8jpeg")
        assert b"Content-Type: image/jpeg" in server.requests[0]


def test_answers_without_content_are_fine_where_none_is_wanted() -> None:
    def all_of_them(gateway: HttpCentreGateway) -> None:
        gateway.change_password("old", "new")
        gateway.claim("case-1")
        gateway.unclaim("case-1")

    call(http(b"", "204 No Content"), all_of_them)


def test_caller_and_similar_are_posted() -> None:
    caller, asked = _asked(lambda g: g.caller("case-1", "核实地址"), {"name": "张三", "phone": "13800138000"})
    assert (caller.name, caller.phone) == ("张三", "13800138000")
    assert asked.startswith(b"POST /v1/cases/case-1/caller")
    found, asked = _asked(lambda g: g.similar(113.3, 23.1, None, "井盖"), {"candidates": []})
    assert found == ()
    assert json.loads(asked.split(b"\r\n\r\n")[1]) == {
        "lon": 113.3,
        "lat": 23.1,
        "category": None,
        "text": "井盖",
    }


def test_only_this_machine_may_be_spoken_to_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        HttpCentreGateway("http://centre.example")
