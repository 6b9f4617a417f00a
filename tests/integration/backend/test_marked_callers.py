"""Marked callers at the real centre: set by the shift leader, seen at intake, never a lock, never the number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.backend.db.access_tables import audit
from services.backend.db.handover_tables import marked_callers
from services.domain.ids import uuid7
from services.sql.engine import reading
from tests.integration.backend.test_matrix import faults
from tests.support.centre import Backend

NUMBER = "13800009911"


def mark(backend: Backend, **more: Any) -> Any:
    body = {"reason": "深夜反复来电谩骂", "days": 30, **more}
    return backend.seat("shift_leader1").post("/marked-callers", body)


def match(backend: Backend, phone: str = NUMBER, who: str = "acceptor1") -> dict[str, Any]:
    answer = backend.seat(who).post("/marked-callers/match", {"phone": phone})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_mark_is_seen_whatever_the_spelling_until_it_ends(own_backend: Backend) -> None:
    backend = own_backend
    assert match(backend) == {"mark": None, "calls_30d": 0}
    answer = mark(backend, phone=NUMBER)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["last4"] == "9911" and NUMBER not in answer.text
    for spelling in (NUMBER, "+86 138-0000-9911", "86 13800009911"):
        assert match(backend, spelling)["mark"]["mark_id"] == made["mark_id"]
    assert match(backend, "13800009912")["mark"] is None
    with backend.later(days=31):
        assert match(backend)["mark"] is None


def test_a_mark_blocks_nothing(backend: Backend) -> None:
    mark(backend, phone="13800008801")
    case = backend.seat("acceptor1").register(caller={"name": "张三", "phone": "13800008801"})
    assert case["state"] == "reported"
    assert match(backend, "13800008801")["calls_30d"] == 1


def test_the_caller_of_a_case_is_marked_without_naming_the_number(backend: Backend) -> None:
    case = backend.seat("acceptor1").register(caller={"name": "张三", "phone": "13800007702"})
    answer = mark(backend, case_id=case["case_id"])
    assert answer.json()["last4"] == "7702" and answer.json()["calls"] == 1
    assert match(backend, "13800007702")["mark"] is not None
    nobody = backend.seat("acceptor1").register()
    assert mark(backend, case_id=nobody["case_id"]).status_code == 422
    assert mark(backend, case_id=uuid7()).status_code == 404


def test_only_the_shift_leader_marks_and_lifts(backend: Backend) -> None:
    made = mark(backend, phone="13800006603").json()
    path = f"/marked-callers/{made['mark_id']}"
    for who in ("acceptor1", "dispatcher1", "admin1", "muni1", "leader1"):
        seat = backend.seat(who)
        body = {"phone": "13800006604", "reason": "x", "days": 1}
        assert seat.post("/marked-callers", body).status_code == 403, who
        assert seat.call("DELETE", path).status_code == 403, who
        seen = 200 if who == "acceptor1" else 403
        assert seat.get("/marked-callers").status_code == seen
        assert seat.post("/marked-callers/match", {"phone": "13800006603"}).status_code == seen
    leader = backend.seat("shift_leader1")
    assert leader.call("DELETE", path).status_code == 204
    assert leader.call("DELETE", path).status_code == 404
    assert leader.call("DELETE", "/marked-callers/nichts").status_code == 404
    assert match(backend, "13800006603")["mark"] is None
    with reading(backend.engine) as conn:
        row = conn.execute(select(marked_callers).where(marked_callers.c.mark_id == made["mark_id"])).one()
        entries = conn.execute(select(audit).where(audit.c.target == made["mark_id"])).all()
    assert row.lifted_by == "shift_leader1先生"
    assert {entry.action for entry in entries} == {"caller_marked", "caller_unmarked"}
    assert "6603" not in str([entry.detail for entry in entries])


def test_what_makes_no_sense_is_refused(backend: Backend) -> None:
    for wrong in (
        {},
        {"phone": NUMBER, "case_id": uuid7()},
        {"phone": "12"},
        {"phone": NUMBER, "days": 0},
        {"phone": NUMBER, "days": 9999},
        {"phone": NUMBER, "reason": " "},
        {"phone": NUMBER, "block": True},
    ):
        assert mark(backend, **wrong).status_code == 422, wrong
    assert backend.seat("acceptor1").post("/marked-callers/match", {"phone": "x"}).status_code == 422


def test_answers_are_as_described(backend: Backend) -> None:
    made = mark(backend, phone="13800005505").json()
    listed = backend.seat("acceptor1").get("/marked-callers").json()
    assert faults(made, {"$ref": "#/x/CallerMark"}) == []
    assert faults(listed, {"$ref": "#/x/CallerMarks"}) == []
    assert faults(match(backend, "13800005505"), {"$ref": "#/x/CallerMatch"}) == []
    assert made["mark_id"] in {entry["mark_id"] for entry in listed["marks"]}
