"""Writing imported areas: one transaction, replaced and never doubled, street offices, the report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, select

from services.backend.db.opening import open_database
from services.backend.db.tables import areas
from services.backend.imports import areas as areas_module
from services.backend.imports.areas import known_codes, store_areas, write_report
from services.backend.places import areas_version
from services.backend.reference.load import load_reference
from services.backend.reference_store import load, newest_number, publish
from services.geo.area_import import AreaImport
from services.geo.areas import Area, from_wkb
from services.sql.engine import glancing, writing

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BOX = shapely.box(113.0, 23.0, 113.1, 23.1)


@pytest.fixture
def engine(db_url: str) -> Iterator[Engine]:
    made = open_database(db_url)
    yield made
    made.dispose()


def _planned(*found: Area) -> AreaImport:
    return AreaImport(list(found), [], [])


def _stored(engine: Engine) -> dict[str, tuple[str, str | None, str | None]]:
    with glancing(engine) as conn:
        return {row.code: (row.name, row.parent, row.officer) for row in conn.execute(select(areas))}


def test_areas_are_written_with_everything_they_say(engine: Engine) -> None:
    area = Area("440106001001001", "一格", "grid", "440106001001", BOX, "张三")
    assert store_areas(engine, _planned(area)) == 1
    assert _stored(engine) == {"440106001001001": ("一格", "440106001001", "张三")}
    with glancing(engine) as conn:
        row = conn.execute(select(areas)).one()
        assert row.registered is True and row.level == "grid"
        assert from_wkb(bytes(row.wkb)).equals(BOX)
        assert areas_version(conn) == 1
    assert known_codes(engine) == {"440106001001001"}


def test_the_same_code_again_replaces(engine: Engine) -> None:
    store_areas(
        engine,
        _planned(Area("440106", "旧", "district", None, BOX), Area("440107", "邻", "district", None, BOX)),
    )
    store_areas(engine, _planned(Area("440106", "新", "district", None, None)))
    assert _stored(engine) == {"440106": ("新", None, None), "440107": ("邻", None, None)}
    with glancing(engine) as conn:
        assert conn.execute(select(areas.c.wkb).where(areas.c.code == "440106")).scalar_one() is None
        assert areas_version(conn) == 2


def test_nothing_planned_changes_nothing(engine: Engine) -> None:
    assert store_areas(engine, _planned()) == 0
    with glancing(engine) as conn:
        assert areas_version(conn) == 0


def test_many_areas_go_in_one_transaction(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas_module, "_ROWS", 10)
    many = [Area(f"440106001001{i:03d}", f"{i}", "grid", "440106001001", BOX) for i in range(1, 36)]
    real, calls = areas_module._put, 0

    def power_cut(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(areas_module, "_put", power_cut)
    with pytest.raises(KeyboardInterrupt):
        store_areas(engine, _planned(*many))
    assert _stored(engine) == {}
    monkeypatch.setattr(areas_module, "_put", real)
    assert store_areas(engine, _planned(*many)) == 35
    assert len(_stored(engine)) == 35


def test_streets_become_offices_in_a_new_version(engine: Engine) -> None:
    with writing(engine) as conn:
        publish(conn, load_reference(), NOW)
    street = Area("440106005", "石牌街道", "street", "440106", BOX)
    store_areas(engine, _planned(street), NOW)
    with glancing(engine) as conn:
        assert newest_number(conn) == 2
        unit = load(conn, 2).rules.departments["street-440106005"]
    assert (unit.kind, unit.area_code) == ("street", "440106005")
    store_areas(engine, _planned(street), NOW)  # the same again is no new version
    store_areas(engine, _planned(Area("440106006", "五山街道", "street", "440106", BOX)), NOW)
    with glancing(engine) as conn:
        assert newest_number(conn) == 3
        assert {"street-440106005", "street-440106006"} <= set(load(conn, 3).rules.departments)


def test_streets_of_a_centre_without_reference_data(engine: Engine) -> None:
    store_areas(engine, _planned(Area("440106005", "石牌街道", "street", "440106", BOX)), NOW)
    with glancing(engine) as conn:
        assert newest_number(conn) == 0


def test_the_report_says_what_was_repaired_and_refused(tmp_path: Path) -> None:
    planned = AreaImport([], [("第 1 个要素", "自相交，已修复")], [("=1+1", "没有图形")])
    path = write_report(tmp_path / "a.geojson", planned)
    assert path == tmp_path / "a.geojson.areas.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["结果", "要素", "说明"],
        ["已修复", "第 1 个要素", "自相交，已修复"],
        ["未导入", "'=1+1", "没有图形"],
    ]
    assert write_report(tmp_path / "a.geojson", AreaImport([], [], [])) is None
    assert not path.exists()
