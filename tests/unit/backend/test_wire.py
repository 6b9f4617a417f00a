"""The case as sent: exactly the fields of the contract, clocks only while they live."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.backend.wire import all_clocks, case_wire, clock_wire, live_clocks
from services.domain.calendar import WorkCalendar
from services.domain.case import Case, Location
from services.domain.clocks import Clock, Pause
from services.domain.limits import Limit

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CALENDAR = WorkCalendar()
CONTRACT = [
    "case_id", "number", "kind", "source", "state", "stage", "category", "condition", "description", "location", "grid",
    "area_path", "urgent", "level", "lead_dept", "co_depts", "owner", "clocks", "due_at", "counts", "round", "parent",
    "flags", "upper", "caller_masked", "created_at", "closed_at", "version", "xver",
]  # fmt: skip
RUNNING = Clock("handle", NOW, Limit(1, "urgent_hour"), NOW + timedelta(hours=1))
STOPPED = Clock("accept", NOW - timedelta(hours=1), Limit(30, "minute"), NOW, stopped_at=NOW)
CASE = Case(
    "0193d6c1-0000-7000-8000-000000000000", "event", "app", "handling", "井盖", Location(113.5, 23.5, "路"), NOW,
    clocks={"accept": STOPPED, "handle": RUNNING}, version=4, xver=4, flags=frozenset({"override", "confidential"}),
)  # fmt: skip


def test_the_fields_are_those_of_the_contract_in_its_order() -> None:
    sent = case_wire(CASE, NOW, CALENDAR)
    assert list(sent)[: len(CONTRACT)] == CONTRACT
    assert list(sent)[len(CONTRACT) :] == ["need_callback", "assignee", "reporter", "pending", "marks"]
    assert sent["location"] == {"lon": 113.5, "lat": 23.5, "address": "路"}
    assert list(sent["counts"]) == ["rework", "return", "extension", "suspend", "supervise", "urge"]
    assert sent["flags"] == ["confidential", "override"] and sent["stage"] == "handle"
    assert sent["upper"] is None and sent["due_at"] == "2026-11-20T03:00:00Z"


def test_only_live_clocks_are_sent() -> None:
    (clock,) = case_wire(CASE, NOW, CALENDAR)["clocks"]
    assert list(clock)[:6] == ["clock", "started_at", "due_at", "remaining_s", "paused", "limit"]
    assert (clock["clock"], clock["remaining_s"], clock["limit"]) == (
        "handle",
        3600,
        {"amount": 1, "unit": "urgent_hour"},
    )
    late = case_wire(CASE, NOW + timedelta(hours=2), CALENDAR)["clocks"][0]
    assert late["remaining_s"] == -3600
    closed = case_wire(replace(CASE, state="closed", closed_at=NOW), NOW, CALENDAR)
    assert closed["clocks"] == [] and closed["due_at"] is None and closed["stage"] == "close"
    assert live_clocks(replace(CASE, clocks={}), NOW, CALENDAR) == []


def test_a_paused_clock_has_no_deadline() -> None:
    paused = replace(RUNNING, due_at=None, frozen_s=1234, pauses=(Pause("suspend", NOW, None),))
    sent = clock_wire(paused, NOW + timedelta(days=3), CALENDAR)
    assert (sent["paused"], sent["due_at"], sent["remaining_s"]) == (True, None, 1234)
    assert sent["pauses"] == [{"kind": "suspend", "from": "2026-11-20T02:00:00Z", "to": None, "ref": ""}]
    case = replace(CASE, state="suspended", clocks={"handle": paused})
    assert case_wire(case, NOW, CALENDAR)["due_at"] is None


def test_all_clocks_of_a_history_live_first_then_the_newest() -> None:
    first = replace(RUNNING, started_at=NOW - timedelta(days=2), stopped_at=NOW - timedelta(days=1))
    history = [replace(CASE, clocks={"accept": STOPPED, "handle": first}), CASE]
    found = all_clocks(history, CASE, NOW, CALENDAR)
    assert [(entry["clock"], entry["stopped_at"] is None) for entry in found] == [
        ("handle", True), ("accept", False), ("handle", False),
    ]  # fmt: skip
    assert [entry["remaining_s"] is None for entry in found] == [False, True, True]


def test_what_the_upper_platform_wants() -> None:
    sent = case_wire(replace(CASE, upper_id="U-1", upper_due=NOW), NOW, CALENDAR)
    assert sent["upper"] == {"id": "U-1", "due_at": "2026-11-20T02:00:00Z"}
