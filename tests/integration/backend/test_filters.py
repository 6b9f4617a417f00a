"""Saved filters at the centre: who sees, keeps, shares and drops what; across areas, posts and repeated sending."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from services.backend.db.access_tables import audit
from services.backend.db.filter_tables import saved_filters
from services.backend.http import openapi
from services.backend.saved_filters import MOST
from services.domain.ids import uuid7
from services.sql.engine import reading, writing
from tests.integration.backend.test_matrix import faults
from tests.support.centre import Backend

FULL: dict[str, Any] = {
    "text": "井盖", "stages": ["handle"], "states": ["handling", "pending_sign"], "bands": ["soon", "over1"],
    "urgency": [2, 3], "categories": ["event-01"], "sources": ["hotline"], "departments": ["muni"],
    "areas": ["990101001"], "unplaced": False,
    "region": {"drawn": "lasso", "points": [[0, 0], [10.5, 0], [10.5, 10], [0, 0]]},
}  # fmt: skip


@pytest.fixture
def clean(backend: Backend) -> Backend:
    """The shared centre without a filter."""
    with writing(backend.engine) as conn:
        conn.execute(delete(saved_filters))
    return backend


def put(backend: Backend, who: str, filter_id: str = "", **more: Any) -> Any:
    body = {"name": "快到期", "filter": {"bands": ["soon"]}, **more}
    return backend.seat(who).call("PUT", f"/filters/{filter_id or uuid7()}", json=body)


def names(backend: Backend, who: str) -> list[str]:
    answer = backend.seat(who).get("/filters")
    assert answer.status_code == 200
    assert faults(answer.json(), {"$ref": "#/x/SavedFilters"} | {}) == []
    return [entry["name"] for entry in answer.json()["filters"]]


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker of answers knows the shapes of filters too."""
    from services.backend.http.openapi_filters import FILTER_SCHEMAS

    monkeypatch.setattr(openapi, "SCHEMAS", {**openapi.SCHEMAS, **FILTER_SCHEMAS})


def test_everything_of_a_filter_comes_back(clean: Backend) -> None:
    made = put(clean, "dispatcher1", name="望塔井盖", filter=FULL, place=3, tab="open")
    assert made.status_code == 200
    kept = clean.seat("dispatcher1").get("/filters").json()
    assert kept["filters"] == [made.json()]
    entry = kept["filters"][0]
    assert entry["filter"] == FULL
    assert (entry["name"], entry["place"], entry["tab"], entry["share"]) == ("望塔井盖", 3, "open", "")
    assert entry["mine"] and entry["owner"]["id"] == "u-dispatcher1"
    assert not kept["may_share"]


def test_nobody_else_sees_the_own_ones(clean: Backend) -> None:
    put(clean, "dispatcher1")
    assert names(clean, "dispatcher1") == ["快到期"]
    assert names(clean, "dispatcher2") == names(clean, "shift_leader1") == []


@pytest.mark.parametrize(
    ("share", "see"),
    [
        ("dispatcher", {"dispatcher1", "dispatcher2"}),
        ("acceptor", {"acceptor1", "acceptor_street"}),
        ("all", {"dispatcher1", "dispatcher2", "acceptor1", "acceptor_street", "muni1", "leader1"}),
    ],
)
def test_the_leader_shares_with_a_post_of_the_area(clean: Backend, share: str, see: set[str]) -> None:
    assert put(clean, "shift_leader1", name="共享", share=share).status_code == 200
    others = {"dispatcher1", "dispatcher2", "acceptor1", "acceptor_street", "muni1", "leader1"}
    assert {who for who in others if names(clean, who) == ["共享"]} == see
    assert names(clean, "nowhere1") == [], "an account without an area is in nobody's"
    entry = clean.seat("shift_leader1").get("/filters").json()["filters"][0]
    assert entry["mine"] and entry["share"] == share


def test_what_a_street_shares_stays_in_the_street(clean: Backend) -> None:
    put(clean, "shift_leader1", name="共享", share="acceptor")
    with writing(clean.engine) as conn:
        conn.execute(saved_filters.update().values(area_code="990101001"))
    assert names(clean, "acceptor_street") == ["共享"]
    assert names(clean, "acceptor1") == [], "the district is wider than the street"
    with writing(clean.engine) as conn:
        conn.execute(saved_filters.update().values(area_code="990101002"))
    assert names(clean, "acceptor_street") == []


@pytest.mark.parametrize("who", ["dispatcher1", "acceptor1", "muni1", "leader1", "admin1"])
def test_others_may_not_share(clean: Backend, who: str) -> None:
    answer = put(clean, who, share="dispatcher")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert names(clean, who) == []
    assert put(clean, who).status_code == 200, "for themselves everybody may"


def test_rename_reorder_and_take_the_share_back(clean: Backend) -> None:
    first, second = uuid7(), uuid7()
    put(clean, "shift_leader1", first, name="甲", place=0, share="dispatcher")
    put(clean, "shift_leader1", second, name="乙", place=1, share="dispatcher")
    assert names(clean, "dispatcher1") == ["甲", "乙"]
    put(clean, "shift_leader1", first, name="甲甲", place=2, share="dispatcher")
    assert names(clean, "dispatcher1") == ["乙", "甲甲"]
    put(clean, "shift_leader1", second, name="乙", place=1)
    assert names(clean, "dispatcher1") == ["甲甲"]
    assert names(clean, "shift_leader1") == ["乙", "甲甲"]


def test_the_own_ones_stand_before_shared_ones(clean: Backend) -> None:
    put(clean, "shift_leader1", name="共享", share="dispatcher", place=0)
    put(clean, "dispatcher1", name="自己的", place=9)
    assert names(clean, "dispatcher1") == ["自己的", "共享"]


def test_sent_twice_it_is_kept_once(clean: Backend) -> None:
    same = uuid7()
    first, again = put(clean, "dispatcher1", same), put(clean, "dispatcher1", same)
    assert {**first.json(), "at": ""} == {**again.json(), "at": ""}
    assert names(clean, "dispatcher1") == ["快到期"]


def test_nobody_changes_anothers(clean: Backend) -> None:
    shared, own = uuid7(), uuid7()
    put(clean, "shift_leader1", shared, share="dispatcher")
    put(clean, "dispatcher1", own)
    assert put(clean, "dispatcher2", own, name="抢来的").status_code == 404
    assert put(clean, "dispatcher1", shared, name="抢来的").status_code == 404
    drop = {
        (who, wanted): clean.seat(who).call("DELETE", f"/filters/{wanted}").status_code
        for who, wanted in (("dispatcher2", own), ("dispatcher1", shared), ("acceptor1", shared))
    }
    assert list(drop.values()) == [404, 403, 404]
    assert names(clean, "dispatcher1") == ["快到期", "快到期"]


def test_owner_and_leader_drop(clean: Backend) -> None:
    own, shared = uuid7(), uuid7()
    put(clean, "dispatcher1", own)
    put(clean, "shift_leader1", shared, share="all")
    with writing(clean.engine) as conn:  # shared by a leader who has left
        gone = saved_filters.update().where(saved_filters.c.filter_id == shared)
        conn.execute(gone.values(owner="u-former"))
    assert clean.seat("shift_leader1").call("DELETE", f"/filters/{shared}").status_code == 204
    assert clean.seat("dispatcher1").call("DELETE", f"/filters/{own}").status_code == 204
    assert clean.seat("dispatcher1").call("DELETE", f"/filters/{own}").status_code == 404
    assert names(clean, "dispatcher1") == []


def test_sharing_is_audited_and_keeping_ones_own_is_not(clean: Backend) -> None:
    own, shared = uuid7(), uuid7()
    put(clean, "dispatcher1", own)
    put(clean, "shift_leader1", shared, share="all", name="全区")
    clean.seat("shift_leader1").call("DELETE", f"/filters/{shared}")
    with reading(clean.engine) as conn:
        rows = conn.execute(
            select(audit.c.action, audit.c.actor_id)
            .where(audit.c.target.in_([own, shared]))
            .order_by(audit.c.id)
        )
        told = [tuple(row) for row in rows]
    assert told == [("filter_shared", "u-shift_leader1"), ("filter_dropped", "u-shift_leader1")]


def test_the_tag_changes_with_what_is_seen(clean: Backend) -> None:
    seat = clean.seat("dispatcher1")
    tag = seat.get("/filters").headers["etag"]
    assert seat.call("GET", "/filters", headers={"If-None-Match": tag}).status_code == 304
    put(clean, "acceptor1")
    assert seat.call("GET", "/filters", headers={"If-None-Match": tag}).status_code == 304, (
        "not this one's business"
    )
    put(clean, "shift_leader1", share="dispatcher")
    assert seat.call("GET", "/filters", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filter": {}}, "name"),
        ({"name": "", "filter": {}}, "name"),
        ({"name": "字" * 21, "filter": {}}, "name"),
        ({"name": "x"}, "filter"),
        ({"name": "x", "filter": {"ids": ["1"]}}, "filter.ids"),
        ({"name": "x", "filter": {"bands": ["purple"]}}, "filter.bands[0]"),
        ({"name": "x", "filter": {"states": ["handling", "handling"]}}, "filter.states[1]"),
        ({"name": "x", "filter": {"text": "字" * 41}}, "filter.text"),
        ({"name": "x", "filter": {"region": {"points": [[0, 0], [1, 1]]}}}, "filter.region.points"),
        ({"name": "x", "filter": {"region": {"points": [[0, 0], [1, 1], [1]]}}}, "filter.region.points"),
        ({"name": "x", "filter": {"region": {"points": [[0, 0], [1, 1], [1, "2"]]}}}, "filter.region.points"),
        ({"name": "x", "filter": {"urgency": [4]}}, "filter.urgency[0]"),
        ({"name": "x", "filter": {}, "share": "everybody"}, "share"),
        ({"name": "x", "filter": {}, "owner": "u-x"}, "owner"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(clean: Backend, body: dict[str, Any], field: str) -> None:
    answer = clean.seat("dispatcher1").call("PUT", f"/filters/{uuid7()}", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


def test_paths_that_are_no_id(clean: Backend) -> None:
    assert put(clean, "dispatcher1", "x").status_code == 404
    assert clean.seat("dispatcher1").call("DELETE", "/filters/x").status_code == 404
    assert clean.seat("dispatcher1").get("/filters", area="1").status_code == 422


def test_there_is_a_most(clean: Backend) -> None:
    kept = [uuid7() for _ in range(MOST)]
    assert {put(clean, "dispatcher1", one, name=f"第{n}个").status_code for n, one in enumerate(kept)} == {
        200
    }
    answer = put(clean, "dispatcher1")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many")
    assert put(clean, "dispatcher1", kept[0], name="改名").status_code == 200, (
        "a known one can still be changed"
    )
    assert put(clean, "dispatcher2").status_code == 200


def test_without_a_token_nothing(clean: Backend) -> None:
    for method, path in (
        ("GET", "/v1/filters"),
        ("PUT", f"/v1/filters/{uuid7()}"),
        ("DELETE", f"/v1/filters/{uuid7()}"),
    ):
        assert clean.client.request(method, path, json={}).status_code == 401
