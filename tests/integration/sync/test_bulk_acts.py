"""Acts on many cases and presence at a real centre: two consoles over HTTP, one of them killed in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.ports.outbox import APPLIED, CONFLICT, DISCARDED, WAITING
from services.usecases.bulk import Wish
from tests.integration.sync.test_loop import Open, birth, seat
from tests.support.console_core import ConsoleCore

__all__ = ["seat"]
pytestmark = pytest.mark.usefixtures("demo_centre")


def born(core: ConsoleCore, n: int) -> list[str]:
    ids = [birth(core, f"第 {i} 处路面塌陷，行人绕行") for i in range(n)]
    core.catch_up()
    return ids


def wishes(core: ConsoleCore, action: str, ids: list[str], **payload: object) -> list[Wish]:
    shown = [core.overlay.project(case_id) for case_id in ids]
    return [Wish(case, action, payload) for case in shown if case is not None]


def until_sent(core: ConsoleCore, done: Callable[[], bool]) -> None:
    for _ in range(20):
        if done():
            return
        core.push()
        core.catch_up()
    raise AssertionError("the centre did not answer")


def test_held_over_a_kill_then_released_and_decided(seat: Open) -> None:
    leader = seat("shift_leader")
    ids = born(leader, 4)
    foreseen = leader.desk.bulk.foresee(wishes(leader, "accept", ids))
    assert [one.accepted for one in foreseen] == [True] * 4
    leader.desk.bulk.submit([one.wish for one in foreseen], "act-1")
    for _ in range(3):
        assert leader.push().outcomes == ()
    leader.restart()
    leader.catch_up()
    assert leader.push().outcomes == ()
    states = {leader.gateway.case_detail(case_id).case.state for case_id in ids}
    assert states == {"reported"}  # the centre has heard of nothing
    assert len(leader.desk.bulk.release("act-1")) == 4
    until_sent(leader, lambda: all(c.status == APPLIED for c in leader.outbox.batch("act-1")))
    assert {leader.gateway.case_detail(case_id).case.state for case_id in ids} == {"pending_filing"}


def test_taken_back_never_reaches_the_centre(seat: Open) -> None:
    leader = seat("shift_leader")
    ids = born(leader, 3)
    leader.desk.bulk.submit(wishes(leader, "accept", ids), "act-2")
    leader.desk.bulk.take_back("act-2")
    leader.push()
    assert [c.status for c in leader.outbox.batch("act-2")] == [DISCARDED] * 3
    timeline = leader.gateway.case_detail(ids[0]).timeline
    assert [entry.action for entry in timeline] == ["register"]


def test_each_case_of_an_act_is_decided_on_its_own(seat: Open) -> None:
    leader, other = seat("shift_leader"), seat("acceptor")
    ids = born(leader, 3)
    other.catch_up()
    act = wishes(leader, "accept", ids)
    other.desk.submit("accept", other.overlay.project(ids[1]), {})
    until_sent(other, lambda: not other.outbox.waiting())
    leader.desk.bulk.submit(act, "act-3")
    leader.desk.bulk.release("act-3")
    until_sent(leader, lambda: all(c.status != WAITING for c in leader.outbox.batch("act-3")))
    assert [c.status for c in leader.outbox.batch("act-3")] == [APPLIED, CONFLICT, APPLIED]
    lost = leader.outbox.batch("act-3")[1]
    assert lost.winner is not None and lost.winner.actor == other.actor.name


def test_two_consoles_see_each_other(seat: Open) -> None:
    leader, other = seat("shift_leader"), seat("acceptor")
    [case_id] = born(leader, 1)

    def seen(core: ConsoleCore) -> list[tuple[str, str, bool]]:
        found = [one for one in core.gateway.presence() if one.case_id == case_id]
        return [(one.user_name, one.kind, one.silent) for one in found]

    leader.gateway.claim(case_id)
    other.gateway.claim(case_id, "look")
    assert seen(other) == [(leader.actor.name, "hold", False), (other.actor.name, "look", False)]
    other.gateway.claim(case_id)
    assert [kind for _, kind, _ in seen(leader)] == ["hold", "hold"]  # nothing is refused
    leader.gateway.unclaim(case_id)
    other.gateway.unclaim(case_id)
    assert seen(leader) == []
