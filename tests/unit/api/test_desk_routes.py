"""Desk and filter calls over HTTP: route, body and answer; broken answers in the classes of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from services.api.desk_calls import HttpDeskCalls
from services.api.filter_calls import HttpFilterCalls
from services.api.gateway import HttpCentreGateway
from services.ports.errors import NeverValid, SignInNeeded, Unknown
from services.ports.handover import CallerMark, Handover
from tests.support.scripted_server import ScriptedServer, at_once, http, scripted

AT = "2026-11-20T01:30:00+00:00"
LINE = {"kind": "claim", "text": "在办", "case_id": "c", "number": "n", "due_at": AT, "remark": ""}
HEAD: dict[str, Any] = {
    "n": 1, "handover_id": "h", "area_code": "990101", "post": "dispatcher",
    "from": {"id": "u", "name": "江予安"}, "at": AT, "said_at": AT, "began_at": AT, "hash": "ab" * 32,
    "counts": {"claim": 2, "urgent": 1},
}  # fmt: skip
SHEET = {**HEAD, "drafted_at": AT, "lines": [LINE], "remarks": "好", "prev_hash": "", "taken_over": None}
MARK = {
    "mark_id": "m", "last4": "9911", "reason": "谩骂", "calls": 3, "until": AT, "by": {"id": "u", "name": "顾"},
    "at": AT,
}  # fmt: skip


def asked(server: ScriptedServer) -> tuple[str, str, Any]:
    """Return method, path and body of the only request."""
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
    return method, path.removeprefix("/v1"), json.loads(body) if body else None


def call(raw: bytes, act: Callable[[HttpCentreGateway], Any]) -> tuple[Any, tuple[str, str, Any]]:
    with scripted(at_once(raw)) as server:
        gateway = HttpCentreGateway(server.url)
        try:
            return act(gateway), asked(server)
        finally:
            gateway.close()


def answer(doc: Any, status: str = "200 OK") -> bytes:
    return http(json.dumps(doc).encode(), status)


def problem(status: str, code: str, title: str = "不行。") -> bytes:
    doc = {"code": code, "title": title, "detail": "", "trace_id": "t"}
    return http(json.dumps(doc).encode(), status, "application/problem+json")


def desk(raw: bytes, act: Callable[[HttpDeskCalls], Any]) -> tuple[Any, tuple[str, str, Any]]:
    return call(raw, lambda gateway: act(HttpDeskCalls(gateway)))


def shelf(raw: bytes, act: Callable[[HttpFilterCalls], Any]) -> tuple[Any, tuple[str, str, Any]]:
    return call(raw, lambda gateway: act(HttpFilterCalls(gateway)))


class TestHandovers:
    """Handing over and taking over."""

    def test_a_brief_is_posted_as_it_is(self) -> None:
        brief = {"handover_id": "h", "lines": [LINE]}
        found, request = desk(answer(SHEET, "201 Created"), lambda calls: calls.hand_over(brief))
        assert request == ("POST", "/handovers", brief)
        assert isinstance(found, Handover) and found.head.counts == {"claim": 2, "urgent": 1}
        assert found.lines[0].text == "在办" and found.remarks == "好"

    @pytest.mark.parametrize(
        ("unsigned", "query"), [(False, "/handovers?limit=5"), (True, "/handovers?limit=5&unsigned=true")]
    )
    def test_the_last_ones(self, unsigned: bool, query: str) -> None:
        found, request = desk(
            answer({"handovers": [HEAD]}), lambda calls: calls.handovers(5, unsigned=unsigned)
        )
        assert request == ("GET", query, None)
        assert [(head.handover_id, head.left.name) for head in found] == [("h", "江予安")]

    def test_an_id_cannot_leave_its_place_in_the_path(self) -> None:
        _, request = desk(answer(SHEET), lambda calls: calls.handover("../cases?x=1"))
        assert request[1] == "/handovers/..%2Fcases%3Fx%3D1"

    def test_signing_as_oneself_sends_no_name_and_no_password(self) -> None:
        _, request = desk(answer(SHEET), lambda calls: calls.take_over("h", "收到", password="geheim"))
        assert request == ("POST", "/handovers/h/sign", {"note": "收到"})

    def test_signing_as_another_sends_both_in_the_body_alone(self) -> None:
        _, request = desk(answer(SHEET), lambda calls: calls.take_over("h", "", "lu", "geheim"))
        assert request == (
            "POST", "/handovers/h/sign", {"note": "", "username": "lu", "password": "geheim"}
        )  # fmt: skip

    @pytest.mark.parametrize(
        "doc",
        [
            [], {}, {**SHEET, "counts": {"claim": "x"}}, {**SHEET, "counts": ["claim"]}, {**SHEET, "lines": None},
            {**SHEET, "from": "江予安"}, {**SHEET, "said_at": "heute"}, {**SHEET, "taken_over": {"id": "v"}},
            {**SHEET, "counts": {"claim": None}}, {**SHEET, "hash": 5},
        ],
        ids=[
            "list", "empty", "count_word", "counts_list", "no_lines", "from_text", "moment", "half_signed",
            "count_none", "hash",
        ],
    )  # fmt: skip
    def test_an_answer_that_is_no_sheet_is_of_unknown_fate(self, doc: Any) -> None:
        with pytest.raises(Unknown) as error:
            desk(answer(doc), lambda calls: calls.hand_over({}))
        assert error.value.reached and error.value.title

    def test_a_refusal_comes_with_its_words(self) -> None:
        raw = problem("409 Conflict", "already_taken", "卢见青已经接班。")
        with pytest.raises(NeverValid) as error:
            desk(raw, lambda calls: calls.take_over("h"))
        assert error.value.problem.title == "卢见青已经接班。"

    def test_what_the_log_knows(self) -> None:
        doc = {
            "as_of_seq": 9, "server_time": AT, "contacts": [], "callbacks": [],
            "claims": [{"case_id": "c", "user": {"id": "u", "name": "x"}, "kind": "hold"}],
        }  # fmt: skip
        found, request = desk(answer(doc), lambda calls: calls.handover_facts())
        assert request == ("GET", "/handovers/facts", None)
        assert (found.as_of_seq, dict(found.held)) == (9, {"c": "u"})


class TestMarkedCallers:
    """Marks on numbers: a number never stands in a path or in a query."""

    def test_a_number_is_asked_for_in_the_body(self) -> None:
        found, request = desk(
            answer({"mark": MARK, "calls_30d": 4}), lambda calls: calls.match_caller("13800138000")
        )
        assert request == ("POST", "/marked-callers/match", {"phone": "13800138000"})
        mark, calls = found
        assert isinstance(mark, CallerMark) and (mark.reason, calls) == ("谩骂", 4)

    def test_a_number_without_a_mark(self) -> None:
        found, _ = desk(answer({"mark": None, "calls_30d": 0}), lambda calls: calls.match_caller("1"))
        assert found == (None, 0)

    @pytest.mark.parametrize(
        ("more", "whom"),
        [
            ({"phone": "13800138000"}, {"phone": "13800138000"}),
            ({"case_id": "c-1"}, {"case_id": "c-1"}),
            ({"phone": "1", "case_id": "c-1"}, {"phone": "1"}),
        ],
        ids=["number", "case", "number_first"],
    )
    def test_a_mark_is_set_on_a_number_or_on_the_caller_of_a_case(
        self, more: dict[str, str], whom: dict[str, str]
    ) -> None:
        found, request = desk(answer(MARK), lambda calls: calls.mark_caller("谩骂", 30, **more))
        assert request == ("POST", "/marked-callers", {"reason": "谩骂", "days": 30, **whom})
        assert found.last4 == "9911"

    def test_the_list(self) -> None:
        found, request = desk(answer({"marks": [MARK, MARK]}), lambda calls: calls.marked_callers())
        assert request[:2] == ("GET", "/marked-callers") and len(found) == 2

    @pytest.mark.parametrize("doc", [{"mark": {}}, {"mark": MARK}, {"mark": 3, "calls_30d": 1}, []])
    def test_an_answer_that_is_none_is_unknown(self, doc: Any) -> None:
        with pytest.raises(Unknown):
            desk(answer(doc), lambda calls: calls.match_caller("13800138000"))

    def test_a_mark_is_lifted_by_its_id(self) -> None:
        found, request = desk(http(b"", "204 No Content"), lambda calls: calls.unmark_caller("m/1"))
        assert found is None and request == ("DELETE", "/marked-callers/m%2F1", None)


class TestFilters:
    """Saved filters."""

    BODY: ClassVar[dict[str, Any]] = {
        "name": "井盖",
        "filter": {"text": "井盖"},
        "tab": "",
        "share": "",
        "place": 0,
    }

    def test_a_filter_is_kept_under_its_id(self) -> None:
        found, request = shelf(answer({"ok": True}), lambda calls: calls.keep("f 1", self.BODY))
        assert found is None and request == ("PUT", "/filters/f%201", self.BODY)

    def test_a_refusal_to_keep_says_why(self) -> None:
        with pytest.raises(NeverValid) as error:
            shelf(
                problem("409 Conflict", "too_many", "最多 50 个。"), lambda calls: calls.keep("f", self.BODY)
            )
        assert error.value.problem.title == "最多 50 个。"

    @pytest.mark.parametrize(
        "raw", [http(b"", "204 No Content"), answer({}), problem("404 Not Found", "not_found")],
        ids=["done", "done_with_words", "gone"],
    )  # fmt: skip
    def test_one_that_is_gone_already_is_dropped(self, raw: bytes) -> None:
        found, request = shelf(raw, lambda calls: calls.drop("f/1"))
        assert found is None and request == ("DELETE", "/filters/f%2F1", None)

    def test_another_refusal_to_drop_is_told(self) -> None:
        with pytest.raises(NeverValid):
            shelf(problem("409 Conflict", "not_yours"), lambda calls: calls.drop("f"))
        with pytest.raises(SignInNeeded):
            shelf(problem("403 Forbidden", "not_allowed"), lambda calls: calls.drop("f"))

    def test_a_page_of_a_proxy_is_no_word_that_it_is_gone(self) -> None:
        with pytest.raises(Unknown):
            shelf(
                http(b"<html>not found</html>", "404 Not Found", "text/html"), lambda calls: calls.drop("f")
            )

    def test_the_list_comes_with_its_tag(self) -> None:
        raw = http(b'{"filters": []}', headers=['ETag: "t1"'])
        found, request = shelf(raw, lambda calls: calls.filters())
        assert request[:2] == ("GET", "/filters") and found.doc == {"filters": []} and found.etag

    def test_an_unchanged_list_is_not_sent_again(self) -> None:
        with scripted(at_once(http(b"", "304 Not Modified", headers=['ETag: "t1"']))) as server:
            gateway = HttpCentreGateway(server.url)
            try:
                found = HttpFilterCalls(gateway).filters('"t1"')
            finally:
                gateway.close()
            assert found.doc is None
            assert b'if-none-match: "t1"' in server.requests[0].lower()
