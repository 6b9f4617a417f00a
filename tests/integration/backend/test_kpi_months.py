"""What people declare for figures, and a month of evaluation from its figures to its seal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.backend.db.access_tables import audit
from services.backend.db.kpi_month_tables import kpi_months
from services.backend.kpi.months import judged_by, month_number, period_of
from services.backend.kpi.spans import date_of
from services.domain.ids import uuid7
from services.sql.engine import reading
from tests.support.centre import HERE, Backend, command
from tests.support.waiting import until

RATE = "on_time_handling_rate"


def window(backend: Backend, who: str = "shift_leader1", **changed: Any) -> Any:
    now = backend.centre.now()
    body = {
        "id": uuid7(), "start": now.isoformat(), "end": (now + timedelta(days=10)).isoformat(),
        "document": "防汛〔2026〕7号", **changed,
    }  # fmt: skip
    return backend.seat(who).post("/windows", body)


# --- windows ---------------------------------------------------------------------------------------------


def test_a_window_moves_running_clocks_and_figures_tell_both(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("handling")
    made = window(backend)
    assert made.status_code == 201, made.text
    assert made.json()["area_code"] == "990101" and made.json()["declared_by"] == "u-shift_leader1"
    listed = backend.seat("muni1").get("/reference").json()["windows"]
    assert [entry["id"] for entry in listed] == [made.json()["id"]]

    def seen() -> Any:
        backend.centre.jobs.turn()
        return backend.seat("muni1").get(f"/cases/{case['case_id']}").json()

    # the centre's own beat may be at it already
    assert until(lambda: seen()["due_at"] > case["due_at"], 30)
    moved = seen()
    with backend.later(days=8):
        body = command("feed_back", moved, result="好了") | {"seen_at": backend.centre.now().isoformat()}
        assert backend.seat("muni1").send(body)["outcome"] == "applied"
        backend.settle()
        backend.centre.figures.catch_up(30)
        later = (backend.centre.now().date() + timedelta(days=60)).isoformat()
        span = {"from_": "2020-01-01", "to": later}
        row = backend.seat("evaluator1").get("/kpi", ids=RATE, windows="1", **span).json()["rows"][0]
        assert row["value"] == 100 and row["without_windows"]["value"] == 0
        late = backend.seat("evaluator1").get(
            "/kpi/overtime_handle_n/cases", windows="without", **span
        ).json()  # fmt: skip
        assert [c["case_id"] for c in late["cases"]] == [case["case_id"]]
    with reading(backend.engine) as conn:
        assert "declare_window" in conn.execute(select(audit.c.action)).scalars().all()


def test_the_end_of_a_window_may_be_moved_and_nothing_else(own_backend: Backend) -> None:
    backend = own_backend
    first = window(backend).json()
    sooner = (datetime.fromisoformat(first["end"]) - timedelta(days=3)).isoformat()
    again = {key: first[key] for key in ("id", "start", "document")}
    assert backend.seat("shift_leader1").post("/windows", {**again, "end": sooner}).json()["end"] == sooner
    refused = backend.seat("shift_leader1").post("/windows", {**again, "end": sooner, "document": "另一份"})
    assert refused.status_code == 422 and "document" in refused.json()["fields"]
    assert len(backend.seat("muni1").get("/reference").json()["windows"]) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"area_code": "110101"}, 422), ({"dept": "nobody"}, 422), ({"clock": "tea"}, 422), ({"document": ""}, 422),
        ({"start": "2020-01-01T00:00:00+08:00", "end": "2020-01-02T00:00:00+08:00"}, 422),
        ({"end": "2020-01-01T00:00:00+08:00"}, 422), ({"id": "x"}, 422),
    ],
)  # fmt: skip
def test_wrong_windows_are_refused(backend: Backend, changed: dict[str, Any], status: int) -> None:
    assert window(backend, **changed).status_code == status


@pytest.mark.parametrize("who", ["dispatcher1", "muni1", "evaluator1", "admin1", "leader1"])
def test_only_a_shift_leader_declares(backend: Backend, who: str) -> None:
    assert window(backend, who).status_code == 403


# --- entries ---------------------------------------------------------------------------------------------


def entry(backend: Backend, who: str = "evaluator1", **changed: Any) -> Any:
    day = backend.centre.calendar.local(backend.centre.now()).date().isoformat()
    body = {
        "kpi": "call_through_rate",
        "day": day,
        "numerator": 981.6,
        "denominator": 1000,
        "document": "话务日报",
    }
    sent = {key: value for key, value in {**body, **changed}.items() if value is not None}
    return backend.seat(who).post("/kpi/entries", sent)


def test_numbers_from_outside_become_figures(own_backend: Backend) -> None:
    backend = own_backend
    assert entry(backend).status_code == 201
    assert (
        entry(
            backend, "shift_leader1", kpi="valid_complaint_count", numerator=2, denominator=None
        ).status_code
        == 201
    )
    rows = backend.seat("leader1").get("/kpi", ids="call_through_rate,valid_complaint_count").json()["rows"]
    assert [row["value"] for row in rows] == [98.16, 2]


@pytest.mark.parametrize(
    "changed",
    [
        {"kpi": "handling_rate"}, {"kpi": "nothing"}, {"denominator": None}, {"numerator": 1001},
        {"kpi": "valid_complaint_count"}, {"area_code": "110101"}, {"day": "20.11.2026"}, {"document": ""},
    ],
)  # fmt: skip
def test_wrong_entries_are_refused(backend: Backend, changed: dict[str, Any]) -> None:
    assert entry(backend, **changed).status_code == 422
    assert entry(backend, "muni1").status_code == 403


# --- the month -------------------------------------------------------------------------------------------


def test_a_month_from_its_figures_to_its_seal(own_backend: Backend) -> None:
    backend = own_backend
    good, late = backend.reach("closed", HERE), backend.reach("handling", HERE)
    soon = (
        backend.centre.now() + timedelta(seconds=2)
    ).isoformat()  # due within this month, whatever day it is
    backend.seat("shift_leader1").do("adjust_limit", late, due_at=soon, reason="现场", basis="应急")
    evaluator, leader, muni = (backend.seat(who) for who in ("evaluator1", "leader1", "muni1"))
    name = backend.centre.calendar.local(backend.centre.now()).date().isoformat()[:7]
    path = f"/kpi/months/{name}"

    def step(seat: Any, word: str, **more: Any) -> Any:
        return seat.post(path, {"step": word, **more})

    backend.settle()
    assert muni.get(path).status_code == 404 and evaluator.get(path).status_code == 404
    assert step(evaluator, "publish").json()["code"] == "not_computed"
    assert step(muni, "compute").status_code == 403
    assert step(evaluator, "compute").json()["state"] == "computed"
    assert step(evaluator, "publish").json()["code"] == "month_not_over"
    assert muni.get(path).status_code == 404
    with backend.later(days=40):
        for seat_name in ("evaluator1", "leader1", "muni1"):
            backend.seat(seat_name)
        computed = step(evaluator, "compute").json()
        row = {r["id"]: r for r in computed["rows"] if r["dept"] == "muni"}[RATE]
        assert (row["numerator"], row["denominator"]) == (1, 2)
        assert computed["scores"][0]["dept"] == "muni" and computed["scores"][0]["rank"] == 1
        published = step(evaluator, "publish").json()
        assert published["state"] == "published" and published["objections_until"] > published["published_at"]
        assert step(evaluator, "compute").json()["code"] == "published_before"
        assert muni.get(path).status_code == 200
        body = {
            "objection_id": uuid7(),
            "kpi": RATE,
            "case_id": late["case_id"],
            "kind": "appeal",
            "reason": "停电",
        }
        assert evaluator.post(f"{path}/objections", body).status_code == 403
        assert muni.post(f"{path}/objections", {**body, "kpi": "filing_rate"}).status_code == 422
        assert backend.seat("sani1").post(f"{path}/objections", body).status_code == 422
        assert muni.post(f"{path}/objections", body).status_code == 201
        assert (
            muni.post(f"{path}/objections", {**body, "objection_id": uuid7()}).json()["code"]
            == "objected_before"
        )
        drop = {**body, "objection_id": uuid7(), "case_id": good["case_id"], "kind": "drop"}
        assert muni.post(f"{path}/objections", drop).status_code == 201
        assert len(muni.get(path).json()["objections"]) == 2
        assert backend.seat("sani1").get(path).json()["objections"] == []
        assert step(leader, "sign").json()["code"] == "objections_open"
        decide = f"/kpi/objections/{body['objection_id']}"
        assert muni.post(decide, {"approve": True}).status_code == 403
        assert evaluator.post(decide, {"approve": True, "note": "属实"}).json()["approved"] is True
        assert evaluator.post(decide, {"approve": False}).json()["code"] == "decided_before"
        assert evaluator.post(f"/kpi/objections/{uuid7()}", {"approve": True}).status_code == 404
    with backend.later(days=44):
        assert step(leader, "sign").json()["code"] == "objections_waiting"
        evaluator.post(f"/kpi/objections/{drop['objection_id']}", {"approve": True})
        # nobody signs or seals figures in which what was upheld is not yet counted
        assert step(leader, "sign").json().get("code") == "not_rescored"
        assert step(evaluator, "freeze").json()["code"] == "not_rescored"
        again = step(evaluator, "rescore").json()
        row = {r["id"]: r for r in again["rows"] if r["dept"] == "muni"}[RATE]
        # the late case counts as good, the good one is taken out
        assert (row["numerator"], row["denominator"], row["value"]) == (1, 1, 100)
        assert (
            muni.post(f"{path}/objections", {**body, "objection_id": uuid7()}).json()["code"]
            == "objections_closed"
        )
        assert step(evaluator, "freeze").json()["code"] == "not_signed"
        assert step(muni, "sign").status_code == 403
        assert step(leader, "sign", note="同意").json()["signatures"][0]["note"] == "同意"
        assert step(leader, "sign").json()["code"] == "signed_before"
        frozen = step(evaluator, "freeze").json()
        assert frozen["state"] == "frozen" and len(frozen["seal"]) == 64 and frozen["difference"] == []
        for word in ("compute", "publish", "rescore", "sign", "freeze"):
            assert step(evaluator, word).status_code == 409
        # what comes later is told as a difference, the frozen rows stay
        late = backend.seat("muni1").get(f"/cases/{late['case_id']}").json()
        done = command("feed_back", late, result="好了") | {"seen_at": backend.centre.now().isoformat()}
        assert muni.send(done)["outcome"] == "applied"
        backend.settle()
        seen = evaluator.get(path).json()
        assert seen["rows"] == frozen["rows"] and seen["seal"] == frozen["seal"]
        changed = {(d["dept"], d["id"]) for d in seen["difference"]}
        assert ("muni", "handling_rate") in changed and ("muni", "extension_rate") not in changed
    with reading(backend.engine) as conn:
        assert conn.execute(select(kpi_months.c.prev_hash)).scalar_one() == bytes(32)


def test_months_are_written_one_way(backend: Backend) -> None:
    assert month_number("2026-11") == 202611
    assert [month_number(word) for word in ("2026-13", "2026-1", "x", "202611")] == [None] * 4
    period = period_of(202612)
    assert [date_of(n).isoformat() for n in (period.first, period.end)] == ["2026-12-01", "2027-01-01"]
    assert backend.seat("evaluator1").get("/kpi/months/2026-13").status_code == 404
    assert backend.seat("evaluator1").post("/kpi/months/2026-11", {"step": "dance"}).status_code == 422
    judged = {d.id for d in judged_by(backend.centre.figures.accounting)}
    assert {"handling_rate", RATE, "rework_rate", "avg_handling_hours"} <= judged
