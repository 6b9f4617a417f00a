"""`griddesk import`: areas, cases, a standard; and every wrong word on the command line."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from console.cli import main
from services.backend.db.opening import open_database
from services.backend.db.tables import areas, cases
from services.backend.places import Places, areas_version
from services.backend.reference_store import load, newest_number
from services.geo.areas import from_wkb
from services.sql.engine import glancing

MAPPING = """
[source]
id = "city"
[fields]
external_id = "id"
at = "at"
state = { value = "reported" }
source = { value = "hotline" }
description = "text"
lon = "x"
lat = "y"
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """The centre's database, opened after the command has run."""
    engines: list[Engine] = []

    def open_it() -> Engine:
        engines.append(open_database(f"sqlite:///{tmp_path / 'data' / 'centre.db'}"))
        return engines[-1]

    yield open_it
    for engine in engines:
        engine.dispose()


def _run(tmp_path: Path, *words: str) -> int:
    return main(["import", *words, "--data", str(tmp_path / "data")])


def _square(code: str, name: str, west: float, south: float, size: float = 0.01) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"CODE": code, "NAME": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _geojson(path: Path, *features: dict[str, Any]) -> str:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def _tree(tmp_path: Path) -> None:
    """Import a district, a street, a community and two grids, one with a spike to repair."""
    flags = ("--code", "CODE", "--name", "NAME")
    spiked = _square("990301001001002", "二", 113.51, 23.4)
    # out and back along one line: not valid, and nothing of the area is lost by taking it away
    spiked["geometry"]["coordinates"][0].insert(2, [113.522, 23.4])
    spiked["geometry"]["coordinates"][0].insert(3, [113.52, 23.4])
    for level, features in (
        ("district", [_square("990301", "试验区", 113.5, 23.4, 0.02)]),
        ("street", [_square("990301001", "东门街道", 113.5, 23.4, 0.02)]),
        ("community", [_square("990301001001", "一社区", 113.5, 23.4, 0.02)]),
        (
            "grid",
            [_square("990301001001001", "一", 113.5, 23.4), spiked, _square("12345", "坏", 113.5, 23.42)],
        ),
    ):
        path = _geojson(tmp_path / f"{level}.geojson", *features)
        assert _run(tmp_path, "areas", path, "--level", level, *flags) == 0


def test_areas_of_every_level_with_repairs_and_refusals(
    tmp_path: Path, opened: Callable[[], Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    _tree(tmp_path)
    told = capsys.readouterr().err
    assert "写入 2 个区域，其中修复 1 个；未导入 1 个" in told
    engine = opened()
    with glancing(engine) as conn:
        rows = {row.code: row for row in conn.execute(select(areas))}
        assert areas_version(conn) == 4
        reference = load(conn, newest_number(conn))
    assert set(rows) == {"990301", "990301001", "990301001001", "990301001001001", "990301001001002"}
    assert rows["990301001001001"].parent == "990301001001"
    assert from_wkb(bytes(rows["990301001001002"].wkb)).is_valid
    # a street brings its office
    assert reference.rules.departments["street-990301001"].name == "东门街道办事处"
    with (tmp_path / "grid.geojson.areas.csv").open(encoding="utf-8-sig", newline="") as file:
        report = list(csv.DictReader(file))
    assert [row["结果"] for row in report] == ["已修复", "未导入"]
    places = Places(engine)
    places.refresh()
    assert places.position(113.505, 23.405).grid == "990301001001001"


def test_areas_again_replace_and_never_double(tmp_path: Path, opened: Callable[[], Engine]) -> None:
    _tree(tmp_path)
    path = _geojson(tmp_path / "again.geojson", _square("990301001001001", "新名", 113.5, 23.4))
    assert _run(tmp_path, "areas", path, "--level", "grid", "--code", "CODE", "--name", "NAME") == 0
    with glancing(opened()) as conn:
        assert conn.execute(select(func.count()).select_from(areas)).scalar_one() == 5
        name = conn.execute(select(areas.c.name).where(areas.c.code == "990301001001001")).scalar_one()
    assert name == "新名"
    assert not (tmp_path / "again.geojson.areas.csv").exists()


def test_real_output_areas_are_imported(
    tmp_path: Path,
    opened: Callable[[], Engine],
    shared_data: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "wales.geojson.gz"
    shutil.copy(shared_data("data/wales_output_areas.geojson.gz"), source)
    flags = ("--level", "grid", "--code", "OA11CD", "--name", "OA11CD", "--codes", "any")
    assert _run(tmp_path, "areas", str(source), *flags) == 0
    told = capsys.readouterr().err
    assert "写入 10,036 个区域，其中修复 23 个；未导入 0 个。" in told
    with glancing(opened()) as conn:
        assert conn.execute(select(func.count()).select_from(areas)).scalar_one() == 10_036


def test_cases_find_the_grids_imported_before(
    tmp_path: Path, opened: Callable[[], Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    _tree(tmp_path)
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "c.csv"
    file.write_text(
        "id,at,text,x,y\n1,2026-01-01T08:00:00+08:00,井盖,113.505,23.405\n2,never,井盖,,\n3,2026-01-01T08:00:00+08:00,灯,,\n",
        encoding="utf-8",
    )
    words = ("cases", str(file), "--mapping", str(tmp_path / "m.toml"))
    assert _run(tmp_path, *words) == 0
    told = capsys.readouterr().err
    assert "新导入 2 件" in told and "退回 1 行" in told and "c.csv.refused.csv" in told
    with glancing(opened()) as conn:
        grids = conn.execute(select(cases.c.grid).order_by(cases.c.ref)).scalars().all()
    assert grids == ["990301001001001", None]
    assert _run(tmp_path, *words) == 0
    assert "新导入 0 件，已有 2 件" in capsys.readouterr().err


def test_a_standard_becomes_a_new_version(
    tmp_path: Path,
    opened: Callable[[], Engine],
    shared_data: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "standard.csv"
    shutil.copy(shared_data("data/city_management_case_standards.csv"), source)
    assert _run(tmp_path, "standard", str(source)) == 0
    told = capsys.readouterr().err
    assert "519 行中采用 519 行" in told and "第 2 版" in told
    with glancing(opened()) as conn:
        assert newest_number(conn) == 2
        categories = load(conn, 2).rules.categories
    assert sum(len(category.conditions) for category in categories.values()) >= 519
    assert any(category.kind == "grid" for category in categories.values())  # other tables stay


def test_refused_rows_of_a_standard_stand_in_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "standard.csv"
    source.write_text(
        "类别,大类代码,大类名称,小类代码,小类名称,处置单位,主管部门,立案条件,结案条件,处置时限\n"
        "部件,01,公用设施,01,上水井盖,供水,,缺失,恢复,2紧急工作时\n"
        "部件,01,公用设施,02,污水井盖,排水,,缺失,恢复,很快\n",
        encoding="utf-8",
    )
    assert _run(tmp_path, "standard", str(source)) == 0
    assert "2 行中采用 1 行" in capsys.readouterr().err
    assert "很快" in (tmp_path / "standard.csv.refused.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cases", "none.csv", "--mapping", "m.toml"], "没有找到"),
        (["cases", "c.csv", "--mapping", "none.toml"], "没有找到映射文件"),
        (["cases", "c.csv", "--mapping", "bad.toml"], "映射"),
        (["areas", "none.geojson", "--level", "grid", "--code", "C", "--name", "N"], ""),
        (["areas", "c.csv", "--level", "grid", "--code", "C", "--name", "N"], ""),
        (["areas", "a.geojson", "--level", "grid", "--code", "C", "--name", "N", "--crs", "mars"], ""),
        (["areas", "a.geojson", "--level", "grid", "--code", "C", "--name", "N", "--parent", "9"], "上级"),
        (["standard", "none.csv"], ""),
        (["standard", "c.csv"], ""),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text("id\n1\n", encoding="utf-8")
    Path("m.toml").write_text(MAPPING, encoding="utf-8")
    Path("bad.toml").write_text("[source]\nid = 'x'\n# 映射\n", encoding="utf-8")
    _geojson(Path("a.geojson"), _square("990301001001001", "一", 113.5, 23.4))
    assert _run(tmp_path, *words) == 1
    told = capsys.readouterr().err
    assert told.startswith("没有导入：") and told.count("\n") == 1 and (said in told or said == "映射")


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "postgresql+psycopg://u:secret@127.0.0.1:9/x"])
def test_a_database_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert main(["import", "standard", str(tmp_path / "s.csv"), "--db", url]) == 1
    told = capsys.readouterr().err
    assert told.startswith("没有导入：") and "secret" not in told


@pytest.mark.parametrize(
    "words",
    [[], ["areas"], ["cases", "c.csv"], ["areas", "f", "--level", "moon", "--code", "C", "--name", "N", "--data", "d"],
     ["standard", "f"], ["standard", "f", "--data", "d", "--db", "u"]],
)  # fmt: skip
def test_wrong_words_are_refused_by_the_parser(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["import", *words])
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err
