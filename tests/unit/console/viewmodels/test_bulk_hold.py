"""撤销: the countdown, letting go, taking back, what an earlier run left, single acts by a setting."""

from __future__ import annotations

from typing import Any

import pytest

from console.viewmodels.bulk import BulkViewModel
from console.viewmodels.bulk_hold import (
    BULK_SETTING,
    LIST,
    SEND,
    SINGLE_SETTING,
    UNDO,
    SecondThoughts,
    notice_key,
    second_thoughts,
)
from console.viewmodels.bulk_watch import BulkWatch
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.waiting import WaitingViewModel
from services.ports.outbox import APPLIED, DISCARDED, WAITING
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start


class Clock:
    """A monotonic clock moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def thoughts_of(seat: SeatViewModel, qtbot: Any, clock: Clock | None = None) -> SecondThoughts:
    found = second_thoughts(seat)
    if clock is not None:
        found._clock = clock
    settled(seat, qtbot)
    return found


def act(seat: SeatViewModel, world: World, qtbot: Any, n: int = 2) -> str:
    ids = [world.walk("pending_dispatch").case_id for _ in range(n)]
    world.announce({"all"})
    settled(seat, qtbot)
    model = BulkViewModel(seat, "dispatch", ids, seat)
    model.look_ahead()
    settled(seat, qtbot)
    with qtbot.waitSignal(model.saved) as kept:
        assert model.confirm()
    return str(kept.args[0])


def statuses(world: World, batch: str) -> list[tuple[str, bool]]:
    return [(c.status, c.staged) for c in world.commands if c.batch == batch]


def notice(seat: SeatViewModel, batch: str) -> Any:
    return next(n for n in seat.notices.kept if n.key == notice_key(batch))


def test_it_counts_down_in_whole_seconds_and_lets_go(world: World, start: Start, qtbot: Any) -> None:
    seat, clock = start(world), Clock()
    thoughts = thoughts_of(seat, qtbot, clock)
    told: list[int] = []
    thoughts.counting.connect(lambda value: told.append(value[1]))
    batch = act(seat, world, qtbot)
    assert notice(seat, batch).stays and "10 秒后送出" in notice(seat, batch).title
    for passed in (0.1, 2.0, 5.0, 2.0):
        clock.now += passed
        thoughts.tick()
    assert told == [10, 8, 3, 1]
    assert statuses(world, batch) == [(WAITING, True)] * 2
    clock.now += 1.0
    thoughts.tick()
    settled(seat, qtbot)
    assert statuses(world, batch) == [(WAITING, False)] * 2
    assert thoughts.acts == {} and thoughts.left(batch) is None
    assert "正在送出" in notice(seat, batch).title


def test_nothing_leaves_a_moment_early(world: World, start: Start, qtbot: Any) -> None:
    seat, clock = start(world), Clock()
    thoughts = thoughts_of(seat, qtbot, clock)
    batch = act(seat, world, qtbot)
    clock.now += 9.999
    thoughts.tick()
    settled(seat, qtbot)
    assert statuses(world, batch) == [(WAITING, True)] * 2


@pytest.mark.parametrize("way", ["verb", "button"])
def test_taken_back_in_time_nothing_leaves(world: World, start: Start, qtbot: Any, way: str) -> None:
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot, Clock())
    batch = act(seat, world, qtbot)
    if way == "verb":
        thoughts.undo_last()
    else:
        assert thoughts.act_on(UNDO, batch)
    settled(seat, qtbot)
    assert statuses(world, batch) == [(DISCARDED, False)] * 2
    assert "已撤销" in notice(seat, batch).title
    world.judge_all()
    assert {case.state for case in world.cases.values()} == {"pending_dispatch"}


def test_the_latest_act_is_taken_back_first(world: World, start: Start, qtbot: Any) -> None:
    seat, clock = start(world), Clock()
    thoughts = thoughts_of(seat, qtbot, clock)
    first = act(seat, world, qtbot)
    clock.now += 1
    second = act(seat, world, qtbot)
    thoughts.undo_last()
    settled(seat, qtbot)
    assert statuses(world, second) == [(DISCARDED, False)] * 2
    assert statuses(world, first) == [(WAITING, True)] * 2


def test_too_late_is_said(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot, Clock())
    batch = act(seat, world, qtbot)
    thoughts.release(batch)
    settled(seat, qtbot)
    world.judge_all()
    settled(seat, qtbot)
    thoughts.undo(batch)
    settled(seat, qtbot)
    assert [status for status, _ in statuses(world, batch)] == [APPLIED] * 2
    assert notice(seat, batch).title == "来不及撤销：已经送出"


def test_what_an_earlier_run_left_waits_for_a_word(world: World, start: Start, qtbot: Any) -> None:
    before = start(world)
    batch = act(before, world, qtbot)
    seat = start(world)  # a new start on the same outbox
    thoughts = thoughts_of(seat, qtbot, Clock())
    assert thoughts.acts[batch].until is None
    thoughts._clock.now += 1000  # type: ignore[attr-defined]  # the hand-moved clock
    thoughts.tick()
    settled(seat, qtbot)
    assert statuses(world, batch) == [(WAITING, True)] * 2  # no time makes it leave
    told = notice(seat, batch)
    assert told.stays and [a.id for a in told.actions] == [SEND, UNDO]
    assert thoughts.latest == batch  # its list can be opened again when the notice is gone
    waiting = WaitingViewModel(seat)
    settled(seat, qtbot)
    assert [[act for act, _ in line.acts] for line in waiting.lines] == [["send", "take_back"]] * 2
    assert thoughts.act_on(SEND, batch)
    settled(seat, qtbot)
    assert statuses(world, batch) == [(WAITING, False)] * 2


def test_a_disk_that_refuses_the_release_keeps_it_held(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot, Clock())
    batch = act(seat, world, qtbot)
    world.full = True
    thoughts.release(batch)
    settled(seat, qtbot)
    assert thoughts.acts[batch].until is None
    assert statuses(world, batch) == [(WAITING, True)] * 2
    world.full = False
    thoughts.release(batch)
    settled(seat, qtbot)
    assert statuses(world, batch) == [(WAITING, False)] * 2


def test_ctrl_z_takes_a_single_unsent_command_back(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("handling").case_id
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot)
    seat.submit("comment", case_id, {"text": "写错了"})
    settled(seat, qtbot)
    thoughts.undo_last()
    settled(seat, qtbot)
    assert world.commands[-1].status == DISCARDED
    thoughts.undo_last()
    settled(seat, qtbot)
    assert seat.notices.kept[0].title == "不能撤销"


def test_settings_are_read_kept_and_bounded(world: World, start: Start, qtbot: Any) -> None:
    world.settings.update({BULK_SETTING: 20, SINGLE_SETTING: "bad"})
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot)
    assert (thoughts.bulk_s, thoughts.single_s) == (20.0, 0.0)
    assert not seat.services.desk.stages_singles
    thoughts.set_seconds(bulk=9999, single=5)
    settled(seat, qtbot)
    assert (world.settings[BULK_SETTING], world.settings[SINGLE_SETTING]) == (120.0, 5.0)
    assert seat.services.desk.stages_singles


def test_a_single_staged_command_counts_too(world: World, start: Start, qtbot: Any) -> None:
    seat, clock = start(world), Clock()
    thoughts = thoughts_of(seat, qtbot, clock)
    thoughts.set_seconds(single=3)
    case = world.walk("handling")
    saved = FakeSaved.of(world, case.case_id)
    seat.saved.emit(saved)
    assert thoughts.acts[saved.command_id].seconds == 3.0
    clock.now += 3
    thoughts.tick()
    settled(seat, qtbot)
    assert [c.staged for c in world.commands] == [False]
    assert thoughts.latest == ""  # one case is no list


class FakeSaved:
    """A single command as the desk stages it."""

    @staticmethod
    def of(world: World, case_id: str) -> Any:
        from services.ports.outbox import SavedCommand

        saved = SavedCommand(
            len(world.commands), "one", case_id, "comment", {"text": "x"}, None, None, world.actor.id, world.now,
            batch="one", staged=True,
        )  # fmt: skip
        world.commands.append(saved)
        return saved


def test_the_end_of_an_act_is_told_once(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    thoughts = thoughts_of(seat, qtbot, Clock())
    _watch = BulkWatch(seat, thoughts, seat)
    batch = act(seat, world, qtbot)
    thoughts.release(batch)
    settled(seat, qtbot)
    world.judge_all()
    qtbot.waitUntil(lambda: "2 件已办" in notice(seat, batch).title, timeout=5000)
    assert [a.id for a in notice(seat, batch).actions] == [LIST]
    wanted: list[str] = []
    thoughts.list_wanted.connect(wanted.append)
    assert thoughts.act_on(LIST, batch) and wanted == [batch]
    assert not thoughts.act_on("show_case", batch)
