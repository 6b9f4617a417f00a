"""Rows of a case and the sums they are added to: what is stored, and for whom it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.kpi.parts import (
    ALL,
    CATEGORY,
    DEPT,
    NOWHERE,
    POST,
    SOURCE,
    Accounting,
    case_rows,
    counts_of,
    counts_text,
    sums_of,
)
from services.backend.kpi.spans import FIRST_MONTH, day_of, month_of
from services.backend.reference.kpis import catalogue_of
from services.domain.calendar import WorkCalendar
from services.domain.kpi.measures import WHOLE
from tests.unit.domain.ground import CALENDAR, DISPATCHER, GRID, NOW, OCTOBER, SANI
from tests.unit.domain.test_facts import Story

CATALOGUE = catalogue_of({})
names = st.from_regex(r"[a-z][a-z0-9_]{0,12}~?", fullmatch=True)
amounts = st.integers(-(10**12), 10**12)


@given(st.dictionaries(names, amounts, max_size=12))
def test_counts_are_stored_and_read_back_without_what_is_nothing(counts: dict[str, int]) -> None:
    text = counts_text(counts)
    assert counts_of(text) == {name: n for name, n in counts.items() if n}
    for name, n in counts.items():
        assert (f" {name}:" in text) == bool(n), "found by its name between a blank and a colon"
    assert counts_text(dict(reversed(counts.items()))) == text, "one spelling"


def row(**changed: Any) -> dict[str, Any]:
    base = {
        "case_id": "c", "n": 0, "version": 1, "day": 20_777, "ripe_at": None, "grid": GRID,
        "category": "event-0110", "source": "patrol", "dept": "sani", "post": "u-1",
        "counts": counts_text({"handle_n": WHOLE, "handle_seconds": 3_600_000}),
    }  # fmt: skip
    return {**base, **changed}


def test_one_row_adds_to_the_whole_and_to_every_grouping() -> None:
    day, month = 20_777, month_of(20_777)
    found = {key: n for key, n in sums_of([row()]).items() if key[0] == "handle_n"}
    expected = {
        (cube, area, span, key)
        for span in (day, month)
        for cube, area, key in (
            (ALL, GRID[:6], ""),
            (ALL, GRID[:9], ""),
            (DEPT, GRID[:6], "sani"),
            (CATEGORY, GRID[:6], "event-0110"),
            (SOURCE, GRID[:6], "patrol"),
            (POST, GRID[:6], "u-1"),
        )
    } | {(DEPT, GRID[:9], month, "sani")}
    assert {key[1:] for key in found} == expected
    assert set(found.values()) == {WHOLE}


def test_units_of_a_street_are_kept_by_month_only() -> None:
    """A year of days for every unit in every street would be more sums than cases."""
    streets = [key for key in sums_of([row()]) if key[2] == GRID[:9] and key[1] != ALL]
    assert streets and all(key[1] == DEPT and key[3] >= FIRST_MONTH for key in streets)


def test_a_row_without_a_grid_counts_for_the_whole_centre_alone() -> None:
    assert {key[2] for key in sums_of([row(grid=None)])} == {NOWHERE}
    assert {key[2] for key in sums_of([row(grid="")])} == {NOWHERE}


def test_what_ripens_is_in_no_sum() -> None:
    assert sums_of([row(ripe_at=1)]) == {}
    assert sums_of([row(), row(n=1, ripe_at=1)]) == sums_of([row()])


rows = st.lists(
    st.builds(
        row,
        day=st.integers(20_000, 20_100),
        grid=st.sampled_from([None, GRID, "440106002001001", "440106002002007"]),
        dept=st.sampled_from(["", "sani", "muni"]),
        counts=st.dictionaries(names, amounts, max_size=3).map(counts_text),
    ),
    max_size=6,
)


@given(rows, rows)
def test_sums_of_rows_add_up_and_are_taken_away_again(
    one: list[dict[str, Any]], two: list[dict[str, Any]]
) -> None:
    def added(*parts: dict[Any, int]) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for part in parts:
            for key, n in part.items():
                found[key] = found.get(key, 0) + n
        return {key: n for key, n in found.items() if n}

    assert added(sums_of([*one, *two])) == added(sums_of(one), sums_of(two))
    assert added(sums_of(one), sums_of(one, -1)) == {}


@given(rows)
def test_groupings_and_areas_add_up_to_the_whole(given_rows: list[dict[str, Any]]) -> None:
    """Of every measure and span: each grouping of the district, and days of a month, come to the same."""
    sums = sums_of(given_rows)

    def total(measure: str, cube: str, month: bool) -> int:
        return sum(
            n
            for key, n in sums.items()
            if key[:2] == (measure, cube) and (key[3] >= FIRST_MONTH) == month and len(key[2]) != 9
        )

    for measure in {key[0] for key in sums}:
        wanted = total(measure, ALL, month=False)
        for cube in (ALL, DEPT, CATEGORY, SOURCE, POST):
            for month in (True, False):
                assert total(measure, cube, month) == wanted, (measure, cube, month)
        streets = sum(n for key, n in sums.items() if key[:2] == (measure, ALL) and len(key[2]) == 9)
        lost = sum(n for key, n in sums.items() if key[:3] == (measure, ALL, NOWHERE))
        assert streets + lost == 2 * wanted, "once by day, once by month"


# --- rows of a case ----------------------------------------------------------------------------------------


def handled() -> Story:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    return story.do("feed_back", SANI, timedelta(days=2))


def test_a_case_has_one_row_a_day_unit_and_post() -> None:
    story = handled()
    made = case_rows(CATALOGUE, CALENDAR, story.facts, story.case)
    assert [r["n"] for r in made] == list(range(len(made)))
    places = [(r["day"], r["ripe_at"], r["dept"], r["post"]) for r in made]
    assert len(set(places)) == len(places)
    assert {r["case_id"] for r in made} == {story.case.case_id}
    assert {r["grid"] for r in made} == {GRID} and {r["version"] for r in made} == {story.case.version}
    assert {r["day"] for r in made} <= {day_of(NOW, CALENDAR) + n for n in range(3)}


def test_rows_hold_what_the_counter_says() -> None:
    story = handled()
    by_rows: dict[str, int] = {}
    for made in case_rows(CATALOGUE, CALENDAR, story.facts, story.case):
        for name, n in counts_of(made["counts"]).items():
            by_rows[name] = by_rows.get(name, 0) + n
    by_parts: dict[str, int] = {}
    for part in CATALOGUE.counter.parts(story.facts):
        for name, n in part.counts.items():
            by_parts[name] = by_parts.get(name, 0) + n
    assert by_rows == {name: n for name, n in by_parts.items() if n}


def test_an_open_case_has_rows_that_ripen_at_its_deadline() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER)
    due = story.case.due_at
    assert due is not None
    ripening = [
        r for r in case_rows(CATALOGUE, CALENDAR, story.facts, story.case) if r["ripe_at"] is not None
    ]
    assert {r["ripe_at"] for r in ripening} == {round(due.timestamp() * 1000)}
    assert {r["day"] for r in ripening} == {day_of(due, CALENDAR)}
    held = {name for r in ripening for name in counts_of(r["counts"])}
    assert {"overtime_open_n", "due_to_handle_n", "overtime_unclosed_n"} <= held


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (CALENDAR, CALENDAR, True),
        (CALENDAR, OCTOBER, True),  # holidays move deadlines, which are in the log already
        (CALENDAR, WorkCalendar(zone="Asia/Urumqi"), False),  # days are other days
    ],
    ids=["same", "holidays", "zone"],
)
def test_all_is_counted_again_when_days_or_definitions_change(
    first: WorkCalendar, second: WorkCalendar, same: bool
) -> None:
    one, two = Accounting(CATALOGUE, first), Accounting(CATALOGUE, second)
    assert (one.fingerprint == two.fingerprint) is same
    assert len(one.fingerprint) <= 64
