"""How a field is made from cells, and what refuses a row."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.backend.imports.errors import RowRefusedError
from services.backend.imports.values import Value, Zone, evaluate, moment_of, number_of, text_of

BOSTON = Zone(ZoneInfo("America/New_York"), ("%Y-%m-%d %H:%M:%S", "iso"))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("  a ", "a"), (5, "5"), (2119.0, "2119"), (2.5, "2.5"), (True, "1"), (False, "0"),
        ("a\x0bb", "a b"), (date(2024, 1, 2), "2024-01-02"), (time(8, 30), "08:30:00"),
        (datetime(2024, 1, 2, 3, 4), "2024-01-02T03:04:00"), (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_cells_as_text(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def _made(value: Value, named: dict[str, str] | None = None, **cells: Any) -> str:
    return evaluate(value, cells, named or {}, "字段")[0]


def test_column_columns_constant_and_template() -> None:
    assert _made(Value(column="a"), a=" x ") == "x"
    assert _made(Value(column="a")) == ""
    assert _made(Value(columns=("a", "b", "c"), join="，"), a="x", b="", c="z") == "x，z"
    assert _made(Value(constant="0"), a="x") == "0"
    assert _made(Value(template="ward {ward} of {a}"), {"ward": "13"}, a="x") == "ward 13 of x"


def test_a_template_of_nothing_is_nothing() -> None:
    assert _made(Value(template="ward {ward} of {a}"), {"ward": ""}) == ""


def test_placeholders_are_known_beforehand() -> None:
    assert Value(template="{a} and {b}").placeholders() == ("a", "b")
    assert Value(column="a", columns=()).used_columns() == ("a",)


@pytest.mark.parametrize(
    ("text", "ward"), [("13", "13"), ("Ward 13", "13"), ("Ward 03", "3"), ("", ""), (" ", ""), ("West", "")]
)
def test_pattern_takes_the_first_group(text: str, ward: str) -> None:
    assert _made(Value(column="w", pattern=re.compile(r"^(?:Ward )?0*([0-9]+)$")), w=text) == ward


def test_pattern_without_a_group_takes_the_whole_match() -> None:
    assert _made(Value(column="w", pattern=re.compile(r"[0-9]+")), w="x12y") == "12"


@pytest.mark.parametrize(
    ("cell", "code"), [("2119.0", "02119"), ("02119", "02119"), (2119, "02119"), (2119.0, "02119"), ("", "")]
)
def test_digits_get_their_leading_zeros_back(cell: Any, code: str) -> None:
    assert _made(Value(column="z", width=5), z=cell) == code


@pytest.mark.parametrize("cell", ["2119.5", "AB", "123456", "-5"])
def test_what_is_no_code_refuses_the_row(cell: str) -> None:
    with pytest.raises(RowRefusedError, match="数字"):
        _made(Value(column="z", width=5), z=cell)


def test_map_other_and_refusal() -> None:
    table = {"Open": "handling", "Closed": "closed"}
    assert _made(Value(column="s", map=table, mapped=True), s="Open") == "handling"
    assert evaluate(Value(column="s", map=table, mapped=True, other="x"), {"s": "Odd"}, {}, "状态") == (
        "x",
        True,
    )
    assert evaluate(Value(column="s", map=table, mapped=True, other="x"), {"s": "Open"}, {}, "状态") == (
        "handling",
        False,
    )
    with pytest.raises(RowRefusedError, match="状态“Odd”不在映射表中"):
        evaluate(Value(column="s", map=table, mapped=True), {"s": "Odd"}, {}, "状态")


def test_blank_and_limit() -> None:
    assert _made(Value(column="a", blank="none"), a="") == "none"
    assert _made(Value(column="a", limit=3), a="abcdef") == "abc"
    # what stands for an empty cell is not looked up
    assert _made(Value(column="a", blank="hotline", map={}, mapped=True), a="") == "hotline"


@pytest.mark.parametrize(
    ("text", "number"),
    [("", None), ("1.5", 1.5), ("-71.0587", -71.0587), ("1e3", 1000.0), ("1,234.5", 1234.5)],
)
def test_numbers(text: str, number: float | None) -> None:
    assert number_of(text, "经度") == number


@pytest.mark.parametrize("text", ["abc", "nan", "inf", "-inf", "1,2,3.4", "1 2"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(RowRefusedError, match="经度"):
        number_of(text, "经度")


# -- moments ------------------------------------------------------------------------------------------


def _at(cell: Any, zone: Zone = BOSTON) -> datetime:
    found = moment_of(cell, zone, "上报时间")
    assert found is not None
    return found.at


def test_wall_times_lie_in_the_zone_of_the_source() -> None:
    assert _at("2011-07-01 07:33:45") == datetime(2011, 7, 1, 11, 33, 45, tzinfo=UTC)
    assert _at("2011-12-01 07:33:45") == datetime(2011, 12, 1, 12, 33, 45, tzinfo=UTC)


def test_an_offset_of_its_own_wins() -> None:
    assert _at("2011-07-01T07:33:45+08:00") == datetime(2011, 6, 30, 23, 33, 45, tzinfo=UTC)


def test_spreadsheet_dates_are_understood() -> None:
    assert _at(datetime(2011, 7, 1, 7, 33, 45)) == datetime(2011, 7, 1, 11, 33, 45, tzinfo=UTC)
    assert _at(date(2011, 7, 1)) == datetime(2011, 7, 1, 4, tzinfo=UTC)
    assert _at(40725.5) == datetime(2011, 7, 1, 16, tzinfo=UTC)  # the serial day of a spreadsheet


@pytest.mark.parametrize("cell", [None, "", "   "])
def test_no_cell_no_moment(cell: Any) -> None:
    assert moment_of(cell, BOSTON, "结案时间") is None


@pytest.mark.parametrize("cell", ["yesterday", "2011-13-01 00:00:00", -5, 0.5, 10**9])
def test_what_is_no_time_refuses_the_row(cell: Any) -> None:
    with pytest.raises(RowRefusedError, match="上报时间"):
        moment_of(cell, BOSTON, "上报时间")


def test_the_hour_that_comes_twice() -> None:
    twice = "2023-11-05 01:30:00"
    first = moment_of(twice, BOSTON, "上报时间")
    assert first is not None and first.repeated
    assert first.at == datetime(2023, 11, 5, 5, 30, tzinfo=UTC)
    assert first.second == datetime(2023, 11, 5, 6, 30, tzinfo=UTC)
    assert _at(twice, Zone(BOSTON.zone, BOSTON.formats, repeated="second")) == first.second
    with pytest.raises(RowRefusedError, match="重复的一小时"):
        moment_of(twice, Zone(BOSTON.zone, BOSTON.formats, repeated="refuse"), "上报时间")


def test_the_hour_that_never_was() -> None:
    never = "2023-03-12 02:30:00"
    moved = moment_of(never, BOSTON, "上报时间")
    assert moved is not None and moved.missing
    assert moved.at == datetime(2023, 3, 12, 7, 30, tzinfo=UTC)  # 03:30 in Boston
    with pytest.raises(RowRefusedError, match="不存在"):
        moment_of(never, Zone(BOSTON.zone, BOSTON.formats, missing="refuse"), "上报时间")


def test_a_zone_without_clock_changes_marks_nothing() -> None:
    found = moment_of("2023-11-05 01:30:00", Zone(ZoneInfo("Asia/Shanghai"), ("iso",)), "上报时间")
    assert found is not None and not found.repeated and not found.missing
