"""The guard of a session: idle lock with a warning, the setting, and a new session with the unlocking password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from console.notices.notice import Notice
from console.viewmodels import guard as guard_module
from console.viewmodels.guard import AFTER, SessionGuard
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import SignInNeeded
from services.ports.picture import ONLINE, SIGN_IN, Connection
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def wall(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at


class Watch:
    """A guard with its clock and all it asked for."""

    def __init__(self, seat: SeatViewModel, qtbot: Any) -> None:
        self.seat, self.clock, self._qtbot = seat, HandClock(), qtbot
        seat._tick.stop()  # the beat is given by the test
        self.guard = SessionGuard(seat, self.clock)
        self.locks: list[str] = []
        self.said: list[Notice] = []
        self.guard.lock_wanted.connect(self.locks.append)
        seat.notices.raised.connect(self.said.append)
        settled(seat, qtbot)

    def pass_(self, seconds: float) -> None:
        self.clock.at += seconds
        self.seat.second.emit(self.seat.now())

    def line(self, state: str, queued: int = 0) -> None:
        self.seat.connection = Connection(state, queued=queued)
        self.seat.connection_changed.emit(self.seat.connection)

    def settle(self) -> None:
        settled(self.seat, self._qtbot)


@pytest.fixture
def watch(world: World, start: Start, qtbot: Any) -> Watch:
    return Watch(start(world), qtbot)


def test_after_ten_minutes_it_locks_and_warns_two_before(watch: Watch) -> None:
    watch.pass_(479)
    assert (watch.said, watch.locks) == ([], [])
    watch.pass_(1)
    assert [notice.key for notice in watch.said] == ["idle"] and "2 分钟后" in watch.said[0].title
    watch.pass_(60)
    assert len(watch.said) == 1 and watch.locks == []
    watch.pass_(60)
    assert watch.locks == ["10 分钟无人操作，已锁定。"]
    watch.guard.covered()
    watch.pass_(3600)
    assert len(watch.locks) == 1, "locked once is enough"


def test_a_hand_begins_the_count_anew(watch: Watch) -> None:
    watch.pass_(500)
    watch.guard.touch()
    watch.pass_(479)
    assert watch.locks == [] and len(watch.said) == 1
    watch.pass_(1)
    assert len(watch.said) == 2
    watch.guard.covered()
    watch.guard.unlocked("right")
    watch.pass_(400)
    assert watch.locks == []


def test_a_machine_that_slept_through_it_is_locked_at_the_wake(watch: Watch) -> None:
    watch.pass_(7200)
    assert len(watch.locks) == 1


def test_the_time_is_a_setting_that_is_kept(watch: Watch, qtbot: Any) -> None:
    told: list[int] = []
    watch.guard.after_changed.connect(told.append)
    watch.guard.set_after(5)
    watch.settle()
    assert told == [5] and watch.seat.services.settings.value(AFTER) == 5
    watch.pass_(299)
    assert watch.locks == []
    watch.pass_(1)
    assert watch.locks == ["5 分钟无人操作，已锁定。"]
    assert Watch(watch.seat, qtbot).guard.after_min == 5


@pytest.mark.parametrize("odd", [0, -1, 10_000_000, "never", None, 2.5])
def test_an_odd_setting_is_the_shipped_one(watch: Watch, odd: object, qtbot: Any) -> None:
    watch.seat.services.settings.put_value(AFTER, odd)
    assert Watch(watch.seat, qtbot).guard.after_min == guard_module.SHIPPED_MIN


def test_an_ended_session_is_told_once_with_what_waits(watch: Watch) -> None:
    watch.line(ONLINE)
    watch.line(SIGN_IN, 7)
    watch.line(SIGN_IN, 8)
    [notice] = watch.said
    assert "请重新登录" in notice.title and "7 项" in notice.text
    assert [action.id for action in notice.actions] == ["frame.sign_in"]
    watch.guard.sign_in_again()
    assert watch.locks == ["登录已失效，请输入密码重新登录。"]
    watch.guard._on_connection("no connection")
    assert len(watch.said) == 1


def test_the_unlocking_password_begins_a_new_session(watch: Watch) -> None:
    given: list[str] = []
    watch.guard.resume = given.append
    watch.line(ONLINE)
    watch.guard.unlocked("right")
    watch.settle()
    assert given == [], "a session that is alive is left alone"
    watch.line(SIGN_IN)
    watch.guard.unlocked("right")
    watch.settle()
    assert given == ["right"] and watch.said[-1].title == "已重新登录"


def test_a_refused_sign_in_is_told_and_the_seat_stays(watch: Watch) -> None:
    def refuse(_password: str) -> None:
        raise SignInNeeded("用户名或密码不对。")

    watch.guard.resume = refuse
    watch.line(SIGN_IN)
    watch.guard.unlocked("right")
    watch.settle()
    assert "用户名或密码不对" in watch.said[-1].title
    watch.guard.resume = None
    watch.guard.unlocked("right")
    watch.seat.connection = replace(Connection(ONLINE))
