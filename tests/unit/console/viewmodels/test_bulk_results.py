"""What became of an act: every fate in words, groups with counts, doing again, the list as text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.bulk import BulkViewModel
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.bulk_results import (
    ALL,
    BACK,
    DONE,
    GROUPS,
    LOOK,
    UNDER_WAY,
    BulkResultsViewModel,
    group_word,
)
from services.ports.centre import Reason, Winner
from services.ports.errors import Problem
from services.ports.outbox import (
    APPLIED,
    CONFLICT,
    DISCARDED,
    HELD,
    INVALID,
    NEEDS_CONFIRM,
    REJECTED,
    REPLACED,
    WAITING,
    SavedCommand,
)
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

ACT = "act-1"


def command(world: World, status: str = WAITING, action: str = "dispatch", **more: Any) -> SavedCommand:
    case = world.walk("pending_dispatch")
    saved = SavedCommand(
        len(world.commands), f"cmd-{len(world.commands)}", case.case_id, action, {"lead_dept": "muni"}, case.xver,
        world.now, world.actor.id, world.now, status=status, batch=ACT, **more,
    )  # fmt: skip
    world.commands.append(saved)
    return saved


def results(world: World, start: Start, qtbot: Any) -> BulkResultsViewModel:
    seat = start(world)
    model = BulkResultsViewModel(seat, seat)
    model.show(ACT)
    settled(seat, qtbot)
    return model


@pytest.mark.parametrize(
    ("status", "more", "group", "word", "why", "again"),
    [
        (WAITING, {"staged": True}, UNDER_WAY, "可撤销", "", False),
        (WAITING, {}, UNDER_WAY, "待发送—尚未派出", "", False),
        (WAITING, {"tries": 1}, UNDER_WAY, "等待答复", "同一编号", False),
        (APPLIED, {}, DONE, "已办", "", False),
        (CONFLICT, {"winner": Winner("顾怀舟", None, "dispatch", "")}, LOOK, "冲突", "顾怀舟", True),
        (
            REJECTED,
            {"reason": Reason("illegal_state", "案件已签收。")},
            LOOK,
            "未通过",
            "案件已签收。",
            False,
        ),
        (NEEDS_CONFIRM, {}, LOOK, "需再确认", "10 分钟", True),
        (
            INVALID,
            {"problem": Problem(422, "invalid", "内容有误。")},
            LOOK,
            "中心收不下",
            "内容有误。",
            False,
        ),
        (HELD, {}, LOOK, "已暂停", "没有送出", True),
        (DISCARDED, {}, BACK, "已撤销", "", False),
        (REPLACED, {}, BACK, "已另办", "", False),
    ],
)
def test_every_fate_has_its_words(
    world: World,
    start: Start,
    qtbot: Any,
    status: str,
    more: dict[str, Any],
    group: str,
    word: str,
    why: str,
    again: bool,
) -> None:
    command(world, status, **more)
    model = results(world, start, qtbot)
    [line] = model.lines
    assert (line.group, line.word, line.again) == (group, word, again)
    assert why in line.why and bool(why) == bool(line.why)
    assert line.asked == "→ 市政" or line.asked.startswith("→ ")
    assert model.counts[group] == model.counts[ALL] == 1


def test_answers_arrive_one_by_one(world: World, start: Start, qtbot: Any) -> None:
    made = [command(world) for _ in range(3)]
    model = results(world, start, qtbot)
    assert (model.counts[UNDER_WAY], model.settled, model.title) == (3, False, "派遣 3 件")
    for at, status in ((0, APPLIED), (1, REJECTED)):
        world.commands[made[at].n] = replace(made[at], status=status)
        world.announce({"outbox"})
    qtbot.waitUntil(lambda: model.counts[DONE] == 1 and model.counts[LOOK] == 1, timeout=5000)
    assert not model.settled
    model.show_group(LOOK)
    assert [line.case_id for line in model.shown] == [made[1].case_id]
    world.commands[made[2].n] = replace(made[2], status=APPLIED)
    world.announce({"outbox"})
    qtbot.waitUntil(lambda: model.settled, timeout=5000)


def test_again_opens_with_the_same_form_and_replaces(world: World, start: Start, qtbot: Any) -> None:
    lost = [command(world, NEEDS_CONFIRM), command(world, NEEDS_CONFIRM), command(world, REJECTED)]
    model = results(world, start, qtbot)
    ids = model.again_ids
    assert ids == tuple(one.case_id for one in lost[:2])
    action, cases, values, replaces = model.again(ids)
    assert (action, cases, values["way"], values["lead_dept"]) == ("dispatch", ids, "one", "muni")
    again = BulkViewModel(model.seat, action, cases, values=values, replaces=replaces)
    again.look_ahead()
    settled(model.seat, qtbot)
    with qtbot.waitSignal(again.saved):
        assert again.confirm()
    assert [world.commands[one.n].status for one in lost] == [REPLACED, REPLACED, REJECTED]
    settled(model.seat, qtbot)
    assert len(second_thoughts(model.seat).acts) == 1


def test_each_to_its_own_unit_is_remembered_as_that(world: World, start: Start, qtbot: Any) -> None:
    first = command(world, CONFLICT)
    second = command(world, CONFLICT)
    world.commands[second.n] = replace(second, payload={"lead_dept": "sani"})
    model = results(world, start, qtbot)
    _, _, values, _ = model.again((first.case_id, second.case_id))
    assert values["way"] == "own" and "lead_dept" not in values


def test_the_list_as_text(world: World, start: Start, qtbot: Any) -> None:
    command(world, APPLIED)
    command(world, REJECTED, reason=Reason("x", "不行\t因为\n这样。"))
    model = results(world, start, qtbot)
    head, columns, *rows = model.text().splitlines()
    assert head.startswith("派遣 2 件（") and "已办 1" in head and "要看一下 1" in head
    assert columns.split("\t") == ["案号", "类别", "地址", "操作", "结果", "原因"]
    assert [len(row.split("\t")) for row in rows] == [6, 6]
    assert rows[1].endswith("不行 因为 这样。")
    model.show_group(DONE)
    assert len(model.text().splitlines()) == 3


def test_another_act_takes_the_place(world: World, start: Start, qtbot: Any) -> None:
    command(world)
    model = results(world, start, qtbot)
    model.show("nobody")
    settled(model.seat, qtbot)
    assert model.lines == () and not model.settled
    assert all(group_word(group) for group in GROUPS)
