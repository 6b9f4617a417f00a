"""Every fate of an act on many cases, a restored centre's among them: one word, one group, one shape each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.bulk_hold import LIST, notice_key, second_thoughts
from console.viewmodels.bulk_results import (
    BACK,
    DONE,
    GROUPS,
    LOOK,
    UNDER_WAY,
    BulkResultsViewModel,
    group_word,
)
from console.viewmodels.bulk_watch import BulkWatch
from services.ports.outbox import APPLIED, ATTENTION, DISCARDED, LOST, REPLACED, WAITING, SavedCommand
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

ACT = "act-1"


def add(world: World, *statuses: str, **more: Any) -> None:
    for status in statuses:
        case = world.walk("pending_dispatch")
        n = len(world.commands)
        world.commands.append(
            SavedCommand(
                n, f"cmd-{n}", case.case_id, "dispatch", {"lead_dept": "muni"}, case.xver, world.now,
                world.actor.id, world.now, status=status, batch=ACT, **more,
            )
        )  # fmt: skip


def listed(world: World, start: Start, qtbot: Any) -> BulkResultsViewModel:
    seat = start(world)
    model = BulkResultsViewModel(seat, seat)
    model.show(ACT)
    settled(seat, qtbot)
    return model


@pytest.mark.parametrize("status", [*ATTENTION, APPLIED, WAITING, DISCARDED, REPLACED])
def test_a_fate_is_said_in_chinese_with_a_shape(world: World, start: Start, qtbot: Any, status: str) -> None:
    add(world, status)
    [line] = listed(world, start, qtbot).lines
    assert line.word and not line.word.isascii(), "no word of the program's own"
    assert line.icon != "document" and line.tone
    assert line.group == (
        LOOK if status in ATTENTION else {APPLIED: DONE, WAITING: UNDER_WAY}.get(status, BACK)
    )


def test_what_a_restored_centre_has_forgotten_wants_a_look(world: World, start: Start, qtbot: Any) -> None:
    add(world, APPLIED, LOST)
    model = listed(world, start, qtbot)
    assert (model.counts[DONE], model.counts[LOOK]) == (1, 1)
    assert "中心已不记得" in model.text()


def test_counts_add_up_and_the_groups_are_the_list(world: World, start: Start, qtbot: Any) -> None:
    add(world, APPLIED, APPLIED, WAITING, DISCARDED, *ATTENTION)
    model = listed(world, start, qtbot)
    assert sum(model.counts[group] for group in GROUPS[1:]) == model.counts["all"] == len(model.lines)
    for group in GROUPS:
        model.show_group(group)
        assert len(model.shown) == model.counts[group]
        assert group_word(group)
    assert not model.settled


def test_text_is_a_table_whatever_a_case_says(world: World, start: Start, qtbot: Any) -> None:
    add(world, APPLIED)
    case_id = world.commands[0].case_id
    case = world.cases[case_id]
    odd = replace(case.location, address="松影路\t12 号\n后门")
    world.cases[case_id] = replace(case, location=odd)
    lines = listed(world, start, qtbot).text().splitlines()
    assert len(lines) == 3 and [line.count("\t") for line in lines] == [0, 5, 5]
    assert "松影路 12 号 后门" in lines[2]


class TestTold:
    """One notice for a whole act, once every case has its answer."""

    def told(self, world: World, start: Start, qtbot: Any) -> list[Any]:
        seat = start(world)
        watch = BulkWatch(seat, second_thoughts(seat), seat)
        watch._soon.setInterval(0)
        watch.follow(ACT)
        qtbot.waitUntil(lambda: not watch._soon.isActive(), timeout=5000)
        settled(seat, qtbot)
        return [notice for notice in seat.notices.kept if notice.key == notice_key(ACT)]

    def test_all_done(self, world: World, start: Start, qtbot: Any) -> None:
        add(world, APPLIED, APPLIED)
        [notice] = self.told(world, start, qtbot)
        assert (notice.severity, notice.title, notice.text) == ("good", "派遣：2 件已办", "")
        assert [(act.id, act.argument) for act in notice.actions] == [(LIST, ACT)]

    @pytest.mark.parametrize("status", ATTENTION)
    def test_what_wants_a_look_is_counted(self, world: World, start: Start, qtbot: Any, status: str) -> None:
        add(world, APPLIED, status)
        [notice] = self.told(world, start, qtbot)
        assert (notice.severity, notice.title, notice.text) == ("warn", "派遣：1 件已办", "1 件要看一下。")

    def test_nothing_is_told_before_the_last_answer(self, world: World, start: Start, qtbot: Any) -> None:
        add(world, APPLIED, WAITING)
        assert self.told(world, start, qtbot) == []

    def test_taken_back_whole_was_said_already(self, world: World, start: Start, qtbot: Any) -> None:
        add(world, DISCARDED, DISCARDED)
        assert self.told(world, start, qtbot) == []

    def test_a_single_case_tells_for_itself(self, world: World, start: Start, qtbot: Any) -> None:
        add(world, APPLIED)
        assert self.told(world, start, qtbot) == []
