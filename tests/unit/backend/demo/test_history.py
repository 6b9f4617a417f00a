"""The invented history is what the law would have let happen, believable, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.backend.demo.geometry import District
from services.backend.demo.history import CaseStory, History, simulate
from services.backend.demo.unit_steps import late
from services.domain.case import sees
from services.domain.case_doc import delta, fold
from services.domain.clocks import is_late
from services.domain.ids import canonical_uuid, system_command_id
from services.domain.lifecycle import ADDITIVE, BIRTH
from services.domain.payloads import check_payload
from services.domain.reference import Rules
from services.domain.roles import DEPT_ROLES
from services.domain.states import END, OPEN
from tests.unit.backend.demo.conftest import CASES, DAYS, NOW, SEED

DESKS = OPEN  # every open state is somebody's queue


def test_same_seed_same_history(district: District, rules: Rules, stories: list[CaseStory]) -> None:
    again = list(simulate(district, rules, NOW, CASES, DAYS, SEED))
    assert again == stories


def test_other_seed_other_history(district: District, rules: Rules, stories: list[CaseStory]) -> None:
    other = next(simulate(district, rules, NOW, CASES, DAYS, SEED + 1))
    assert other.case_id != stories[0].case_id


def test_a_story_does_not_depend_on_the_ones_before_it(history: History, stories: list[CaseStory]) -> None:
    assert history.story(400) == stories[400]
    assert [s.case_id for s in history.stories(10, 13)] == [s.case_id for s in stories[10:13]]


def test_number_of_cases_and_of_open_ones(stories: list[CaseStory]) -> None:
    assert len(stories) == CASES
    # what comes in within six days
    assert sum(story.case.open for story in stories) == round(CASES / DAYS * 6)


def test_every_desk_has_work(stories: list[CaseStory]) -> None:
    states = Counter(story.case.state for story in stories)
    assert {state for state in DESKS if states[state] == 0} == set()
    assert {"closed", "archived", "cancelled", "not_accepted", "not_filed"} <= set(states)


def test_steps_are_in_order_and_never_after_the_end(stories: list[CaseStory]) -> None:
    for story in stories:
        times = [step.at for step in story.steps]
        assert times == sorted(set(times))
        assert times[0] >= NOW - timedelta(days=DAYS)
        assert times[-1] < NOW


def test_births_are_in_order_and_numbers_run_without_gaps(stories: list[CaseStory], rules: Rules) -> None:
    births = [story.steps[0].at for story in stories]
    assert births == sorted(births)
    counts: Counter[str] = Counter()
    for story in stories:
        day = rules.calendar.local(story.steps[0].at).strftime("%Y%m%d")
        counts[day] += 1
        assert story.case.number == f"{day}-{counts[day]:04d}"


def test_ids_are_distinct_and_of_their_version(stories: list[CaseStory]) -> None:
    commands = [step.command.command_id for story in stories for step in story.steps]
    cases = [story.case_id for story in stories]
    assert len(set(commands)) == len(commands)
    assert len(set(cases)) == len(cases)
    assert all(canonical_uuid(case)[14] == "7" for case in cases)  # type: ignore[index]  # it is one
    assert cases == sorted(cases)  # UUIDv7 of the birth


def test_each_step_is_one_change_of_the_case_before(stories: list[CaseStory]) -> None:
    for story in stories:
        assert [step.case.version for step in story.steps] == list(range(1, len(story.steps) + 1))
        assert story.steps[0].command.action in BIRTH
        xver = 0
        for step in story.steps:
            assert step.command.base_xver == (None if step.command.action in BIRTH | ADDITIVE else xver)
            xver += step.command.action not in ADDITIVE
            assert step.case.xver == xver


def test_replay_of_the_deltas_gives_the_case(stories: list[CaseStory]) -> None:
    for story in stories[::7]:
        cases = [None, *(step.case for step in story.steps)]
        deltas = [delta(before, after) for before, after in pairwise(cases)]  # type: ignore[arg-type]  # only the first is None
        assert fold(deltas) == story.case


def test_payloads_are_clean_already(stories: list[CaseStory]) -> None:
    for story in stories:
        for step in story.steps:
            payload = dict(step.command.payload)
            cleaned = check_payload(step.command.action, payload)
            assert cleaned == payload
            assert list(cleaned) == list(payload), step.command.action


def test_actors_could_see_what_they_acted_on(stories: list[CaseStory]) -> None:
    for story in stories:
        before = None
        for step in story.steps:
            assert step.role in step.actor.roles
            assert not step.override  # the desks are manned
            if before is not None:
                assert sees(step.actor, before)
                if step.role in DEPT_ROLES:
                    assert step.actor.dept == before.lead_dept
            before = step.case


def test_pictures_acted_on_are_fresh(stories: list[CaseStory]) -> None:
    ages = [
        (step.at - step.command.seen_at).total_seconds()
        for story in stories
        for step in story.steps
        if step.command.seen_at is not None
    ]
    assert min(ages) >= 5 and max(ages) < 600


def test_timed_actions_carry_the_id_any_process_would_make(stories: list[CaseStory], rules: Rules) -> None:
    archived = [story for story in stories if story.case.state == "archived"]
    assert archived
    for story in archived:
        step = story.steps[-1]
        closed = story.case.closed_at
        assert closed is not None
        due = closed + timedelta(days=rules.settings.archive_after_days)
        assert step.command.command_id == system_command_id(story.case_id, "archive", due)
        assert step.actor.id == "system"
    resumed = [step for story in stories for step in story.steps if step.command.action == "resume"]
    assert all(step.actor.id == "system" for step in resumed)


def test_what_is_closed_for_long_is_archived(stories: list[CaseStory], rules: Rules) -> None:
    old = NOW - timedelta(days=rules.settings.archive_after_days, minutes=1)
    left = [s for s in stories if s.case.state == "closed" and s.case.closed_at and s.case.closed_at < old]
    assert left == []


def test_the_whole_loop_is_there(stories: list[CaseStory]) -> None:
    actions = Counter(step.command.action for story in stories for step in story.steps)
    for action in (
        "register", "accept", "send_verify", "verify_result", "file", "dispatch", "sign", "assign", "feed_back",
        "send_check", "check_pass", "check_fail", "close", "return_case", "redispatch", "apply_extension",
        "decide_extension", "apply_suspend", "decide_suspend", "self_close", "reject", "cancel", "urge",
        "supervise", "comment", "contact_citizen", "callback", "archive", "rework",
    ):  # fmt: skip
        assert actions[action] > 0, action


def test_patrols_bring_most_and_the_public_its_part(stories: list[CaseStory]) -> None:
    sources = Counter(story.case.source for story in stories)
    assert 0.55 < sources["patrol"] / CASES < 0.8
    assert sources["hotline"] / CASES > 0.05
    assert len(sources) >= 7


def test_nights_are_quiet_and_weekends_lower(stories: list[CaseStory], rules: Rules) -> None:
    done = [s for s in stories if not s.case.open]
    hours = Counter(rules.calendar.local(story.steps[0].at).hour for story in done)
    morning, evening = sum(hours[h] for h in (8, 9, 10)), sum(hours[h] for h in (15, 16, 17))
    night = sum(hours[h] for h in (1, 2, 3))
    assert morning > 8 * night and evening > 8 * night
    assert hours[12] < hours[9] and hours[12] < hours[16]
    days = Counter(rules.calendar.local(story.steps[0].at).weekday() for story in done)
    assert (days[5] + days[6]) / 2 < sum(days[d] for d in range(5)) / 5 * 0.85


def test_units_are_mostly_on_time(stories: list[CaseStory]) -> None:
    finished = [
        s.case for s in stories if s.case.state in ("closed", "archived") and "handle" in s.case.clocks
    ]
    share = 1 - sum(map(late, finished)) / len(finished)
    assert 0.85 < share < 0.98


def test_open_cases_are_late_in_every_band(stories: list[CaseStory]) -> None:
    hours = [
        (NOW - s.case.due_at).total_seconds() / 3600
        for s in stories
        if s.case.due_at is not None and s.case.state in ("handling", "pending_sign")
    ]
    assert any(0 < h < 24 for h in hours)
    assert any(24 <= h < 72 for h in hours)
    assert any(h >= 72 for h in hours)
    assert sum(h < 0 for h in hours) > len(hours) / 2


def test_duplicates_point_to_a_case_of_the_same_place(stories: list[CaseStory]) -> None:
    by_id = {story.case_id: story for story in stories}
    doubles = [s for s in stories if s.case.state == "cancelled" and s.case.parent]
    assert doubles
    for double in doubles:
        first = by_id[str(double.case.parent)]
        assert first.steps[0].at < double.steps[0].at
        assert first.case.grid == double.case.grid
        assert first.case.parent is None


def test_callers_are_masked_in_the_case(stories: list[CaseStory]) -> None:
    called = [s for s in stories if "caller" in s.steps[0].command.payload]
    assert called
    for story in called:
        assert story.case.caller_masked is None or "*" in story.case.caller_masked
        phone = story.steps[0].command.payload["caller"]["phone"]
        assert phone not in story.case.description


def test_nothing_is_decided_behind_a_wanted_call_back(stories: list[CaseStory]) -> None:
    closed = [
        s for s in stories if s.case.need_callback and any(x.command.action == "close" for x in s.steps)
    ]
    assert closed
    assert all(
        "callback" in next(x for x in s.steps if x.command.action == "close").command.payload for s in closed
    )


def test_descriptions_are_whole_sentences(stories: list[CaseStory]) -> None:
    for story in stories:
        text = story.case.description
        assert "{" not in text and "}" not in text
        assert text.endswith(("。", "m")), text
        assert 8 <= len(text) <= 120


def test_positions_lie_in_their_grid(stories: list[CaseStory], district: District) -> None:
    for story in stories[::9]:
        case = story.case
        assert case.location.lon is not None and case.location.lat is not None
        hit = district.index.locate(case.location.lon, case.location.lat)
        assert hit is not None and hit.code == case.grid
        assert ("near_boundary" in case.flags) == hit.near_boundary


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T03:10:00+08:00",
        "2026-11-21T12:40:00+08:00",
        "2026-11-22T23:55:00+08:00",
        "2026-10-05T09:00:00+08:00",
        "2026-12-31T23:59:30+08:00",
    ],
)
def test_at_any_hour_there_is_work_in_every_queue(district: District, rules: Rules, moment: str) -> None:
    now = datetime.fromisoformat(moment)
    told = list(simulate(district, rules, now, 400, 20, 3))
    states = Counter(story.case.state for story in told)
    assert {state for state in DESKS if states[state] == 0} == set()
    assert all(step.at < now for story in told for step in story.steps)
    running = [s.case for s in told if s.case.clock is not None and s.case.clock.running]
    late_now = [case for case in running if case.clock is not None and is_late(case.clock, now)]
    assert 0 < len(late_now) < len(running) / 2


def test_a_tiny_history_can_be_told(district: District, rules: Rules) -> None:
    told = list(simulate(district, rules, NOW, 3, 2, 1))
    assert len(told) == 3
    assert all(story.case.state in OPEN | END for story in told)
