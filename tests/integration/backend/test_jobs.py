"""Timed commands of the system, and several processes that make one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.backend.db.tables import changes
from services.backend.jobs import Jobs, system_command
from services.backend.reference_store import publish
from services.domain.ids import system_command_id
from services.sql.engine import glancing, writing
from tests.support.centre import HERE, THERE, Backend, reference_doc


def actions(backend: Backend, case_id: str) -> list[str]:
    with glancing(backend.engine) as conn:
        rows = conn.execute(
            select(changes.c.action).where(changes.c.case_id == case_id).order_by(changes.c.version)
        )
        return list(rows.scalars())


def shown(backend: Backend, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = backend.seat("shift_leader1").get(f"/cases/{case_id}").json()
    return found


def test_a_suspended_case_resumes_at_its_date_once(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("handling")
    until = datetime.now(UTC) + timedelta(days=3)
    case = backend.seat("muni1").do("apply_suspend", case, until=until.isoformat(), reason="等料")["case"]
    case = backend.seat("dispatcher1").do("decide_suspend", case, approve=True)["case"]
    jobs = Jobs(backend.centre)
    assert jobs.run() == 0 and shown(backend, case["case_id"])["state"] == "suspended"
    with backend.later(days=3, seconds=5):
        assert jobs.run() == 1
        assert Jobs(backend.centre).run() == 0
        after = shown(backend, case["case_id"])
    assert after["state"] == "handling" and after["due_at"] is not None
    assert actions(backend, case["case_id"]).count("resume") == 1
    resumed = after["timeline"][-1]
    assert resumed["actor"] == {"id": "system", "name": "系统", "role": "system"}
    due = datetime.fromisoformat(until.isoformat(timespec="milliseconds"))
    assert resumed["command_id"] == system_command_id(case["case_id"], "resume", due)


def test_two_processes_that_see_the_same_case_make_one_command(own_backend: Backend) -> None:
    from services.backend.commands.deciding import decide_batch
    from services.domain.roles import SYSTEM

    backend = own_backend
    case = backend.reach("closed")
    with glancing(backend.engine) as conn:
        from services.backend.history import current

        known = current(conn, [case["case_id"]])[case["case_id"]]
    command = system_command(known, "archive", known.created_at)
    for _ in range(3):
        (outcome,) = decide_batch(backend.centre.desk(), SYSTEM, [command], backend.centre.now())
        assert outcome.row["outcome"] == "applied"  # type: ignore[union-attr]  # an outcome, not a problem
    assert actions(backend, case["case_id"]).count("archive") == 1


def test_closed_cases_are_archived_after_some_days(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("closed")
    ended = backend.seat("acceptor1").do("reject", backend.seat("acceptor1").register(), reason="不属于")[
        "case"
    ]
    jobs = Jobs(backend.centre)
    with backend.later(days=29):
        assert jobs.run() == 0
    with backend.later(days=31):
        assert jobs.run() == 1 and jobs.run() == 0
    assert shown(backend, case["case_id"])["state"] == "archived"
    assert shown(backend, ended["case_id"])["state"] == "not_accepted"


def test_a_timed_command_that_came_too_early_may_come_again(own_backend: Backend) -> None:
    """A refusal of a timed command is not kept, or it would stand in the way for ever."""
    from services.backend.commands.deciding import decide_batch
    from services.backend.history import current
    from services.domain.roles import SYSTEM

    backend = own_backend
    case = backend.reach("handling")
    until = datetime.now(UTC) + timedelta(days=3)
    case = backend.seat("muni1").do("apply_suspend", case, until=until.isoformat(), reason="等料")["case"]
    case = backend.seat("dispatcher1").do("decide_suspend", case, approve=True)["case"]
    with glancing(backend.engine) as conn:
        known = current(conn, [case["case_id"]])[case["case_id"]]
    command = system_command(known, "resume", until)
    outcomes = []
    for days in (0, 4):
        with backend.later(days=days):
            outcomes += decide_batch(backend.centre.desk(), SYSTEM, [command], backend.centre.now())
    assert [outcome.row["outcome"] for outcome in outcomes] == ["rejected", "applied"]  # type: ignore[union-attr]


def test_a_window_declared_later_pauses_running_clocks_in_its_scope(own_backend: Backend) -> None:
    backend = own_backend
    here, there = backend.reach("handling", HERE), backend.reach("pending_sign", THERE)
    paused = backend.reach("handling", HERE)
    paused = backend.seat("muni1").do("apply_suspend", paused, until="2027-01-01T00:00:00Z", reason="x")[
        "case"
    ]
    paused = backend.seat("dispatcher1").do("decide_suspend", paused, approve=True)["case"]
    start = datetime.now(UTC) - timedelta(minutes=5)
    doc = reference_doc()
    doc["windows"] = [
        {"id": "typhoon-1", "start": start.isoformat(), "end": (start + timedelta(days=10)).isoformat(),
         "document": "防汛办〔2026〕1号", "area_code": "990101001", "dept": "", "clock": "",
         "declared_by": "u-shift_leader1"}
    ]  # fmt: skip
    with writing(backend.engine) as conn:
        publish(conn, doc)
    backend.centre._slow()
    jobs = Jobs(backend.centre)
    assert jobs.run() == 1 and jobs.run() == 0
    moved = shown(backend, here["case_id"])
    (clock,) = [entry for entry in moved["clocks"] if entry["clock"] == "handle"]
    assert clock["pauses"][0]["ref"] == "typhoon-1" and clock["due_at"] > here["due_at"]
    assert moved["timeline"][-1]["action"] == "adjust_limit"
    assert shown(backend, there["case_id"])["version"] == there["version"]
    assert shown(backend, paused["case_id"])["version"] == paused["version"]
    back = backend.seat("dispatcher1").do("resume", paused)["case"]
    jobs._windows_done.clear()
    assert jobs.run() == 1
    assert shown(backend, back["case_id"])["timeline"][-1]["action"] == "adjust_limit"


@pytest.mark.parametrize("on", [True, False])
def test_unsolved_for_the_caller_means_handled_again_where_switched_on(
    own_backend: Backend, on: bool
) -> None:
    backend = own_backend
    doc = reference_doc()
    doc["settings"]["reopen_unsolved"] = on
    with writing(backend.engine) as conn:
        publish(conn, doc)
    backend.centre._slow()
    jobs = Jobs(backend.centre)
    content, unsolved, unreached = (backend.reach("closed") for _ in range(3))
    leader = backend.seat("shift_leader1")
    leader.do("callback", content, reached=True, solved=True, satisfaction=5)
    leader.do("callback", unsolved, reached=True, solved=False, satisfaction=1)
    leader.do("callback", unreached, reached=False)
    assert jobs.run() == int(on)
    assert jobs.run() == 0
    again = shown(backend, unsolved["case_id"])
    assert again["state"] == ("pending_dispatch" if on else "closed")
    assert [shown(backend, case["case_id"])["state"] for case in (content, unreached)] == ["closed"] * 2
    if on:
        assert again["timeline"][-1]["actor"]["id"] == "system" and again["round"] == 2
        assert again["timeline"][-1]["payload"]["reason"]
        assert again["number"] == unsolved["number"]


def test_a_caller_who_changes_the_mind_before_the_job_keeps_it_closed(own_backend: Backend) -> None:
    backend = own_backend
    doc = reference_doc()
    doc["settings"]["reopen_unsolved"] = True
    with writing(backend.engine) as conn:
        publish(conn, doc)
    backend.centre._slow()
    case = backend.reach("closed")
    leader = backend.seat("shift_leader1")
    leader.do("callback", case, reached=True, solved=False)
    leader.do("callback", case, reached=True, solved=True)
    assert Jobs(backend.centre).run() == 0
    assert shown(backend, case["case_id"])["state"] == "closed"


def test_jobs_wait_their_turn_and_for_reference_data(own_backend: Backend, monkeypatch: Any) -> None:
    from services.backend.reference_store import NoReferenceError

    jobs = Jobs(own_backend.centre)
    ran: list[int] = []
    monkeypatch.setattr(jobs, "run", lambda: ran.append(1))
    jobs.turn()
    assert not ran
    jobs._next = 0.0
    jobs.turn()
    jobs.turn()
    assert ran == [1]

    def none(_self: object) -> None:
        raise NoReferenceError("none")

    fresh = Jobs(own_backend.centre)
    monkeypatch.setattr(type(own_backend.centre.references), "current", property(none))
    assert fresh.run() == 0
