"""Sums against a count from scratch: whatever legal histories cases have, in whatever steps they were taken in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from services.backend.db.kpi_tables import kpi_parts, kpi_sums
from services.backend.db.opening import open_database
from services.backend.kpi.counting import GROUPS, Ask, count
from services.backend.kpi.following import put_rows
from services.backend.kpi.parts import case_rows, counts_of, counts_text, sums_of
from services.backend.kpi.spans import Period, day_number, day_of
from services.backend.reference.kpis import catalogue_of
from services.domain.case import Case
from services.domain.facts import CaseFacts, fold
from services.domain.kpi.events import events
from services.domain.kpi.measures import without_windows
from services.domain.kpi.windows import plain_dues
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from tests.unit.domain.ground import CALENDAR, NOW, OTHER_GRID, SANI
from tests.unit.domain.test_walks import CENTRES, STARTS, Walk, _asked, steps

CATALOGUE = catalogue_of({})
WHOLE = Actor("u", "考评员", ("evaluator",), "440106", None)
#: whole months, so that units of a street come from the sums as well
MONTHS = Period(day_number(date(2026, 10, 1)), day_number(date(2028, 1, 1)))
FAR = Period(day_of(NOW, CALENDAR) - 40, day_of(NOW, CALENDAR) + 400)


class Told(Walk):
    """A random walk that keeps its facts after every step."""

    def __init__(self, case_id: str, *start: Any) -> None:
        self.case_id = case_id
        self.facts: CaseFacts | None = None
        self.told: list[tuple[CaseFacts, Case]] = []
        super().__init__(*start)

    def _take(self, action: str, user: str, payload: dict[str, Any]) -> None:
        self.facts = fold(self.facts, self.case, action, user, self.now, payload)
        self.told.append((replace(self.facts, case_id=self.case_id), self.case))

    def do(self, action: str, actor: Actor, variant: int) -> None:
        if self.facts is None:
            born = "import" if "imported" in self.case.marks else "register"
            self._take(born, "u-0", {})
        before = self.case.version
        super().do(action, actor, variant)
        if self.case.version != before:
            self._take(action, actor.id, dict(_asked(action, variant, self.case).payload))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{Path(tmp_path_factory.mktemp('sums')) / 'centre.db'}")
    yield made
    made.dispose()


def from_scratch(
    cases: list[tuple[CaseFacts, Case]], now: datetime, group_by: str, area: str, plain: bool = False
) -> dict[str | None, dict[str, int]]:
    """The counts of every measure by group, read event by event: no rows, no sums."""
    found: dict[str | None, dict[str, int]] = {}
    for told, case in cases:
        facts = without_windows(told, plain_dues(case, CALENDAR)) if plain else told
        if not (facts.grid or "").startswith(area):
            continue
        for event in events(facts):
            if event.ripe_at is not None and event.ripe_at > now:
                continue
            group = {
                "none": None, "dept": event.dept, "category": facts.category or "", "source": facts.source,
                "post": event.post, "area": (facts.grid or "")[: {0: 9, 9: 12, 12: 15}[len(area)]],
                "day": CALENDAR.local(event.at).date().isoformat(),
                "month": f"{CALENDAR.local(event.at):%Y-%m}", "week": f"{CALENDAR.local(event.at):%G-W%V}",
            }[group_by]  # fmt: skip
            for measure in CATALOGUE.measures.values():
                if measure.event == event.name and measure.takes(facts) and (n := measure.counts(event)):
                    counts = found.setdefault(group or None, {})
                    counts[measure.id] = counts.get(measure.id, 0) + n
    return found


walks = st.lists(
    st.tuples(st.sampled_from(CENTRES), st.sampled_from(STARTS), st.integers(0, 3), steps),
    min_size=1,
    max_size=3,
)


@given(walks, st.integers(0, 1 << 30), st.sampled_from(sorted(GROUPS)), st.integers(0, 20))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_sums_equal_a_count_from_scratch(
    engine: Engine, drawn: list[Any], order: int, group_by: str, later: int
) -> None:
    with writing(engine) as conn:
        conn.execute(delete(kpi_parts))
        conn.execute(delete(kpi_sums))
    told = []
    for n, (under, start, variant, path) in enumerate(drawn):
        walk = Told(f"01930000-0000-7000-8000-{n:012d}", under, start, variant)
        for pick, which, wait in path:
            if walk.case.state == "archived":
                break
            walk.step(pick, which, wait)
        if walk.told:
            told.append(walk)
    # every case is taken in at some of its versions, in a drawn order, the last one always
    turns = [(n, version) for n, walk in enumerate(told) for version in range(len(walk.told))]
    kept = [
        turn
        for k, turn in enumerate(turns)
        if order >> (k % 30) & 1 or turn[1] == len(told[turn[0]].told) - 1
    ]
    for n, version in sorted(kept, key=lambda turn: (turn[1], turn[0])):
        facts, case = told[n].told[version]
        with writing(engine) as conn:
            put_rows(conn, {facts.case_id: case_rows(CATALOGUE, CALENDAR, facts, case)})
    ends = [walk.told[-1] for walk in told]
    now = max((walk.now for walk in told), default=NOW) + timedelta(days=later)
    for area in ("", "440106001", "440106001001"):
        ask = Ask(WHOLE, FAR if later % 2 else MONTHS, area or None, group_by, now)
        with reading(engine) as conn:
            counts = _whole(count(conn, ask, [*CATALOGUE.measures, *(f"{m}~" for m in CATALOGUE.measures)]))
        assert {g: _strip(c) for g, c in counts.items() if _strip(c)} == from_scratch(
            ends, now, group_by, area
        )
        if group_by == "none":
            plain = from_scratch(ends, now, group_by, area, plain=True).get(None, {})
            both = {m: _at(counts, m) + _at(counts, f"{m}~") for m in CATALOGUE.measures}
            assert {m: n for m, n in both.items() if n} == plain


def _at(counts: dict[str | None, dict[str, int]], measure: str) -> int:
    return counts.get(None, {}).get(measure, 0)


def _strip(counts: dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if not name.endswith("~")}


def _whole(counts: dict[str | None, dict[str, int]]) -> dict[str | None, dict[str, int]]:
    """Counts without what came to nothing again."""
    held = {group: {name: n for name, n in named.items() if n} for group, named in counts.items()}
    return {group: named for group, named in held.items() if named}


def test_a_case_closed_late_moves_from_overdue_to_handled_late(engine: Engine) -> None:
    walk = Told("01930000-0000-7000-8000-00000000000a", CENTRES[0], "handling", 0)
    with writing(engine) as conn:
        conn.execute(delete(kpi_parts))
        conn.execute(delete(kpi_sums))
    names = ["due_to_handle_n", "overtime_open_n", "overtime_handle_n", "on_time_handle_n"]

    def take() -> None:
        facts, case = walk.told[-1]
        with writing(engine) as conn:
            put_rows(conn, {facts.case_id: case_rows(CATALOGUE, CALENDAR, facts, case)})

    def told(now: datetime) -> list[int]:
        with reading(engine) as conn:
            found = count(conn, Ask(WHOLE, FAR, None, "none", now), names).get(None, {})
        return [found.get(name, 0) // 1000 for name in names]

    take()
    due = walk.case.due_at
    assert due is not None
    assert told(walk.now) == [0, 0, 0, 0]  # not due yet: left out
    assert told(due - timedelta(seconds=1)) == [0, 0, 0, 0]
    assert told(due + timedelta(seconds=1)) == [1, 1, 0, 0]  # time alone made it overdue
    walk.now = due + timedelta(hours=1)
    walk.do("feed_back", SANI, 0)
    take()
    assert told(walk.now) == [1, 0, 1, 0]
    assert told(walk.now + timedelta(days=9)) == [1, 0, 1, 0]


def test_cases_without_a_grid_belong_to_the_whole_centre_alone(engine: Engine) -> None:
    walk = Told("01930000-0000-7000-8000-00000000000b", CENTRES[0], "handling", 0)
    facts, case = walk.told[-1]
    lost = replace(facts, grid=None)
    other = replace(facts, grid=OTHER_GRID, case_id="01930000-0000-7000-8000-00000000000c")
    with writing(engine) as conn:
        conn.execute(delete(kpi_parts))
        conn.execute(delete(kpi_sums))
        put_rows(conn, {f.case_id: case_rows(CATALOGUE, CALENDAR, f, case) for f in (lost, other)})

    def reports(actor: Actor, area: str | None = None, group_by: str = "none") -> Any:
        with reading(engine) as conn:
            found = count(conn, Ask(actor, FAR, area, group_by, NOW), ["report_n"])
        return {group: held["report_n"] // 1000 for group, held in found.items()}

    assert reports(WHOLE) == {None: 2}
    assert reports(WHOLE, "440106") == {None: 1}
    assert reports(WHOLE, group_by="area") == {None: 1, OTHER_GRID[:9]: 1}
    assert reports(replace(WHOLE, area_code="440106001")) == {}
    assert reports(replace(WHOLE, area_code="4401")) == {None: 2}
    assert reports(replace(WHOLE, area_code="4401"), "44", "area") == {"440106": 1}
    assert reports(WHOLE, "440107") == {} and reports(replace(WHOLE, area_code="")) == {}
    assert reports(replace(WHOLE, area_code="44010600"), group_by="category") == {other.category: 1}


def test_counts_are_stored_as_text_and_read_back() -> None:
    counts = {"b_n": 1000, "a_n": -250, "c_n": 0}
    stored = counts_text(counts)
    assert stored == " a_n:-250 b_n:1000 " and counts_of(stored) == {"a_n": -250, "b_n": 1000}
    row = {"day": 20_000, "grid": "440106001001001", "dept": "x", "category": "c", "source": "s", "post": "",
           "ripe_at": None, "counts": stored}  # fmt: skip
    sums = sums_of([row])
    assert sums[("b_n", "A", "440106", 20_000, "")] == 1000
    assert sums[("a_n", "D", "440106001", 202_410, "x")] == -250
    assert ("a_n", "D", "440106001", 20_000, "x") not in sums  # units of a street by month only
    assert (
        "b_n",
        "C",
        "440106001",
        20_000,
        "c",
    ) not in sums  # below the district only the whole and each unit
    assert sums_of([{**row, "ripe_at": 5}]) == {}
    assert set(sums_of([row], -1).values()) == {-1000, 250}


def test_rows_hold_one_case_once(engine: Engine) -> None:
    walk = Told("01930000-0000-7000-8000-00000000000d", CENTRES[0], "closed", 0)
    facts, case = walk.told[-1]
    rows = case_rows(CATALOGUE, CALENDAR, facts, case)
    assert [row["n"] for row in rows] == list(range(len(rows)))
    with writing(engine) as conn:
        conn.execute(delete(kpi_parts))
        conn.execute(delete(kpi_sums))
        put_rows(conn, {facts.case_id: rows})
        put_rows(conn, {facts.case_id: rows})
        assert len(conn.execute(select(kpi_parts)).all()) == len(rows)
        total = conn.execute(select(kpi_sums.c.n).where(kpi_sums.c.measure == "report_n")).scalars().all()
    assert set(total) == {1000}


def test_the_clock_of_the_centre_decides_the_day() -> None:
    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # half past midnight in the centre
    assert day_of(late, CALENDAR) == day_of(late - timedelta(hours=1), CALENDAR) + 1
