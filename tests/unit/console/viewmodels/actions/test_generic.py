"""The table of simple actions: every console action has a form, and every form makes a payload the centre takes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.viewmodels.actions.generic import GenericViewModel
from console.viewmodels.actions.photos import photo_of
from console.viewmodels.actions.specs import CASE, CHOICE, FLAG, MOMENT, PHOTOS, SPECS
from services.domain.lifecycle import ACTION_NAMES
from services.domain.payloads import PAYLOADS, check_payload
from tests.support.fakes import settled, world_for

ROLES = ("acceptor", "dispatcher", "shift_leader", "evaluator")


def test_the_table_holds_known_actions_with_words_for_everything():
    assert set(SPECS) <= set(ACTION_NAMES)
    for action, spec in SPECS.items():
        assert spec.meaning.endswith("。"), action
        assert all(field.label for field in spec.fields)


@pytest.mark.parametrize("action", [name for name in SPECS if name != "log_call"])
def test_the_fields_are_those_of_the_payload(action):
    required, optional = PAYLOADS[action]
    names = {field.name.partition(".")[0] for field in SPECS[action].fields}
    assert names <= {*required, *optional}
    assert set(required) <= names, "a required field without an editor could never be filled in"
    for field in SPECS[action].fields:
        if field.name in required:
            assert field.required or field.kind == FLAG


def value_for(field, world, model):
    if field.kind == FLAG:
        return True
    if field.kind == MOMENT:
        return world.now + timedelta(hours=5)
    if field.kind == CHOICE:
        return field.options[0][0]
    if field.kind == CASE:
        return model.find_cases("")[0].id
    if field.kind == PHOTOS:
        return (photo_of(b"x", "a.jpg"),)
    return "因现场情况需要"


@pytest.mark.parametrize("action", SPECS)
def test_a_filled_form_makes_a_payload_the_centre_takes(action, load):
    world = world_for(*ROLES)
    case = world.walk("handling")
    world.walk("handling")
    model = load(world, GenericViewModel, action, case.case_id)
    for field in model.spec.fields:
        model.set_value(field.name, value_for(field, world, model))
    check_payload(action, model.payload())
    assert model.own_errors() == {}
    assert model.meaning == SPECS[action].meaning


@pytest.mark.parametrize(
    "action", [name for name, spec in SPECS.items() if any(f.required for f in spec.fields)]
)
def test_an_empty_form_asks_in_the_fields_own_words(action, load):
    world = world_for(*ROLES)
    case = world.walk("handling")
    world.walk("handling")
    model = load(world, GenericViewModel, action, case.case_id)
    wanted = {f.name for f in model.spec.fields if f.required and f.first is None}
    if not wanted:
        return
    assert not model.confirm()
    assert set(model.errors) == wanted
    assert all(text.startswith(("请填写", "请选择")) for text in model.errors.values())
    name = next(iter(wanted))
    model.set_value(name, value_for(next(f for f in model.spec.fields if f.name == name), world, model))
    assert name not in model.errors
    assert world.commands == []


@pytest.mark.parametrize(
    ("action", "state", "values"),
    [
        ("recall", "pending_sign", {"reason": "派错单位"}),
        ("return_to_filing", "pending_dispatch", {"reason": "类别不对"}),
        ("send_check", "feedback_review", {}),
        ("rework", "feedback_review", {"reason": "照片看不清"}),
        ("reopen", "closed", {"reason": "回访未解决"}),
        ("send_verify", "reported", {}),
        ("cancel", "handling", {"reason": "重复"}),
        ("comment", "handling", {"text": "现场有人看守"}),
        ("callback", "pending_close", {"reached": "yes", "solved": "no", "satisfaction": "2"}),
        ("self_close", "reported", {"result": "已电话答复"}),
        ("adjust_limit", "handling", {"reason": "暴雨", "basis": "防汛令 3 号"}),
        ("link", "handling", {"relation": "后续"}),
    ],
)
def test_simple_actions_reach_the_outbox(action, state, values, load, qtbot):
    world = world_for(*ROLES)
    case = world.walk(state)
    other = world.walk("handling")
    model = load(world, GenericViewModel, action, case.case_id)
    for name, value in values.items():
        model.set_value(name, value)
    if action == "adjust_limit":
        model.set_value("due_at", world.now + timedelta(hours=9))
    if action == "link":
        model.set_value("to", other.case_id)
    with qtbot.waitSignal(model.saved) as saved:
        assert model.confirm()
    assert saved.args[0].action == action
    world.judge_all()
    assert world.commands[0].status == "applied"


def test_satisfaction_is_a_number_and_yes_and_no_are_flags(load):
    world = world_for(*ROLES)
    case = world.walk("pending_close")
    model = load(world, GenericViewModel, "callback", case.case_id)
    for name, value in (("reached", "yes"), ("solved", "no"), ("satisfaction", "5")):
        model.set_value(name, value)
    assert model.payload() == {"reached": True, "solved": False, "satisfaction": 5}


def test_the_caller_of_a_call_is_an_object_of_its_own(load):
    world = world_for(*ROLES)
    case = world.walk("handling")
    model = load(world, GenericViewModel, "log_call", case.case_id)
    model.set_value("caller.name", " 韩女士 ")
    model.set_value("content", "又来电询问")
    assert model.payload() == {"caller": {"name": "韩女士"}, "content": "又来电询问"}


def test_photos_go_with_the_command(load, qtbot):
    world = world_for(*ROLES)
    case = world.walk("reported")
    model = load(world, GenericViewModel, "self_close", case.case_id)
    model.set_value("result", "已答复")
    model.reader.add_bytes(b"one", "1.png", "image/png")
    model.reader.add_bytes(b"two", "2.png", "image/png")
    model.remove_photo(model.values["photos"][0].sha256)
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert [item.data for item in world.attachments.values()] == [b"two"]
    assert world.commands[0].payload["photos"] == list(world.attachments)


def test_a_refusal_the_console_can_foresee_is_said_before_anything_is_stored(load, qtbot):
    world = world_for("acceptor", "shift_leader")
    case = world.walk("handling")
    model = load(world, GenericViewModel, "accept", case.case_id)
    with qtbot.waitSignal(model.refused) as refused:
        assert not model.confirm()
    assert refused.args == ["处置中的案件不能受理。"]
    assert world.commands == []


def test_a_full_disk_keeps_the_form(load, qtbot):
    world = world_for(*ROLES)
    case = world.walk("handling")
    model = load(world, GenericViewModel, "comment", case.case_id)
    model.set_value("text", "现场有人看守")
    world.full = True
    with qtbot.waitSignal(model.refused) as refused:
        assert model.confirm()
    assert refused.args == ["本机空间不足，这次没有保存"]
    assert model.values["text"] == "现场有人看守"
    assert not model.busy


def test_a_text_the_centre_would_never_take_is_said_at_its_field(load):
    world = world_for(*ROLES)
    case = world.walk("handling")
    model = load(world, GenericViewModel, "urge", case.case_id)
    model.set_value("text", "长" * 1001)
    assert not model.confirm()
    assert model.errors == {"text": "最多 1000 个字"}


def test_an_unknown_case_is_missing_and_cannot_be_confirmed(load):
    world = world_for(*ROLES)
    model = load(world, GenericViewModel, "comment", "0193a5e0-0000-7000-8000-000000000001")
    assert model.missing
    assert model.head().number == ""
    assert not model.confirm()


def test_a_fault_of_ours_is_reported_and_the_form_stays(load, qtbot, monkeypatch):
    world = world_for(*ROLES)
    case = world.walk("handling")
    model = load(world, GenericViewModel, "comment", case.case_id)
    seen = []
    model.seat.background.failed.connect(seen.append)

    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(model.seat.services.desk, "submit", broken)
    model.set_value("text", "x")
    with qtbot.waitSignal(model.refused):
        model.confirm()
    settled(model.seat, qtbot)
    assert seen[0][0] == "submit:comment"
