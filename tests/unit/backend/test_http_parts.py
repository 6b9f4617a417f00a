"""Pieces of the HTTP room by themselves: bodies, query strings, tokens, page tokens, the joined transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from services.backend.http import bodies
from services.backend.http.bodies import read_body
from services.backend.http.calls import bearer, only_query, path_uuid, query_number, query_text, query_whole
from services.backend.http.guard import send_problem
from services.backend.http.protocol import Joined
from services.backend.problems import Problem, must_refetch, not_found
from services.backend.searching import Query, _beyond, _cursor, states_of
from services.backend.snapshot import Cursor, read_cursor
from services.domain.ids import uuid7


def request(
    query: bytes = b"", headers: dict[str, str] | None = None, parts: list[bytes] | None = None, *, cut: bool = False,
    **path: str,
) -> Request:  # fmt: skip
    """A request as the framework would hand it over; `cut` breaks the body off."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts or []
    ]
    messages.append(
        {"type": "http.disconnect"} if cut else {"type": "http.request", "body": b"", "more_body": False}
    )

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": query, "path_params": path,
        "headers": [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in (headers or {}).items()],
    }  # fmt: skip
    return Request(scope, receive)


def status_of(work: Callable[[], Any]) -> int:
    with pytest.raises(Problem) as caught:
        work()
    return caught.value.status


# --- bodies -----------------------------------------------------------------------------------------


def test_a_body_comes_whole_or_not_at_all() -> None:
    assert asyncio.run(read_body(request(parts=[b"ab", b"", b"cd"]), 4)) == b"abcd"
    assert asyncio.run(read_body(request(), 4)) == b""
    assert status_of(lambda: asyncio.run(read_body(request(parts=[b"ab", b"cde"]), 4))) == 413
    assert status_of(lambda: asyncio.run(read_body(request(parts=[b"ab"], cut=True), 4))) == 400


@pytest.mark.parametrize(("claimed", "parts", "status"), [("5", [b"a"], 413), ("999999999999", [], 413)])
def test_a_claimed_length_is_enough_to_refuse(claimed: str, parts: list[bytes], status: int) -> None:
    asked = request(headers={"content-length": claimed}, parts=parts)
    assert status_of(lambda: asyncio.run(read_body(asked, 4))) == status


@pytest.mark.parametrize("claimed", ["", "x", "-1", "3"])
def test_a_claimed_length_is_not_believed(claimed: str) -> None:
    asked = request(headers={"content-length": claimed}, parts=[b"abc", b"def"])
    assert status_of(lambda: asyncio.run(read_body(asked, 4))) == 413


def test_draining_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_DRAIN_BYTES", 10)
    asked = request(parts=[b"x" * 8] * 20)
    assert status_of(lambda: asyncio.run(read_body(asked, 4))) == 413
    monkeypatch.setattr(bodies, "_DRAIN_S", 0.05)

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    stuck = Request({"type": "http", "method": "POST", "path": "/", "query_string": b"",
                     "headers": [(b"content-length", b"99")]}, never)  # fmt: skip
    assert status_of(lambda: asyncio.run(read_body(stuck, 4))) == 413


# --- query strings and tokens --------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "found"), [(b"", 7), (b"n=", 7), (b"n=5", 5), (b"n=0", 0), (b"n=007", 7)])
def test_numbers_of_a_query(query: bytes, found: int) -> None:
    assert query_number(request(query), "n", 7) == query_whole(request(query), "n", 7) == found


@pytest.mark.parametrize(
    "query",
    [b"n=-1", b"n=1.0", b"n=x", b"n=%EF%BC%91", b"n=1e3", b"n=11", b"n=99999999999999999999", b"n=+1"],
)
def test_numbers_that_are_none(query: bytes) -> None:
    assert status_of(lambda: query_number(request(query), "n", 7, 0, 10)) == 422


def test_texts_of_a_query() -> None:
    assert query_text(request(b"q=%E4%BA%95%E7%9B%96"), "q") == "井盖"
    assert query_text(request(b"q="), "q") is None and query_text(request(b""), "q") is None
    assert status_of(lambda: query_text(request(b"q=a%00b"), "q")) == 422
    assert status_of(lambda: query_text(request(b"q=abcd"), "q", 3)) == 422
    only_query(request(b"a=1&b=2"), "a", "b")
    assert status_of(lambda: only_query(request(b"a=1&c=2"), "a", "b")) == 422


def test_tokens_and_ids() -> None:
    token = "x" * 43
    assert bearer(request(headers={"authorization": f"bearer  {token} "})) == token
    for header in (
        {},
        {"authorization": ""},
        {"authorization": token},
        {"authorization": "Bearer x"},
        {"authorization": f"Basic {token}"},
    ):
        assert status_of(lambda header=header: bearer(request(headers=header))) == 401  # type: ignore[misc]  # bound now
    case_id = uuid7()
    assert path_uuid(request(case_id=case_id.upper())) == case_id
    assert status_of(lambda: path_uuid(request(case_id="x"))) == 404


# --- page tokens ---------------------------------------------------------------------------------------


@given(
    st.integers(0, 1 << 50),
    st.uuids().map(str),
    st.integers(0, 1 << 45),
    st.sampled_from(["open", "closed"]),
    st.integers(-1, 1 << 45),
)
def test_a_snapshot_token_is_read_back(as_of: int, epoch: str, since: int, part: str, after: int) -> None:
    cursor = Cursor(as_of, epoch, since, part, (after, uuid7()))
    assert read_cursor(cursor.text()) == cursor


@given(st.text(max_size=40))
def test_any_other_text_is_refused(token: str) -> None:
    if token:
        assert status_of(lambda: read_cursor(token)) == 422
        assert status_of(lambda: _beyond(Query(cursor=token), None, False)) == 422


@pytest.mark.parametrize(
    ("order", "place"),
    [("created_at", "x"), ("number", 5), ("created_at", 1 << 63), ("created_at", None), ("number", None)],
)
def test_a_search_token_of_another_kind_is_refused(order: str, place: Any) -> None:
    assert (
        status_of(lambda: _beyond(Query(order=order, cursor=_cursor(order, place, uuid7())), None, False))
        == 422
    )


def test_states_and_stages_narrow_each_other() -> None:
    assert states_of(None, None) == ()
    assert states_of("closed,reported", None) == ("closed", "reported")
    assert states_of(None, "check") == ("checking",) and states_of("closed", "check") == ("none",)
    assert set(states_of(None, "handle")) == {"pending_sign", "handling", "suspended", "feedback_review"}
    assert status_of(lambda: states_of("x", None)) == status_of(lambda: states_of(None, "x")) == 422


# --- answers ---------------------------------------------------------------------------------------------


def test_a_problem_goes_out_with_its_headers() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(send_problem(Problem(503, "busy", "忙", headers={"Retry-After": "1"}), "t9", send))
    head, body = sent
    assert head["status"] == 503 and (b"retry-after", b"1") in head["headers"]
    assert (b"content-length", str(len(body["body"])).encode()) in head["headers"] and b"t9" in body["body"]
    assert (not_found().status, must_refetch("x").status, must_refetch("x").code) == (
        404,
        409,
        "must_refetch",
    )


class Wire:
    """A transport that notes what happens to it."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def close(self) -> None:
        self.calls.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.calls


def test_what_is_written_in_one_turn_goes_out_at_once() -> None:
    async def scene() -> list[Any]:
        wire = Wire()
        joined = Joined(wire, asyncio.get_running_loop())  # type: ignore[arg-type]  # as much of a transport as is used
        joined.write(b"head ")
        joined.write(b"body")
        assert wire.calls == []
        await asyncio.sleep(0)
        assert wire.calls == [b"head body"]
        await asyncio.sleep(0)
        joined.write(b"last")
        assert not joined.is_closing()
        joined.close()
        await asyncio.sleep(0)
        assert joined.is_closing()
        return wire.calls

    assert asyncio.run(scene()) == [b"head body", b"last", "closed"]
