"""A lost race in three columns, and the three ways on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.conflict import ACCEPT, AGAIN, KEEP, ConflictViewModel
from console.viewmodels.seat import SeatViewModel
from services.ports.centre import TimelineEntry, Winner
from services.ports.outbox import SavedCommand
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start


def lose(world: World, action: str = "dispatch", payload: dict[str, Any] | None = None) -> SavedCommand:
    """A command of this seat that came second: 顾怀舟 dispatched to 市政 first."""
    case = world.walk("pending_dispatch")
    mine = {"lead_dept": "green", "note": "请今晚内处置"} if payload is None else payload
    world.apply("dispatch", case.case_id, lead_dept="muni", note="已电话说明")
    winner = Winner("顾怀舟", world.now, "dispatch", "派遣到市政")
    theirs = {"lead_dept": "muni", "note": "已电话说明"}
    world.timelines[case.case_id] = [
        TimelineEntry(9, 4, "dispatch", "u-gu", "顾怀舟", "dispatcher", world.now, "c9", theirs)
    ]
    saved = SavedCommand(
        len(world.commands), "lost", case.case_id, action, mine, case.xver, world.now, world.actor.id, world.now,
        status="conflict", winner=winner, label="1120-0417 示例路",
    )  # fmt: skip
    world.commands.append(saved)
    return saved


def opened(seat: SeatViewModel, command: SavedCommand, qtbot: Any) -> ConflictViewModel:
    model = ConflictViewModel(seat, command.command_id)
    model.load()
    settled(seat, qtbot)
    return model


def test_three_columns_field_by_field(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world)
    model = opened(start(world), lost, qtbot)
    rows = {row.label: row for row in model.rows}
    units = world.rules.departments
    assert (rows["操作"].mine, rows["操作"].theirs) == ("派遣", "派遣")
    assert rows["承办单位"].mine == units["green"].name
    assert rows["承办单位"].theirs == rows["承办单位"].now == units["muni"].name
    assert (rows["意见"].mine, rows["意见"].theirs) == ("请今晚内处置", "已电话说明")
    assert "顾怀舟" in rows["何人何时"].theirs and "顾怀舟" in model.sentence
    assert "市政" in model.their_sentence and model.head


def test_offline_the_outcomes_own_words_stand_there(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world)
    seat = start(world)
    world.online = False
    model = opened(seat, lost, qtbot)
    rows = {row.label: row for row in model.rows}
    assert rows["意见"].theirs == "派遣到市政" and model.their_sentence == ""


def test_keep_my_remark_is_the_first_choice_and_becomes_a_comment(
    world: World, start: Start, qtbot: Any
) -> None:
    lost = lose(world)
    model = opened(start(world), lost, qtbot)
    assert model.chosen == KEEP
    with qtbot.waitSignal(model.done):
        assert model.confirm()
    comment = world.commands[-1]
    assert (comment.action, comment.case_id) == ("comment", lost.case_id)
    assert "请今晚内处置" in comment.payload["text"]
    assert world.commands[lost.n].status == "discarded"


def test_without_a_remark_there_is_nothing_to_keep(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world, payload={"lead_dept": "green"})
    model = opened(start(world), lost, qtbot)
    assert model.chosen == ACCEPT
    assert model.steps[0].reason
    model.choose(KEEP)
    assert model.chosen == ACCEPT
    with qtbot.waitSignal(model.done):
        model.confirm()
    assert world.commands[lost.n].status == "discarded" and len(world.commands) == 1


def test_again_asks_for_the_action_the_case_allows_now(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world)
    model = opened(start(world), lost, qtbot)
    assert (model.again_action, model.again_preset) == ("redispatch", {"lead_dept": "green"})
    model.choose(AGAIN)
    with qtbot.waitSignal(model.again_wanted):
        assert model.confirm()
    assert world.commands[lost.n].status == "conflict"  # until the new one is saved
    with qtbot.waitSignal(model.done):
        model.replaced()
    assert world.commands[lost.n].status == "discarded"


def test_what_the_case_no_longer_allows_says_why(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world, "return_to_filing", {"reason": "类别不对"})
    model = opened(start(world), lost, qtbot)
    assert model.steps[2].reason
    model.choose(AGAIN)
    assert model.chosen == KEEP


def test_a_settled_one_is_said_to_be_settled(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world)
    world.commands[lost.n] = replace(lost, status="discarded")
    model = opened(start(world), lost, qtbot)
    assert model.missing and not model.confirm()


def test_a_failure_changes_nothing(world: World, start: Start, qtbot: Any) -> None:
    lost = lose(world)
    model = opened(start(world), lost, qtbot)
    world.full = True
    with qtbot.waitSignal(model.refused) as refused:
        model.confirm()
    assert "空间不足" in refused.args[0]
    assert world.commands[lost.n].status == "conflict" and not model.busy


@pytest.mark.parametrize("status", ["conflict"])
def test_the_waiting_list_leads_to_it(world: World, start: Start, qtbot: Any, status: str) -> None:
    from console.viewmodels.waiting import WaitingViewModel

    lost = lose(world)
    seat = start(world)
    model = WaitingViewModel(seat)
    settled(seat, qtbot)
    [line] = [line for line in model.lines if line.command_id == lost.command_id]
    assert lost.status == status
    assert [act for act, _ in line.acts] == ["resolve"]
