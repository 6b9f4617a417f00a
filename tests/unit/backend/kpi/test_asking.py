"""Questions about figures on a small table of rows made by hand: every grouping, area and scope, and the cases behind.

Five cases of one November, three units, two streets; each row says what one case gives on one day. What is expected
stands beside the rows and was added up by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from services.backend.db.kpi_tables import kpi_entries
from services.backend.db.opening import open_database
from services.backend.db.tables import areas
from services.backend.kpi.asking import Wish, answer, figures, sides, top_category
from services.backend.kpi.counting import GROUPS, Ask, count
from services.backend.kpi.drilling import case_weights
from services.backend.kpi.following import put_rows
from services.backend.kpi.parts import counts_text
from services.backend.kpi.spans import Period, day_number
from services.backend.reference.kpis import catalogue_of
from services.domain.kpi.figures import Figure
from services.domain.kpi.measures import WHOLE
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from services.sql.types import to_ms

CATALOGUE = catalogue_of({})
STREET_A, STREET_B = "440106001", "440106002"
GRID_A, GRID_A2, GRID_B = f"{STREET_A}001001", f"{STREET_A}002003", f"{STREET_B}001001"
EVALUATOR = Actor("u-e", "考评员", ("evaluator",), "440106", None)
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
SOON = NOW + timedelta(days=2)


def day(text: str) -> int:
    return day_number(date.fromisoformat(f"2026-11-{text}"))


NOVEMBER = Period(day("01"), day_number(date(2026, 12, 1)))
TO_TODAY = Period(day("01"), day("26"))


IDS = {f"c{n}": f"01930000-0000-7000-8000-{n:012d}" for n in range(1, 6)}
NAMES = {case_id: name for name, case_id in IDS.items()}


def behind(conn: Any, name: str, *how: Any, **more: Any) -> dict[str, int]:
    """The cases behind a side of a figure by their short names, with what they weigh."""
    weights = case_weights(conn, CATALOGUE.definitions[name], *how, **more)
    return {NAMES[case_id]: weight for case_id, weight in weights.items()}


def row(case: str, when: str, dept: str, grid: str | None, **counts: int) -> dict[str, Any]:
    """A row in whole cases; names with `_s` are seconds."""
    told = {name.replace("_s", "_seconds") if name.endswith("_s") else name: n for name, n in counts.items()}
    return {
        "case_id": IDS[case], "n": 0, "version": 1, "day": day(when), "ripe_at": None, "grid": grid,
        "category": "event-0110", "source": "patrol", "dept": dept, "post": "u-1",
        "counts": counts_text({name: n * WHOLE for name, n in told.items()}),
    }  # fmt: skip


DONE = {"due_to_handle_n": 1, "handle_n": 1}
#: case -> its rows
ROWS: dict[str, list[dict[str, Any]]] = {
    "c1": [row("c1", "02", "sani", GRID_A, **DONE, on_time_handle_n=1, handled_day_n=1, handle_s=7200, file_n=1)],
    "c2": [row("c2", "03", "sani", GRID_A2, **DONE, overtime_handle_n=1, handled_day_n=1, handle_s=3600, file_n=1)],
    "c3": [
        row("c3", "10", "muni", GRID_B, **DONE, on_time_handle_n=1, file_n=1)
        | {"category": "event-0401", "source": "hotline", "post": "u-2"}
    ],
    "c4": [
        row("c4", "20", "water", None, **DONE, on_time_handle_n=1, file_n=1) | {"category": "", "post": ""},
        # windows saved it: without them it would have been late
        row("c4", "21", "water", None) | {"n": 1, "counts": " on_time_handle_n~:-1000 overtime_handle_n~:1000 "},
    ],
    "c5": [
        row("c5", "24", "sani", GRID_A, due_to_handle_n=1, overtime_open_n=1) | {"ripe_at": to_ms(NOW)},
        row("c5", "27", "sani", GRID_A, due_to_close_n=1) | {"n": 1, "ripe_at": to_ms(SOON)},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{Path(tmp_path_factory.mktemp('asking')) / 'centre.db'}")
    with writing(made) as conn:
        put_rows(conn, {IDS[case]: rows for case, rows in ROWS.items()})
        for code, level, parent, registered in (
            ("440106", "district", None, True), (STREET_A, "street", "440106", True),
            (GRID_A, "grid", f"{STREET_A}001", True), (GRID_A2, "grid", f"{STREET_A}002", False),
            (GRID_B, "grid", f"{STREET_B}001", True),
        ):  # fmt: skip
            conn.execute(
                insert(areas).values(
                    code=code,
                    level=level,
                    parent=parent,
                    name=code,
                    registered=registered,
                    wkb=b"",
                    officer="",
                )
            )
        entry = {"document": "巡检表", "by_user": "u", "at": 1}
        for kpi, when, area, above, below in (
            ("system_uptime_rate", "05", STREET_A, 90, 100), ("system_uptime_rate", "06", STREET_B, 50, 100),
            ("system_uptime_rate", "06", STREET_A, 100, 100), ("valid_complaint_count", "07", STREET_A, 3, None),
        ):  # fmt: skip
            values = {"kpi": kpi, "day": day(when), "area": area, "numerator": above * WHOLE}
            conn.execute(
                insert(kpi_entries).values(
                    **values, denominator=None if below is None else below * WHOLE, **entry
                )
            )
    yield made
    made.dispose()


def ask(group_by: str = "none", period: Period = NOVEMBER, area: str | None = None, **more: Any) -> Ask:
    return Ask(more.get("actor", EVALUATOR), period, area, group_by, more.get("now", NOW))


def values(engine: Engine, name: str, asked: Ask) -> dict[str | None, tuple[Any, Any]]:
    """Both sides of a figure by group."""
    with reading(engine) as conn:
        found = figures(conn, CATALOGUE, [CATALOGUE.definitions[name]], asked)[name]
    return {group: (made.numerator, made.denominator) for group, made in found.items()}


# --- groupings -----------------------------------------------------------------------------------------------

#: 按期处置 ÷ 应处置 of the whole month, c5 being overdue now
BY_GROUP: dict[str, dict[str | None, tuple[int, int]]] = {
    "none": {None: (3, 5)},
    "dept": {"sani": (1, 3), "muni": (1, 1), "water": (1, 1)},
    "area": {STREET_A: (1, 3), STREET_B: (1, 1), None: (1, 1)},
    "category": {"event-0110": (1, 3), "event-0401": (1, 1), None: (1, 1)},
    "source": {"patrol": (2, 4), "hotline": (1, 1)},
    "post": {"u-1": (1, 3), "u-2": (1, 1), None: (1, 1)},
    "day": {
        "2026-11-02": (1, 1), "2026-11-03": (0, 1), "2026-11-10": (1, 1), "2026-11-20": (1, 1), "2026-11-24": (0, 1),
    },
    "week": {"2026-W45": (1, 2), "2026-W46": (1, 1), "2026-W47": (1, 1), "2026-W48": (0, 1)},
    "month": {"2026-11": (3, 5)},
}  # fmt: skip


@pytest.mark.parametrize("period", [NOVEMBER, TO_TODAY], ids=["month", "days"])
@pytest.mark.parametrize("group_by", sorted(BY_GROUP))
def test_every_grouping_of_the_month(engine: Engine, group_by: str, period: Period) -> None:
    assert set(BY_GROUP) == set(GROUPS)
    assert values(engine, "on_time_handling_rate", ask(group_by, period)) == BY_GROUP[group_by]


@pytest.mark.parametrize("group_by", sorted(BY_GROUP))
def test_the_cases_behind_a_group_make_up_its_figure(engine: Engine, group_by: str) -> None:
    name, asked = "on_time_handling_rate", ask(group_by)
    with reading(engine) as conn:
        for group, (above, below) in BY_GROUP[group_by].items():
            for side, wanted in (("numerator", above), ("denominator", below)):
                weights = behind(conn, name, asked, side, group)
                assert sum(weights.values()) == wanted * WHOLE, (group, side)
                assert all(weights.values()), "a case that comes to nothing is not behind it"
        every = behind(conn, name, asked, "denominator")
    assert sorted(every) == ["c1", "c2", "c3", "c4", "c5"]


def test_a_group_nobody_is_in_has_no_row_and_no_cases(engine: Engine) -> None:
    asked = ask("dept")
    with reading(engine) as conn:
        assert behind(conn, "handling_rate", asked, "denominator", "green") == {}
    assert "green" not in values(engine, "handling_rate", asked)
    assert values(engine, "return_rate", asked) == {}
    assert values(engine, "return_rate", ask()) == {None: (0, 0)}


# --- time ------------------------------------------------------------------------------------------------------


def test_what_is_not_ripe_yet_counts_for_nobody(engine: Engine) -> None:
    before = ask(now=NOW - timedelta(milliseconds=1))
    assert values(engine, "on_time_handling_rate", before) == {None: (3, 4)}
    assert values(engine, "on_time_handling_rate", ask()) == {None: (3, 5)}, "on the very millisecond"
    assert values(engine, "due_to_close_n", ask()) == {None: (0, None)}
    assert values(engine, "due_to_close_n", ask(now=SOON)) == {None: (1, None)}
    with reading(engine) as conn:
        assert behind(conn, "due_to_close_n", ask(), "numerator") == {}


@pytest.mark.parametrize(
    ("first", "end", "handled"),
    [("01", "02", 0), ("02", "03", 1), ("02", "04", 2), ("03", "11", 2), ("10", "21", 2), ("21", "30", 0)],
    ids=range(6),
)
def test_the_last_day_is_not_included(engine: Engine, first: str, end: str, handled: int) -> None:
    assert values(engine, "handle_n", ask(period=Period(day(first), day(end)))) == {None: (handled, None)}


def test_an_empty_period_has_no_figures(engine: Engine) -> None:
    with reading(engine) as conn:
        assert count(conn, ask(period=Period(day("05"), day("05"))), ["handle_n"]) == {}
        assert count(conn, ask(), []) == {}


# --- areas and scopes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "handled"),
    [
        (None, 4),  # the whole centre, the case without a grid included
        ("440106", 3),
        (STREET_A, 2),
        (f"{STREET_A}001", 1),
        (GRID_A, 1),
        (GRID_A2, 1),
        (STREET_B, 1),
        (f"{STREET_B}002", 0),
        ("110101", 0),
        ("4401", 3),  # above the district
    ],
)
def test_an_area_holds_what_lies_in_it(engine: Engine, area: str | None, handled: int) -> None:
    assert values(engine, "handle_n", ask(area=area)) == {None: (handled, None)}
    with reading(engine) as conn:
        weights = behind(conn, "handle_n", ask(area=area), "numerator")
    assert len(weights) == handled


@pytest.mark.parametrize(
    ("own", "asked", "reach"),
    [
        ("440106", None, "440106"), ("440106", STREET_A, STREET_A), (STREET_A, "440106", STREET_A),
        (STREET_A, STREET_B, None), (STREET_A, None, STREET_A), (GRID_A, STREET_A, GRID_A), (None, None, None),
        (None, STREET_A, None), ("110101", "440106", None),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_asked_for_and_what_is_in_scope_must_meet(
    engine: Engine, own: str | None, asked: str | None, reach: str | None
) -> None:
    actor = replace(EVALUATOR, area_code=own)
    question = ask(area=asked, actor=actor)
    assert question.reach == reach
    if reach is None:
        assert values(engine, "handle_n", question) == {None: (0, None)}


@pytest.mark.parametrize(
    ("area", "groups"),
    [
        (None, {STREET_A, STREET_B, None}),
        ("440106", {STREET_A, STREET_B}),
        (STREET_A, {f"{STREET_A}001", f"{STREET_A}002"}),
        (f"{STREET_A}001", {GRID_A}),
        (GRID_A, {GRID_A}),
    ],
    ids=range(5),
)
def test_a_grouping_by_area_shows_one_level_below(
    engine: Engine, area: str | None, groups: set[str | None]
) -> None:
    assert set(values(engine, "handle_n", ask("area", area=area))) == groups


@pytest.mark.parametrize(
    ("area", "group_by", "period", "from_sums"),
    [
        (None, "none", NOVEMBER, True), ("440106", "category", TO_TODAY, True), (STREET_A, "none", TO_TODAY, True),
        (STREET_A, "day", NOVEMBER, True), (STREET_A, "dept", NOVEMBER, True), (STREET_A, "dept", TO_TODAY, False),
        (STREET_A, "source", NOVEMBER, False), (STREET_A, "area", NOVEMBER, False), (GRID_A, "none", NOVEMBER, False),
    ],
    ids=range(9),
)  # fmt: skip
def test_sums_are_used_where_they_know_the_answer(
    area: str | None, group_by: str, period: Period, from_sums: bool
) -> None:
    assert ask(group_by, period, area).from_sums is from_sums
    dept = Actor("u-d", "环卫", ("dept_user",), "440106", "sani")
    assert ask(group_by, period, area, actor=dept).from_sums is False, "a unit's scope is its cases"


@pytest.mark.parametrize("group_by", sorted(GROUPS))
@pytest.mark.parametrize("area", [STREET_A, STREET_B])
def test_a_streets_own_figures_are_those_of_its_part_of_the_district(
    engine: Engine, group_by: str, area: str
) -> None:
    """From sums or from rows: who works in a street sees what the district sees when it asks for the street."""
    street = replace(EVALUATOR, area_code=area)
    mine = values(engine, "on_time_handling_rate", ask(group_by, actor=street))
    assert mine == values(engine, "on_time_handling_rate", ask(group_by, area=area))
    assert sum(below for _, below in mine.values()) == {STREET_A: 3, STREET_B: 1}[area]


# --- windows ---------------------------------------------------------------------------------------------------


def test_figures_are_told_with_and_without_windows(engine: Engine) -> None:
    rates = [CATALOGUE.definitions[name] for name in ("on_time_handling_rate", "overtime_handling_rate")]
    with reading(engine) as conn:
        told = answer(conn, CATALOGUE, rates, ask("dept"), Wish(windows=True))
        late = behind(conn, "overtime_handling_rate", ask(), "numerator", plain=True)
    rows = {(r["id"], r["group"]): r for r in told["rows"]}
    assert rows["on_time_handling_rate", "water"]["value"] == 100
    assert rows["on_time_handling_rate", "water"]["without_windows"]["value"] == 0
    assert rows["on_time_handling_rate", "muni"]["without_windows"]["value"] == 100
    assert late == {"c2": WHOLE, "c4": WHOLE}


# --- other kinds of figure -------------------------------------------------------------------------------------


def test_the_mean_time_is_told_in_hours(engine: Engine) -> None:
    assert values(engine, "avg_handling_hours", ask()) == {None: (3, 2)}
    assert values(engine, "avg_handling_hours", ask("dept")) == {"sani": (3, 2)}
    with reading(engine) as conn:
        told = answer(conn, CATALOGUE, [CATALOGUE.definitions["avg_handling_hours"]], ask())
    (only,) = told["rows"]
    assert (only["numerator"], only["denominator"], only["value"], only["unit"]) == (3, 2, 1.5, "小时")


def test_the_top_category_of_what_was_filed(engine: Engine) -> None:
    top = CATALOGUE.definitions["high_incidence_share"]
    with reading(engine) as conn:
        assert top_category(conn, top, ask()) == ("event-0110", Fraction(2), Fraction(4))
        assert behind(conn, "high_incidence_share", ask(), "numerator") == {"c1": WHOLE, "c2": WHOLE}
        assert set(behind(conn, "high_incidence_share", ask(), "denominator")) == {"c1", "c2", "c3", "c4"}
        assert top_category(conn, top, ask(area="110101")) is None
    assert values(engine, "high_incidence_share", ask()) == {None: (2, 4)}
    assert values(engine, "high_incidence_share", ask("category")) == {"event-0110": (2, 4)}
    assert values(engine, "high_incidence_share", ask("dept")) == {}
    assert values(engine, "high_incidence_share", ask(area="110101")) == {None: (0, 0)}


def test_of_two_equally_frequent_categories_the_first_is_named(engine: Engine) -> None:
    only = ask(period=Period(day("03"), day("11")))
    with reading(engine) as conn:
        assert top_category(conn, CATALOGUE.definitions["high_incidence_share"], only) == (
            "event-0110", Fraction(1), Fraction(2),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("area", "group_by", "expected"),
    [
        (None, "none", {None: (2, 3)}), (STREET_A, "none", {None: (1, 2)}), ("110101", "none", {None: (0, 0)}),
        (None, "area", {STREET_A: (1, 2), STREET_B: (1, 1)}), (None, "dept", {}),
    ],
    ids=range(5),
)  # fmt: skip
def test_registered_grids_of_all_grids(
    engine: Engine, area: str | None, group_by: str, expected: dict[Any, Any]
) -> None:
    found = values(engine, "integrated_grid_registration_rate", ask(group_by, area=area))
    assert found == expected


@pytest.mark.parametrize(
    ("name", "area", "group_by", "expected"),
    [
        ("system_uptime_rate", None, "none", {None: (240, 300)}),
        ("system_uptime_rate", STREET_A, "none", {None: (190, 200)}),
        ("system_uptime_rate", None, "area", {STREET_A: (190, 200), STREET_B: (50, 100)}),
        ("system_uptime_rate", "110101", "none", {None: (0, 0)}),
        ("valid_complaint_count", None, "none", {None: (3, None)}),
        ("valid_complaint_count", STREET_B, "none", {None: (0, None)}),
        ("valid_complaint_count", None, "dept", {}),
        ("data_sync_timeliness", None, "none", {}),
    ],
    ids=range(8),
)
def test_what_was_entered_adds_up_and_what_is_stated_has_no_number(
    engine: Engine, name: str, area: str | None, group_by: str, expected: dict[Any, Any]
) -> None:
    assert values(engine, name, ask(group_by, area=area)) == expected


# --- the answer --------------------------------------------------------------------------------------------------


def test_rows_stand_in_the_order_asked_for_and_groups_in_theirs(engine: Engine) -> None:
    wanted = [CATALOGUE.definitions[name] for name in ("handle_n", "due_to_handle_n")]
    with reading(engine) as conn:
        told = answer(conn, CATALOGUE, wanted, ask("area"))
    assert [(r["id"], r["group"]) for r in told["rows"]] == [
        (name, group) for name in ("handle_n", "due_to_handle_n") for group in (STREET_A, STREET_B, None)
    ]
    assert (told["from"], told["to"]) == ("2026-11-01", "2026-12-01")
    assert told["means"] == {"handle_n": round(4 / 3, 6), "due_to_handle_n": round(5 / 3, 6)}
    assert all(r["definition_version"] == CATALOGUE.definitions[r["id"]].version for r in told["rows"])


def test_earlier_periods_are_compared_group_by_group(engine: Engine) -> None:
    wanted = [CATALOGUE.definitions["handle_n"]]
    week = ask("dept", Period(day("09"), day("16")))
    with reading(engine) as conn:
        told = {r["group"]: r for r in answer(conn, CATALOGUE, wanted, week, Wish(compare=True))["rows"]}
        whole = answer(conn, CATALOGUE, wanted, replace(week, group_by="none"), Wish(compare=True))["rows"][0]
    assert set(told) == {"muni"}
    assert told["muni"]["previous"] == {"numerator": 0, "denominator": None, "value": None, "change": None}
    assert whole["previous"]["numerator"] == 2 and whole["previous"]["change"] == -50
    assert whole["last_year"] == {"numerator": 0, "denominator": None, "value": 0, "change": None}


def test_sides_are_numbers_and_nothing_is_null() -> None:
    assert sides(None) == {"numerator": 0, "denominator": None, "value": None}
    assert sides(Figure(Fraction(0), Fraction(0), True)) == {"numerator": 0, "denominator": 0, "value": None}
    assert sides(Figure(Fraction(1), Fraction(3), True)) == {
        "numerator": 1, "denominator": 3, "value": 33.333333,
    }  # fmt: skip
    assert sides(Figure(Fraction(1, 2), None)) == {"numerator": 0.5, "denominator": None, "value": 0.5}
