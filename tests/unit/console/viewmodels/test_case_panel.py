"""The case panel: clock line, steps, facts, history in sentences, suggestions, and what may be done."""

from __future__ import annotations

from typing import Any

import pytest

from console.viewmodels.case_actions import MAIN, ORDER, actions_of, main_action
from console.viewmodels.case_panel import CasePanelViewModel
from console.viewmodels.history_words import sentence_of
from console.viewmodels.seat import SeatViewModel
from services.domain.decide import allowed_actions
from services.domain.lifecycle import MOVES
from services.domain.states import STATES
from tests.support.fakes import World, settled, world_for
from tests.unit.console.viewmodels.conftest import Start


def shown(seat: SeatViewModel, case_id: str, qtbot: Any) -> CasePanelViewModel:
    model = CasePanelViewModel(seat)
    model.show_case(case_id)
    settled(seat, qtbot)
    return model


def test_no_case_no_panel(world: World, start: Start) -> None:
    model = CasePanelViewModel(start(world))
    assert model.panel is None
    assert not model.pick(1)


def test_a_case_waiting_for_dispatch(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch", caller={"name": "韩梅", "phone": "13812342716"}, need_callback=True)
    world.advance(minutes=15)
    panel = shown(start(world), case.case_id, qtbot).panel
    assert panel is not None
    assert panel.number == case.number
    assert panel.clock_line == "派遣时限 30 分钟 · 10:00 到期"
    assert panel.used == pytest.approx(0.5)
    assert panel.steps.index == 3
    assert panel.steps.times[:2] == ("09:30", "09:30")
    facts = {label: text for label, text, _ in panel.facts}
    assert facts["诉求人"] == "韩* 138****2716（要求回访）"
    assert "4 工作时" in facts["立案条件"]
    assert panel.main is not None
    assert (panel.main.id, panel.main.key) == ("dispatch", "D")
    assert panel.suggestions[0].reason.startswith("责任清单匹配")
    assert any(unit.id.startswith("street-") for unit in panel.suggestions)
    assert panel.history[0].sentence.startswith("立案：上水井盖")
    assert panel.history[0].latest
    assert panel.history_note == ""


def test_a_picked_unit_stays_picked(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    model = shown(start(world), case.case_id, qtbot)
    assert model.panel is not None
    assert model.picked == model.panel.suggestions[0].id
    assert model.pick(2)
    assert model.picked == model.panel.suggestions[1].id
    assert not model.pick(9)
    model.pick_unit("green")
    assert model.picked == "green"


def test_history_waits_for_the_line_but_the_case_is_there(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    world.online = False
    model = shown(start(world), case.case_id, qtbot)
    assert model.panel is not None
    assert "连上中心" in model.panel.history_note
    assert model.panel.history == ()


def test_an_own_waiting_command_stands_on_top(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = shown(seat, case.case_id, qtbot)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni", "note": "先围挡"})
    settled(seat, qtbot)
    panel = model.panel
    assert panel is not None
    assert panel.history[0].waiting == "待发送—尚未派出"
    assert "先围挡" in panel.history[0].sentence
    assert panel.steps.index == 3
    world.judge_all()
    settled(seat, qtbot)
    assert model.panel is not None
    assert model.panel.history[0].waiting == ""
    assert model.panel.steps.index == 4


def test_a_case_that_left_the_scope_closes_the_panel(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = shown(seat, case.case_id, qtbot)
    del world.cases[case.case_id]
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert model.panel is None


@pytest.mark.parametrize(
    ("state", "index", "end"),
    [
        ("reported", 1, ""),
        ("handling", 4, ""),
        ("checking", 5, ""),
        ("pending_close", 6, ""),
        ("closed", 7, ""),
    ],
)
def test_steps_follow_the_state(
    world: World, start: Start, qtbot: Any, state: str, index: int, end: str
) -> None:
    case = world.walk(state)
    panel = shown(start(world), case.case_id, qtbot).panel
    assert panel is not None
    assert (panel.steps.index, panel.steps.end_mark) == (index, end)


def test_an_end_without_handling_is_marked(world: World, start: Start, qtbot: Any) -> None:
    case = world.register()
    world.apply("reject", case.case_id, reason="重复来电")
    panel = shown(start(world), case.case_id, qtbot).panel
    assert panel is not None
    assert panel.steps.end_mark == "不予受理"
    assert panel.used == 0.0
    assert panel.clock_line == "不予受理"


def test_a_suspended_clock_says_so(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("handling")
    world.apply("apply_suspend", case.case_id, until="2026-12-20T09:00:00+08:00", reason="等待材料")
    world.apply("decide_suspend", case.case_id, approve=True)
    panel = shown(start(world), case.case_id, qtbot).panel
    assert panel is not None
    assert panel.clock_line == "处置时限 4 工作时 · 暂停计时"
    assert panel.row.band == "suspended"


def test_counts_of_return_and_rework_stand_at_the_steps(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("checking")
    world.apply("check_fail", case.case_id, reason="没修好")
    panel = shown(start(world), case.case_id, qtbot).panel
    assert panel is not None
    assert panel.steps.rework == 1


def test_actions_not_allowed_say_why() -> None:
    world = world_for("dispatcher")
    case = world.walk("handling")
    actions = actions_of(case, allowed_actions(case, world.actor, world.rules), world.actor, world.rules)
    reasons = {action.id: action.reason for action in actions}
    assert reasons["dispatch"] == "现在不能派遣：案件处置中，待派遣时才能办"
    assert "没有等待审批的申请" in reasons["decide_extension"]
    assert reasons["comment"] == ""
    assert "sign" not in reasons


@pytest.mark.parametrize("state", [state for state in STATES if STATES[state].owner == "dispatcher"])
def test_the_state_names_its_main_action(state: str) -> None:
    world = world_for("dispatcher")
    case = world.walk(state) if state != "returned" else world.walk("pending_sign")
    if state == "returned":
        case = world.apply("return_case", case.case_id, reason="非本单位", basis="权属清单")
    actions = actions_of(case, allowed_actions(case, world.actor, world.rules), world.actor, world.rules)
    main = main_action(actions)
    assert main is not None
    expected = {"pending_dispatch": "dispatch", "returned": "redispatch", "feedback_review": "send_check"}
    assert main.id == expected[state]


def test_every_action_named_here_exists() -> None:
    assert set(ORDER) <= set(MOVES)
    assert set(MAIN) <= set(ORDER)


def test_every_action_has_a_sentence(world: World, start: Start) -> None:
    seat = start(world)
    for action in MOVES:
        assert sentence_of(action, {}, seat)
    assert (
        sentence_of("decide_extension", {"approve": False, "note": "不同意"}, seat)
        == "审批延期：不同意，不同意"
    )
    assert sentence_of("apply_extension", {"amount": 4, "unit": "work_hour", "reason": "等配件"}, seat) == (
        "申请延期 4 工作时：等配件"
    )
    assert sentence_of("verify_result", {"result": "not_found"}, seat) == "核实反馈：未找到"
    assert sentence_of("callback", {"reached": True, "text": "满意"}, seat) == "回访：已联系上，满意"
    assert sentence_of("dispatch", {"lead_dept": "muni", "co_depts": ["green"]}, seat).startswith("派遣 → ")
