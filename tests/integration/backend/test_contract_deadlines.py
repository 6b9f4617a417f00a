"""No deadline that a command can set breaks the lists, the feed or the snapshot of everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.centre import Backend


def _work_clock(backend: Backend) -> dict[str, Any]:
    """A case in handling whose clock counts working time."""
    reference = backend.seat("acceptor1").get("/reference").json()
    category, condition = next(
        (entry["code"], place)
        for entry in reference["categories"]
        for place, found in enumerate(entry["conditions"])
        if found["limit"]["unit"].startswith("work")
    )
    case = backend.reach("pending_filing")
    for who, action, payload in (
        ("shift_leader1", "file", {"category": category, "condition": condition}),
        ("dispatcher1", "dispatch", {"lead_dept": "muni"}),
        ("muni1", "sign", {}),
    ):
        case = backend.seat(who).do(action, case, **payload)["case"]
    return case


def _all_readable(backend: Backend, case_id: str) -> None:
    """Every answer that shows the case is given."""
    seat = backend.seat("shift_leader1")
    assert seat.get(f"/cases/{case_id}").status_code == 200
    assert seat.get("/cases").status_code == 200
    assert seat.get("/snapshot").status_code == 200
    assert any(change["case_id"] == case_id for change in backend.changes(seat, limit=1000)["changes"])


@pytest.mark.parametrize("year", ["2040", "2199"])
def test_a_deadline_decades_away_is_refused_and_breaks_nothing(backend: Backend, year: str) -> None:
    case = _work_clock(backend)
    far = {"due_at": f"{year}-01-01T00:00:00+08:00", "reason": "r", "basis": "b"}
    outcome = backend.seat("shift_leader1").do("adjust_limit", case, **far)
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("rejected", "due_too_far")
    _all_readable(backend, case["case_id"])


def test_long_extensions_do_not_add_up_without_end(backend: Backend) -> None:
    case = _work_clock(backend)
    for granted in (True, False):
        asked = backend.seat("muni1").do("apply_extension", case, reason="r", amount=2000, unit="work_day")
        assert (asked["outcome"] == "applied") is granted, asked
        if granted:
            case = backend.seat("dispatcher1").do("decide_extension", asked["case"], approve=True)["case"]
            assert case["clocks"][0]["remaining_s"] > 2000 * 8 * 3600
    assert asked["reason"]["code"] == "due_too_far"
    _all_readable(backend, case["case_id"])
