"""Search, one case, similar cases, claims, attachments, reference data and areas over HTTP."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from services.backend.db.access_tables import claims
from services.backend.places import touch_areas
from services.backend.reference_store import publish
from services.domain.ids import uuid7
from services.sql.engine import writing
from tests.support.asgi import AsgiClient
from tests.support.centre import CATEGORY, HERE, STEP, THERE, Backend, Seat, reference_doc


def found(seat: Seat, **params: Any) -> list[str]:
    """Ids of a search, over all its pages."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        answer = seat.get("/cases", **params, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        document = answer.json()
        ids += [case["case_id"] for case in document["cases"]]
        cursor = document["next_cursor"]
        if cursor is None:
            assert len(ids) == len(set(ids))
            return ids


# --- search ---------------------------------------------------------------------------------------------


def test_filters(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    reported = seat.register(HERE, description="人民路井盖破损", source="app")
    there = seat.register(THERE, description="路灯不亮 50%_a", source="hotline")
    handling = backend.reach("handling", description="垃圾满溢")
    closed = backend.reach("closed", description="井盖 丢失")
    assert set(found(seat)) == {case["case_id"] for case in (reported, there, handling, closed)}
    for params, expected in (
        ({"state": "reported"}, [reported, there]),
        ({"state": "reported,closed"}, [reported, there, closed]),
        ({"stage": "handle"}, [handling]),
        ({"stage": "intake", "state": "closed"}, []),
        ({"dept": "muni"}, [handling, closed]),
        ({"dept": "sani"}, []),
        ({"area": "990101002"}, [there]),
        ({"area": "9901010010"}, [reported, handling, closed]),
        ({"category": "event-01"}, [handling, closed]),
        ({"category": CATEGORY}, [handling, closed]),
        ({"category": "event_01"}, []),
        ({"source": "app"}, [reported]),
        ({"overdue": "true"}, []),
        ({"overdue": "0"}, [reported, there, handling, closed]),
        ({"from": "2020-01-01T00:00:00+08:00"}, [reported, there, handling, closed]),
        ({"from": "2090-01-01T00:00:00Z"}, []),
        ({"to": "2090-01-01T00:00:00Z"}, [reported, there, handling, closed]),
        ({"q": "井盖"}, [reported, closed]),
        ({"q": "井盖破损"}, [reported]),
        ({"q": "井盖 人民"}, [reported, closed]),
        ({"q": "盖"}, [reported, closed]),
        ({"q": "井盖损破"}, []),
        ({"q": "中山路2"}, [there]),
        ({"q": "50%"}, [there]),
        ({"q": "%"}, [there]),
        ({"q": "50%_A"}, [there]),
        ({"q": "_"}, [there]),
        ({"q": handling["number"]}, [handling]),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": "\"*' & | !"}, []),
    ):  # fmt: skip
        assert set(found(seat, **{f"{key}_": value for key, value in params.items()})) == {
            case["case_id"] for case in expected
        }, params


@pytest.mark.parametrize(
    "order",
    ["created_at", "-created_at", "due_at", "-due_at", "closed_at", "-closed_at", "number", "-number"],
)
def test_pages_and_orders(backend: Backend, order: str) -> None:
    seat = backend.seat("acceptor1")
    for _ in range(3):
        seat.register()
    backend.reach("closed")
    whole = found(seat, order=order, limit=500)
    assert found(seat, order=order, limit=2) == whole and len(whole) >= 4
    cases = seat.get("/cases", order=order, limit=500).json()["cases"]
    name = order.lstrip("-")
    descending = order.startswith("-")
    if name == "number":
        values: list[Any] = [case["number"] or "" for case in cases]
    else:
        none = "1970-01-01T00:00:00Z" if name == "closed_at" and descending else "9999-01-01T00:00:00Z"
        values = [datetime.fromisoformat(case[name] or none) for case in cases]
    assert values == sorted(values, reverse=descending)


def test_search_stays_in_scope(backend: Backend) -> None:
    case = backend.reach("pending_sign", THERE, description="只在市政可见")
    for who, expected in (
        ("muni1", 1),
        ("sani1", 0),
        ("acceptor_street", 0),
        ("nowhere1", 0),
        ("leader1", 1),
    ):
        ids = found(backend.seat(who), q="只在市政可见")
        assert ids.count(case["case_id"]) == expected, who


def test_overdue(backend: Backend) -> None:
    case = backend.seat("acceptor1").register()
    with backend.later(hours=2):
        answer = backend.seat("leader1").get("/cases", overdue="true", limit=500).json()
        late = next(entry for entry in answer["cases"] if entry["case_id"] == case["case_id"])
        assert late["clocks"][0]["remaining_s"] < -5000
    assert case["case_id"] not in found(backend.seat("leader1"), overdue="true")


@pytest.mark.parametrize(
    "params",
    [{"state": "flying"}, {"stage": "x"}, {"area": "x"}, {"overdue": "maybe"}, {"from": "yesterday"},
     {"order": "random"},
     {"limit": "0"}, {"cursor": "x"}, {"cursor": "WzFd"}, {"cursor": "WyJudW1iZXIiLDEsIngiXQ"}, {"q": "a" * 201},
     {"q": "a\x00"}, {"stat": "x"}, {"category": "x" * 65}],
)  # fmt: skip
def test_wrong_parameters_are_named(backend: Backend, params: dict[str, str]) -> None:
    answer = backend.seat("acceptor1").get("/cases", **{f"{key}_": value for key, value in params.items()})
    assert answer.status_code == 422 and set(answer.json()["fields"]) == set(params)


def test_a_cursor_belongs_to_its_order(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    seat.register(), seat.register()
    cursor = seat.get("/cases", limit=1, order="created_at").json()["next_cursor"]
    assert seat.get("/cases", limit=1, order="due_at", cursor=cursor).status_code == 422


def test_amended_text_is_found_by_its_new_words(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = seat.register(description="旧词甲乙")
    seat.do("amend", case, description="新词丙丁", reason="更正")
    assert found(seat, q="新词丙丁") == [case["case_id"]] and found(seat, q="旧词甲乙") == []


# --- one case ----------------------------------------------------------------------------------------------


def test_what_the_caller_may_do_now(backend: Backend) -> None:
    case = backend.reach("pending_dispatch")

    def allowed(who: str) -> set[str]:
        return set(backend.seat(who).get(f"/cases/{case['case_id']}").json()["allowed"])

    assert {"dispatch", "return_to_filing", "amend", "comment"} <= allowed("dispatcher1")
    assert "dispatch" in allowed("shift_leader1") and "dispatch" not in allowed("acceptor1")
    assert not {"register", "import", "sign"} & allowed("dispatcher1")


@pytest.mark.parametrize(
    "path", ["/cases/x", "/cases/0193d6c1-0000-7000-8000-000000000000", "/cases/%00", "/cases/é"]
)
def test_no_such_case(backend: Backend, path: str) -> None:
    answer = backend.seat("acceptor1").get(quote(path, safe="/%"))
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


def test_similar_cases(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    spot = {"lon": THERE["lon"] + STEP, "lat": THERE["lat"], "address": "解放路"}
    near = seat.register(spot, description="下水道井盖破损", category=CATEGORY)
    seat.register({**spot, "lon": spot["lon"] + 0.0015}, description="路灯不亮")
    far = seat.register({**spot, "lat": spot["lat"] + STEP}, description="下水道井盖破损")
    answer = seat.post(
        "/cases/similar", {"lon": spot["lon"], "lat": spot["lat"], "category": CATEGORY, "text": "井盖破损了"}
    )
    candidates = answer.json()["candidates"]
    assert candidates[0]["case_id"] == near["case_id"] and len(candidates) == 2
    best = candidates[0]
    assert best["likely"] and best["distance_m"] < 1 and best["score"] > candidates[1]["score"]
    assert (
        "同一类别" in best["why"] and "描述相近" in best["why"] and best["case"]["number"] == near["number"]
    )
    assert far["case_id"] not in {entry["case_id"] for entry in candidates}
    assert 100 < candidates[1]["distance_m"] < 200 and not candidates[1]["likely"]
    street = backend.seat("acceptor_street").post("/cases/similar", {"lon": spot["lon"], "lat": spot["lat"]})
    assert street.json()["candidates"] == []
    assert seat.post("/cases/similar", {"lon": 500, "lat": 0}).status_code == 422


# --- claims --------------------------------------------------------------------------------------------------


def test_claims_come_and_go(backend: Backend) -> None:
    one, two = backend.seat("dispatcher1"), backend.seat("dispatcher2")
    case = backend.reach("pending_dispatch")
    path = f"/cases/{case['case_id']}/claim"

    def present(seat: Seat) -> list[tuple[str, str]]:
        listed = seat.get("/presence").json()["claims"]
        return [
            (entry["user"]["id"], entry["kind"]) for entry in listed if entry["case_id"] == case["case_id"]
        ]

    assert one.call("PUT", path).status_code == 200
    both = two.call("PUT", path, json={"kind": "look"}).json()["claims"]
    assert [(entry["user"]["id"], entry["kind"]) for entry in both] == [
        ("u-dispatcher1", "hold"),
        ("u-dispatcher2", "look"),
    ]
    assert present(backend.seat("leader1")) == [("u-dispatcher1", "hold"), ("u-dispatcher2", "look")]
    assert present(backend.seat("muni1")) == []
    since = both[0]["since"]
    again = one.call("PUT", path, json={"kind": "hold"}).json()["claims"][0]
    assert again["since"] == since
    assert two.do("dispatch", case, lead_dept="muni")["outcome"] == "applied"  # a claim refuses nothing
    with writing(backend.engine) as conn:
        conn.execute(
            update(claims).where(claims.c.user_id == "u-dispatcher2").values(at=claims.c.at - 61_000)
        )
    assert present(one) == [("u-dispatcher1", "hold")]
    assert [entry for entry in one.get("/presence").json()["silent"]] == []  # a look that lapsed is over
    assert one.call("DELETE", path).status_code == 204 and one.call("DELETE", path).status_code == 204
    assert present(one) == []
    assert one.call("PUT", path, json={"kind": "own"}).status_code == 422


def test_a_hold_that_goes_silent_is_told_of_and_taken_over(backend: Backend) -> None:
    one, two = backend.seat("dispatcher1"), backend.seat("dispatcher2")
    case = backend.reach("pending_dispatch")
    path = f"/cases/{case['case_id']}/claim"

    def silent(seat: Seat) -> list[str]:
        listed = seat.get("/presence").json()["silent"]
        return [entry["user"]["id"] for entry in listed if entry["case_id"] == case["case_id"]]

    def pass_by(ms: int) -> None:
        with writing(backend.engine) as conn:
            mine = claims.c.case_id == case["case_id"]
            conn.execute(update(claims).where(mine).values(at=claims.c.at - ms, since=claims.c.since - ms))

    one.call("PUT", path)
    pass_by(61_000)
    assert silent(two) == ["u-dispatcher1"]
    assert silent(backend.seat("muni1")) == []  # out of scope
    looking = two.call("PUT", path, json={"kind": "look"}).json()["claims"]
    assert [entry["user"]["id"] for entry in looking] == ["u-dispatcher2"]
    assert silent(two) == ["u-dispatcher1"]  # looking takes nothing over
    back = one.call("PUT", path).json()["claims"]
    assert [entry["user"]["id"] for entry in back] == ["u-dispatcher2", "u-dispatcher1"]  # a new spell
    assert silent(two) == []
    pass_by(61_000)
    assert [entry["user"]["id"] for entry in two.call("PUT", path).json()["claims"]] == ["u-dispatcher2"]
    assert silent(two) == silent(one) == []
    pass_by(15 * 60_000 + 1)
    assert silent(one) == []


# --- attachments -----------------------------------------------------------------------------------------------

JPEG = b"\xff\xd8\xff" + b"photo" * 100


def test_an_attachment_is_stored_named_and_seen_in_scope_only(backend: Backend) -> None:
    case = backend.reach("handling")
    unit = backend.seat("muni1")
    body = JPEG + uuid7().encode()
    sha = hashlib.sha256(body).hexdigest()
    missing = unit.do("feed_back", case, result="好了", photos=[sha])
    assert (missing["outcome"], missing["reason"]["code"]) == ("rejected", "attachment_missing")
    put = unit.call("PUT", f"/attachments/{sha}", content=body, headers={"content-type": "image/jpeg"})
    assert (put.status_code, put.json()) == (201, {"sha256": sha, "size": len(body)})
    assert unit.call("PUT", f"/attachments/{sha}", content=body).status_code == 200
    assert unit.get(f"/attachments/{sha}").status_code == 404
    assert unit.do("feed_back", case, result="好了", photos=[sha])["outcome"] == "applied"
    got = unit.get(f"/attachments/{sha}")
    assert (got.content, got.headers["content-type"]) == (body, "image/jpeg")
    assert (
        got.headers["x-content-type-options"] == "nosniff"
        and "sandbox" in got.headers["content-security-policy"]
    )
    assert backend.seat("leader1").get(f"/attachments/{sha}").status_code == 200
    assert backend.seat("sani1").get(f"/attachments/{sha}").status_code == 404
    shown = unit.get(f"/cases/{case['case_id']}").json()["attachments"]
    assert shown == [{"sha256": sha, "size": len(body), "mime": "image/jpeg", "at": shown[0]["at"]}]
    (path,) = backend.centre.data_dir.glob(f"attachments/{sha[:2]}/{sha}")
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    answer = unit.get(f"/attachments/{sha}")
    assert (answer.status_code, answer.json()["code"]) == (503, "attachment_elsewhere")


@pytest.mark.parametrize(
    ("mime", "shown"),
    [("text/html", False), ("image/svg+xml", False), ("bad mime", False), ("image/png", True)],
)
def test_only_pictures_are_shown(backend: Backend, mime: str, shown: bool) -> None:
    case = backend.seat("acceptor1").register()
    body = mime.encode() + uuid7().encode()
    sha = hashlib.sha256(body).hexdigest()
    seat = backend.seat("acceptor1")
    seat.call("PUT", f"/attachments/{sha}", content=body, headers={"content-type": mime})
    assert seat.do("attach", case, sha256=sha, name="a", mime=mime, size=len(body))["outcome"] == "applied"
    got = seat.get(f"/attachments/{sha}")
    assert got.headers["content-type"].startswith("image/png" if shown else "application/octet-stream")
    assert got.headers["content-disposition"].startswith("inline" if shown else "attachment")


def test_wrong_attachments(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    answer = seat.call("PUT", f"/attachments/{'0' * 64}", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (422, "hash_differs")
    assert seat.call("PUT", "/attachments/ABC", content=b"x").status_code == 404
    assert seat.get("/attachments/../secret").status_code == 404
    big = seat.call(
        "PUT", f"/attachments/{'0' * 64}", content=b"x", headers={"content-length": str(21 << 20)}
    )
    assert big.status_code == 413
    assert backend.client.put(f"/v1/attachments/{'0' * 64}", content=b"x").status_code == 401


# --- reference data, areas, meta ---------------------------------------------------------------------------------


def test_meta_needs_no_sign_in(backend: Backend) -> None:
    document = backend.client.get("/v1/meta").json()
    assert document["contract"] == 1 and document["feed_epoch"] == backend.centre.facts.epoch
    assert document["centre"] == {"code": "990101", "name": "测试区网格调度中心"}
    assert document["server_time"].endswith("Z") and document["server_version"]


def test_reference_has_an_etag_and_follows_what_is_published(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    first = seat.get("/reference")
    assert {
        "categories",
        "departments",
        "roster",
        "calendar",
        "windows",
        "sources",
        "settings",
        "kpis",
    } <= set(first.json())
    etag = first.headers["etag"]
    same = seat.call("GET", "/reference", headers={"if-none-match": f'"x", W/{etag}'})
    assert same.status_code == 304 and same.content == b"" and same.headers["etag"] == etag
    doc = reference_doc()
    doc["settings"]["acceptor_may_file"] = True
    with writing(backend.engine) as conn:
        assert publish(conn, reference_doc()) == 1
        assert publish(conn, doc) == 2
    second = seat.call("GET", "/reference", headers={"if-none-match": etag})
    assert second.status_code == 200 and second.json()["settings"]["acceptor_may_file"] is True
    case = seat.do("accept", seat.register())["case"]
    assert seat.do("file", case, category=CATEGORY, condition=0)["outcome"] == "applied"


def test_areas_are_geojson_with_an_etag(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("muni1")
    for level, count in (("district", 1), ("street", 2), ("community", 2), ("grid", 8), ("city", 0)):
        answer = seat.get("/areas", level=level)
        document = json.loads(answer.content)
        assert document["type"] == "FeatureCollection" and len(document["features"]) == count
        for feature in document["features"]:
            assert set(feature["properties"]) == {"code", "name", "level", "parent", "officer", "registered"}
            assert feature["geometry"]["type"] == "Polygon"
    etag = seat.get("/areas", level="grid").headers["etag"]
    assert seat.call("GET", "/areas?level=grid", headers={"if-none-match": etag}).status_code == 304
    with writing(backend.engine) as conn:
        touch_areas(conn)
    assert seat.call("GET", "/areas?level=grid", headers={"if-none-match": etag}).status_code == 200
    assert seat.get("/areas", level="galaxy").status_code == 422 and seat.get("/areas").status_code == 422


def test_moved_areas_move_new_cases(own_backend: Backend) -> None:
    from services.backend.db.tables import areas

    backend = own_backend
    seat = backend.seat("acceptor1")
    grid = seat.register(HERE)["grid"]
    with writing(backend.engine) as conn:
        shape = conn.execute(select(areas.c.wkb).where(areas.c.code == grid)).scalar_one()
        conn.execute(areas.delete().where(areas.c.code == grid))
        conn.execute(
            areas.insert().values(
                code=grid[:-3] + "777", level="grid", parent=grid[:12], name="新", wkb=shape
            )
        )
        touch_areas(conn)
    backend.centre._slow()
    assert seat.register(HERE)["grid"] == grid[:-3] + "777"
    assert backend.centre.places.has_grid(grid[:-3] + "777") and not backend.centre.places.has_grid(grid)


# --- health and the rest ---------------------------------------------------------------------------------------------


def test_health_is_for_neighbours_only(backend: Backend) -> None:
    client: Any = backend.client
    assert client.get("/healthz").json() == client.get("/readyz").json() == {"status": "ok"}
    client.get("/v1/meta")
    text = client.get("/metrics").text
    assert 'griddesk_requests_total{route="' in text and "griddesk_feed_head" in text and 'le="+Inf"' in text
    app = client.app

    def status(host: str, path: str = "/metrics") -> int:
        other = AsgiClient(app, client=(host, 1))
        other._loop = client._loop  # the same centre, seen from another address
        return other.get(path).status_code

    assert [status(host) for host in ("127.0.0.1", "::1", "10.1.2.3", "8.8.8.8", "strange")] == [
        200,
        200,
        404,
        404,
        404,
    ]
    app.state.health_networks = ("10.0.0.0/8",)
    assert [status(host) for host in ("10.1.2.3", "8.8.8.8")] == [200, 404]
    app.state.health_networks = ()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/", 404), ("DELETE", "/v1/commands", 405), ("GET", "/v1/commands", 405),
     ("GET", "/v1/kpis", 404), ("GET", "/v1/cases/", 404)],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_too(backend: Backend, method: str, path: str, status: int) -> None:
    answer = backend.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["title"] and answer.json()["trace_id"]


def test_the_committed_description_is_that_of_the_code(backend: Backend) -> None:
    from services.backend.http import openapi

    assert openapi.PATH.read_text(encoding="utf-8") == openapi.text()
    described = sorted((route.method.upper(), route.path) for route in openapi.ROUTES)
    answered = [entry for entry in openapi.operations(backend.client.app) if not entry[1].startswith("/seat")]
    assert described == answered
    assert backend.client.get("/openapi.json").json() == openapi.document()
    names = set(openapi.SCHEMAS)
    for word in openapi.text().split('"#/components/schemas/')[1:]:
        assert word.split('"')[0] in names
