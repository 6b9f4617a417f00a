"""5,000 real cases of Boston 311 with every flaw their description lists, imported into a centre."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, func, select

from services.backend.db.opening import open_database
from services.backend.db.packing import unpack
from services.backend.db.tables import cases, changes, commands, dispatches, seals
from services.backend.history import from_packed
from services.backend.imports.areas import store_areas
from services.backend.imports.cases import CaseImport, import_cases, summary_lines
from services.backend.imports.mapping import CaseMapping, read_mapping
from services.backend.reference.load import load_reference
from services.backend.reference_store import Reference, load, newest_number, publish
from services.domain.case_doc import fold
from services.geo.area_import import AreaImport
from services.geo.areas import Area
from services.sql.engine import glancing, writing

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ROWS = 5000


@pytest.fixture(scope="module")
def mapping(project_root: Path) -> CaseMapping:
    return read_mapping(project_root / "tests" / "integration" / "imports" / "boston.toml")


@pytest.fixture(scope="module")
def sample(shared_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in a folder of its own, because the report is written beside it."""
    copy = tmp_path_factory.mktemp("boston") / "boston_311_sample.csv.gz"
    shutil.copy(shared_data("data/boston_311_sample.csv.gz"), copy)
    return copy


@pytest.fixture(scope="module")
def source_rows(sample: Path) -> dict[str, dict[str, str]]:
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as file:
        return {row["case_enquiry_id"]: row for row in csv.DictReader(file)}


def _centre(url: str) -> tuple[Engine, Reference]:
    """A centre whose grids are made-up squares over Boston (there are none to be had), all but the south-west."""
    engine = open_database(url)
    with writing(engine) as conn:
        number = publish(conn, load_reference(), NOW)
        reference = load(conn, number)
    squares = []
    for x in range(10):
        for y in range(10):
            west, south = -71.2 + x * 0.03, 42.22 + y * 0.02
            if (x, y) != (0, 0):
                code = f"990201001001{x * 10 + y + 1:03d}"
                box = shapely.box(west, south, west + 0.03, south + 0.02)
                squares.append(Area(code, f"方格{x}-{y}", "grid", "990201001001", box))
    store_areas(engine, AreaImport(squares, [], []), NOW)
    return engine, reference


@pytest.fixture(scope="module")
def imported(
    sample: Path, mapping: CaseMapping, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, CaseImport]]:
    engine, reference = _centre(f"sqlite:///{tmp_path_factory.mktemp('centre') / 'centre.db'}")
    yield engine, import_cases(engine, reference, sample, mapping, now=NOW)
    engine.dispose()


def _all_cases(engine: Engine) -> list[Any]:
    with glancing(engine) as conn:
        return [from_packed(doc) for doc in conn.execute(select(cases.c.doc)).scalars()]


def _external_ids(engine: Engine) -> dict[str, str]:
    """External number by case id, from the log."""
    with glancing(engine) as conn:
        rows = conn.execute(select(changes.c.case_id, changes.c.body)).all()
    return {row.case_id: unpack(bytes(row.body))["p"]["external_id"] for row in rows}


def test_every_row_is_a_case_or_stands_in_the_report(imported: tuple[Engine, CaseImport]) -> None:
    done = imported[1]
    assert done.read == ROWS
    assert (done.imported, done.existing, done.refused) == (ROWS - 2, 0, 2)
    with glancing(imported[0]) as conn:
        assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == ROWS - 2
        assert conn.execute(select(func.count()).select_from(changes)).scalar_one() == ROWS - 2
        assert conn.execute(select(func.count()).select_from(commands)).scalar_one() == ROWS - 2


def test_the_two_closed_before_they_were_opened_are_refused(
    imported: tuple[Engine, CaseImport], source_rows: dict[str, dict[str, str]]
) -> None:
    report = imported[1].report
    assert report is not None
    with report.open(encoding="utf-8-sig", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [row["原因"] for row in refused] == ["结案时间早于上报时间"] * 2
    for row in refused:
        source = source_rows[row["外部编号"]]
        assert source["closed_dt"] < source["open_dt"]
        assert row["case_title"] == source["case_title"] and int(row["行号"]) > 1


def test_each_flaw_is_counted(imported: tuple[Engine, CaseImport]) -> None:
    tally = imported[1].tally
    # the two refused rows both have a due time
    assert tally["no_due"] == 1861
    assert tally["no_point"] == 6
    assert tally["void_point"] == 193
    # no time of this sample lies in an hour that a clock change repeats or skips
    assert tally["repeated_hour"] == tally["missing_hour"] == 0


def test_cases_without_a_position_are_flagged(
    imported: tuple[Engine, CaseImport], source_rows: dict[str, dict[str, str]]
) -> None:
    engine, done = imported
    ids = _external_ids(engine)
    unlocated = [case for case in _all_cases(engine) if "unlocated" in case.flags]
    assert len(unlocated) == done.unlocated >= 6 + 193
    without = [case for case in unlocated if case.location.lon is None]
    assert len(without) == 6 + 193
    for case in without:
        source = source_rows[ids[case.case_id]]
        assert (source["latitude"], source["longitude"]) in (("", ""), ("42.3594", "-71.0587"))
        assert case.location.address == source["location"].strip()
    outside = [case for case in unlocated if case.location.lon is not None]
    assert all(
        case.grid is None and case.location.lon < -71.17 and case.location.lat < 42.24 for case in outside
    )


def test_points_found_their_grid(imported: tuple[Engine, CaseImport]) -> None:
    located = [case for case in _all_cases(imported[0]) if case.grid is not None]
    assert len(located) > 4500
    for case in located[::50]:
        square = int(case.grid[-3:]) - 1
        west, south = -71.2 + square // 10 * 0.03, 42.22 + square % 10 * 0.02
        assert west - 1e-9 <= case.location.lon <= west + 0.03 + 1e-9
        assert south - 1e-9 <= case.location.lat <= south + 0.02 + 1e-9


def test_states_and_times_are_the_source_s(
    imported: tuple[Engine, CaseImport], source_rows: dict[str, dict[str, str]]
) -> None:
    engine, _ = imported
    ids = _external_ids(engine)
    found = _all_cases(engine)
    states = Counter(case.state for case in found)
    assert states == {"closed": 3985, "handling": 1013}
    for case in found[::37]:
        source = source_rows[ids[case.case_id]]
        opened = datetime.strptime(source["open_dt"], "%Y-%m-%d %H:%M:%S")
        # Boston is four or five hours behind UTC
        behind = case.created_at.replace(tzinfo=None) - opened
        assert behind.total_seconds() in (4 * 3600, 5 * 3600)
        assert (case.closed_at is None) == (source["closed_dt"] == "")
        if case.open and source["target_dt"]:
            due = datetime.strptime(source["target_dt"], "%Y-%m-%d %H:%M:%S")
            assert (case.due_at.replace(tzinfo=None) - due).total_seconds() in (4 * 3600, 5 * 3600)


def test_the_offset_agrees_with_the_one_the_city_quotes(
    imported: tuple[Engine, CaseImport], source_rows: dict[str, dict[str, str]]
) -> None:
    """The closing reason quotes the same instant in UTC: our conversion must meet it."""
    engine, _ = imported
    ids = _external_ids(engine)
    meets: Counter[str] = Counter()
    for case in _all_cases(engine):
        reason = source_rows[ids[case.case_id]]["closure_reason"]
        mark = "Closed date : "
        if case.closed_at is None or mark not in reason:
            continue
        quoted = reason.partition(mark)[2][:19]
        try:
            said = datetime.strptime(quoted, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        off = abs((said - case.closed_at).total_seconds())
        wall = quoted == source_rows[ids[case.case_id]]["closed_dt"]
        meets["same" if off <= 60 else "quoted in local time" if wall else ids[case.case_id]] += 1
    assert meets == {"same": 1500, "quoted in local time": 3}


def test_every_open_case_has_a_clock(imported: tuple[Engine, CaseImport]) -> None:
    assert all(case.due_at is not None for case in _all_cases(imported[0]) if case.open)


def test_wards_and_zip_codes_come_in_one_spelling(
    imported: tuple[Engine, CaseImport], source_rows: dict[str, dict[str, str]]
) -> None:
    with glancing(imported[0]) as conn:
        payloads = [unpack(bytes(body))["p"] for body in conn.execute(select(changes.c.body)).scalars()]
    seen: Counter[str] = Counter()
    for payload in payloads:
        note = payload.get("note", "")
        source = source_rows[payload["external_id"]]
        ward, code = source["ward"].removeprefix("Ward ").strip(), source["location_zipcode"]
        ward = str(int(ward)) if ward else ""
        assert note.startswith(f"ward {ward} zip "), note[:40]
        if code:
            assert f" zip 0{code.partition('.')[0].lstrip('0')} " in note
        seen["13" if source["ward"].isdigit() else "Ward" if source["ward"].strip() else ""] += 1
    assert seen["13"] > 900 and seen["Ward"] > 3800


def test_the_log_is_whole(imported: tuple[Engine, CaseImport]) -> None:
    with glancing(imported[0]) as conn:
        rows = conn.execute(select(changes).order_by(changes.c.seq)).all()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert {(row.action, row.actor_id, row.role) for row in rows} == {("import", "system", "system")}
        stored = dict(conn.execute(select(cases.c.case_id, cases.c.doc)).all())  # type: ignore[arg-type]  # pairs
        for row in rows[::100]:
            assert fold([unpack(bytes(row.body))["d"]]) == from_packed(stored[row.case_id])
        assert conn.execute(select(func.max(seals.c.to_seq))).scalar_one() == len(rows)
        # who handles a case holds one active dispatch
        active = conn.execute(select(func.count()).select_from(dispatches)).scalar_one()
        assert active == 1013


def test_the_summary_names_every_flaw(imported: tuple[Engine, CaseImport]) -> None:
    told = "\n".join(summary_lines(imported[1]))
    for fact in (
        "读取 5,000 行",
        "新导入 4,998 件",
        "退回 2 行",
        "1,861 件",
        "193 件",
        "6 件",
        "结案时间早于上报时间",
    ):
        assert fact in told, fact


def test_a_second_run_doubles_nothing(
    imported: tuple[Engine, CaseImport], sample: Path, mapping: CaseMapping
) -> None:
    engine, _ = imported
    with glancing(engine) as conn:
        reference = load(conn, newest_number(conn))
        before = conn.execute(select(func.count()).select_from(changes)).scalar_one()
    again = import_cases(engine, reference, sample, mapping, now=NOW)
    assert (again.read, again.imported, again.existing, again.refused) == (ROWS, 0, ROWS - 2, 2)
    with glancing(engine) as conn:
        assert conn.execute(select(func.count()).select_from(changes)).scalar_one() == before
