"""The parts of the history: births, targets, words, people, places."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.backend.demo import roster as roster_module
from services.backend.demo.arrivals import day_numbers, finished_births, open_count
from services.backend.demo.drafts import Drafts
from services.backend.demo.geometry import District
from services.backend.demo.opening import Target, anchor, in_band, milestones, started_for, targets
from services.backend.demo.phrases import Choice, Phrases
from services.backend.demo.roster import make_roster
from services.backend.demo.sites import Sites
from services.domain.calendar import WorkCalendar, to_s
from services.domain.errors import ReferenceDataError
from services.domain.limits import Limit
from services.domain.reference import Rules
from services.domain.roles import ROLES
from services.domain.states import OPEN
from tests.unit.backend.demo.conftest import NOW

CALENDAR = WorkCalendar()
LIMITS = [Limit(2, "urgent_hour"), Limit(4, "work_hour"), Limit(5, "work_day"), Limit(30, "minute")]


@pytest.fixture(scope="module")
def phrases(rules: Rules) -> Phrases:
    return Phrases(rules)


# -- births -------------------------------------------------------------------------------------------


def test_open_count_is_six_days_of_reports_but_never_most() -> None:
    assert open_count(6000, 90) == 400
    assert open_count(100, 2) == 50
    assert open_count(1, 90) == 1


def test_finished_births_lie_in_the_past_and_ascend(phrases: Phrases) -> None:
    births = finished_births(2000, NOW, 30, CALENDAR, phrases, 1)
    assert len(births) == 2000
    assert np.all(np.diff(births) >= 0)
    assert births[0] >= to_s(NOW - timedelta(days=30))
    assert births[-1] < to_s(NOW) - 1000
    again = finished_births(2000, NOW, 30, CALENDAR, phrases, 1)
    assert np.array_equal(births, again)


def test_few_finished_cases_are_of_the_last_hours(phrases: Phrases) -> None:
    births = finished_births(5000, NOW, 30, CALENDAR, phrases, 2)
    last_day = (births > to_s(NOW) - 86400).sum()
    day_before_that = ((births > to_s(NOW) - 8 * 86400) & (births < to_s(NOW) - 7 * 86400)).sum()
    assert last_day < day_before_that


def test_numbers_begin_anew_each_local_day() -> None:
    births = [
        to_s(datetime(2026, 11, 19, 15, 59, tzinfo=UTC)),
        to_s(datetime(2026, 11, 19, 16, 0, tzinfo=UTC)),
    ]
    births.append(births[-1] + 86_399)
    assert day_numbers(births, "Asia/Shanghai") == ["20261119-0001", "20261120-0001", "20261120-0002"]


def test_a_busy_day_takes_five_digits() -> None:
    assert day_numbers([to_s(NOW)] * 10_001, "Asia/Shanghai")[-1] == "20261120-10001"


# -- targets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [16, 17, 40, 400, 4001])
def test_targets_fill_every_open_state(phrases: Phrases, count: int) -> None:
    found = targets(count, phrases, 1)
    assert len(found) == count
    assert {target.state for target in found} == set(OPEN)


@pytest.mark.parametrize("count", [0, 1, 5, 11])
def test_few_targets_go_to_the_biggest_states(phrases: Phrases, count: int) -> None:
    assert len(targets(count, phrases, 1)) == count


def test_desk_targets_are_about_a_dozen_of_four_hundred(phrases: Phrases) -> None:
    states = Counter(target.state for target in targets(400, phrases, 1))
    for state in (
        "reported",
        "pending_filing",
        "pending_dispatch",
        "returned",
        "feedback_review",
        "pending_close",
    ):
        assert 12 <= states[state] <= 30, state
    assert 150 < states["handling"] < 220


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("moment", ["2026-11-20T10:20:00+08:00", "2026-11-22T03:00:00+08:00"])
def test_started_for_gives_the_wanted_deadline(limit: Limit, moment: str) -> None:
    due = to_s(datetime.fromisoformat(moment))
    start = started_for(limit, due, CALENDAR)
    found = CALENDAR.add(start, limit.seconds(8), limit.working)
    assert found <= due
    # working time: the latest start whose deadline is not behind the wanted one
    assert CALENDAR.add(start + 60, limit.seconds(8), limit.working) > due or due - found < 60


@pytest.mark.parametrize("band", ["late3", "late2", "late1", "soon", "rest"])
def test_anchor_puts_continuous_clocks_into_their_band(band: str) -> None:
    rng = random.Random(4)
    now = to_s(NOW)
    limit = Limit(24, "urgent_hour")
    for _ in range(50):
        target = Target("handling", band)
        start = anchor(target, limit, now, CALENDAR, rng)
        assert start < now
        assert in_band(target, limit, start, now, CALENDAR)


def test_desk_lateness_is_a_matter_of_minutes_not_days() -> None:
    rng = random.Random(4)
    limit = Limit(30, "minute")
    for _ in range(200):
        start = anchor(Target("pending_dispatch", "late1"), limit, to_s(NOW), CALENDAR, rng)
        assert 0 < to_s(NOW) - (start + 1800) < 5 * 3600


def test_in_band_knows_a_miss() -> None:
    now = to_s(NOW)
    limit = Limit(1, "urgent_hour")
    assert not in_band(Target("handling", "late3"), limit, now - 7200, now, CALENDAR)
    assert not in_band(Target("handling", "rest"), limit, now - 7200, now, CALENDAR)
    assert in_band(Target("suspended", "rest"), limit, now - 7200, now, CALENDAR)


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize("verify", [False, True])
def test_milestones_lead_up_to_the_state_in_order(state: str, verify: bool) -> None:
    start = to_s(NOW) - 600
    times = milestones(
        Target(state, "rest"), start, verify, Limit(4, "work_hour"), CALENDAR, random.Random(1)
    )
    assert "register" in times
    order = ["register", "send_verify", "accept", "verify_result", "file", "dispatch", "return_case", "feed_back",
             "send_check", "check_pass"]  # fmt: skip
    walked = [times[name] for name in order if name in times]
    assert walked == sorted(walked)
    assert max(times.values()) == start
    assert ("dispatch" in times) == (
        state not in ("reported", "verifying", "pending_filing", "pending_dispatch")
    )


# -- words --------------------------------------------------------------------------------------------


def test_choice_follows_the_weights() -> None:
    choice = Choice({"a": 3, "b": 1, "never": 0})
    rng = random.Random(1)
    drawn = Counter(choice.pick(rng) for _ in range(2000))
    assert drawn["never"] == 0
    assert 0.68 < drawn["a"] / 2000 < 0.82


def test_choice_needs_something_to_choose() -> None:
    with pytest.raises(ReferenceDataError):
        Choice({"a": 0})


def test_every_weighted_category_can_be_described(phrases: Phrases, rules: Rules) -> None:
    rng = random.Random(1)
    for code, category in rules.categories.items():
        for _ in range(6):
            condition, sentence = phrases.problem(category, rng)
            assert 0 <= condition < len(category.conditions), code
            text = phrases.describe("patrol", category, condition, sentence, "松影路118号", False, rng)
            assert "松影路118号" in text and "{" not in text


def test_a_numbered_sentence_belongs_to_its_condition(phrases: Phrases, rules: Rules) -> None:
    rng = random.Random(2)
    lamp = rules.categories["component-0137"]
    for _ in range(60):
        condition, sentence = phrases.problem(lamp, rng)
        assert "|" not in sentence
        assert condition == (0 if "倾斜" in sentence else 1)


def test_nights_belong_to_callers_and_sensors(phrases: Phrases) -> None:
    rng = random.Random(1)
    night = Counter(phrases.source(3, rng) for _ in range(1000))
    day = Counter(phrases.source(10, rng) for _ in range(1000))
    assert day["patrol"] > 550 and night["patrol"] < 350
    assert night["hotline"] > day["hotline"]


def test_sources_and_categories_the_centre_lacks_are_left_out(rules: Rules) -> None:
    from dataclasses import replace

    few = replace(
        rules, sources={"patrol": "巡查"}, categories={"event-0110": rules.categories["event-0110"]}
    )
    words = Phrases(few)
    rng = random.Random(1)
    assert {words.source(h, rng) for h in range(24)} == {"patrol"}
    assert {words.category("hotline", rng) for _ in range(20)} == {"event-0110"}


def test_a_foreign_table_of_categories_still_gives_a_history(rules: Rules) -> None:
    from dataclasses import replace

    own = replace(rules.categories["event-0110"], code="event-9901")
    words = Phrases(replace(rules, categories={"event-9901": own}))
    assert words.category("patrol", random.Random(1)) == "event-9901"


@pytest.mark.parametrize("text", ["", "x = [", "[rates]\nreject = 0.1\n"])
def test_a_broken_table_is_refused_in_words(rules: Rules, text: str) -> None:
    with pytest.raises(ReferenceDataError, match="词句表"):
        Phrases(rules, text)


# -- people and places --------------------------------------------------------------------------------


def test_roster_has_every_role_and_everybody_a_scope(district: District, rules: Rules) -> None:
    roster = make_roster(district, rules.departments.values(), 3)
    assert {person.role for person in roster.people} == set(ROLES)
    lengths = {"supervisor": 12, "grid_worker": 12, "handler": 12, "street_user": 9}
    for person in roster.people:
        assert len(person.area_code) == lengths.get(person.role, 6)
        assert person.area_code in district.by_code
        assert (person.dept is not None) == (person.role in ("dept_user", "handler", "street_user"))
    assert len({p.id for p in roster.people}) == len({p.name for p in roster.people}) == len(roster.people)
    assert make_roster(district, rules.departments.values(), 3) == roster


def test_every_community_and_every_unit_has_somebody(district: District, rules: Rules) -> None:
    roster = make_roster(district, rules.departments.values(), 3)
    for area in district.areas:
        if area.level == "community":
            assert roster.in_area["supervisor", area.code].area_code == area.code
            assert ("grid_worker", area.code) in roster.in_area
            assert ("sani", area.code) in roster.handlers
    assert set(roster.units) == {unit.id for unit in rules.departments.values() if unit.active}
    assert all(actor.dept == dept for dept, actors in roster.units.items() for actor in actors)


def test_more_people_than_names_get_a_number(
    district: District, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_module, "_MOST_NAMES", 30)
    names = [person.name for person in make_roster(district, rules.departments.values(), 3).people]
    assert len(set(names)) == len(names) > 60


def test_sites_lie_in_their_grids_and_stay_there(district: District) -> None:
    sites = Sites(district, 1)
    rng = random.Random(1)
    assert len(sites.sites) > 3 * len(district.grids) * 0.95
    for site in sites.sites[::5]:
        for lon, lat in (site.near_by(rng), site.near_by(rng)):
            hit = district.index.locate(lon, lat)
            assert hit is not None
            assert hit.code == site.position.grid
            assert (site.position.near is not None) == hit.near_boundary
        assert site.position.area_path[-1] == site.position.grid
        assert site.address.startswith(district.name)


def test_some_grids_are_hot_spots(district: District) -> None:
    sites = Sites(district, 1)
    rng = random.Random(1)
    counts = Counter(sites.pick(rng).position.grid for _ in range(6000))
    top = sum(n for _, n in counts.most_common(len(district.grids) // 10))
    assert top / 6000 > 0.25


def test_drafts_know_their_order(district: District, rules: Rules, phrases: Phrases) -> None:
    drafts = Drafts(rules, phrases, Sites(district, 1), NOW, 200, 20, 9)
    assert len(drafts) == 200
    made = [drafts.draft(rank) for rank in range(200)]
    assert [d.birth for d in made] == drafts.births == sorted(drafts.births)
    assert [d.number for d in made] == drafts.numbers
    assert {d.slot for d in made} == set(range(200))
    assert {d.course for d in made} <= {"normal", "reject", "duplicate", "self_close", "cancel"}
