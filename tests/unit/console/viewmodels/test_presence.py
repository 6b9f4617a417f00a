"""Presence: gentle questions on a lane, who holds what, claims that end by themselves, silence and taking over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from console.viewmodels.presence import (
    BEAT_S,
    HOLD,
    LOOK,
    MOST_CLAIMS,
    POLL_S,
    SLOWEST_S,
    Holder,
    PresenceViewModel,
    presence_words,
    seat_presence,
)
from console.viewmodels.rows import row_view
from console.viewmodels.seat import SeatViewModel
from services.ports.centre import Presence
from services.ports.errors import NeverValid, Problem
from services.ports.picture import OFFLINE, ONLINE, Connection
from tests.support.fakes import NOW, World, settled
from tests.unit.console.viewmodels.conftest import Start


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def presence_of(seat: SeatViewModel, clock: Clock | None = None) -> PresenceViewModel:
    found = seat_presence(seat)
    assert seat_presence(seat) is found
    found._clock = clock or Clock()
    return found


def asked(seat: SeatViewModel) -> list[tuple[Any, ...]]:
    found = [entry for entry in seat.services.gateway.asked if entry[0] in ("claim", "unclaim", "presence")]  # type: ignore[attr-defined]  # the double's list
    seat.services.gateway.asked.clear()  # type: ignore[attr-defined]  # as above
    return found


def other(case_id: str, kind: str = HOLD, *, silent: bool = False, who: str = "u-gu") -> Presence:
    return Presence(case_id, who, "顾怀舟", kind, NOW, NOW - timedelta(seconds=40), silent)


def one_round(presence: PresenceViewModel, qtbot: Any) -> None:
    presence.ask()
    settled(presence.seat, qtbot)


def test_nothing_is_asked_while_no_window_is_seen(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    presence = presence_of(seat)
    one_round(presence, qtbot)
    assert asked(seat) == [] and not presence._next.isActive()
    presence.set_visible(True)
    settled(seat, qtbot)
    assert asked(seat) == [("presence",)]
    assert presence._next.interval() == POLL_S * 1000
    presence.set_visible(False)
    settled(seat, qtbot)
    assert asked(seat) == [] and not presence._next.isActive()


def test_one_question_a_round_however_many_cases(world: World, start: Start, qtbot: Any) -> None:
    ids = [world.walk("pending_dispatch").case_id for _ in range(5)]
    seat = start(world)
    clock = Clock()
    presence = presence_of(seat, clock)
    presence.set_visible(True)
    settled(seat, qtbot)
    for case_id in ids:
        assert presence.claim(case_id)
    settled(seat, qtbot)
    one_round(presence, qtbot)
    asked(seat)
    for _ in range(3):
        clock.now += POLL_S
        one_round(presence, qtbot)
    assert asked(seat) == [("presence",)] * 3  # between the beats only one question a round
    clock.now += BEAT_S
    one_round(presence, qtbot)
    assert sorted(asked(seat)) == sorted([*(("claim", i, HOLD) for i in ids), ("presence",)])


def test_looking_counts_after_the_eye_has_rested(world: World, start: Start, qtbot: Any) -> None:
    ids = [world.walk("pending_dispatch").case_id for _ in range(3)]
    seat = start(world)
    presence = presence_of(seat)
    presence.set_visible(True)
    settled(seat, qtbot)
    asked(seat)
    for case_id in ids:  # running through the list
        presence.look_at(case_id)
    assert presence._settle.isActive()
    presence._settle.stop()
    presence._looks()
    settled(seat, qtbot)
    assert ("claim", ids[2], LOOK) in asked(seat)
    presence.look_at(ids[0])
    presence._settle.stop()
    presence._looks()
    settled(seat, qtbot)
    assert {("claim", ids[0], LOOK), ("unclaim", ids[2])} <= set(asked(seat))


def test_an_open_dialog_holds_and_gives_back(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    presence.begin_hold(case_id)
    presence.begin_hold(case_id)
    settled(seat, qtbot)
    assert ("claim", case_id, HOLD) in asked(seat)
    presence.end_hold(case_id)
    settled(seat, qtbot)
    assert ("unclaim", case_id) not in asked(seat)
    presence.end_hold(case_id)
    settled(seat, qtbot)
    qtbot.waitUntil(lambda: ("unclaim", case_id) in seat.services.gateway.asked)


def test_others_are_seen_in_row_and_words(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    told: list[frozenset[str]] = []
    presence.changed.connect(told.append)
    world.claims = (
        other(case_id, LOOK, who="u-2"),
        other(case_id),
        Presence(case_id, world.actor.id, "我", LOOK),
    )
    presence.set_visible(True)
    settled(seat, qtbot)
    assert told == [frozenset({case_id})]
    assert [p.kind for p in presence.of(case_id)] == [HOLD, LOOK]
    assert presence.lock(case_id) == ("顾怀舟", False)
    entry = seat.case(case_id)
    assert entry is not None
    row = row_view(entry, seat, seat.now(), seat.book.bands)
    assert (row.locked_by, row.locked_silent) == ("顾怀舟", False)
    one_round(presence, qtbot)
    assert len(told) == 1  # nothing new, nothing told
    world.claims = (other(case_id, silent=True),)
    one_round(presence, qtbot)
    assert len(told) == 2 and presence.lock(case_id) == ("顾怀舟", True)


def test_a_silent_claim_is_taken_over(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    world.claims = (other(case_id, silent=True),)
    presence.set_visible(True)
    settled(seat, qtbot)
    assert presence.claim(case_id) and presence.claimed(case_id)
    assert presence.lock(case_id) == ("本席", False)
    settled(seat, qtbot)
    assert ("claim", case_id, HOLD) in asked(seat)


def test_a_claim_ends_when_the_case_has_gone_on(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    presence.claim(case_id)
    settled(seat, qtbot)
    seat.submit("dispatch", case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    assert presence.claimed(case_id)  # not decided yet: still in this hand
    world.judge_all()
    settled(seat, qtbot)
    assert not presence.claimed(case_id)


def test_a_claim_made_on_what_one_has_just_done_holds(world: World, start: Start, qtbot: Any) -> None:
    """The own operation has no answer yet; the claim is on the case as this seat sees it."""
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    seat.submit("return_to_filing", case_id, {"reason": "类别要改"})
    settled(seat, qtbot)
    assert presence.claim(case_id)
    world.announce({"cases"}, (case_id,))
    settled(seat, qtbot)
    assert presence.claimed(case_id)
    world.judge_all()
    settled(seat, qtbot)
    assert presence.claimed(case_id), "it has come to where it was claimed"
    world.apply("file", case_id, category="event-0110", condition=0)
    world.announce({"cases"}, (case_id,))
    settled(seat, qtbot)
    assert not presence.claimed(case_id)


def test_claims_are_few(world: World, start: Start, qtbot: Any) -> None:
    ids = [world.walk("pending_dispatch").case_id for _ in range(MOST_CLAIMS + 1)]
    seat = start(world)
    presence = presence_of(seat)
    assert [presence.claim(case_id) for case_id in ids] == [True] * MOST_CLAIMS + [False]
    assert presence.claim(ids[0])  # claimed already
    assert not presence.claim("unknown")
    presence.let_go(ids[0])
    assert presence.claim(ids[-1])
    settled(seat, qtbot)


def test_after_a_new_start_own_claims_go_on(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    gone = world.walk("closed").case_id
    world.claims = (
        Presence(case_id, world.actor.id, "我", silent=True),
        Presence(gone, world.actor.id, "我"),
    )
    seat = start(world)
    presence = presence_of(seat)
    presence.set_visible(True)
    settled(seat, qtbot)
    assert presence.claims == (case_id,)


def test_without_a_line_it_grows_old_and_is_asked_seldom(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    world.claims = (other(case_id),)
    presence.set_visible(True)
    settled(seat, qtbot)
    heard = presence.heard_at
    told: list[frozenset[str]] = []
    presence.changed.connect(told.append)
    world.online = False
    waits = []
    for _ in range(5):
        one_round(presence, qtbot)
        waits.append(presence._next.interval() / 1000)
    assert presence.stale and presence.lock(case_id) == ("顾怀舟", False)  # what was known stays, as old
    assert waits == [8.0, 16.0, SLOWEST_S, SLOWEST_S, SLOWEST_S]
    assert told == [frozenset({case_id})] and presence.heard_at == heard
    seat.connection_changed.emit(Connection(OFFLINE))
    assert presence._next.interval() == SLOWEST_S * 1000
    world.online = True
    seat.connection_changed.emit(Connection(ONLINE))
    qtbot.waitUntil(lambda: not presence.stale, timeout=5000)


def test_a_case_out_of_scope_stops_nothing(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)

    def never(case_id: str, kind: str = HOLD) -> None:
        raise NeverValid(Problem(404, "not_found", "没有找到这件案件"))

    monkeypatch.setattr(seat.services.gateway, "claim", never)
    presence.claim(case_id)
    presence.set_visible(True)
    settled(seat, qtbot)
    assert not presence.stale and presence.heard_at is not None


def test_leaving_gives_everything_back(world: World, start: Start, qtbot: Any) -> None:
    case_id = world.walk("pending_dispatch").case_id
    seat = start(world)
    presence = presence_of(seat)
    presence.claim(case_id)
    settled(seat, qtbot)
    asked(seat)
    presence.leave()
    settled(seat, qtbot)
    assert asked(seat) == [("unclaim", case_id)] and presence.claims == ()


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ((), ""),
        ((Holder("1", "顾怀舟", HOLD, NOW),), "顾怀舟 正在办理 · 40 秒前"),
        ((Holder("1", "顾怀舟", HOLD, NOW, True),), "顾怀舟 认领后没有动静 · 40 秒前"),
        ((Holder("1", "江予安", LOOK, NOW), Holder("2", "许未央", LOOK, NOW)), "江予安、许未央 正在查看"),
        (
            (Holder("1", "顾怀舟", HOLD, NOW), Holder("2", "许未央", LOOK, NOW)),
            "顾怀舟 正在办理 · 40 秒前 · 另有 1 人在看",
        ),
    ],
)
def test_words(people: tuple[Holder, ...], words: str) -> None:
    def ago(_: datetime) -> str:
        return "40 秒前"

    assert presence_words(people, ago) == words
