"""Figures as each post sees them: a figure, its groups and the cases behind it never tell more than one's own scope."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.centre import HERE, STREETS, THERE, Backend

SPAN = {"from_": "2020-01-01"}
NAMES = ("report_n", "received_n", "file_n", "transfer_accuracy_rate", "filing_rate", "return_rate")
PEOPLE = ("evaluator1", "leader1", "acceptor_street", "street1", "sani1", "muni1", "supervisor2", "nowhere1")


@pytest.fixture(scope="module")
def desk(backend: Backend) -> Backend:
    """Two streets, two units: one case in work at each, one returned, one not filed yet."""
    backend.reach("handling", HERE)
    backend.reach("handling", THERE, dept="sani")
    returned = backend.reach("pending_sign", HERE, dept="sani")
    backend.seat("sani1").do("return_case", returned, reason="非本单位", basis="权责清单")
    backend.reach("pending_filing", THERE)
    backend.settle()
    assert backend.centre.figures.catch_up(60) == 0
    return backend


def rows(desk: Backend, who: str, **more: Any) -> dict[tuple[str, Any], dict[str, Any]]:
    answer = desk.seat(who).get("/kpi", ids=",".join(NAMES), **SPAN, **more)
    assert answer.status_code == 200, answer.text
    return {(row["id"], row["group"]): row for row in answer.json()["rows"]}


def behind(desk: Backend, who: str, name: str, **more: Any) -> dict[str, Any]:
    answer = desk.seat(who).get(f"/kpi/{name}/cases", limit=500, **SPAN, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("who", PEOPLE)
def test_the_cases_behind_both_sides_make_up_what_each_post_sees(desk: Backend, who: str) -> None:
    for (name, _), row in rows(desk, who).items():
        for side in ("numerator", "denominator"):
            assert behind(desk, who, name, side=side)["sum"] == (row[side] or 0), (name, side)
        if row["denominator"] == 0:
            assert row["value"] is None, "no 0 % and no 100 % of nothing"
        elif row["denominator"] is not None:
            assert row["value"] == pytest.approx(100 * row["numerator"] / row["denominator"])


@pytest.mark.parametrize("who", PEOPLE)
def test_every_case_behind_a_figure_can_be_opened_by_who_asked(desk: Backend, who: str) -> None:
    for case in behind(desk, who, "report_n")["cases"]:
        assert desk.seat(who).get(f"/cases/{case['case_id']}").status_code == 200


def test_counted_by_hand_from_the_four_cases(desk: Backend) -> None:
    whole = rows(desk, "evaluator1")
    told = {name: (row["numerator"], row["denominator"]) for (name, _), row in whole.items()}
    assert told == {
        "report_n": (4, None), "received_n": (3, None), "file_n": (3, None), "transfer_accuracy_rate": (2, 3),
        "filing_rate": (3, 4), "return_rate": (1, 3),
    }  # fmt: skip
    by_dept = rows(desk, "evaluator1", group_by="dept")
    assert by_dept["return_rate", "sani"]["value"] == 50 and by_dept["return_rate", "muni"]["value"] == 0


def test_a_part_of_the_district_sees_its_part(desk: Backend) -> None:
    streets = rows(desk, "evaluator1", group_by="area")
    assert streets["report_n", STREETS[0]]["numerator"] == streets["report_n", STREETS[1]]["numerator"] == 2
    assert rows(desk, "acceptor_street")["report_n", None]["numerator"] == 2
    assert rows(desk, "nowhere1")["report_n", None]["numerator"] == 0
    assert rows(desk, "nowhere1")["filing_rate", None]["value"] is None


@pytest.mark.parametrize("who", ["acceptor_street", "supervisor2", "nowhere1"])
def test_asking_for_a_larger_area_widens_nothing(desk: Backend, who: str) -> None:
    mine = rows(desk, who)["report_n", None]
    for area in ("990101", "99"):
        found = desk.seat(who).get("/kpi", ids="report_n", area=area, **SPAN)
        if found.status_code == 200:
            assert found.json()["rows"][0]["numerator"] == mine["numerator"], area
        else:
            assert found.status_code == 422
