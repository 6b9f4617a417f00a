"""The preview asks the lifecycle itself: state, unit, due time, refusal, and what is still missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.preview import INCOMPLETE, READY, REFUSED, Preview, preview, reading_of
from services.domain.errors import CalendarError
from services.domain.ids import uuid7
from services.domain.reference import Facts
from tests.support.fakes import position_at, world_for


def ask(world, case, action: str, facts: Facts | None = None, **payload) -> Preview:
    found = world.cases[case.case_id]
    return preview(found, action, payload, world.actor, world.now, world.rules, facts or Facts())


def test_an_incomplete_form_says_which_fields_lack_what():
    world = world_for("dispatcher")
    ahead = ask(world, world.walk("pending_dispatch"), "dispatch")
    assert ahead.status == INCOMPLETE
    assert ahead.fields == {"lead_dept": "不能缺少"}
    assert ahead.after is None
    assert ahead.new_due is None


@pytest.mark.parametrize(
    ("state", "action", "payload", "title"),
    [
        ("handling", "dispatch", {"lead_dept": "muni"}, "处置中的案件不能派遣。"),
        ("pending_dispatch", "dispatch", {"lead_dept": "gone"}, "没有“gone”这个承办单位，请重新选择。"),
        ("pending_dispatch", "sign", {}, "待派遣的案件不能签收。"),
        ("handling", "supervise", {"kind": "key", "level": 1, "reason": "x", "need_reply": True},
         "您的岗位不能对这件案件督办。"),
    ],
)  # fmt: skip
def test_a_refusal_is_the_laws_own_sentence(state, action, payload, title):
    world = world_for("dispatcher")
    ahead = ask(world, world.walk(state), action, **payload)
    assert (ahead.status, ahead.title) == (REFUSED, title)
    assert ahead.before is not None


def test_a_calendar_without_an_answer_is_a_refusal(monkeypatch):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")

    def broken(*_args):
        raise CalendarError("工作日历在十年内没有足够的工作时间")

    monkeypatch.setattr("console.viewmodels.actions.preview.decide", broken)
    ahead = ask(world, case, "dispatch", lead_dept="muni")
    assert (ahead.status, ahead.title) == (REFUSED, "工作日历在十年内没有足够的工作时间")


def test_what_is_ready_carries_the_case_after_it_and_changes_nothing():
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    before = world.cases[case.case_id]
    ahead = ask(world, case, "dispatch", lead_dept="muni")
    assert ahead.status == READY
    assert ahead.moves
    assert ahead.clock.name == "handle"
    assert ahead.new_due == ahead.after.due_at
    assert world.cases[case.case_id] is before


def test_an_action_that_keeps_the_deadline_has_no_new_one():
    world = world_for("dispatcher")
    ahead = ask(world, world.walk("handling"), "comment", text="x")
    assert (ahead.moves, ahead.new_due) == (False, None)


def test_an_ending_has_no_clock():
    world = world_for("shift_leader")
    ahead = ask(world, world.walk("pending_close"), "close", closing_condition="更换")
    assert (ahead.after.state, ahead.clock, ahead.new_due) == ("closed", None, None)


def test_an_override_is_known():
    world = world_for("shift_leader")
    assert ask(world, world.walk("pending_dispatch"), "dispatch", lead_dept="muni").override
    assert not ask(
        world, world.walk("pending_filing"), "file", category="component-0101", condition=0
    ).override


def test_births_of_a_split_and_places_of_an_amendment_come_from_the_facts():
    world = world_for("acceptor")
    case = world.register()
    ahead = ask(world, case, "split", parts=[{"case_id": uuid7(), "description": "一"}])
    assert [born.parent for born in ahead.births] == [case.case_id]
    facts = Facts(positions={case.case_id: position_at(113.015, 23.005)})
    moved = ask(world, case, "amend", facts, reason="x", location={"lon": 113.015, "lat": 23.005})
    assert moved.after.grid == "990101002001001"


def test_the_running_clock_is_read_in_its_own_counting():
    world = world_for("dispatcher")
    case = world.cases[world.walk("handling").case_id]
    reading = reading_of(case, world.now, world.rules)
    assert (reading.band, reading.remaining_s, reading.counting) == ("ok", 4 * 3600, True)
    night = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert reading_of(case, night, world.rules).band == "over1"
    assert reading_of(None, world.now, world.rules) is None


# --- the base of all dialogs --------------------------------------------------------------------------


def test_a_model_shows_what_is_in_memory_before_the_file_was_read(start):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = ActionViewModel(seat, "comment", case.case_id)
    assert model.preview() is None
    assert not model.confirm(), "nothing is sent before the case was looked at"
    assert model.head().number == case.number
    changes = []
    model.changed.connect(lambda: changes.append(model.prepared))
    model.load()
    assert changes == [True]


def test_only_cases_named_in_the_payload_are_looked_up(load):
    world = world_for("dispatcher")
    case, other = world.walk("handling"), world.walk("handling")
    model = load(world, ActionViewModel, "link", case.case_id)
    assert model.facts({"to": other.case_id}).cases == {other.case_id: None}
    assert model.facts({"to": "no-such"}).cases == {}
    assert model.facts({"location": {"lon": 1}}).positions == {}


def test_an_unchanged_value_announces_nothing(load):
    world = world_for("dispatcher")
    model = load(world, ActionViewModel, "comment", world.walk("handling").case_id)
    model.set_value("text", "x")
    seen = []
    model.changed.connect(lambda: seen.append(1))
    model.set_value("text", "x")
    assert seen == []


def test_a_case_of_a_later_version_is_acted_on_as_it_was_seen(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, ActionViewModel, "comment", case.case_id)
    model.set_value("text", "x")
    with qtbot.waitSignal(model.saved) as saved:
        model.confirm()
    assert saved.args[0].base_xver == world.cases[case.case_id].xver
