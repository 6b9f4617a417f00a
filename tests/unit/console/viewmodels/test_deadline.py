"""时限说明书: every clock in slices and sentences; offline from the own copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.viewmodels.deadline import DeadlineViewModel, explain_one
from services.domain.errors import CalendarError
from tests.support.fakes import settled, world_for


def opened(start, qtbot, world, case_id, online=True):
    seat = start(world)
    world.online = online
    model = DeadlineViewModel(seat, case_id)
    model.load()
    settled(seat, qtbot)
    return model


def test_every_clock_is_told_in_the_order_in_which_it_ran(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    model = opened(start, qtbot, world, case.case_id)
    assert [clock.name for clock in model.clocks] == ["accept", "file", "dispatch", "handle"]
    handle = model.clocks[-1]
    assert (handle.title, handle.limit, handle.state) == ("处置时限", "4 工作时", "running")
    assert handle.due == world.cases[case.case_id].due_at
    assert any("4 工作时" in sentence for sentence in handle.sentences)
    assert handle.slices[0].start == handle.start
    assert handle.slices[-1].end == handle.due
    assert {part.kind for part in handle.slices} == {"counting", "non_working"}


def test_the_head_names_case_condition_and_round(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    head = opened(start, qtbot, world, case.case_id).head()
    assert head.number == case.number
    assert (head.category, head.condition, head.grid) == ("上水井盖", "破损较大", "望塔-01")
    assert (head.state, head.round) == ("处置中", 1)


def test_an_extension_is_a_slice_of_its_own_behind_the_old_deadline(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    old = world.cases[case.case_id].due_at
    world.apply("apply_extension", case.case_id, reason="等备件")
    world.apply("decide_extension", case.case_id, approve=True)
    model = opened(start, qtbot, world, case.case_id)
    handle = model.clocks[-1]
    extra = [part for part in handle.slices if part.kind == "extension"]
    assert extra[0].start == old
    assert extra[-1].end == handle.due > old
    assert all(part.end <= old for part in handle.slices if part.kind == "counting")


def spans(clock, kind: str) -> float:
    return sum((part.end - part.start).total_seconds() for part in clock.slices if part.kind == kind) / 3600


def test_after_a_suspension_the_rest_of_the_limit_still_counts_before_the_extension(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")  # 09:30, four working hours
    world.advance(minutes=30)
    world.apply("apply_extension", case.case_id, reason="等备件")
    world.apply("decide_extension", case.case_id, approve=True)
    world.advance(hours=1)
    until = (world.now + timedelta(days=3)).isoformat()
    world.apply("apply_suspend", case.case_id, reason="等手续", until=until)
    world.apply("decide_suspend", case.case_id, approve=True)
    world.advance(minutes=10)
    paused = opened(start, qtbot, world, case.case_id).clocks[-1]
    assert paused.due is None
    assert (spans(paused, "counting"), spans(paused, "extension")) == (1.5, 0)
    world.advance(days=3, hours=2)
    world.apply("resume", case.case_id)
    handle = opened(start, qtbot, world, case.case_id).clocks[-1]
    assert (spans(handle, "counting"), spans(handle, "extension")) == (4.0, 4.0)
    kinds = [part.kind for part in handle.slices]
    assert kinds.index("extension") > max(at for at, kind in enumerate(kinds) if kind == "counting")
    assert handle.slices[-1].end == handle.due


def test_clocks_of_earlier_rounds_come_from_the_history(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    first = world.cases[case.case_id].clocks["handle"]
    world.advance(hours=1)
    world.apply("redispatch", case.case_id, lead_dept="water", reason="权属不符")
    seat = start(world)
    model = DeadlineViewModel(seat, case.case_id)
    model.load()
    settled(seat, qtbot)
    assert [clock.name for clock in model.clocks].count("handle") == 1
    detail = model.detail
    latest = tuple(detail.case.clocks.values())
    stopped = replace(first, stopped_at=world.now)
    model._on_detail(replace(detail, clocks=(stopped, *latest)))
    assert [clock.name for clock in model.clocks].count("handle") == 2
    assert model.clocks[0].state == "stopped"


def test_the_history_gives_the_acts_that_touched_the_clocks(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="等备件")
    world.apply("decide_extension", case.case_id, approve=True, note="同意")
    world.apply("comment", case.case_id, text="与时限无关")
    model = opened(start, qtbot, world, case.case_id)
    assert [(event.action, event.reason) for event in model.events()] == [("派遣", ""), ("审批延期", "同意")]
    assert not model.offline


def test_offline_the_own_copy_is_explained_and_it_is_said(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("handling")
    model = opened(start, qtbot, world, case.case_id, online=False)
    assert model.offline
    assert len(model.clocks) == 4
    assert model.events() == ()


def test_an_operation_that_is_not_decided_moves_no_deadline(start, qtbot):
    world = world_for("shift_leader")
    case = world.walk("pending_dispatch")
    seat = start(world)
    payload = {"lead_dept": "muni", "co_depts": [], "note": ""}
    seat.submit("dispatch", case.case_id, payload)
    settled(seat, qtbot)
    assert seat.case(case.case_id).case.state == "pending_sign"
    model = DeadlineViewModel(seat, case.case_id)
    world.online = False
    model.load()
    settled(seat, qtbot)
    assert [clock.name for clock in model.clocks] == ["accept", "file", "dispatch"]


def test_a_case_born_here_and_not_decided_is_explained_as_predicted(start, qtbot):
    world = world_for("acceptor")
    seat = start(world)
    payload = {
        "kind": "event", "source": "hotline", "description": "x",
        "location": {"lon": 113.005, "lat": 23.005, "address": "y"},
    }  # fmt: skip
    seat.submit("register", "0193a5e0-0000-7000-8000-000000000001", payload)
    settled(seat, qtbot)
    world.online = False
    model = DeadlineViewModel(seat, "0193a5e0-0000-7000-8000-000000000001")
    model.load()
    assert [clock.name for clock in model.clocks] == ["accept"]
    settled(seat, qtbot)


def test_an_unknown_case_has_nothing_to_tell(start, qtbot):
    world = world_for("acceptor")
    world.online = False
    seat = start(world)
    model = DeadlineViewModel(seat, "no-such")
    model.load()
    settled(seat, qtbot)
    assert model.head() is None
    assert model.clocks == ()


def test_a_calendar_that_cannot_answer_is_said(start, qtbot, monkeypatch):
    world = world_for("shift_leader")
    case = world.walk("handling")
    seat = start(world)

    def broken(*_args):
        raise CalendarError("工作日历在十年内没有足够的工作时间")

    monkeypatch.setattr("console.viewmodels.deadline.explain_case", broken)
    model = DeadlineViewModel(seat, case.case_id)
    model.load()
    assert model.trouble == "工作日历在十年内没有足够的工作时间"
    settled(seat, qtbot)


def test_one_clock_can_be_explained_as_it_would_be(start):
    world = world_for("shift_leader")
    case = world.cases[world.walk("handling").case_id]
    clock = case.clocks["handle"]
    told = explain_one(case, clock, world.rules, world.now)
    assert told.title == "处置时限"
    far = replace(world.rules, calendar=world.rules.calendar)
    assert explain_one(case, clock, far, world.now) == told
