"""A whole desk at once says what case by case says, at any moment of the week."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from console.viewmodels.case_columns import _COLUMNS, CaseColumns
from console.viewmodels.desk_columns import WorkingSpans, columns_of
from console.viewmodels.limit_columns import WorkedTime
from services.domain.bands import BandSettings
from services.domain.calendar import to_s
from services.domain.case import Case, Location, Owner
from services.ports.picture import Projected
from services.ports.search import DeskColumns
from tests.support.desk_rows import desk_of
from tests.support.fakes import NOW, shipped_rules
from tests.support.many_cases import many

RULES = shipped_rules()
BANDS = BandSettings()
#: working hours, noon, night, before and on the weekend, a Monday morning
MOMENTS = tuple(
    datetime(2026, 11, day, hour, minute, 7, tzinfo=UTC)
    for day, hour, minute in ((20, 1, 0), (20, 4, 30), (20, 9, 59), (20, 15, 0), (21, 3, 0), (23, 0, 0))
)


def one_by_one(cases: list[Case], now: datetime) -> CaseColumns:
    columns = CaseColumns(WorkedTime(RULES.calendar, now - timedelta(days=1)), BANDS)
    for case in cases:
        columns.put(Projected(case, case), now)
    return columns


def words(columns: CaseColumns, name: str) -> list[str]:
    codes = {
        "grid": columns.grids, "category": columns.categories, "source": columns.sources,
        "dept": columns.depts, "holder": columns.holders,
    }[name]  # fmt: skip
    return [codes.codes[number] for number in getattr(columns, name)]


def same(ours: CaseColumns, theirs: CaseColumns) -> None:
    assert ours.ids == theirs.ids
    assert ours.slot == theirs.slot
    assert ours.texts == theirs.texts
    assert ours.keys.tobytes() == theirs.keys.tobytes()
    for name in _COLUMNS:
        if name in ("grid", "category", "source", "dept", "holder"):
            assert words(ours, name) == words(theirs, name), name
        elif name in ("x", "y"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-6)
        else:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)


def varied(n: int, seed: int) -> list[Case]:
    rng = random.Random(seed)
    made = [entry.case for entry in many(n, NOW, RULES, seed)]
    odd = (
        {"flags": frozenset({"extension_pending"})}, {"flags": frozenset({"override", "suspend_pending"})},
        {"flags": frozenset({"override"})}, {"urgent": True}, {"owner": Owner("dept_user", "x", "u1")},
        {"location": Location(200.0, 23.0)}, {"location": Location(113.0, 89.0)}, {"number": None},
        {"number": "A-7"}, {"clocks": {}}, {"state": "closed"}, {"grid": None, "category": None},
    )  # fmt: skip
    return [replace(case, **(rng.choice(odd) if rng.random() < 0.3 else {})) for case in made]  # type: ignore[arg-type] # fields of a case


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_a_whole_desk_says_what_case_by_case_says(moment: int) -> None:
    now = MOMENTS[moment]
    cases = varied(250, moment)
    ours = columns_of(desk_of(cases), RULES.calendar, BANDS, now)
    theirs = one_by_one(cases, now)
    same(ours, theirs)
    later = now + timedelta(hours=31)
    ours.move_to(later)
    theirs.move_to(later)
    np.testing.assert_array_equal(ours.band, theirs.band)
    np.testing.assert_array_equal(ours.remaining(later), theirs.remaining(later))


def test_cases_come_and_go_behind_a_desk() -> None:
    cases = varied(300, 3)
    ours, theirs = columns_of(desk_of(cases), RULES.calendar, BANDS, NOW), one_by_one(cases, NOW)
    fresh = [entry.case for entry in many(60, NOW, RULES, 11)]
    for columns in (ours, theirs):
        for case in fresh:
            assert columns.put(Projected(case, case), NOW)
        for case in cases[::3]:
            assert columns.drop(case.case_id)
        for case in cases[1::3]:
            assert not columns.put(Projected(replace(case, level=2), case), NOW)
    assert ours.ids == theirs.ids
    np.testing.assert_array_equal(ours.due, theirs.due)
    np.testing.assert_array_equal(ours.stage, theirs.stage)
    assert len(set(ours.stamp.tolist())) == ours.n, "no two cases have the same stamp"


def test_an_empty_desk() -> None:
    columns = columns_of(DeskColumns(), RULES.calendar, BANDS, NOW)
    assert (columns.n, columns.ids, len(columns.move_to(NOW))) == (0, [], 0)
    case = many(1, NOW, RULES)[0]
    assert columns.put(case, NOW)


def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"hex|reshape"):
        columns_of(
            desk_of([replace(many(1, NOW, RULES)[0].case, case_id="case-1")]), RULES.calendar, BANDS, NOW
        )


def test_working_spans_count_what_the_calendar_counts() -> None:
    rng = random.Random(1)
    for start in map(to_s, MOMENTS):
        spans = WorkingSpans(RULES.calendar, start, start + 20 * 86400)
        moments = [start + rng.randrange(0, 20 * 86400) for _ in range(200)]
        wanted = [RULES.calendar.counted(start, moment, True) for moment in moments]
        assert spans.worked(np.array(moments, float)).tolist() == wanted
        seconds = [rng.randrange(1, 8 * 3600 * 10) for _ in range(100)]
        wanted = [RULES.calendar.add(start, some, True) for some in seconds]
        assert spans.after(np.array(seconds, float)).tolist() == wanted
    assert math.isclose(float(spans.worked(np.array([start - 100.0]))[0]), 0.0)
