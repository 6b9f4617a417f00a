"""Dispatch, decisions, filing, closing, amending, splitting, attaching: what they show and what they send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.viewmodels.actions.amending import AmendViewModel
from console.viewmodels.actions.attaching import AttachViewModel
from console.viewmodels.actions.closing import CloseViewModel
from console.viewmodels.actions.deciding import GOOD, WARN, DecideViewModel
from console.viewmodels.actions.dispatching import DispatchViewModel
from console.viewmodels.actions.filing import FileViewModel
from console.viewmodels.actions.photos import photo_of
from console.viewmodels.actions.splitting import MOST_PARTS, SplitViewModel
from services.ports.errors import StorageFull
from tests.support.fakes import settled, world_for

DESK = ("dispatcher", "shift_leader", "acceptor")


def local(model, moment) -> str:
    return model.local(moment).strftime("%m-%d %H:%M")


# --- dispatch -----------------------------------------------------------------------------------------


def test_a_dispatch_starts_with_the_duty_tables_unit_and_says_why(load):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, DispatchViewModel, "dispatch", case.case_id)
    assert model.values["lead_dept"] == "water"
    assert model.reason_line() == "依据：责任清单“上水井盖 → 供水”；在办 0 件"
    assert model.limit().words == "4 工作时"
    assert local(model, model.due_at()) == "11-20 15:30"
    assert not model.needs_reason


def test_the_preview_says_state_unit_and_due_time(load):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, DispatchViewModel, "dispatch", case.case_id, "muni")
    ahead = model.preview()
    assert (ahead.status, ahead.after.state, ahead.after.lead_dept) == ("ready", "pending_sign", "muni")
    assert ahead.moves
    assert ahead.new_due == model.due_at()


def test_a_dispatch_reaches_the_outbox_with_co_units_and_note(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, DispatchViewModel, "dispatch", case.case_id, "muni")
    model.add_co_unit("sani")
    model.add_co_unit("green")
    model.add_co_unit("sani")
    model.remove_co_unit("green")
    model.set_value("note", "先围挡")
    assert "sani" not in [unit.id for unit in model.co_units()]
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload == {"lead_dept": "muni", "co_depts": ["sani"], "note": "先围挡"}


def test_without_a_unit_nothing_is_sent(load):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, DispatchViewModel, "dispatch", case.case_id)
    model.set_value("lead_dept", "")
    assert not model.confirm()
    assert model.errors == {"lead_dept": "请选承办单位"}


def test_a_redispatch_asks_for_a_reason_and_leaves_the_present_unit_out(load, qtbot):
    world = world_for(*DESK)
    case = world.walk("handling")
    model = load(world, DispatchViewModel, "redispatch", case.case_id, "water")
    assert "muni" not in [unit.id for unit in model.units()]
    assert not model.confirm()
    assert model.errors == {"reason": "请填写改派理由"}
    model.set_value("reason", "权属不符")
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload == {"lead_dept": "water", "reason": "权属不符"}


def test_a_returned_case_may_go_to_the_same_unit_again(load):
    world = world_for("dispatcher")
    case = world.walk("handling")
    world.apply("return_case", case.case_id, reason="不清楚", basis="清单")
    model = load(world, DispatchViewModel, "redispatch", case.case_id)
    assert "muni" in [unit.id for unit in model.units()]


def test_the_lead_cannot_be_a_co_unit(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    model = load(world, DispatchViewModel, "dispatch", case.case_id, "muni")
    model.values["co_depts"] = ("muni",)
    with qtbot.waitSignal(model.refused) as refused:
        assert not model.confirm()
    assert refused.args == ["主办单位不能同时是协办单位。"]


# --- decisions ----------------------------------------------------------------------------------------


def asked_extension(world, **more):
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="等备件", **more)
    return world.cases[case.case_id]


def test_an_extension_is_shown_with_both_due_times(load):
    world = world_for("dispatcher")
    case = asked_extension(world)
    model = load(world, DecideViewModel, "decide_extension", case.case_id)
    asked = model.application()
    assert (asked.unit, asked.reason, asked.more.words) == ("市政公用服务中心", "等备件", "4 工作时")
    assert (local(model, asked.old_due), local(model, asked.new_due)) == ("11-20 15:30", "11-23 09:30")
    assert asked.at == world.now
    assert [check.tone for check in model.checks()] == [GOOD, GOOD, GOOD]
    before, after = model.clocks()
    assert (before.due_at, after.due_at) == (asked.old_due, asked.new_due)


def test_offline_the_application_is_shown_without_its_moment(load, qtbot):
    world = world_for("dispatcher")
    case = asked_extension(world, amount=2, unit="work_day")
    world.online = False
    model = load(world, DecideViewModel, "decide_extension", case.case_id)
    assert model.application().at is None
    assert model.application().more.words == "2 工作日"
    assert len(model.checks()) == 2


def test_what_speaks_against_it_is_a_warning(load):
    world = world_for("shift_leader")
    case = asked_extension(world)
    world.apply("decide_extension", case.case_id, approve=True)
    world.apply("apply_extension", case.case_id, reason="还要等")
    world.apply(
        "apply_suspend", case.case_id, reason="等手续", until=(world.now + timedelta(days=9)).isoformat()
    )
    world.apply("supervise", case.case_id, kind="timeout", level=1, reason="快办", need_reply=False)
    world.advance(days=9)
    model = load(world, DecideViewModel, "decide_extension", case.case_id)
    texts = [check.text for check in model.checks() if check.tone == WARN]
    assert texts == [
        "第 2 次延期，上限 2 次",
        "同时还有一份挂账申请在等待",
        "现在已过到期时间",
        "这件已被督办 1 次",
    ]


def test_approving_and_refusing_send_what_they_say(load, qtbot):
    world = world_for("shift_leader")
    first, second = asked_extension(world), asked_extension(world)
    model = load(world, DecideViewModel, "decide_extension", first.case_id)
    with qtbot.waitSignal(model.saved):
        assert model.approve()
    assert world.commands[0].payload == {"approve": True}
    model = load(world, DecideViewModel, "decide_extension", second.case_id)
    assert not model.refuse()
    assert model.errors == {"note": "不批准时请写明意见"}
    model.set_value("note", "材料不全")
    with qtbot.waitSignal(model.saved):
        assert model.refuse()
    assert world.commands[1].payload == {"approve": False, "note": "材料不全"}


def test_a_suspension_is_shown_with_its_end(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("handling")
    until = world.now + timedelta(days=9)
    world.apply("apply_suspend", case.case_id, reason="等掘路手续", until=until.isoformat())
    model = load(world, DecideViewModel, "decide_suspend", case.case_id)
    asked = model.application()
    assert (asked.until, asked.reason, asked.more) == (until, "等掘路手续", None)
    assert not model.is_extension
    assert "首次挂账" in [check.text for check in model.checks()]
    with qtbot.waitSignal(model.saved):
        model.approve()


def test_without_an_application_there_is_nothing_to_decide(load):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, DecideViewModel, "decide_extension", case.case_id)
    assert model.application() is None
    assert model.checks() == ()


def test_the_waiting_ones_stand_in_order_of_their_deadline(load):
    world = world_for("shift_leader")
    first = asked_extension(world)
    world.advance(minutes=5)
    second = asked_extension(world)
    model = load(world, DecideViewModel, "decide_extension", first.case_id)
    assert model.waiting() == (first.case_id, second.case_id)
    assert (model.neighbour(1), model.neighbour(-1)) == (second.case_id, "")


# --- filing, closing ----------------------------------------------------------------------------------


def test_filing_offers_the_category_given_at_registration_and_its_conditions(load, qtbot):
    world = world_for("shift_leader")
    case = world.register(category="component-0101")
    world.apply("accept", case.case_id)
    model = load(world, FileViewModel, "file", case.case_id)
    assert model.values == {"category": "component-0101", "condition": None}
    assert model.categories()[0].id == "component-0101"
    assert [row.limit.words for row in model.conditions()][:2] == ["2 紧急工作时", "4 工作时"]
    assert not model.confirm()
    assert model.errors == {"condition": "请选择立案条件，时限由它决定"}
    model.set_value("condition", 0)
    assert model.unit() == "供水企业（节约用水中心）"
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload == {"category": "component-0101", "condition": 0}


def test_filing_without_a_category_asks_for_one_and_another_category_drops_the_condition(load):
    world = world_for("shift_leader")
    case = world.walk("pending_filing")
    model = load(world, FileViewModel, "file", case.case_id)
    assert not model.confirm()
    assert model.errors == {"category": "请选择案件类别"}
    model.choose_category("component-0101")
    model.set_value("condition", 1)
    model.choose_category("component-0102")
    assert model.values["condition"] is None
    assert model.category_name() == world.rules.categories["component-0102"].name
    assert model.unit() == ""


def test_closing_offers_the_filing_conditions_own_closing_condition(load, qtbot):
    world = world_for("shift_leader")
    case = world.walk("pending_close")
    model = load(world, CloseViewModel, "close", case.case_id)
    assert model.values["closing_condition"] == "更换或修复"
    assert model.offered() == ("更换或修复", "恢复", "修复")
    assert not model.needs_callback
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload == {"closing_condition": "更换或修复"}


def test_a_wanted_callback_comes_before_closing(load, qtbot):
    world = world_for("shift_leader")
    case = world.walk("pending_close", need_callback=True)
    model = load(world, CloseViewModel, "close", case.case_id)
    assert model.needs_callback
    assert not model.confirm()
    assert model.errors == {"callback.reached": "来电人要求回访，请先回访再结案"}
    for name, value in (("reached", True), ("solved", True), ("satisfaction", 5), ("text", "")):
        model.set_value(f"callback.{name}", value)
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload["callback"] == {"reached": True, "solved": True, "satisfaction": 5}


def test_closing_without_a_condition_is_asked_for(load):
    world = world_for("shift_leader")
    case = world.walk("pending_close")
    model = load(world, CloseViewModel, "close", case.case_id)
    model.set_value("closing_condition", "  ")
    assert not model.confirm()
    assert model.errors == {"closing_condition": "请选择或填写结案条件"}


# --- amending -----------------------------------------------------------------------------------------


def test_another_condition_shows_the_deadline_from_the_clocks_own_start(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("handling")
    world.advance(hours=1)
    model = load(world, AmendViewModel, "amend", case.case_id)
    assert model.preview() is None
    model.set_value("condition", 0)
    before, after = model.handle_clocks()
    assert (before.limit.words, after.limit.words) == ("4 工作时", "2 紧急工作时")
    assert (local(model, before.due_at), local(model, after.due_at)) == ("11-20 15:30", "11-20 11:30")
    assert local(model, model.handle_start()) == "11-20 09:30"
    assert local(model, model.conditions()[0].due_at) == "11-20 11:30"
    assert not model.confirm()
    assert model.errors == {"reason": "请填写更正理由"}
    model.set_value("reason", "现场有隐患")
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert world.commands[0].payload == {"condition": 0, "reason": "现场有隐患"}


def test_only_what_differs_is_sent(load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AmendViewModel, "amend", case.case_id)
    model.set_value("reason", "写错了")
    assert not model.confirm()
    assert model.errors == {"description": "还没有改动任何内容"}
    model.set_value("description", "两块井盖缺失")
    model.set_point(113.015, 23.005)
    assert model.place().grid_name == "柳岸-01"
    payload = model.payload()
    assert set(payload) == {"reason", "description", "location"}
    with qtbot.waitSignal(model.saved):
        model.confirm()
    world.judge_all()
    assert world.cases[case.case_id].grid == "990101002001001"


def test_a_point_outside_is_refused_at_its_field(load):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AmendViewModel, "amend", case.case_id)
    model.set_value("reason", "x")
    model.set_point(114.0, 24.0)
    assert model.sure()
    assert not model.confirm()
    assert model.errors == {"location": "地址不在本区范围内，请重选"}


def test_another_category_of_a_filed_case_needs_its_condition(load):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AmendViewModel, "amend", case.case_id)
    model.choose_category("component-0102")
    model.set_value("reason", "看错了")
    assert model.category_name() == world.rules.categories["component-0102"].name
    assert not model.confirm()
    assert model.errors == {"condition": "换了类别，请同时选择立案条件"}
    model.choose_category("component-0101")
    assert model.values["condition"] == 1


# --- splitting, attaching -----------------------------------------------------------------------------


def test_a_split_makes_cases_with_ids_of_their_own(load, qtbot):
    world = world_for("acceptor")
    case = world.register(category="component-0101")
    model = load(world, SplitViewModel, "split", case.case_id)
    ids = [part.case_id for part in model.parts]
    assert not model.confirm()
    assert list(model.errors) == ["parts[0].description", "parts[1].description"]
    model.describe(0, "井盖缺失")
    model.describe(1, "井盖缺失")
    assert not model.confirm()
    assert model.errors == {"parts[1].description": "第 2 件与前面的内容相同"}
    model.describe(1, "路面积水")
    model.categorise(1, "component-0102")
    assert model.category_name(0) == "上水井盖"
    assert model.preview().births[1].category == "component-0102"
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert [part["case_id"] for part in world.commands[0].payload["parts"]] == ids


def test_parts_come_and_go_within_bounds(load):
    world = world_for("acceptor")
    case = world.register()
    model = load(world, SplitViewModel, "split", case.case_id)
    for _ in range(MOST_PARTS):
        model.add()
    assert len(model.parts) == MOST_PARTS
    for _ in range(MOST_PARTS):
        model.remove(0)
    assert len(model.parts) == 1


def test_every_file_is_a_command_and_the_dialog_ends_after_the_last(load, qtbot, tmp_path):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AttachViewModel, "attach", case.case_id)
    assert not model.confirm()
    assert model.errors == {"photos": "请拖入文件，或按 Ctrl+V 粘贴截图"}
    path = tmp_path / "a.jpg"
    path.write_bytes(b"disk")
    with qtbot.waitSignal(model.reader.arrived):
        model.reader.add_files([path])
    model.reader.add_bytes(b"pasted", "b.png", "image/png")
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert [command.action for command in world.commands] == ["attach", "attach"]
    assert model.photos == ()


def test_a_failure_leaves_the_files_that_are_still_to_be_saved(load, qtbot, monkeypatch):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AttachViewModel, "attach", case.case_id)
    submit = model.seat.services.desk.submit

    def partly(action, shown, payload, attachments=(), *, case_id=None):
        if attachments[0].data == b"two":
            raise StorageFull("本机空间不足，这次没有保存")
        return submit(action, shown, payload, attachments, case_id=case_id)

    monkeypatch.setattr(model.seat.services.desk, "submit", partly)
    for data in (b"one", b"two"):
        model.reader.add_bytes(data, "a.png", "image/png")
    with qtbot.waitSignal(model.refused):
        model.confirm()
    assert [photo.data for photo in model.photos] == [b"two"]
    model.remove(model.photos[0].sha256)
    assert model.photos == ()
    settled(model.seat, qtbot)


@pytest.mark.parametrize("size", [20 * 1024 * 1024, 20 * 1024 * 1024 + 1])
def test_twenty_megabytes_are_the_limit(size, load, qtbot):
    world = world_for("dispatcher")
    case = world.walk("handling")
    model = load(world, AttachViewModel, "attach", case.case_id)
    told = []
    model.refused.connect(told.append)
    model.reader.add_bytes(b"x" * size, "big.bin", "")
    assert bool(told) == (size > 20 * 1024 * 1024)
    assert len(model.photos) == (not told)


def test_a_photo_has_a_guessed_type():
    assert photo_of(b"x", "a.jpg").mime == "image/jpeg"
    assert photo_of(b"x", "a").mime == "application/octet-stream"
