"""Importing cases: run again, changed rows, interruption, broken files, spreadsheets; on both databases."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from services.backend.db.opening import open_database
from services.backend.db.tables import cases, changes
from services.backend.imports import cases as cases_module
from services.backend.imports.cases import import_cases
from services.backend.imports.errors import ImportFileError
from services.backend.imports.mapping import parse_mapping
from services.backend.reference.load import load_reference
from services.backend.reference_store import Reference, load, publish
from services.backend.sequencer import number_all
from services.sql.engine import glancing, is_sqlite, writing

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
MAPPING = parse_mapping(
    """
[source]
id = "city"
times = ["%Y-%m-%d %H:%M", "iso"]
[fields]
external_id = "编号"
at = "时间"
closed_at = "结案"
state = { column = "状态", map = { "待受理" = "reported", "已结" = "closed" } }
source = { value = "hotline" }
description = "描述"
category = { column = "类别", map = { "路灯" = "component-0137" } }
lon = "经度"
lat = "纬度"
"""
)
HEAD = ["编号", "时间", "结案", "状态", "描述", "类别", "经度", "纬度"]


def _row(number: int, text: str = "路灯不亮", **changes_: str) -> dict[str, str]:
    row = dict(zip(HEAD, [f"N{number}", "2026-11-01 09:00", "", "待受理", text, "路灯", "", ""], strict=True))
    return {**row, **changes_}


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEAD)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def centre(db_url: str) -> Iterator[tuple[Engine, Reference]]:
    engine = open_database(db_url)
    with writing(engine) as conn:
        number = publish(conn, load_reference(), NOW)
        reference = load(conn, number)
    yield engine, reference
    engine.dispose()


def _count(engine: Engine) -> tuple[int, int]:
    with glancing(engine) as conn:
        return (
            conn.execute(select(func.count()).select_from(cases)).scalar_one(),
            conn.execute(select(func.count()).select_from(changes)).scalar_one(),
        )


def test_run_twice_and_a_changed_row_is_reported_not_doubled(
    centre: tuple[Engine, Reference], tmp_path: Path
) -> None:
    engine, reference = centre
    path = _write(tmp_path / "a.csv", [_row(i) for i in range(25)])
    first = import_cases(engine, reference, path, MAPPING, now=NOW, batch=10)
    assert (first.imported, first.existing, first.refused, first.report) == (25, 0, 0, None)
    _write(path, [_row(i, "改了" if i == 7 else "路灯不亮") for i in range(26)])
    again = import_cases(engine, reference, path, MAPPING, now=NOW, batch=10)
    assert (again.imported, again.existing, again.changed, again.refused) == (1, 24, 1, 1)
    assert again.report is not None
    told = again.report.read_text(encoding="utf-8-sig")
    assert "N7" in told and "与上次导入的内容不同" in told
    assert _count(engine) == (26, 26)
    with glancing(engine) as conn:
        texts = conn.execute(select(cases.c.description).distinct()).scalars().all()
    assert texts == ["路灯不亮"]


def test_numbers_go_on_and_the_log_can_be_numbered(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    import_cases(
        engine, reference, _write(tmp_path / "a.csv", [_row(i) for i in range(12)]), MAPPING, now=NOW
    )
    if not is_sqlite(engine):
        with writing(engine) as conn:
            number_all(conn)
    with glancing(engine) as conn:
        numbers = conn.execute(select(cases.c.number).order_by(cases.c.number)).scalars().all()
        seqs = conn.execute(select(changes.c.seq).order_by(changes.c.seq)).scalars().all()
    assert numbers == [f"20261120-{i:04d}" for i in range(1, 13)]
    assert seqs == list(range(1, 13))


def test_the_same_number_twice_in_one_file(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    rows = [_row(1), _row(1), _row(2), _row(2, "别的")]
    done = import_cases(engine, reference, _write(tmp_path / "a.csv", rows), MAPPING, now=NOW)
    assert (done.imported, done.existing, done.refused) == (2, 1, 1)
    assert done.reasons.counts == {"文件中同一外部编号出现两次，内容不同": 1}


def test_the_same_number_twice_in_two_batches(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    rows = [_row(1), _row(2), _row(1), _row(2, "别的")]
    done = import_cases(engine, reference, _write(tmp_path / "a.csv", rows), MAPPING, now=NOW, batch=2)
    assert (done.imported, done.existing, done.changed) == (2, 1, 1)
    assert _count(engine) == (2, 2)


def test_an_interrupted_import_is_simply_run_again(
    centre: tuple[Engine, Reference], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, reference = centre
    path = _write(tmp_path / "a.csv", [*(_row(i) for i in range(30)), _row(31, 状态="不明")])
    real, calls = cases_module.decide_batch, 0

    def power_cut(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(cases_module, "decide_batch", power_cut)
    with pytest.raises(KeyboardInterrupt):
        import_cases(engine, reference, path, MAPPING, now=NOW, batch=10)
    assert _count(engine) == (20, 20)
    assert [p.name for p in tmp_path.iterdir() if "refused" in p.name] == []
    monkeypatch.undo()
    done = import_cases(engine, reference, path, MAPPING, now=NOW, batch=10)
    assert (done.imported, done.existing, done.refused) == (10, 20, 1)
    assert _count(engine) == (30, 30)


def test_a_file_that_breaks_off_keeps_what_came_before(
    centre: tuple[Engine, Reference], tmp_path: Path
) -> None:
    engine, reference = centre
    path = _write(tmp_path / "a.csv", [_row(i) for i in range(10)])
    with path.open("a", encoding="utf-8") as file:
        file.write('N99,"open quote\n')
    with pytest.raises(ImportFileError, match=r"第 1[23] 行"):
        import_cases(engine, reference, path, MAPPING, now=NOW, batch=5)
    assert _count(engine) == (10, 10)


def test_columns_that_are_missing_stop_before_the_first_row(
    centre: tuple[Engine, Reference], tmp_path: Path
) -> None:
    engine, reference = centre
    path = tmp_path / "a.csv"
    path.write_text("编号,时间\n1,2026-11-01 09:00\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match="没有“"):
        import_cases(engine, reference, path, MAPPING, now=NOW)
    assert _count(engine) == (0, 0)


def test_a_report_that_cannot_be_written(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    path = _write(tmp_path / "a.csv", [_row(1, 状态="不明")])
    (tmp_path / "a.csv.refused.csv.part").mkdir()
    with pytest.raises(ImportFileError, match="不能写退回报告"):
        import_cases(engine, reference, path, MAPPING, now=NOW)


def test_what_the_law_refuses_stands_in_the_report(
    centre: tuple[Engine, Reference], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The maker checks what it can; the last word is `decide`'s, and its sentence is the reason."""
    engine, reference = centre
    made = cases_module.RowMaker.make

    def careless(self: Any, line: int, cells: Any) -> Any:
        row = made(self, line, cells)
        row.payload["category"] = "event-9999"
        return row

    monkeypatch.setattr(cases_module.RowMaker, "make", careless)
    done = import_cases(engine, reference, _write(tmp_path / "a.csv", [_row(1)]), MAPPING, now=NOW)
    assert done.imported == 0
    assert done.reasons.counts == {"没有这个案件类别，请重新选择。": 1}


def test_a_spreadsheet_is_read_like_a_text_file(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    sheet.append(
        ["N1", datetime(2026, 11, 1, 9), datetime(2026, 11, 2, 9), "已结", "路灯不亮", "路灯", 113.5, 23.4]
    )
    sheet.append([2, "2026-11-01 09:00", None, "待受理", "=HYPERLINK(1)", None, None, None])
    sheet.append(["N3", "never", None, "待受理", "x", None, None, None])
    book.save(tmp_path / "a.xlsx")
    done = import_cases(engine, reference, tmp_path / "a.xlsx", MAPPING, now=NOW)
    assert (done.imported, done.refused, done.unlocated) == (1, 2, 1)
    assert done.report is not None
    # a formula without a stored value is an empty cell
    assert "没有描述" in done.report.read_text(encoding="utf-8-sig")
    with glancing(engine) as conn:
        row = conn.execute(select(cases)).one()
    assert (row.state, row.lon, row.lat) == ("closed", 113.5, 23.4)
    assert datetime.fromtimestamp(row.created_at / 1000, UTC) == datetime(2026, 11, 1, 1, tzinfo=UTC)


def test_progress_is_told_in_rows(centre: tuple[Engine, Reference], tmp_path: Path) -> None:
    engine, reference = centre
    told: list[int] = []
    path = _write(tmp_path / "a.csv", [_row(i) for i in range(7)])
    import_cases(engine, reference, path, MAPPING, now=NOW, batch=3, progress=told.append)
    assert told == [3, 6, 7]
