"""The closed loop over HTTP: a case from the call to closing, and what every step leaves behind."""

from __future__ import annotations

from sqlalchemy import select

from services.backend.db.tables import dispatches
from services.domain.ids import uuid7
from services.sql.engine import glancing
from tests.support.centre import THERE, Backend


def test_a_case_closes_and_every_step_is_in_the_timeline(backend: Backend) -> None:
    case = backend.reach("closed")
    assert case["state"] == "closed" and case["closed_at"] and case["due_at"] is None and case["clocks"] == []
    shown = backend.seat("acceptor1").get(f"/cases/{case['case_id']}").json()
    assert [change["action"] for change in shown["timeline"]] == [
        "register", "accept", "file", "dispatch", "sign", "feed_back", "send_check", "check_pass", "close",
    ]  # fmt: skip
    assert [change["version"] for change in shown["timeline"]] == list(range(1, 10))
    assert all("case" not in change for change in shown["timeline"])
    assert {clock["clock"] for clock in shown["clocks"]} == {
        "accept", "file", "dispatch", "handle", "forward", "check", "close",
    }  # fmt: skip
    assert all(clock["remaining_s"] is None and clock["stopped_at"] for clock in shown["clocks"])
    assert "reopen" in backend.seat("shift_leader1").get(f"/cases/{case['case_id']}").json()["allowed"]


def test_numbers_are_of_the_day_and_without_gaps(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    first, second = seat.register(), seat.register()
    assert first["number"][:9] == second["number"][:9]
    assert int(second["number"][9:]) == int(first["number"][9:]) + 1
    assert len(first["number"]) >= 13


def test_a_refused_birth_uses_no_number(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    before = seat.register()
    outcome = seat.do(
        "register", **{"kind": "event", "source": "nobody", "description": "x", "location": THERE}
    )
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("rejected", "unknown_source")
    after = seat.register()
    assert int(after["number"][9:]) == int(before["number"][9:]) + 1


def test_dispatch_recall_redispatch_leave_one_active_dispatch(backend: Backend) -> None:
    case = backend.reach("pending_sign")
    seat = backend.seat("dispatcher1")
    case = seat.do("recall", case, reason="误派")["case"]
    assert case["lead_dept"] is None
    case = seat.do("dispatch", case, lead_dept="sani", co_depts=["green"])["case"]
    case = seat.do("redispatch", case, lead_dept="green", reason="职责")["case"]
    with glancing(backend.engine) as conn:
        rows = conn.execute(
            select(dispatches.c.lead_dept, dispatches.c.ended_at)
            .where(dispatches.c.case_id == case["case_id"])
            .order_by(dispatches.c.id)
        ).all()
    assert [row.lead_dept for row in rows] == ["muni", "sani", "green"]
    assert [row.ended_at is None for row in rows] == [False, False, True]


def test_a_second_round_keeps_the_clocks_of_the_first(backend: Backend) -> None:
    case = backend.reach("closed")
    leader = backend.seat("shift_leader1")
    case = leader.do("reopen", case, reason="复发")["case"]
    assert (case["round"], case["state"], case["lead_dept"]) == (2, "pending_dispatch", None)
    with backend.later(seconds=5):
        case = backend.seat("dispatcher1").do("dispatch", case, lead_dept="sani")["case"]
    clocks = leader.get(f"/cases/{case['case_id']}").json()["clocks"]
    handles = [clock for clock in clocks if clock["clock"] == "handle"]
    assert len(handles) == 2 and handles[0]["stopped_at"] is None and handles[1]["stopped_at"] is not None
    live = [clock["stopped_at"] is None for clock in clocks]
    assert live == sorted(live, reverse=True)
    stops = [clock["stopped_at"] for clock in clocks if clock["stopped_at"]]
    assert stops == sorted(stops, reverse=True)


def test_suspended_clock_is_paused_without_deadline(backend: Backend) -> None:
    case = backend.reach("handling")
    unit = backend.seat("muni1")
    case = unit.do("apply_suspend", case, until="2027-06-01T00:00:00+08:00", reason="等料")["case"]
    assert case["flags"] == ["suspend_pending"] and case["pending"]["suspend"]["reason"] == "等料"
    case = backend.seat("dispatcher1").do("decide_suspend", case, approve=True)["case"]
    assert case["state"] == "suspended" and case["due_at"] is None
    (clock,) = case["clocks"]
    assert clock["paused"] and clock["due_at"] is None and clock["remaining_s"] > 0


def test_split_gives_birth_to_cases_under_one_command(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = seat.do("accept", seat.register())["case"]
    parts = [
        {"case_id": uuid7(), "description": "井盖"},
        {"case_id": uuid7(), "description": "路灯", "location": THERE},
    ]
    before = backend.settle()
    outcome = seat.do("split", case, parts=parts)
    assert outcome["outcome"] == "applied", outcome
    changes = backend.changes(seat, before)["changes"]
    assert [change["case_id"] for change in changes] == [
        case["case_id"],
        *(part["case_id"] for part in parts),
    ]
    assert len({change["command_id"] for change in changes}) == 1
    for part, change in zip(parts, changes[1:], strict=True):
        shown = seat.get(f"/cases/{part['case_id']}").json()
        assert (
            shown["parent"] == case["case_id"]
            and shown["number"]
            and shown["description"] == part["description"]
        )
        assert change["version"] == 1 and change["case"]["number"] == shown["number"]
    again = seat.do("split", outcome, parts=[{"case_id": parts[0]["case_id"], "description": "又一次"}])
    assert again["reason"]["code"] == "case_exists"
