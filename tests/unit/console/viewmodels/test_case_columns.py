"""Cases as columns: slots stay dense, values are those of the case, kept answers fall with a change."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from console.viewmodels.case_columns import (
    NO_NUMBER,
    STATE_AT,
    UNKNOWN,
    CaseColumns,
    Codes,
    number_key,
    world,
)
from console.viewmodels.limit_columns import WorkedTime
from maps.geometry.mercator import project
from services.domain.bands import BandSettings
from services.domain.case import Location
from services.ports.picture import Projected
from tests.support.fakes import NOW, shipped_rules
from tests.support.many_cases import many

RULES = shipped_rules()


def columns_of(entries: list[Projected]) -> CaseColumns:
    columns = CaseColumns(WorkedTime(RULES.calendar, NOW - timedelta(days=1)), BandSettings())
    for entry in entries:
        assert columns.put(entry, NOW)
    return columns


def check(columns: CaseColumns, entries: dict[str, Projected]) -> None:
    """Every column says what its case says."""
    assert set(columns.ids) == set(entries)
    assert columns.n == len(columns.x) == len(columns.keys) == len(entries)
    for case_id, entry in entries.items():
        at, case = columns.slot[case_id], entry.case
        assert columns.ids[at] == case_id
        assert columns.keys[at].tobytes().hex() == case_id.replace("-", "")
        assert columns.grids.codes[columns.grid[at]] == (case.grid or "")
        assert columns.depts.codes[columns.dept[at]] == (case.lead_dept or "")
        assert columns.categories.codes[columns.category[at]] == (case.category or "")
        assert columns.holders.codes[columns.holder[at]] == (case.owner.user or "")
        assert columns.state[at] == STATE_AT[case.state]
        assert columns.urgency[at] == (3 if case.urgent else case.level)
        assert bool(columns.placed[at]) == (case.location.lon is not None)
        assert case.description.lower().encode() in columns.texts[at]


def test_random_puts_and_drops_keep_the_columns_right() -> None:
    rng = random.Random(5)
    stock = many(700, NOW, RULES)
    columns = columns_of([])
    held: dict[str, Projected] = {}
    for _ in range(2500):
        entry = rng.choice(stock)
        case_id = entry.case.case_id
        if case_id in held and rng.random() < 0.5:
            assert columns.drop(case_id)
            del held[case_id]
        else:
            changed = replace(entry.case, level=rng.randrange(3), state=rng.choice(("handling", "checking")))
            held[case_id] = Projected(changed, changed)
            columns.put(held[case_id], NOW)
    check(columns, held)
    assert not columns.drop("nobody")


def test_a_kept_answer_is_unknown_after_a_change_and_moves_with_its_case() -> None:
    entries = many(300, NOW, RULES)
    columns = columns_of(entries)
    kept = columns.derived("mine")
    assert set(kept.tolist()) == {UNKNOWN}
    kept[:] = 1
    columns.put(entries[3], NOW)
    assert columns.derived("mine")[3] == UNKNOWN
    last = columns.ids[-1]
    columns.derived("mine")[columns.slot[last]] = 0
    columns.drop(entries[0].case.case_id)
    assert columns.slot[last] == 0
    assert columns.derived("mine")[0] == 0
    more = many(400, NOW, RULES, seed=9)
    for entry in more:
        columns.put(entry, NOW)
    assert columns.derived("mine")[columns.slot[more[-1].case.case_id]] == UNKNOWN
    columns.forget("mine")
    assert set(columns.derived("mine").tolist()) == {UNKNOWN}


def test_each_put_has_a_new_stamp() -> None:
    entries = many(3, NOW, RULES)
    columns = columns_of(entries)
    before = columns.stamp.copy()
    assert len(set(before.tolist())) == 3
    columns.put(entries[1], NOW)
    assert columns.stamp[1] > before.max()


def test_world_metres_are_those_of_the_map() -> None:
    for lon, lat in ((113.0, 23.0), (-180.0, -85.0), (0.0, 0.0)):
        assert world(lon, lat) == pytest.approx(project(lon, lat), rel=1e-12, abs=1e-6)
    for lon, lat in ((None, 23.0), (113.0, None), (181.0, 0.0), (0.0, 89.0), (math.nan, 1.0)):
        assert math.isnan(world(lon, lat)[0])


def test_numbers_order_like_case_numbers() -> None:
    assert number_key("20261120-0417") < number_key("20261120-0418") < number_key("20261121-0001")
    for odd in (None, "", "未编号", "A-1", "1" * 19, "２０２６"):
        assert number_key(odd) == NO_NUMBER


def test_codes_give_a_number_once() -> None:
    codes = Codes()
    assert (codes.number(None), codes.number(""), codes.number("a"), codes.number("b")) == (0, 0, 1, 2)
    assert codes.number("a") == 1
    assert (codes.find("b"), codes.find("c"), len(codes)) == (2, -1, 3)
    assert codes.codes == ["", "a", "b"]


def test_a_question_is_asked_once_for_each_code() -> None:
    entries = many(200, NOW, RULES)
    columns = columns_of(entries[:120])
    asked: list[str] = []

    def answer(codes: Sequence[str]) -> list[bool]:
        asked.extend(codes)
        return [code.endswith("001") for code in codes]

    for _ in range(2):
        mask = columns.by_code(columns.grid, columns.grids, "first", answer)
    assert sorted(asked) == sorted(columns.grids.codes)
    for entry in entries[120:]:
        columns.put(entry, NOW)
    mask = columns.by_code(columns.grid, columns.grids, "first", answer)
    assert sorted(asked) == sorted(columns.grids.codes)
    for entry in entries:
        expected = (entry.case.grid or "").endswith("001")
        assert bool(mask[columns.slot[entry.case.case_id]]) == expected
    for n in range(200):  # old questions are forgotten, none is answered wrongly
        columns.by_code(columns.grid, columns.grids, n, lambda codes: [True] * len(codes))
    again = columns.by_code(columns.grid, columns.grids, "first", answer)
    assert again.tolist() == mask.tolist()


def test_an_id_that_is_no_uuid_is_refused_before_anything_changed() -> None:
    entry = many(1, NOW, RULES)[0]
    columns = columns_of([])
    with pytest.raises(ValueError, match="fromhex"):
        columns.put(Projected(replace(entry.case, case_id="nobody"), None), NOW)
    assert columns.n == 0


def test_unknown_columns_are_no_attributes() -> None:
    columns = columns_of([])
    with pytest.raises(AttributeError):
        columns.nothing  # noqa: B018 - asking is the test
    assert isinstance(columns.x, np.ndarray)


def test_an_unsent_step_keeps_the_state_the_centre_knows() -> None:
    entry = many(1, NOW, RULES)[0]
    cached = replace(entry.case, state="pending_dispatch", location=Location(None, None, ""))
    ahead = replace(cached, state="closed")
    waiting: tuple[object, ...] = (object(),)
    columns = columns_of([Projected(ahead, cached, waiting)])  # type: ignore[arg-type]  # only that it waits counts
    assert columns.state[0] == STATE_AT["pending_dispatch"]
    assert bool(columns.open[0])
    assert bool(columns.pending[0])
