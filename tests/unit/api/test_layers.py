"""Pages of one document put together, tracks, and the calls of the gateway behind the map's layers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from services.api.gateway import HttpCentreGateway
from services.api.layers import MOST_PAGES, moment_text, track_from, whole
from services.ports.centre import Tagged
from services.ports.errors import NeverValid, SignInNeeded, Unknown
from tests.support.scripted_server import at_once, http, scripted

T0 = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def page(items: list[int], cursor: str | None, version: int = 1) -> dict[str, Any]:
    return {"things": items, "next_cursor": cursor, "version": version}


class Pages:
    """Gives pages by cursor and counts the questions."""

    def __init__(self, **pages: Any) -> None:
        self.pages, self.asked = pages, 0

    def __call__(self, cursor: str | None, etag: str | None) -> Tagged:
        self.asked += 1
        if cursor is None and etag == "t1":
            return Tagged("t1", None)
        found = self.pages[cursor or "first"]
        return Tagged("t1", found() if callable(found) else found)


def test_pages_come_as_one_document() -> None:
    pages = Pages(first=page([1, 2], "b"), b=page([3], "c"), c=page([4], None))
    assert whole(pages, "things", None) == Tagged(
        "t1", {"things": [1, 2, 3, 4], "next_cursor": None, "version": 1}
    )
    assert pages.asked == 3


def test_an_unchanged_document_costs_one_question() -> None:
    pages = Pages(first=page([1], None))
    assert whole(pages, "things", "t1") == Tagged("t1", None) and pages.asked == 1


def test_two_states_are_never_mixed() -> None:
    versions = iter([1, 2, 2, 2])
    pages = Pages(first=lambda: page([1], "b", next(versions)), b=lambda: page([2], None, next(versions)))
    assert whole(pages, "things", None).doc == page([1, 2], None, 2)


def test_a_document_that_never_stands_still_is_left_for_later() -> None:
    count = iter(range(100))
    pages = Pages(first=lambda: page([1], "b", next(count)), b=lambda: page([2], None, next(count)))
    with pytest.raises(Unknown, match="正在更新"):
        whole(pages, "things", None)


@pytest.mark.parametrize(
    "second", [page([2], "b"), {"version": 1}, {"version": 1, "things": 7}, {"version": 1, "things": None}]
)
def test_pages_without_end_or_sense_are_refused(second: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        whole(Pages(first=page([1], "b"), b=second), "things", None)


def test_more_pages_than_a_district_has_are_refused() -> None:
    asked: list[str | None] = []

    def endless(cursor: str | None, etag: str | None) -> Tagged:
        asked.append(cursor)
        return Tagged("t", page([1], f"c{len(asked)}"))

    with pytest.raises(Unknown, match="没有尽头"):
        whole(endless, "things", None)
    assert len(asked) <= MOST_PAGES + 1


# --- tracks -------------------------------------------------------------------------------------------------


def point(seconds: int, **more: Any) -> dict[str, Any]:
    at = (T0 + timedelta(seconds=seconds)).isoformat()
    return {"at": at, "lon": 113.3, "lat": 23.1, "accuracy_m": None, **more}


def track(*points: Any, **more: Any) -> dict[str, Any]:
    return {
        "user": {"id": "u-1", "name": "方知夏"}, "from": T0.isoformat(), "to": "2026-11-20T05:00:00Z",
        "points": list(points), **more,
    }  # fmt: skip


def test_points_come_in_order_whatever_was_sent() -> None:
    found = track_from(track(point(20), point(10, accuracy_m=7), point(30)))
    assert [one.at for one in found.points] == [T0 + timedelta(seconds=s) for s in (10, 20, 30)]
    assert found.points[0].accuracy_m == 7.0 and found.points[1].accuracy_m is None
    assert (found.user, found.name, found.start, found.end) == ("u-1", "方知夏", T0, T0 + timedelta(hours=2))


def _send(
    doc: Any, act: Callable[[HttpCentreGateway], Any], status: str = "200 OK", **headers: str
) -> tuple[Any, str]:
    kind = "application/json" if status.startswith("2") else "application/problem+json"
    raw = http(json.dumps(doc).encode(), status, kind, headers=[f"{k}: {v}" for k, v in headers.items()])
    with scripted(at_once(raw)) as server:
        gateway = HttpCentreGateway(server.url)
        try:
            return act(gateway), server.requests[0].split(b"\r\n")[0].decode()
        finally:
            gateway.close()


@pytest.mark.parametrize(
    "wrong",
    [track(point(0, lon=200)), track(point(0, lat="nord")), track({"at": "x", "lon": 1, "lat": 1}), track(7),
     track(point(0, lat=float("inf"))), {**track(), "points": None}, {**track(), "user": {}}, [], None],
)  # fmt: skip
def test_a_track_nobody_understands_is_none(wrong: Any) -> None:
    with pytest.raises(Unknown):
        _send(wrong, lambda g: g.track("u-1", T0, T0))


def test_a_track_is_asked_for_in_utc() -> None:
    east = datetime(2026, 11, 20, 11, 0, tzinfo=timezone(timedelta(hours=8)))
    found, line = _send(track(point(1)), lambda g: g.track("u/1", east, east + timedelta(hours=1)))
    assert len(found.points) == 1
    assert line.startswith("GET /v1/officers/u%2F1/track?from=2026-11-20T03%3A00%3A00.000Z&to=2026-11-20T04")
    assert moment_text(east) == "2026-11-20T03:00:00.000Z"


def test_a_track_without_the_right_says_so() -> None:
    refusal = {"code": "track_not_allowed", "title": "您的岗位不能查看人员轨迹。", "status": 403}
    with pytest.raises(SignInNeeded, match="不能查看"):
        _send(refusal, lambda g: g.track("u-1", T0, T0), "403 Forbidden")


# --- documents ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cameras", "officers", "grid_activity"])
def test_documents_come_with_their_tag(name: str) -> None:
    found, line = _send({"things": []}, lambda g: getattr(g, name)("old"), ETag='"new"')
    assert found == Tagged('"new"', {"things": []})
    assert line == f"GET /v1/{'grids/activity' if name == 'grid_activity' else name} HTTP/1.1"


def test_components_come_page_by_page() -> None:
    def answer(codes: list[str], cursor: str | None) -> Any:
        doc = {"components": [{"code": code} for code in codes], "next_cursor": cursor, "version": 3}
        return at_once(http(json.dumps(doc).encode(), headers=['ETag: "t"']))

    with scripted(answer(["1", "2"], "next+1"), answer(["3"], None)) as server:
        gateway = HttpCentreGateway(server.url)
        found = gateway.components()
        gateway.close()
        lines = [request.split(b"\r\n")[0].decode() for request in server.requests]
    assert [entry["code"] for entry in (found.doc or {})["components"]] == [
        "1",
        "2",
        "3",
    ] and found.etag == '"t"'
    assert lines == ["GET /v1/components HTTP/1.1", "GET /v1/components?cursor=next%2B1 HTTP/1.1"]


def test_an_older_centre_has_no_such_route() -> None:
    refusal = {"code": "no_such_route", "title": "没有这个地址。", "status": 404}
    with pytest.raises(NeverValid):
        _send(refusal, lambda g: g.components(), "404 Not Found")
