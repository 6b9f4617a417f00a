"""Single courses of the history, told on purpose: early ends, detours, what is with a unit now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from services.backend.demo import courses, handling, unit_steps
from services.backend.demo.courses import tell
from services.backend.demo.drafts import Draft, Drafts
from services.backend.demo.geometry import District
from services.backend.demo.history import CaseStory
from services.backend.demo.opening import Target, milestones
from services.backend.demo.phrases import Phrases
from services.backend.demo.roster import Roster, make_roster
from services.backend.demo.sites import Sites
from services.backend.demo.telling import Stage, Telling, TimeUpError
from services.domain.calendar import WorkCalendar, from_s, to_s
from services.domain.limits import Limit
from services.domain.reference import Rules
from services.domain.states import OPEN
from tests.unit.backend.demo.conftest import NOW

Make = Callable[..., Draft]


@pytest.fixture(scope="module")
def stage(district: District, rules: Rules) -> Stage:
    roster = make_roster(district, rules.departments.values(), 1)
    return Stage(rules, roster, Phrases(rules), to_s(NOW))


@pytest.fixture(scope="module")
def make(district: District, rules: Rules, stage: Stage) -> Make:
    """Makes a draft of a lamp that is out, forty days ago at nine, or as asked."""
    drafts = Drafts(rules, stage.phrases, Sites(district, 1), NOW, 50, 20, 3)

    def draft(**changes: Any) -> Draft:
        base = replace(
            drafts.draft(20),
            slot=7, source="patrol", category="component-0137", condition=1, course="normal", verify=False,
            target=None, times={}, birth=to_s(NOW) - 40 * 86400 - 4800, double_of=None,
        )  # fmt: skip
        made = replace(base, **changes)
        made.case_id = "01900000-0000-7000-8000-000000000001"
        return made

    return draft


@pytest.fixture
def certain(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets rates for one test; everything else never happens."""

    def rates(**wanted: float) -> None:
        none = dict.fromkeys(stage.phrases.rates, 0.0)
        monkeypatch.setattr(stage.phrases, "rates", {**none, **wanted})

    return rates


def _actions(story: CaseStory) -> list[str]:
    return [step.command.action for step in story.steps]


PLAIN = [
    "register",
    "accept",
    "file",
    "dispatch",
    "sign",
    "feed_back",
    "send_check",
    "check_pass",
    "close",
    "archive",
]


def test_the_plain_course(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    story = tell(stage, make(), 5)
    assert _actions(story) == PLAIN
    assert story.case.lead_dept == "muni"
    assert tell(stage, make(), 5) == story
    assert tell(stage, make(), 6) != story


@pytest.mark.parametrize(
    ("course", "end"),
    [
        ("reject", {"not_accepted", "not_filed"}),
        ("self_close", {"closed", "archived"}),
        ("cancel", {"cancelled"}),
    ],
)
def test_early_ends(
    stage: Stage, make: Make, certain: Callable[..., None], course: str, end: set[str]
) -> None:
    certain()
    for seed in range(6):
        story = tell(stage, make(course=course), seed)
        assert story.case.state in end
        assert "dispatch" not in _actions(story)


def test_a_duplicate_points_to_its_first(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    first = "01900000-0000-7000-8000-00000000aaaa"
    story = tell(stage, make(course="duplicate", double_of=first), 1)
    assert story.case.state == "cancelled" and story.case.parent == first
    assert story.steps[-1].command.payload["duplicate_of"] == first


def test_verification_before_filing(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    actions = _actions(tell(stage, make(source="hotline", verify=True), 2))
    assert actions[1:3] == ["send_verify", "verify_result"] and "accept" not in actions


def test_a_wrong_unit_sends_it_back(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(returned=1.0, returned_again=1.0)
    story = tell(stage, make(), 1)
    actions = _actions(story)
    assert actions.count("return_case") == 2 and actions.count("redispatch") == 2
    assert story.case.counts.return_ == 2
    assert story.case.lead_dept == "muni"  # the right one in the end
    leads = [step.case.lead_dept for step in story.steps if step.command.action == "dispatch"]
    assert leads == ["drain"]


def test_a_recall_is_sent_again(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(recall=1.0)
    actions = _actions(tell(stage, make(), 1))
    assert actions[3:6] == ["dispatch", "recall", "dispatch"]


@pytest.mark.parametrize("rate", ["check_fail", "rework"])
def test_work_that_has_to_be_done_again(
    stage: Stage, make: Make, certain: Callable[..., None], rate: str
) -> None:
    certain(**{rate: 1.0})
    story = tell(stage, make(), 1)
    assert _actions(story).count("feed_back") == 2 and rate in _actions(story)
    assert story.case.counts.rework == 1
    assert story.case.state in ("closed", "archived")


def test_an_extension_moves_the_deadline(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(extension=1.0)
    told = [tell(stage, make(), seed) for seed in range(8)]
    asked = [story for story in told if "decide_extension" in _actions(story)]
    assert len(asked) >= 6
    granted = [story for story in asked if story.case.counts.extension == 1]
    assert granted
    for story in granted:
        before, after = (
            s.case.due_at for s in story.steps if s.command.action in ("apply_extension", "decide_extension")
        )
        assert before is not None and after is not None and after > before


def test_a_suspension_ends_at_its_date(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(suspend=1.0)
    story = tell(stage, make(), 1)
    actions = _actions(story)
    assert actions[5:8] == ["apply_suspend", "decide_suspend", "resume"]
    resumed = story.steps[7]
    assert resumed.actor.id == "system"
    until = story.steps[5].command.payload["until"]
    assert timedelta(0) < resumed.at - from_s(to_s(resumed.at) - 1) < timedelta(seconds=5)
    assert abs((resumed.at - type(resumed.at).fromisoformat(until)).total_seconds()) <= 2


def test_plants_wait_for_their_season(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(suspend=1.0)
    story = tell(stage, make(category="component-0402", condition=1), 1)
    reason = next(s.command.payload["reason"] for s in story.steps if s.command.action == "apply_suspend")
    assert "种植" in reason or "树木" in reason


def test_everything_that_can_be_said_on_the_way(
    stage: Stage, make: Make, certain: Callable[..., None]
) -> None:
    certain(
        comment=1.0,
        flag_urgent=1.0,
        contact=1.0,
        need_callback=1.0,
        urge=1.0,
        amend=1.0,
        assign=1.0,
        co_unit=1.0,
    )
    story = tell(stage, make(source="hotline"), 3)
    actions = _actions(story)
    for action in ("amend", "comment", "flag_urgent", "contact_citizen", "urge"):
        assert action in actions, action
    assert story.case.urgent and story.case.level == 3
    assert story.case.co_depts == ("traffic",)
    closing = next(step for step in story.steps if step.command.action == "close")
    assert closing.command.payload["callback"]["reached"]


def test_the_late_are_pushed_and_may_appeal(
    stage: Stage, make: Make, certain: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    certain(supervise_late=1.0, appeal=1.0)
    monkeypatch.setattr(stage.phrases, "departments", {"other": {"late": 1.0, "slow": 1.0}})
    told = [tell(stage, make(), seed) for seed in range(10)]
    assert all(unit_steps.late(story.case) for story in told)
    actions = [_actions(story) for story in told]
    assert sum("supervise" in found for found in actions) >= 5
    assert any("reply_supervise" in found for found in actions)
    assert all("appeal" in found and "decide_appeal" in found for found in actions)
    assert {"appeal_exempt" in story.case.flags for story in told} == {True, False}


def test_who_is_not_content_gets_another_round(
    stage: Stage, make: Make, certain: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    certain(unsolved=1.0, reopen=1.0)
    told = [tell(stage, make(source="app"), seed) for seed in range(12)]
    again = [story for story in told if "reopen" in _actions(story)]
    assert again
    for story in again:
        assert story.case.round == 2
        assert _actions(story).count("close") == 2
        assert story.case.state in ("closed", "archived")


# -- little time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [30, 60, 180, 600, 3000])
def test_late_births_still_come_to_an_end(stage: Stage, make: Make, minutes: int) -> None:
    for seed in range(4):
        story = tell(stage, make(birth=to_s(NOW) - minutes * 60, slot=seed), seed)
        assert not story.case.open
        assert story.steps[-1].at < NOW


def test_nobody_acts_after_the_end(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(birth=to_s(NOW) - 1), Random(1))
    with pytest.raises(TimeUpError):
        courses.register(telling)
    assert telling.steps == []
    with pytest.raises(LookupError):
        _ = telling.case


def test_what_the_law_refuses_does_not_happen(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(), Random(1))
    courses.register(telling)
    telling.wait(5)
    assert not telling.do("close", telling.desk("acceptor"), {"closing_condition": "x"})
    assert not telling.do("accept", telling.desk("auditor"))
    assert len(telling.steps) == 1 and telling.case.state == "reported"
    assert telling.do("accept", telling.desk("acceptor"))


def test_a_refused_report_is_a_fault_of_ours(stage: Stage, make: Make) -> None:
    with pytest.raises(RuntimeError, match="report"):
        courses.register(Telling(stage, make(source="pigeon"), Random(1)))


def test_the_field_sleeps_at_night(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(), Random(1))
    midnight = to_s(NOW) - telling.second_of_day(to_s(NOW))
    for hour in range(24):
        moment = telling.daytime(midnight + hour * 3600)
        assert 7.4 * 3600 <= telling.second_of_day(moment) <= 20.6 * 3600
        assert moment >= midnight + hour * 3600
    hurried = Telling(stage, make(), Random(1), pace=0.3)
    assert hurried.daytime(midnight + 3600) == midnight + 3600


def test_shifts_change_every_eight_hours(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(), Random(1))
    midnight = to_s(NOW) - telling.second_of_day(to_s(NOW))
    seated = []
    for shift in range(3):
        telling.t = midnight + shift * 28800 + 60
        seated.append({telling.desk("acceptor").id for _ in range(60)})
    assert all(1 <= len(seats) <= 3 for seats in seated)
    assert seated[0].isdisjoint(seated[1]) and seated[1].isdisjoint(seated[2])
    telling.t = midnight + 28800 - 1
    assert telling.desk("shift_leader") == telling.desk("shift_leader")


# -- cases that are open now ----------------------------------------------------------------------------


def _now(make: Make, state: str, band: str = "rest", **changes: Any) -> Draft:
    start = to_s(NOW) - (26 * 3600 if state in ("handling", "suspended", "pending_sign") else 900)
    times = milestones(Target(state, band), start, False, Limit(2, "work_day"), WorkCalendar(), Random(2))
    return make(target=Target(state, band), times=times, birth=times["register"], **changes)


@pytest.mark.parametrize("state", sorted(OPEN - {"verifying"}))
def test_open_cases_stand_where_they_should(
    stage: Stage, make: Make, certain: Callable[..., None], state: str
) -> None:
    certain(assign=1.0)
    for seed in range(5):
        story = tell(stage, _now(make, state), seed)
        assert story.case.state == state
        assert story.steps[0].at == from_s(_now(make, state).birth)


def test_what_is_with_a_unit_now_waits_for_many_things(
    stage: Stage, make: Make, certain: Callable[..., None]
) -> None:
    certain()
    told = [tell(stage, _now(make, "handling"), seed) for seed in range(60)]
    flags = {flag for story in told for flag in story.case.flags}
    assert {"extension_pending", "suspend_pending"} <= flags
    assert any(story.case.counts.rework for story in told)
    assert any("comment" in _actions(story) for story in told)


def test_what_is_late_now_is_pushed(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    told = [
        tell(stage, _now(make, "handling", category="event-0406", condition=0), seed) for seed in range(40)
    ]
    assert all(story.case.due_at is not None and story.case.due_at < NOW for story in told)
    assert any(story.case.counts.supervise for story in told)
    assert any(story.case.counts.urge for story in told)
    assert any("reply_due" in story.case.flags or "reply_supervise" in _actions(story) for story in told)


def test_suspended_cases_wake_later(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    story = tell(stage, _now(make, "suspended"), 1)
    until = next(mark[6:] for mark in story.case.marks if mark.startswith("until:"))
    assert type(NOW).fromisoformat(until) > NOW
    assert story.case.due_at is None


def test_a_handler_on_the_spot_gets_the_task(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain(assign=1.0)
    story = tell(stage, _now(make, "handling", category="event-0110", condition=0), 3)
    assert story.case.lead_dept == "sani"
    handler = stage.roster.by_id[str(story.case.assignee)]
    assert handler.role == "handler" and handler.dept == story.case.lead_dept
    assert story.case.grid is not None and story.case.grid.startswith(handler.area_code)


def test_units_nobody_answers_for_are_never_picked(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(), Random(1))
    assert handling._known(telling, "muni") == "muni"
    assert handling._known(telling, "nobody") is None
    assert handling._known(telling, None) is None


def test_when_even_hurry_does_not_help_the_desk_settles_it(
    stage: Stage, make: Make, certain: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    certain()
    monkeypatch.setattr(courses, "_PACES", (1.0, 1.0))
    story = tell(stage, make(birth=to_s(NOW) - 1800), 1)
    assert _actions(story) == ["register", "self_close"]
    assert story.case.state == "closed"


def test_a_call_back_that_never_came_leaves_the_case_closed(
    stage: Stage, make: Make, certain: Callable[..., None]
) -> None:
    certain()
    told = [
        tell(stage, make(source="app", category="event-0406", condition=0, birth=to_s(NOW) - 9 * 3600), seed)
        for seed in range(30)
    ]
    assert all(story.case.state == "closed" for story in told)
    assert sum("callback" in _actions(story) for story in told) < 10


def test_a_refused_filing_or_dispatch_is_a_fault_of_ours(stage: Stage, make: Make) -> None:
    telling = Telling(stage, make(condition=99), Random(1))
    courses.intake(telling)
    with pytest.raises(RuntimeError, match="filing"):
        courses.file_case(telling)
    good = Telling(stage, make(), Random(1))
    courses.intake(good)
    courses.file_case(good)
    with pytest.raises(RuntimeError, match="nowhere"):
        handling._send(good, "dispatch", "nowhere")
    with pytest.raises(RuntimeError, match="feedback"):
        unit_steps.feed_back(_with_unit(good), "done")


def _with_unit(telling: Telling) -> Telling:
    """Dispatch a case but leave it unsigned: a unit cannot feed back yet."""
    handling._send(telling, "dispatch", "muni")
    return telling


def test_a_unit_the_centre_lacks_is_replaced(stage: Stage, make: Make, certain: Callable[..., None]) -> None:
    certain()
    roster = Roster(stage.roster.people)
    few = replace(stage, roster=roster)
    units = {dept: actors for dept, actors in stage.roster.units.items() if dept != "muni"}
    roster.__dict__["units"] = units  # as if nobody answered for it
    story = tell(few, make(), 1)
    assert story.case.lead_dept == next(iter(units))


# --- customs of a street ---------------------------------------------------------------------------


@pytest.fixture
def told(stage: Stage, make: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CaseStory]:
    """Tells a case with certain rates in a street with a custom."""

    def one(**wanted: float) -> CaseStory:
        rates = {**dict.fromkeys(stage.phrases.rates, 0.0), "custom": 1.0, "custom_kept": 1.0, **wanted}
        monkeypatch.setattr(stage.phrases, "rates", rates)
        monkeypatch.setattr(handling, "custom_of", lambda *_: "sani")
        return tell(stage, make(), 5)

    return one


def test_a_desk_that_knows_sends_it_there_at_once(told: Callable[..., CaseStory]) -> None:
    story = told(custom_known=1.0)
    assert story.case.lead_dept == "sani"
    assert [step.command.action for step in story.steps].count("return_case") == 0


def test_a_desk_that_does_not_know_hears_of_it(told: Callable[..., CaseStory]) -> None:
    story = told(custom_known=0.0)
    sent = [step.command.payload["lead_dept"] for step in story.steps if "dispatch" in step.command.action]
    assert sent == ["muni", "sani"] and story.case.lead_dept == "sani"
    assert story.case.counts.return_ == 1


def test_now_and_then_the_table_holds_all_the_same(told: Callable[..., CaseStory]) -> None:
    assert told(custom_kept=0.0).case.lead_dept == "muni"
