"""The published reports counted again, at a small scale with exact fractions."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from services.backend.db.kpi_tables import kpi_parts
from services.backend.db.opening import open_database
from services.backend.db.tables import cases, changes
from services.backend.kpi import cli
from services.backend.kpi.following import Follower
from services.backend.kpi.parts import Accounting
from services.backend.kpi.seeds.building import births, build, count_plan, rows_of
from services.backend.kpi.seeds.plans import PLANS, ZHANHE, Entry, Plan, Printed, Way
from services.backend.reference.kpis import catalogue_of
from services.backend.verify import verify
from services.sql.engine import reading

SMALL = Plan(
    "小样", 2021, 1,
    (
        Way(7, "event", "upper", marks=4), Way(1, "event", "upper", late=True, marks=1),
        Way(2, "grid", "grid_worker", until="dispatch", late=True), Way(3, "grid", "grid_worker", wrong_first=True),
        Way(1, "grid", "grid_worker", late_dispatch=True), Way(4, "service", "app", until="answer"),
        Way(1, "service", "app", until="accept"), Way(2, until="report"),
    ),
    tuple(Printed(name, "0") for name in (
        "assigned_on_time_handling_rate", "assigned_case_handling_rate", "transfer_accuracy_rate",
        "transfer_timeliness_rate", "grid_event_completion_rate", "issue_resolution_rate", "fault_response_time",
        "user_satisfaction_rate", "collected_case_count", "annual_ticket_volume", "service_request_response_rate",
        "integrated_grid_registration_rate", "system_uptime_rate", "valid_complaint_count", "case_closure_rate",
        "on_time_handling_rate",
    )),
    (Entry("system_uptime_rate", 3, 4), Entry("valid_complaint_count", 2)),
    grids=1100,
)  # fmt: skip
EXPECTED = {
    "assigned_on_time_handling_rate": Fraction(700, 8), "assigned_case_handling_rate": Fraction(100),
    "transfer_accuracy_rate": Fraction(1100, 14), "transfer_timeliness_rate": Fraction(1300, 14),
    "grid_event_completion_rate": Fraction(400, 6), "issue_resolution_rate": Fraction(400, 5),
    "fault_response_time": Fraction(1), "user_satisfaction_rate": Fraction(700, 8), "collected_case_count": Fraction(8),
    "annual_ticket_volume": Fraction(19), "service_request_response_rate": Fraction(1900, 21),
    "integrated_grid_registration_rate": Fraction(100), "system_uptime_rate": Fraction(75),
    "valid_complaint_count": Fraction(2), "case_closure_rate": Fraction(1200, 14),
    "on_time_handling_rate": Fraction(1100, 14),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Accounting]]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('seeds') / 'centre.db'}")
    yield engine, build(engine, SMALL)
    engine.dispose()


def test_the_log_is_a_real_one(told: tuple[Engine, Accounting]) -> None:
    engine, _ = told
    with reading(engine) as conn:
        assert conn.execute(select(func.count()).select_from(cases)).scalar() == SMALL.cases == 21
        assert verify(conn).good
        actions = dict(conn.execute(select(changes.c.action, func.count()).group_by(changes.c.action)).all())  # type: ignore[arg-type]  # rows of two
    assert actions["register"] == 21 and actions["dispatch"] == 14 and actions["return_case"] == 3


def test_figures_are_exact_at_a_small_scale(told: tuple[Engine, Accounting]) -> None:
    engine, accounting = told
    follower = Follower(engine, lambda: accounting, 7)
    while follower.turn():
        pass
    found = count_plan(engine, accounting, SMALL)
    assert found == EXPECTED


def test_the_plans_hold_the_printed_counts() -> None:
    assert ZHANHE.cases == 33_385 and sum(w.count for w in ZHANHE.ways if not w.late) == 29_220
    by_name = {plan.system[:2]: plan for plan in PLANS}
    assert by_name["望城"].cases == 36_831 and by_name["龙华"].cases == 9_287
    assert by_name["天河"].scale == 1000 and by_name["天河"].cases == 2_000
    guangzhou = by_name["广州"]
    assert guangzhou.cases == 10_000 and sum(w.count for w in guangzhou.ways if w.wrong_first) == 361
    assert sum(w.count for w in guangzhou.ways if w.late_dispatch) == 120
    known = catalogue_of({}).definitions
    assert all(printed.id in known for plan in PLANS for printed in plan.printed)
    assert len({(plan.system, p.id) for plan in PLANS for p in plan.printed}) == 17


def test_births_stand_in_order_with_numbers_of_their_day() -> None:
    found = list(births(ZHANHE.smaller(500)))
    assert [birth.at for birth in found] == sorted(birth.at for birth in found)
    assert len({birth.number for birth in found}) == len(found)
    assert {birth.at.year for birth in found} == {2021}


def test_rows_stand_side_by_side(tmp_path: Path) -> None:
    plan = Plan(
        "某区", 2021, 10, (Way(3, until="answer"),), (Printed("annual_ticket_volume", "30", 10, "按比例"),)
    )
    said: list[str] = []
    (row,) = rows_of(plan, tmp_path, said.append)
    assert row.doc() == {
        "system": "某区", "id": "annual_ticket_volume", "reported": 30, "computed": 30, "agree": True,
        "note": "按比例", "scale": "1:10",
    }  # fmt: skip
    assert said == ["某区：3 件已逐件裁定入账"]


def test_the_command_prints_one_json_array(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Way(2, until="answer")
    plans = tuple(
        Plan(name, 2021, 1, (two,), (Printed("annual_ticket_volume", printed),))
        for name, printed in (("甲", "2"), ("乙", "3"))
    )
    monkeypatch.setattr(cli, "PLANS", plans)
    monkeypatch.setattr(cli, "_PROCESSES", 1 << 10)
    parser = ArgumentParser()
    cli.add_arguments(parser)
    assert cli.run(parser.parse_args(["--seed-tables", "--json"])) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["system"], row["computed"], row["agree"]) for row in rows] == [
        ("甲", 2, True),
        ("乙", 2, False),
    ]
    assert cli.run(parser.parse_args(["--seed-tables", "--smaller", "2"])) == 0
    assert "甲  annual_ticket_volume  报告 2  引擎 1  不一致  1:2" in capsys.readouterr().out


def test_sums_are_checked_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    cli.add_arguments(parser)
    assert cli.run(parser.parse_args(["--lint", "9287-9150=127", "1+1=2"])) == 1
    assert capsys.readouterr().out == "9287-9150=127：应为 137\n"
    assert cli.run(parser.parse_args(["--lint", "9287-9150=137", "--json"])) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert cli.run(parser.parse_args(["--lint", "x"])) == 2
    assert "算式" in capsys.readouterr().err


def test_all_figures_of_a_centre_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parser = ArgumentParser()
    cli.add_arguments(parser)
    assert cli.run(parser.parse_args(["--count", str(tmp_path)])) == 2
    engine = open_database(f"sqlite:///{tmp_path / 'centre.db'}")
    assert cli.run(parser.parse_args(["--count", str(tmp_path)])) == 2  # no reference data yet
    accounting = build(engine, Plan("小", 2021, 1, (Way(3, until="answer"),), ()))
    assert cli.run(parser.parse_args(["--count", str(tmp_path)])) == 0
    assert Follower(engine, lambda: accounting).behind() == 0
    with reading(engine) as conn:
        assert conn.execute(select(func.count()).select_from(kpi_parts)).scalar()
    engine.dispose()
    said = capsys.readouterr().err
    assert "没有中心数据库" in said and "还没有参考数据" in said
