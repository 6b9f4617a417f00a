"""Figures over HTTP: numbers, scope, the cases behind them, and a follower that counts nothing twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from services.backend.db.kpi_tables import kpi_entries, kpi_parts, kpi_place, kpi_sums
from services.backend.db.tables import areas, changes
from services.backend.kpi import following
from services.backend.kpi.following import Follower, fold_cases, read_place
from services.backend.kpi.parts import sums_of
from services.backend.kpi.spans import day_of
from services.backend.reference_store import publish
from services.domain.case import in_scope
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from tests.support.centre import CATEGORY, HERE, THERE, Backend, command, reference_doc

PEOPLE = ("acceptor_street", "muni1", "sani1", "handler1", "supervisor2", "leader1", "nowhere1")
RATES = ("handling_rate", "transfer_accuracy_rate", "filing_rate", "return_rate", "on_time_open_n")


def follow(backend: Backend) -> None:
    backend.settle()
    assert backend.centre.figures.catch_up(60) == 0


def kpi(backend: Backend, who: str = "evaluator1", **params: Any) -> dict[tuple[str, Any], dict[str, Any]]:
    answer = backend.seat(who).get("/kpi", **params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["behind"] == 0
    return {(row["id"], row["group"]): row for row in answer.json()["rows"]}


def stored(backend: Backend) -> dict[Any, int]:
    with reading(backend.engine) as conn:
        rows = conn.execute(select(kpi_sums).where(kpi_sums.c.n != 0)).all()
    return {(r.measure, r.cube, r.area, r.span, r.key): r.n for r in rows}


def scratch(backend: Backend) -> dict[Any, int]:
    """The sums of all cases, folded from the log anew."""
    accounting = backend.centre.figures.accounting
    found: dict[Any, int] = {}
    with reading(backend.engine) as conn:
        ids = conn.execute(select(changes.c.case_id).distinct()).scalars().all()
        for facts, case in fold_cases(conn, ids).values():
            for key, n in sums_of(accounting.rows(facts, case)).items():
                found[key] = found.get(key, 0) + n
    return {key: n for key, n in found.items() if n}


@pytest.fixture(scope="module")
def busy(backend: Backend) -> Backend:
    """A centre with cases in many states and two streets."""
    leader, sani = backend.seat("shift_leader1"), backend.seat("sani1")
    backend.reach("reported", THERE)
    backend.reach("handling", HERE)
    backend.reach("handling", THERE, dept="sani")
    for _ in range(2):
        done = backend.reach("closed", HERE)
    backend.seat("acceptor1").do("callback", done, reached=True, solved=True, satisfaction=5, text="好")
    leader.do("reopen", done, reason="未解决")
    returned = backend.reach("pending_sign", HERE, dept="sani")
    sani.do("return_case", returned, reason="非本单位", basis="权责清单")
    gone = backend.reach("pending_filing", HERE)
    leader.do("cancel", gone, reason="重复")
    backend.reach("feedback_review", HERE, source="app")
    follow(backend)
    return backend


def test_sums_equal_a_count_from_scratch(busy: Backend) -> None:
    follow(busy)
    assert stored(busy) == scratch(busy) and stored(busy)


def test_a_row_is_as_the_contract_says(busy: Backend) -> None:
    rows = kpi(busy, ids="transfer_accuracy_rate,report_n,on_time_verify_rate")
    row = rows["transfer_accuracy_rate", None]
    assert set(row) == {"id", "group", "numerator", "denominator", "value", "unit", "definition_version"}
    assert row["value"] == pytest.approx(100 * row["numerator"] / row["denominator"])
    assert (row["unit"], len(row["definition_version"])) == ("%", 12)
    assert rows["on_time_verify_rate", None]["value"] is None
    assert rows["on_time_verify_rate", None]["denominator"] == 0
    shown = busy.seat("evaluator1").get("/reference").json()["kpis"]
    assert {k["id"]: k["definition_version"] for k in shown}["transfer_accuracy_rate"] == row[
        "definition_version"
    ]


@pytest.mark.parametrize("group_by", ["none", "dept", "area", "week"])
def test_the_cases_behind_every_number_make_it_up(busy: Backend, group_by: str) -> None:
    seat = busy.seat("evaluator1")
    rows = kpi(busy, ids=",".join(RATES), group_by=group_by)
    assert rows
    for (name, group), row in rows.items():
        for side in ("numerator", "denominator"):
            more = {} if group_by == "none" else {"group": group or ""}
            found = seat.get(f"/kpi/{name}/cases", side=side, group_by=group_by, limit=500, **more).json()
            assert found["sum"] == (row[side] or 0), (name, group, side)
            assert found["total"] == len(found["cases"]) == len({c["case_id"] for c in found["cases"]})
            assert sum(case["weight"] for case in found["cases"]) == found["sum"]
            assert found["definition_version"] == row["definition_version"]


def test_groups_add_up_to_the_whole(busy: Backend) -> None:
    whole = kpi(busy, ids="report_n,received_n,handle_n")
    for group_by in ("dept", "area", "category", "source", "day", "week", "month", "post"):
        parts = kpi(busy, ids="report_n,received_n,handle_n", group_by=group_by)
        for name in ("report_n", "received_n", "handle_n"):
            told = sum(row["numerator"] for (kind, _), row in parts.items() if kind == name)
            assert told == whole[name, None]["numerator"], (name, group_by)


@pytest.mark.parametrize("who", PEOPLE)
def test_figures_and_their_cases_keep_to_the_scope(busy: Backend, who: str) -> None:
    user = busy.seat(who).user
    person = Actor(user["id"], user["name"], tuple(user["roles"]), user["area_code"], user["dept"])
    every = busy.seat("evaluator1").get("/kpi/report_n/cases", limit=500).json()["cases"]
    mine = {
        case["case_id"]
        for case in every
        if in_scope(person, case["grid"], frozenset([case["lead_dept"], *case["co_depts"]]) - {None})
    }
    found = busy.seat(who).get("/kpi/report_n/cases", limit=500).json()
    assert {case["case_id"] for case in found["cases"]} == mine
    assert kpi(busy, who, ids="report_n")["report_n", None]["numerator"] == len(mine)
    grouped = kpi(busy, who, ids="report_n", group_by="area")
    assert sum(row["numerator"] for row in grouped.values()) == len(mine)


def test_areas_from_the_whole_to_one_grid(busy: Backend) -> None:
    whole = kpi(busy, ids="report_n")["report_n", None]["numerator"]
    streets = kpi(busy, ids="report_n", group_by="area")
    assert {len(area) for _, area in streets} == {9}
    for _, area in streets:
        assert kpi(busy, ids="report_n", area=area)["report_n", None] == streets["report_n", area] | {
            "group": None
        }
        below = kpi(busy, ids="report_n", area=area, group_by="area")
        assert {len(code) for _, code in below} == {12}
        grids = kpi(busy, ids="report_n", area=f"{area}001", group_by="area")
        assert {len(code) for _, code in grids} == {15}
        assert sum(r["numerator"] for r in grids.values()) == streets["report_n", area]["numerator"]
    assert sum(row["numerator"] for row in streets.values()) == whole
    assert kpi(busy, ids="report_n", area="110101")["report_n", None]["numerator"] == 0


def test_pages_of_cases(busy: Backend) -> None:
    seat = busy.seat("evaluator1")
    whole = seat.get("/kpi/report_n/cases", limit=500).json()
    seen: list[str] = []
    cursor = None
    while True:
        page = seat.get("/kpi/report_n/cases", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [case["case_id"] for case in page["cases"]]
        assert page["total"] == whole["total"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [case["case_id"] for case in whole["cases"]]


def test_special_figures(busy: Backend) -> None:
    rows = kpi(busy, ids="integrated_grid_registration_rate,high_incidence_share,data_sync_timeliness")
    assert rows["integrated_grid_registration_rate", None]["value"] == 100
    top = rows["high_incidence_share", None]
    assert top["numerator"] == top["denominator"] == kpi(busy, ids="file_n")["file_n", None]["numerator"]
    behind = busy.seat("evaluator1").get("/kpi/high_incidence_share/cases", side="numerator").json()
    assert behind["sum"] == top["numerator"] and {c["category"] for c in behind["cases"]} == {CATEGORY}
    assert ("data_sync_timeliness", None) not in rows
    with writing(busy.engine) as conn:
        some = conn.execute(select(areas.c.code).where(areas.c.level == "grid").limit(1)).scalar_one()
        conn.execute(update(areas).where(areas.c.code == some).values(registered=False))
    assert (
        kpi(busy, ids="integrated_grid_registration_rate")["integrated_grid_registration_rate", None]["value"]
        == 87.5
    )
    by_area = kpi(busy, ids="integrated_grid_registration_rate", group_by="area")
    assert sum(row["denominator"] for row in by_area.values()) == 8
    assert (
        kpi(busy, ids="high_incidence_share", group_by="category")[("high_incidence_share", CATEGORY)][
            "value"
        ]
        == 100
    )


def test_entered_figures_add_up(busy: Backend) -> None:
    today = day_of(busy.centre.now(), busy.centre.calendar)
    row = {"kpi": "system_uptime_rate", "area": "990101", "document": "巡检表", "by_user": "u", "at": 1}
    with writing(busy.engine) as conn:
        conn.execute(delete(kpi_entries))
        for day, above in ((today, 90_000), (today - 1, 95_000), (today - 4000, 1)):
            conn.execute(insert(kpi_entries).values(**row, day=day, numerator=above, denominator=100_000))
    begin = (busy.centre.calendar.local(busy.centre.now()).date() - timedelta(days=3)).isoformat()
    found = kpi(busy, ids="system_uptime_rate,valid_complaint_count", from_=begin)
    assert found["system_uptime_rate", None]["value"] == 92.5
    assert found["valid_complaint_count", None]["value"] == 0
    assert (
        kpi(busy, "nowhere1", ids="system_uptime_rate", from_=begin)["system_uptime_rate", None]["value"]
        is None
    )


def test_comparison_with_earlier_periods(busy: Backend) -> None:
    today = busy.centre.calendar.local(busy.centre.now()).date()
    span = {"from_": today.isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    row = kpi(busy, ids="report_n", compare="1", windows="true", **span)["report_n", None]
    assert row["previous"]["numerator"] == 0 and row["last_year"]["change"] is None
    assert row["without_windows"]["value"] == row["value"]
    later = {"from_": (today + timedelta(days=1)).isoformat(), "to": (today + timedelta(days=2)).isoformat()}
    after = kpi(busy, ids="report_n", compare="1", **later)["report_n", None]
    assert after["previous"]["numerator"] == row["numerator"] and after["previous"]["change"] == -100
    answer = busy.seat("evaluator1").get("/kpi", ids="report_n", group_by="source", **span).json()
    values = [entry["value"] for entry in answer["rows"]]
    assert answer["means"]["report_n"] == pytest.approx(sum(values) / len(values))


def test_moments_are_widened_to_their_days(busy: Backend) -> None:
    now = busy.centre.now()
    today = busy.centre.calendar.local(now).date()
    answer = busy.seat("evaluator1").get(
        "/kpi", ids="report_n", from_=now.isoformat(), to=(now + timedelta(seconds=1)).isoformat()
    ).json()  # fmt: skip
    assert answer["from"] == today.isoformat() and answer["rows"][0]["numerator"] > 0


@pytest.mark.parametrize(
    "params",
    [
        {"ids": "nothing_rate"}, {"group_by": "colour"}, {"from": "2026-13-01"}, {"from": "x"}, {"area": "abc"},
        {"from": "2026-11-02", "to": "2026-11-02"}, {"from": "1990-01-01", "to": "2026-01-01"}, {"x": "1"},
        {"compare": "yes"},
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(busy: Backend, params: dict[str, str]) -> None:
    answer = busy.seat("evaluator1").call("GET", "/kpi", params=params)
    assert answer.status_code == 422 and answer.json()["fields"]


def test_wrong_questions_about_cases_are_refused(busy: Backend) -> None:
    seat = busy.seat("evaluator1")
    assert seat.get("/kpi/nothing_rate/cases").status_code == 404
    assert seat.get("/kpi/report_n/cases", side="left").status_code == 422
    assert seat.get("/kpi/report_n/cases", cursor="x").status_code == 422
    assert (
        busy.client.get("/v1/kpi").status_code == busy.client.get("/v1/kpi/report_n/cases").status_code == 401
    )


# --- following the log -----------------------------------------------------------------------------------


def test_time_alone_makes_a_case_overdue_and_handling_moves_it(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("handling")
    names = "due_to_handle_n,overtime_open_n,overtime_handle_n,on_time_handling_rate"

    def told() -> list[Any]:
        today = backend.centre.calendar.local(backend.centre.now()).date()
        found = kpi(backend, ids=names, from_="2020-01-01", to=(today + timedelta(days=30)).isoformat())
        return [found[name, None]["numerator"] for name in names.split(",")[:3]]

    follow(backend)
    assert told() == [0, 0, 0]
    with backend.later(days=20):
        assert told() == [1, 1, 0]
        body = command("feed_back", case, result="已修复")
        outcome = backend.seat("muni1").send({**body, "seen_at": backend.centre.now().isoformat()})
        assert outcome["outcome"] == "applied", outcome
        follow(backend)
        assert told() == [1, 0, 1]
        assert stored(backend) == scratch(backend)


def test_a_crash_in_the_middle_counts_nothing_twice(
    own_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = own_backend
    backend.centre.figures.stop()
    for _ in range(2):
        backend.reach("handling")
    backend.settle()
    follower = Follower(backend.engine, lambda: backend.centre.figures.accounting)
    real = following.add_sums

    def torn(*given: Any) -> None:
        real(*given)
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(following, "add_sums", torn)
    with pytest.raises(RuntimeError):
        follower.turn()
    with reading(backend.engine) as conn:
        assert read_place(conn)[0] == 0
        assert not conn.execute(select(func.count()).select_from(kpi_parts)).scalar()
        assert not conn.execute(select(func.count()).select_from(kpi_sums)).scalar()
    monkeypatch.undo()
    while follower.turn():
        pass
    assert stored(backend) == scratch(backend) and stored(backend)


def test_several_followers_count_each_case_once(own_backend: Backend) -> None:
    backend = own_backend
    backend.centre.figures.stop()
    for _ in range(3):
        backend.reach("handling")
    backend.reach("closed")
    backend.settle()
    made = [Follower(backend.engine, lambda: backend.centre.figures.accounting, cases=1) for _ in range(3)]

    def run(follower: Follower) -> int:
        while follower.behind():
            follower.turn()
        return follower.behind()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, made)) == [0, 0, 0]
    assert stored(backend) == scratch(backend) and stored(backend)


def test_other_definitions_count_everything_again(own_backend: Backend) -> None:
    backend = own_backend
    backend.reach("closed")
    follow(backend)
    before = stored(backend)
    doc = reference_doc()
    for measure in doc["kpi_measures"]:
        if measure["id"] == "report_n":
            measure["sources"] = ["patrol"]
    with writing(backend.engine) as conn:
        publish(conn, doc)
    backend.centre.references.refresh()
    follow(backend)
    after = stored(backend)
    assert any(key[0] == "report_n" for key in before) and not any(key[0] == "report_n" for key in after)
    assert after == scratch(backend)
    with reading(backend.engine) as conn:
        assert conn.execute(select(func.count()).select_from(kpi_place)).scalar() == 1


def test_the_thread_follows_by_itself(own_backend: Backend) -> None:
    backend = own_backend
    backend.reach("reported")
    head = backend.settle()
    follower = Follower(backend.engine, lambda: backend.centre.figures.accounting)
    follower.start()
    waited = threading.Event()
    for _ in range(600):
        with reading(backend.engine) as conn:
            if read_place(conn)[0] >= head:
                break
        waited.wait(0.05)
    follower.stop()
    with reading(backend.engine) as conn:
        assert read_place(conn)[0] >= head
