"""What may leave the house: no caller's data, rooms and phone numbers left out, confidential cases named only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.viewmodels.areas import AreaBook
from console.viewmodels.map_export import (
    AREA_FIELDS,
    CASE_FIELDS,
    Words,
    about_text,
    area_layer,
    case_layer,
    mask_address,
    zone_words,
)
from maps.layers.figures import AreaFigures
from services.domain.case import Case, Location
from tests.support.fakes import NOW, World, invented_areas, shipped_rules, world_for

AREAS = AreaBook(invented_areas())


def words(now: datetime = NOW) -> Words:
    return Words(shipped_rules(), AREAS, now)


def values(case: Case, now: datetime = NOW) -> dict[str, Any]:
    [row] = case_layer([case], words(now)).rows
    return dict(zip((field.alias for field in CASE_FIELDS), row.values, strict=True))


@pytest.fixture
def case() -> Case:
    world: World = world_for("dispatcher")
    return world.walk("pending_sign")


def test_a_case_in_words(case: Case) -> None:
    found = values(case)
    assert found["number"] == case.number and found["state"] == "签收" and found["grid"] == case.grid
    assert found["category_name"] == shipped_rules().categories[case.category or ""].name
    assert found["lead_dept"] == shipped_rules().departments[case.lead_dept or ""].name
    assert (
        found["grid_name"] == AREAS.name(case.grid)
        and found["source"] == shipped_rules().sources[case.source]
    )
    assert found["created_at"].utcoffset() == timedelta(hours=8) and found["created_at"] == case.created_at
    assert found["due_at"] == case.due_at and found["closed_at"] is None
    assert values(case, NOW + timedelta(days=900))["overdue"] is True


def test_a_case_stands_where_it_is(case: Case) -> None:
    [row] = case_layer([case], words()).rows
    assert row.shape is not None and (row.shape.x, row.shape.y) == (case.location.lon, case.location.lat)
    lost = replace(
        case, location=Location(None, None, "不详"), grid=None, category="event-9999", lead_dept="x"
    )
    [row] = case_layer([lost], words()).rows
    found = values(lost)
    assert row.shape is None and found["grid_name"] == "" and found["category_name"] is None
    assert found["lead_dept"] == "x"


def test_no_caller_ever(case: Case) -> None:
    told = replace(
        case, caller_masked="张** 138****5678", description="张三来电 13812345678 反映井盖缺失",
        location=replace(case.location, address="望塔街道松影路12栋3单元502室 13812345678"),
    )  # fmt: skip
    found = values(told)
    text = " ".join(str(value) for value in found.values())
    assert "13812345678" not in text and "张**" not in text and "502" not in text
    assert found["description"] == "张三来电 138****5678 反映井盖缺失"
    assert not {"caller", "phone", "caller_masked"} & {field.alias for field in CASE_FIELDS}


def test_a_confidential_case_is_only_named(case: Case) -> None:
    secret = replace(case, flags=case.flags | {"confidential"})
    [row] = case_layer([secret], words()).rows
    found = values(secret)
    assert row.shape is None and found["description"] == found["address"] == "（保密）"
    assert found["number"] == case.number


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("望塔街道松影路118号", "望塔街道松影路118号"),
        ("松影花园3栋2单元501室", "松影花园3栋*"),
        ("松影路12号501房", "松影路12号*"),
        ("幸福里5号楼2层203室后门", "幸福里5号楼*"),
        ("松影路与南苑街口", "松影路与南苑街口"),
        ("人民路8号公共厕所旁", "人民路8号公共厕所旁"),
        ("", ""),
    ],
)
def test_an_address_goes_to_the_building(address: str, kept: str) -> None:
    assert mask_address(address) == kept


def test_areas_with_their_measures() -> None:
    grid = AREAS.of_level("grid")[0]
    figures = {grid.code: AreaFigures(5, 2, True, 1, -3.5, 12.0, False)}
    layer = area_layer(AREAS, figures)
    found = {
        row.values[0]: dict(zip((f.alias for f in AREA_FIELDS), row.values, strict=True))
        for row in layer.rows
    }
    assert len(found) == len(AREAS.of_level("grid"))
    assert found[grid.code] == {
        "code": grid.code, "name": grid.name, "parent": grid.parent, "open": 5, "overdue": 2, "on_duty": True,
        "new_today": 1, "nearest_h": -3.5, "silent_days": 12.0, "silent": False,
    }  # fmt: skip
    others = [row for row in area_layer(AREAS, figures).rows if row.values[0] != grid.code]
    assert all(set(row.values[3:]) == {None} and row.shape is not None for row in others)


def test_the_small_print() -> None:
    told = about_text(words(), "区域：望塔街道", "值班长 张三")
    assert "望塔街道" in told and "张三" in told and "+08:00" in told
    assert "筛选" not in about_text(words(), "", "张三")
    assert zone_words(datetime.fromisoformat("2026-11-20T14:07:00+08:00")) == "2026-11-20 14:07（UTC+8）"
    assert zone_words(datetime.fromisoformat("2026-11-20T14:07:00+05:30")).endswith("（UTC+5.5）")
