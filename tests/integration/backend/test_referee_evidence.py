"""Evidence of the referee by itself: pairs over the months, the ground under a point, and the duty table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update

from services.backend.db.auto_tables import bounce_steps
from services.backend.db.tables import cases
from services.backend.referee import pairs
from services.backend.referee.ground import MOST, area_names, ground_of
from services.backend.referee.pairs import DAYS, pair_wire
from services.backend.referee.sheet import duty_rows
from services.domain.case import Location
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import to_ms
from tests.support.centre import (
    CATEGORY,
    DISTRICT,
    HERE,
    SOUTH,
    STEP,
    STREETS,
    THERE,
    WEST,
    Backend,
    grid_code,
)

WHOLE = Actor("u-dispatcher1", "派遣员", ("dispatcher",), DISTRICT)
STREET = Actor("u-street", "街道", ("acceptor",), STREETS[0])
#: metres of a grid's side, roughly: 0.005 degrees east to west, and south to north
EAST_M, NORTH_M = 511.0, 556.0


@pytest.fixture
def quiet(backend: Backend) -> Iterator[Backend]:
    """No steps of other tests; the centre's own thread stands still."""
    backend.centre.auto.stop()
    with writing(backend.engine) as conn:
        conn.execute(delete(bounce_steps))
    yield backend
    with writing(backend.engine) as conn:
        conn.execute(delete(bounce_steps))


@pytest.fixture(scope="module")
def known(backend: Backend) -> list[str]:
    """Ids of four cases: three of the first street, one of the second."""
    seat = backend.seat("acceptor1")
    return [seat.register(place)["case_id"] for place in (HERE, HERE, HERE, THERE)]


def steps(conn: Connection, now: datetime, case_id: str, *units: str, days_ago: float = 1.0) -> None:
    """A case that went from unit to unit, one step a minute."""
    begun = to_ms(now - timedelta(days=days_ago))
    rows = [
        {
            "case_id": case_id, "n": n, "category": CATEGORY, "grid": None, "giver": giver, "taker": taker,
            "at": begun + n * 60_000, "returned": True,
        }
        for n, (giver, taker) in enumerate(pairwise(units), 1)
    ]  # fmt: skip
    conn.execute(insert(bounce_steps), rows)


def pair(backend: Backend, giver: str = "muni", taker: str = "sani", actor: Actor = WHOLE) -> dict[str, Any]:
    with glancing(backend.engine) as conn:
        return pair_wire(conn, actor, giver, taker, backend.centre.now())


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["bounces"], found["back"], found["passed_on"]


# --- pairs ----------------------------------------------------------------------------------------------------


def test_both_ways_are_counted_and_what_was_passed_on(quiet: Backend, known: list[str]) -> None:
    now = quiet.centre.now()
    with writing(quiet.engine) as conn:
        steps(conn, now, known[0], "muni", "sani")
        steps(conn, now, known[1], "muni", "sani", "green")
        steps(conn, now, known[2], "sani", "muni", "sani", "muni")
    assert counts(pair(quiet)) == (3, 2, 2)
    assert counts(pair(quiet, "sani", "muni")) == (2, 3, 1)
    assert counts(pair(quiet, "sani", "green")) == (1, 0, 0)
    assert counts(pair(quiet, "muni", "nobody")) == (0, 0, 0)


def test_a_case_nobody_has_taken_over_yet_is_no_pair(quiet: Backend, known: list[str]) -> None:
    with writing(quiet.engine) as conn:
        steps(conn, quiet.centre.now(), known[0], "muni", "sani", "")
    assert counts(pair(quiet)) == (1, 0, 1), "sani let go of it, though nobody has it yet"
    assert counts(pair(quiet, "sani", "")) == (1, 0, 0)


def test_only_the_last_ninety_days_count(quiet: Backend, known: list[str]) -> None:
    now = quiet.centre.now()
    with writing(quiet.engine) as conn:
        steps(conn, now, known[0], "muni", "sani", days_ago=DAYS - 1)
        steps(conn, now, known[1], "muni", "sani", "muni", days_ago=DAYS + 1)
    assert counts(pair(quiet)) == (1, 0, 0)


def test_everybody_counts_what_everybody_may_see(quiet: Backend, known: list[str]) -> None:
    now = quiet.centre.now()
    with writing(quiet.engine) as conn:
        steps(conn, now, known[0], "muni", "sani", "muni")
        steps(conn, now, known[3], "muni", "sani", "muni")
    assert counts(pair(quiet)) == (2, 2, 2)
    assert counts(pair(quiet, actor=STREET)) == (1, 1, 1)
    nobody = Actor("u", "x", ("dispatcher",), "110101")
    assert counts(pair(quiet, actor=nobody)) == (0, 0, 0)


def test_how_it_ended_is_told_of_closed_cases_most_first(quiet: Backend, known: list[str]) -> None:
    now = quiet.centre.now()
    with writing(quiet.engine) as conn:
        for case_id in known:
            steps(conn, now, case_id, "muni", "sani")
        ended = dict(zip(known[:3], ("sani", "muni", "sani"), strict=True))
        for case_id, dept in ended.items():
            conn.execute(update(cases).where(cases.c.case_id == case_id).values(open=False, lead_dept=dept))
    try:
        found = pair(quiet)
        assert (found["bounces"], found["open"]) == (4, 1)
        assert found["ended"] == [{"dept": "sani", "count": 2}, {"dept": "muni", "count": 1}]
    finally:
        with writing(quiet.engine) as conn:
            restored = {"open": True, "lead_dept": None}
            conn.execute(update(cases).where(cases.c.case_id.in_(known)).values(**restored))


def test_a_flood_is_cut_off(quiet: Backend, known: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(quiet.engine) as conn:
        for case_id in known:
            steps(conn, quiet.centre.now(), case_id, "muni", "sani")
    monkeypatch.setattr(pairs, "MOST", 2)
    assert pair(quiet)["bounces"] == 2


# --- the ground --------------------------------------------------------------------------------------------------


def ground(backend: Backend, lon: float | None, lat: float | None, grid: str | None) -> dict[str, Any] | None:
    case: Any = SimpleNamespace(location=Location(lon=lon, lat=lat, address="某处"), grid=grid)
    with glancing(backend.engine) as conn:
        return ground_of(conn, backend.centre.places.index, case)


def here(x: float, y: float) -> tuple[float, float]:
    """A point by its place in the field of grids: (0.5, 0.5) is the middle of the first grid."""
    return WEST + x * STEP, SOUTH + y * STEP


@pytest.mark.parametrize(
    ("x", "y", "edge"),
    [
        (0.5, 0.5, EAST_M / 2), (0.9, 0.5, EAST_M * 0.1), (0.5, 0.95, NORTH_M * 0.05), (1.01, 0.5, EAST_M * 0.01),
        (3.5, 1.5, EAST_M / 2),
    ],
)  # fmt: skip
def test_how_far_the_edge_is(backend: Backend, x: float, y: float, edge: float) -> None:
    grid = grid_code(int(x), int(y))
    found = ground(backend, *here(x, y), grid)
    assert found is not None and found["inside"] and found["grid"]["code"] == grid
    assert found["edge_m"] == pytest.approx(edge, rel=0.01)
    assert found["grid"]["distance_m"] == 0.0 and found["address"] == "某处"


def test_neighbours_come_nearest_first_with_their_street(backend: Backend) -> None:
    found = ground(backend, *here(1.95, 0.5), grid_code(1, 0))
    assert found is not None
    distances = [one["distance_m"] for one in found["neighbours"]]
    assert distances == sorted(distances) and 0 < len(distances) <= MOST
    nearest = found["neighbours"][0]
    assert (nearest["code"], nearest["street"]) == (grid_code(2, 0), STREETS[1])
    assert nearest["distance_m"] == pytest.approx(EAST_M * 0.05, rel=0.02)
    assert found["grid"]["code"] not in {one["code"] for one in found["neighbours"]}


def test_a_point_outside_its_own_grid_is_measured_from_there(backend: Backend) -> None:
    """The desk corrected the grid by hand: the sheet says so instead of hiding it."""
    found = ground(backend, *here(1.1, 0.5), grid_code(0, 0))
    assert found is not None and not found["inside"] and found["grid"]["code"] == grid_code(0, 0)
    assert found["edge_m"] == pytest.approx(EAST_M * 0.1, rel=0.02)


def test_a_point_without_a_grid_takes_the_one_it_lies_in(backend: Backend) -> None:
    for grid in (None, "990101001001999"):
        found = ground(backend, *here(0.5, 1.5), grid)
        assert found is not None and found["inside"] and found["grid"]["code"] == grid_code(0, 1)


@pytest.mark.parametrize(
    ("lon", "lat", "grid"),
    [
        (None, SOUTH, grid_code(0, 0)),
        (WEST, None, grid_code(0, 0)),
        (WEST - 1, SOUTH, None),
        (None, None, None),
    ],
)
def test_without_a_place_there_is_no_ground(
    backend: Backend, lon: float | None, lat: float | None, grid: str | None
) -> None:
    assert ground(backend, lon, lat, grid) is None


def test_outlines_are_closed_rings_around_the_grid(backend: Backend) -> None:
    found = ground(backend, *here(0.5, 0.5), grid_code(0, 0))
    assert found is not None
    (ring,) = found["grid"]["outline"]
    assert ring[0] == ring[-1] and len(ring) == 5
    assert {round((x - WEST) / STEP, 3) for x, _ in ring} == {0.0, 1.0}
    assert {round((y - SOUTH) / STEP, 3) for _, y in ring} == {0.0, 1.0}


def test_names_of_areas_that_are_gone_are_left_out(backend: Backend) -> None:
    with glancing(backend.engine) as conn:
        assert area_names(conn, {STREETS[0], "990109999"}) == {STREETS[0]: "区域001"}
        assert area_names(conn, set()) == {}


# --- the duty table -------------------------------------------------------------------------------------------------


def test_the_duty_table_names_the_unit_of_this_street(backend: Backend) -> None:
    rules = backend.centre.reference.rules
    for entry in rules.categories.values():
        for street in STREETS:
            case: Any = SimpleNamespace(category=entry.code, condition=0, area_path=(DISTRICT, street))
            rows = duty_rows(case, rules)
            assert [row["condition"] for row in rows] == list(range(len(entry.conditions)))
            assert [row["chosen"] for row in rows] == [n == 0 for n in range(len(rows))]
            for row, condition in zip(rows, entry.conditions, strict=True):
                assert row["dept"] == rules.lead_of(entry.code, row["condition"], (street,))
                assert row["own"] == (condition.dept is not None)
                if (condition.dept or entry.dept) == "street":
                    assert row["dept"] == f"street-{street}"


@pytest.mark.parametrize("category", [None, "", "gone-99"])
def test_a_case_without_a_category_has_no_duty_table(backend: Backend, category: str | None) -> None:
    case: Any = SimpleNamespace(category=category, condition=None, area_path=(DISTRICT,))
    assert duty_rows(case, backend.centre.reference.rules) == []
