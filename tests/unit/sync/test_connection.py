"""Pill, delays and centre time: the small pure machines."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ports.errors import GatewayError, MustChangePassword, NeverValid, Problem, SignInNeeded, Unknown
from services.ports.outbox import OutboxCounts
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SIGN_IN, STARTING, SYNCING
from services.sync.backoff import Backoff
from services.sync.centre_time import CentreTimeKeeper
from services.sync.connection import Line
from tests.support.console_core import HandClock

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CUT = Unknown("连不上中心")
BUSY = Unknown("暂时不能答复", reached=True)
LAPSED = SignInNeeded("请重新登录")
NONE = OutboxCounts()


def online() -> Line:
    return Line().feed_worked(5.0, T0)


def test_the_pill_begins_with_starting() -> None:
    assert Line().connection(NONE).state == STARTING


def test_an_answer_makes_it_online_and_dates_the_data() -> None:
    pill = online().connection(OutboxCounts(3, {"waiting": 3, "conflict": 1, "applied": 9, "held": 1}))
    assert (pill.state, pill.queued, pill.attention) == (ONLINE, 3, 2)
    assert (pill.data_at, pill.since_mono, pill.sentence) == (T0, 5.0, "")


def test_a_copy_shows_its_progress() -> None:
    pill = Line().feed_worked(5.0, None, syncing=True, progress=0.64).connection(NONE)
    assert (pill.state, pill.progress, pill.data_at) == (SYNCING, 0.64, None)
    assert online().connection(NONE).progress is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CUT, OFFLINE),
        (BUSY, NO_ANSWER),
        (NeverValid(Problem(404, "x", "没有。")), NO_ANSWER),
        (LAPSED, SIGN_IN),
        (MustChangePassword("请改密码"), SIGN_IN),
    ],
)
def test_a_failed_feed(error: GatewayError, state: str) -> None:
    pill = online().feed_failed(error).connection(NONE)
    assert (pill.state, pill.sentence) == (state, error.title)
    assert pill.data_at == T0, "the age of the data goes on"


def test_commands_without_an_answer_show_while_the_feed_works() -> None:
    line = online().sender_failed(BUSY)
    assert line.connection(NONE).state == NO_ANSWER
    assert line.sender_worked().connection(NONE).state == ONLINE
    assert line.feed_failed(CUT).connection(NONE).state == OFFLINE


def test_a_lapsed_sign_in_stays_until_somebody_signs_in() -> None:
    line = online().sender_failed(LAPSED).feed_failed(CUT)
    assert line.connection(NONE).state == SIGN_IN
    assert line.signed_in().connection(NONE).state == ONLINE
    assert line.feed_worked(6.0, None).connection(NONE).data_at == T0


# --- delays ------------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32), failures=st.integers(1, 40))
def test_delays_lie_between_half_and_whole(seed: int, failures: int) -> None:
    backoff = Backoff(random.Random(seed).random, first=0.5, cap=10)
    for i in range(failures):
        whole = min(10.0, 0.5 * 2**i)
        assert whole / 2 <= backoff.failed() <= whole
    backoff.worked()
    assert backoff.failed() <= 0.5


def test_what_the_centre_asks_is_kept_within_a_minute() -> None:
    backoff = Backoff(lambda: 0.0)
    assert backoff.failed(7.0) == 7.0
    assert backoff.failed(3600.0) == 60.0
    assert backoff.failed(0.0) == 1.0


# --- centre time -------------------------------------------------------------------------------------------


def test_centre_time_is_the_last_heard_plus_what_passed() -> None:
    clock = HandClock(start=T0 - timedelta(days=400))
    keeper = CentreTimeKeeper(clock)
    assert keeper.now() is None
    keeper.heard(T0)
    clock.pass_(90)
    assert keeper.now() == T0 + timedelta(seconds=90)
    keeper.heard(None)
    assert keeper.now() == T0 + timedelta(seconds=90)
    keeper.heard(T0 - timedelta(seconds=5))
    assert keeper.now() == T0 - timedelta(seconds=5), "a centre that steps back is followed"
    clock.pass_(-10)
    assert keeper.now() == T0 - timedelta(seconds=5)


def test_a_start_offline_stands_at_what_was_heard_last() -> None:
    clock = HandClock()
    keeper = CentreTimeKeeper(clock, T0)
    clock.pass_(3600)
    assert keeper.now() == T0


def test_a_line_is_a_value() -> None:
    line = online()
    assert replace(line, sign_in=True) != line
    line.feed_failed(CUT)
    assert line.feed is None
