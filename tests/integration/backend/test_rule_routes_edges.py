"""Routes of automatic rules at their edges: wrong words, wrong posts, and what a wider trial does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from services.backend.auto.trying import DAYS, DAYS_MOST
from services.backend.db.access_tables import audit
from services.backend.db.auto_tables import auto_acts, auto_rules
from services.backend.db.packing import pack, unpack
from services.sql.engine import glancing, writing
from tests.support.centre import DISTRICT, STREETS, Backend

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="module")
ACCEPT: dict[str, Any] = {"name": "热线受理", "action": "accept", "when": {"sources": ["media"]}, "then": {}}


@pytest.fixture(autouse=True)
def emptied(backend: Backend) -> Iterator[None]:
    backend.centre.auto.stop()
    with writing(backend.engine) as conn:
        conn.execute(delete(auto_acts))
        conn.execute(delete(auto_rules))
    yield


def put(backend: Backend, rule_id: str = "a1", **changes: Any) -> Any:
    return backend.seat("shift_leader1").call("PUT", f"/rules/{rule_id}", json={**ACCEPT, **changes})


def kept(backend: Backend, rule_id: str = "a1", **changes: Any) -> dict[str, Any]:
    answer = put(backend, rule_id, **changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_new_rule_does_nothing_yet(backend: Backend) -> None:
    found = kept(backend)
    assert (found["edit"], found["active"], found["tried"], found["trial"]) == (1, False, False, None)
    assert found["when"]["areas"] == [DISTRICT] and found["cap"] == 200
    assert found["edited_by"] == "shift_leader1先生" and found["switched_at"] is None
    (row,) = backend.seat("evaluator1").get("/rules").json()["rules"]
    assert row == {**found, "today": {"concerned": 0, "bounced": 0}}


def test_the_list_tells_when_a_rule_stops_by_itself(backend: Backend) -> None:
    answer = backend.seat("auditor1").get("/rules").json()
    settings = backend.centre.reference.rules.settings
    assert answer["rules"] == []
    assert answer["limits"] == {
        "bounce_share": settings.rule_bounce_share, "bounce_least": settings.rule_bounce_least,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/rules", "/rules/a1", "/rules/a1/days", "/meetings"])
def test_a_question_nobody_knows_is_refused(backend: Backend, path: str) -> None:
    kept(backend)
    seat = backend.seat("shift_leader1")
    assert seat.get(path).status_code == 200
    assert seat.get(path, x="1").status_code == 422
    assert backend.client.get(f"/v1{path}").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/rules/a1"), ("POST", "/rules/a1/try"), ("POST", "/rules/a1/switch")]
)
def test_nobody_acts_without_a_session(backend: Backend, method: str, path: str) -> None:
    kept(backend)
    assert backend.client.request(method, f"/v1{path}", json={"active": True}).status_code == 401
    assert backend.seat("shift_leader1").get("/rules/a1").json()["edit"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 200), ({"days": 1}, 200), ({"days": DAYS_MOST}, 200), ({"days": 0}, 422), ({"days": DAYS_MOST + 1}, 422),
        ({"days": "7"}, 422), ({"days": 1.5}, 422), ({"days": True}, 422), ({"weeks": 1}, 422), ([], 422),
    ],
)  # fmt: skip
def test_how_long_a_trial_looks_back(backend: Backend, body: Any, status: int) -> None:
    kept(backend)
    answer = backend.seat("shift_leader1").post("/rules/a1/try", body)
    assert answer.status_code == status, answer.text
    now = backend.seat("shift_leader1").get("/rules/a1").json()
    assert now["tried"] is (status == 200), "a refused trial is none"
    if status == 200:
        assert now["trial"]["days_asked"] == body.get("days", DAYS)


def test_a_trial_without_a_body_looks_back_as_far_as_usual(backend: Backend) -> None:
    kept(backend)
    answer = backend.seat("shift_leader1").call("POST", "/rules/a1/try")
    assert answer.status_code == 200 and answer.json()["trial"]["days_asked"] == DAYS


@pytest.mark.parametrize(
    "body",
    [{}, {"active": 1}, {"active": "on"}, {"active": None}, {"active": True, "more": 1}, {"active": False, "why": 5},
     {"active": False, "why": "一" * 201}, [], "on"],
)  # fmt: skip
def test_a_switch_is_on_or_off(backend: Backend, body: Any) -> None:
    kept(backend)
    backend.seat("shift_leader1").post("/rules/a1/try", {})
    answer = backend.seat("shift_leader1").post("/rules/a1/switch", body)
    assert answer.status_code == 422, answer.text
    assert not backend.seat("shift_leader1").get("/rules/a1").json()["active"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"rule"', b'{"name": NaN}', b'{"a": 1, "a": 2}']
)
def test_what_is_no_rule_is_refused(backend: Backend, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = backend.seat("shift_leader1").call("PUT", "/rules/a1", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert backend.seat("shift_leader1").get("/rules/a1").status_code == 404


@pytest.mark.parametrize("edit", ["1", True, 1.0, [], None])
def test_an_edit_that_is_no_number_asks_nothing(backend: Backend, edit: Any) -> None:
    kept(backend)
    assert put(backend, cap=3, edit=edit).json()["edit"] == 2


@pytest.mark.parametrize(("edit", "status"), [(1, 200), (0, 409), (2, 409), (-1, 409)])
def test_who_saw_another_edit_is_told_to_look_again(backend: Backend, edit: int, status: int) -> None:
    kept(backend)
    answer = put(backend, cap=3, edit=edit)
    assert answer.status_code == status
    assert status == 200 or "重新打开" in answer.json()["title"]


@pytest.mark.parametrize("path", ["/rules/none", "/rules/none/days", "/rules/A1", "/rules/%E8%A7%84"])
def test_a_rule_that_is_not_there(backend: Backend, path: str) -> None:
    answer = backend.seat("shift_leader1").get(path)
    assert answer.status_code == 404 and "没有这条自动规则" in answer.json()["title"]


def test_a_rule_that_is_not_there_is_neither_tried_nor_switched(backend: Backend) -> None:
    seat = backend.seat("shift_leader1")
    assert seat.post("/rules/none/try", {}).status_code == 404
    assert seat.post("/rules/none/switch", {"active": False}).status_code == 404
    with glancing(backend.engine) as conn:
        assert conn.execute(select(audit.c.id).where(audit.c.target == "none")).first() is None


def test_an_administrator_is_told_who_switches_on(backend: Backend) -> None:
    kept(backend)
    admin = backend.seat("admin1")
    assert admin.post("/rules/a1/try", {}).status_code == 200
    answer = admin.post("/rules/a1/switch", {"active": True})
    assert answer.status_code == 403 and "值班长" in answer.json()["title"]
    reader = backend.seat("evaluator1").post("/rules/a1/try", {})
    assert reader.status_code == 403 and "只能查看" in reader.json()["title"]


def test_why_it_was_switched_off_is_kept_and_audited(backend: Backend) -> None:
    kept(backend)
    seat = backend.seat("shift_leader1")
    seat.post("/rules/a1/try", {})
    seat.post("/rules/a1/switch", {"active": True})
    off = seat.post("/rules/a1/switch", {"active": False, "why": "  雨天先停 "}).json()
    assert (off["active"], off["switched_why"], off["tried"]) == (False, "雨天先停", True)
    with glancing(backend.engine) as conn:
        rows = conn.execute(
            select(audit).where(audit.c.target == "a1").order_by(audit.c.id.desc())
        ).mappings()
        last = dict(next(iter(rows)))
    assert last["action"] == "rule_off" and "雨天先停" in str(last["detail"])


@pytest.mark.parametrize(
    ("area", "who", "cases"),
    [
        (DISTRICT, "shift_leader1", 1), (STREETS[0], "shift_leader1", 1), ("9901", "shift_leader1", 0),
        ("110101", "evaluator1", 0), ("", "evaluator1", 0), (DISTRICT, "evaluator1", 1), (DISTRICT, "auditor1", 1),
        (DISTRICT, "admin1", 0),
    ],
)  # fmt: skip
def test_cases_of_a_wider_trial_stay_there(backend: Backend, area: str, who: str, cases: int) -> None:
    """Its figures are about the rule; its cases are about people of another area."""
    kept(backend)
    backend.seat("shift_leader1").post("/rules/a1/try", {})
    with writing(backend.engine) as conn:
        trial = unpack(bytes(conn.execute(select(auto_rules.c.trial)).scalar_one()))
        changed = {**trial, "area": area, "acted": 7, "cases": [{"case_id": "x"}]}
        conn.execute(update(auto_rules).values(trial=pack(changed)))
    found = backend.seat(who).get("/rules/a1").json()["trial"]
    assert len(found["cases"]) == cases and found["acted"] == 7
    assert "area" not in found
