"""The sounds of a seat: what of its world becomes a cue, and what never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.notices.cues import (
    ACCEPTED,
    CALL,
    CONFLICT,
    LINE_DOWN,
    LINE_UP,
    NEW,
    OVER,
    REFUSED,
    SOON,
    URGENT,
)
from console.notices.sounding import SHIPPED_VOLUME, Play
from console.viewmodels.presence import seat_presence
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.sound.desk import LONGEST_START, OFF, VOLUME, SoundDesk
from services.domain.case import Case
from services.ports.outbox import SavedCommand
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SYNCING, Connection
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class Listening:
    """A desk with a clock of its own, and what it wanted to be played."""

    def __init__(self, world: World, seat: SeatViewModel, qtbot: Any) -> None:
        self.world, self.seat, self.qtbot = world, seat, qtbot
        self.time = 100.0
        self.played: list[Play] = []
        self.desk = SoundDesk(seat, lambda: self.time, seat)
        self.desk.play.connect(self.played.append)
        self.desk.load()
        settled(seat, qtbot)

    def cues(self) -> list[str]:
        """What was played since the last question."""
        found = [play.cue.id for play in self.played]
        self.played.clear()
        return found

    def line(self, state: str) -> None:
        self.seat.connection_changed.emit(Connection(state))

    def beat(self, seconds: float = 1.0) -> None:
        self.time += seconds
        self.world.advance(seconds=seconds)
        self.seat.second.emit(self.seat.now())

    def rest(self) -> None:
        """Let the start come to its end."""
        self.line(ONLINE)
        self.beat()
        self.beat()
        self.cues()

    def tell(self, *cases: Case) -> None:
        self.world.announce({"cases"}, {case.case_id for case in cases})
        settled(self.seat, self.qtbot)
        self.seat.book.finish()

    def set(self, case: Case, **what: Any) -> Case:
        """Let the centre say something else of a case."""
        found = self.world.cases[case.case_id] = replace(
            self.world.cases[case.case_id], version=self.world.cases[case.case_id].version + 1, **what
        )
        self.tell(found)
        return found


@pytest.fixture
def listening(world: World, start: Start, qtbot: Any) -> Listening:
    world.walk("pending_dispatch")
    heard = Listening(world, start(world), qtbot)
    heard.rest()
    return heard


def urgent_case(heard: Listening) -> Case:
    case = heard.world.walk("pending_dispatch")
    return heard.set(case, urgent=True)


# --- cases ----------------------------------------------------------------------------------------------------


def test_what_a_desk_finds_at_its_start_is_no_news(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    world.cases[case.case_id] = replace(case, urgent=True)
    heard = Listening(world, start(world), qtbot)
    heard.beat()
    heard.line(SYNCING)
    late = world.walk("pending_dispatch")
    heard.tell(late)
    for _ in range(4):
        heard.beat()
    assert heard.cues() == []
    heard.rest()
    assert heard.cues() == []


def test_a_desk_whose_line_never_speaks_is_listened_to_in_the_end(
    world: World, start: Start, qtbot: Any
) -> None:
    heard = Listening(world, start(world), qtbot)
    for _ in range(LONGEST_START):
        heard.beat()
    heard.tell(world.walk("pending_dispatch"))
    heard.beat()
    assert heard.cues() == [NEW]


def test_a_case_that_comes_to_this_post_is_told_once_in_ten_seconds(listening: Listening) -> None:
    for _ in range(5):
        listening.tell(listening.world.walk("pending_dispatch"))
        listening.beat()
    assert listening.cues() == [NEW]
    listening.beat(10)
    listening.tell(listening.world.walk("pending_dispatch"))
    listening.beat()
    assert listening.cues() == [NEW]


def test_a_case_of_another_post_is_not_told(listening: Listening) -> None:
    case = listening.world.walk("pending_filing")
    listening.set(case, urgent=True)
    listening.tell(listening.world.walk("handling"))
    listening.beat()
    assert listening.cues() == []


def test_an_urgent_case_rings_until_it_is_opened(listening: Listening) -> None:
    case = urgent_case(listening)
    listening.beat()
    assert listening.cues() == [URGENT]
    listening.time += 8
    listening.desk.step()
    assert listening.cues() == [URGENT]
    seat_presence(listening.seat).look_at(case.case_id)
    listening.time += 8
    listening.desk.step()
    assert listening.cues() == []


def test_an_urgent_case_rings_three_times_at_most(listening: Listening) -> None:
    urgent_case(listening)
    for _ in range(60):
        listening.beat()
    assert listening.cues() == [URGENT] * 3


def test_a_waiting_case_that_becomes_urgent_rings(listening: Listening) -> None:
    case = next(iter(listening.world.cases.values()))
    listening.set(case, urgent=True)
    listening.beat()
    assert listening.cues() == [URGENT]


def test_one_that_somebody_else_took_falls_silent(listening: Listening) -> None:
    case = urgent_case(listening)
    listening.beat()
    listening.cues()
    listening.world.apply("dispatch", case.case_id, lead_dept="muni", co_depts=[], note="")
    listening.tell(case)
    for _ in range(20):
        listening.beat()
    assert listening.cues() == []


def test_one_that_stands_open_in_the_panel_does_not_ring(listening: Listening) -> None:
    case = next(iter(listening.world.cases.values()))
    seat_presence(listening.seat).look_at(case.case_id)
    listening.set(case, urgent=True)
    listening.beat()
    assert URGENT not in listening.cues()


def test_behind_the_lock_even_that_one_rings_and_unlocking_ends_it(listening: Listening) -> None:
    case = next(iter(listening.world.cases.values()))
    seat_presence(listening.seat).look_at(case.case_id)
    locked = True
    listening.desk.locked = lambda: locked
    listening.set(case, urgent=True)
    listening.beat()
    assert listening.cues() == [URGENT]
    locked = False
    for _ in range(20):
        listening.beat()
    assert listening.cues() == []


def test_a_held_case_tells_when_it_comes_near_and_when_it_passes_its_limit(listening: Listening) -> None:
    case = next(iter(listening.world.cases.values()))
    assert case.due_at is not None
    seat_presence(listening.seat).claim(case.case_id)
    listening.beat()
    bands = []
    for _ in range(400):
        listening.beat(60)
        bands += listening.cues()
        if OVER in bands:
            break
    assert bands == [SOON, OVER]


def test_a_case_that_is_not_held_passes_its_limit_in_silence(listening: Listening) -> None:
    for _ in range(200):
        listening.beat(600)
    assert listening.cues() == []


# --- own commands and the line --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cue"),
    [
        ("applied", [ACCEPTED]), ("conflict", [CONFLICT]), ("rejected", [REFUSED]), ("invalid", [REFUSED]),
        ("needs_confirm", [REFUSED]), ("held", []), ("discarded", []),
    ],
)  # fmt: skip
def test_what_the_centre_decided_has_its_cue(listening: Listening, status: str, cue: list[str]) -> None:
    seat = listening.seat
    case_id = next(iter(listening.world.cases))
    saved: list[SavedCommand] = []
    seat.submit("comment", case_id, {"text": "已电话联系"}, done=saved.append)
    settled(seat, listening.qtbot)
    seat.decided.emit(replace(saved[0], status=status))
    assert listening.cues() == cue


def test_own_work_comes_back_in_silence(listening: Listening) -> None:
    """The operator's own remark is decided: one cue, and no new case."""
    case_id = next(iter(listening.world.cases))
    listening.seat.submit("comment", case_id, {"text": "已电话联系"})
    settled(listening.seat, listening.qtbot)
    listening.beat()
    assert listening.cues() == []
    listening.world.judge_all()
    settled(listening.seat, listening.qtbot)
    listening.beat()
    assert listening.cues() == [ACCEPTED]


def test_the_line_goes_and_comes_back(listening: Listening) -> None:
    listening.line(OFFLINE)
    listening.line(OFFLINE)
    assert listening.cues() == [LINE_DOWN]
    listening.time += 5
    listening.line(SYNCING)
    listening.line(ONLINE)
    assert listening.cues() == [LINE_UP]
    listening.time += 5
    listening.line(NO_ANSWER)
    assert listening.cues() == []
    listening.line(ONLINE)
    assert listening.cues() == [LINE_UP]


def test_a_start_without_a_line_is_no_loss_of_it(world: World, start: Start, qtbot: Any) -> None:
    heard = Listening(world, start(world), qtbot)
    heard.line(OFFLINE)
    assert heard.cues() == []


def test_a_reminder_is_told_like_a_new_case(listening: Listening) -> None:
    listening.desk.remind()
    assert listening.cues() == [NEW]


# --- telephone ------------------------------------------------------------------------------------------------


def test_a_call_rings_until_it_is_taken_and_then_only_urgent_sounds(listening: Listening) -> None:
    desk = listening.desk
    desk.set_ringing("call-1", True)
    listening.time += 3
    desk.step()
    assert listening.cues() == [CALL, CALL]
    desk.set_ringing("call-1", False)
    desk.set_on_telephone(True)
    listening.time += 3
    desk.remind()
    assert listening.cues() == []
    urgent_case(listening)
    listening.beat()
    level = listening.played[0].level
    assert listening.cues() == [URGENT] and level == pytest.approx(SHIPPED_VOLUME / 200)
    desk.set_on_telephone(False)


# --- settings -------------------------------------------------------------------------------------------------


def test_settings_survive_a_restart(listening: Listening) -> None:
    listening.desk.set_volume(30)
    listening.desk.switch(NEW, False)
    listening.desk.switch(URGENT, False)
    settled(listening.seat, listening.qtbot)
    assert listening.world.settings[VOLUME] == 30 and listening.world.settings[OFF] == [NEW]
    again = Listening(listening.world, listening.seat, listening.qtbot)
    assert again.desk.settings.volume == 30 and again.desk.settings.off == {NEW}
    again.desk.remind()
    assert again.cues() == []


def test_odd_settings_are_the_shipped_ones(world: World, start: Start, qtbot: Any) -> None:
    world.settings.update({VOLUME: "loud", OFF: 3})
    heard = Listening(world, start(world), qtbot)
    assert heard.desk.settings.volume == SHIPPED_VOLUME and not heard.desk.settings.off


def test_a_trial_is_played_and_trouble_is_told_once(listening: Listening) -> None:
    listening.desk.listen(OVER)
    assert listening.cues() == [OVER]
    told: list[bool] = []
    listening.desk.changed.connect(lambda: told.append(True))
    listening.desk.say_trouble("没有设备")
    listening.desk.say_trouble("没有设备")
    assert listening.desk.trouble == "没有设备" and len(told) == 1


def test_the_timer_comes_back_for_the_next_ring(world: World, start: Start, qtbot: Any) -> None:
    heard = Listening(world, start(world), qtbot)
    heard.rest()
    urgent_case(heard)
    heard.beat()
    assert heard.cues() == [URGENT] and heard.desk._next.isActive()
    assert 0 < heard.desk._next.interval() <= 8000
    heard.desk.close()
    assert not heard.desk._next.isActive()
