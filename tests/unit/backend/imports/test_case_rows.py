"""From a row to the facts of an import: what is taken, what is refused and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.backend.imports.case_rows import ImportRow, RowMaker, import_command_id, imported_case_id
from services.backend.imports.errors import RowRefusedError
from services.backend.imports.mapping import parse_mapping
from services.backend.reference.load import load_reference, rules_from
from services.domain.errors import DomainError
from services.domain.ids import canonical_uuid

RULES = rules_from(load_reference())
NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
MAPPING = """
[source]
id = "city"
zone = "America/New_York"
times = ["iso"]
[[void]]
lon = -71.0587
lat = 42.3594
[[void]]
lon = 0
lat = 0
tolerance = 0.5
blank = "place"
[fields]
external_id = "id"
at = "opened"
due_at = "due"
closed_at = "closed"
state = "state"
source = { column = "via", map = { Call = "hotline" }, other = "app" }
description = "text"
category = { column = "type", map = { Lamp = "component-0137", Odd = "event-9999" }, other = "grid-G10" }
condition = { column = "condition", blank = "0" }
lead_dept = "dept"
address = "place"
lon = "x"
lat = "y"
note = { template = "ward {ward}" }
[values.ward]
column = "ward"
"""
MAKER = RowMaker(parse_mapping(MAPPING), RULES, NOW)
ROW = {
    "id": "A-1", "opened": "2024-05-01T10:00:00", "due": "", "closed": "2024-05-02T10:00:00", "state": "closed",
    "via": "Call", "text": "路灯不亮", "type": "Lamp", "dept": "muni", "place": "1 Main St", "x": "-71.1",
    "y": "42.3", "ward": "13", "condition": "",
}  # fmt: skip


def _make(**changes: Any) -> ImportRow:
    return MAKER.make(2, {**ROW, **changes})


def test_a_whole_row() -> None:
    made = _make()
    assert made.payload == {
        "kind": "component",
        "source": "hotline",
        "description": "路灯不亮",
        "state": "closed",
        "at": "2024-05-01T14:00:00+00:00",
        "location": {"lon": -71.1, "lat": 42.3, "address": "1 Main St"},
        "category": "component-0137",
        "condition": 0,
        "lead_dept": "muni",
        "closed_at": "2024-05-02T14:00:00+00:00",
        "external_id": "A-1",
        "note": "ward 13",
    }
    assert made.marks == ("no_due",)


def test_ids_follow_from_source_and_number_alone() -> None:
    one, again, other = _make(), _make(text="anders"), _make(id="A-2")
    assert one.case_id == again.case_id != other.case_id
    assert one.case_id == imported_case_id("city", "A-1") != imported_case_id("town", "A-1")
    assert canonical_uuid(one.case_id) and canonical_uuid(import_command_id(one.case_id))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "外部编号"),
        ({"opened": ""}, "没有上报时间"),
        ({"opened": "soon"}, "时间"),
        ({"opened": "2026-12-20T10:00:00"}, "将来"),
        ({"state": "done"}, "没有“done”这个状态"),
        ({"state": ""}, "没有状态"),
        ({"text": " "}, "没有描述"),
        ({"type": "Odd"}, "没有“event-9999”这个类别"),
        ({"dept": "nobody"}, "没有“nobody”这个单位"),
        ({"closed": ""}, "已结，却没有结案时间"),
        ({"state": "handling"}, "未结，却有结案时间"),
        ({"closed": "2024-05-01T09:59:59"}, "结案时间早于上报时间"),
        ({"x": ""}, "只有一个"),
        ({"x": "abc"}, "经度“abc”不是数字"),
        ({"x": "nan"}, "有限"),
        ({"y": "142.3"}, "超出范围"),
        ({"x": "1e300"}, "超出范围"),
        ({"condition": "7"}, "第 7 个立案条件"),
        ({"condition": "0.5"}, "立案条件"),
        ({"place": "x" * 201}, "最多 200 个字"),
        ({"text": "a\x00b"}, "控制字符"),
        ({"opened": "1066-10-14T09:00:00", "closed": "1066-10-15T09:00:00"}, "超出范围"),
    ],
)
def test_rows_that_are_refused_say_why(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RowRefusedError) as caught:
        _make(**changes)
    assert reason in caught.value.title


def test_refusals_are_the_world_s_fault() -> None:
    with pytest.raises(DomainError):
        _make(id="")


def test_fall_backs_are_marked() -> None:
    made = _make(via="Pigeon", type="Unknown")
    assert made.payload["source"] == "app" and made.payload["category"] == "grid-G10"
    assert set(made.marks) == {"other_source", "other_category", "no_due"}
    assert made.payload["kind"] == "grid"


def test_an_open_case_without_a_category() -> None:
    made = _make(type="", state="reported", closed="", condition="", dept="")
    assert "category" not in made.payload and "closed_at" not in made.payload
    assert made.payload["kind"] == "event"


def test_a_condition_means_something_only_with_its_category() -> None:
    assert "condition" not in _make(type="", condition="0").payload
    none = RowMaker(parse_mapping(MAPPING.replace(', blank = "0"', "")), RULES, NOW)
    assert "condition" not in none.make(2, ROW).payload
    assert none.make(2, {**ROW, "condition": "1"}).payload["condition"] == 1


def test_no_coordinates_keep_the_address() -> None:
    made = _make(x="", y="")
    assert "location" not in made.payload and made.payload["address"] == "1 Main St"
    assert "no_point" in made.marks


def test_a_stand_in_coordinate_is_no_position() -> None:
    made = _make(x="-71.0587", y="42.3594")
    assert "location" not in made.payload and made.payload["address"] == "1 Main St"
    assert "void_point" in made.marks
    assert "location" in _make(x="-71.0588", y="42.3594").payload


def test_a_stand_in_that_counts_only_without_an_address() -> None:
    assert "void_point" in _make(x="0.1", y="-0.2", place="").marks
    assert "location" in _make(x="0.1", y="-0.2").payload


def test_spreadsheet_values_are_taken_as_they_are() -> None:
    made = _make(opened=datetime(2024, 5, 1, 10), closed=datetime(2024, 5, 2, 10), x=-71.1, y=42.3, id=7)
    assert made.external_id == "7"
    assert made.payload["at"] == "2024-05-01T14:00:00+00:00"


def test_a_closing_time_in_the_hour_that_comes_twice() -> None:
    # opened in the first pass of 01:xx, closed ten minutes later by the wall clock of the second pass
    made = _make(opened="2023-11-05T01:50:00", closed="2023-11-05T01:10:00")
    assert made.payload["at"] == "2023-11-05T05:50:00+00:00"
    assert made.payload["closed_at"] == "2023-11-05T06:10:00+00:00"
    assert made.marks.count("repeated_hour") == 2


def test_the_hour_that_never_was_is_marked() -> None:
    assert "missing_hour" in _make(opened="2024-03-10T02:30:00").marks


def test_coordinates_of_another_system_are_brought_home() -> None:
    shifted = RowMaker(
        parse_mapping(MAPPING.replace('id = "city"', 'id = "city"\ncrs = "gcj02"')), RULES, NOW
    )
    made = shifted.make(2, {**ROW, "x": "121.531541859215", "y": "31.17530398364597"})
    assert made.payload["location"]["lon"] == pytest.approx(121.5272106, abs=1e-5)
    assert made.payload["location"]["lat"] == pytest.approx(31.1774276, abs=1e-5)


def test_external_ids_for_the_report_come_from_the_column() -> None:
    assert MAKER.external_id({"id": 12.0}) == "12"
    assert MAKER.external_id({}) == ""
