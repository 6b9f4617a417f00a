"""The tabs of each post: what waits for it comes first; what was closed lately comes last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels import queue_closed
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_tabs import CLOSED, DECIDES, WAITS, dispatch_tabs, my_turn, state_title
from console.viewmodels.seat import SeatViewModel
from services.domain.lifecycle import GRANTS
from services.domain.states import STATES
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

STATES_OF_A_DAY = (
    "reported",
    "pending_filing",
    "pending_dispatch",
    "handling",
    "feedback_review",
    "pending_close",
)


@pytest.mark.parametrize(
    ("roles", "tabs"),
    [
        (("dispatcher",), "turn pending_dispatch returned feedback_review open late recent every"),
        (("acceptor",), "turn reported open late recent every"),
        (("shift_leader",), "turn pending_filing pending_close open late recent every"),
        (("supervisor",), "turn verifying checking open late recent every"),
        (("leader",), "open late recent every"),
        (
            ("dispatcher", "shift_leader"),
            "turn pending_filing pending_close pending_dispatch returned feedback_review open late recent every",
        ),
    ],
    ids=["dispatcher", "acceptor", "shift_leader", "supervisor", "leader", "two-posts"],
)
def test_the_tabs_of_a_post(roles: tuple[str, ...], tabs: str) -> None:
    assert [tab.id for tab in dispatch_tabs(roles)] == tabs.split()


@pytest.mark.parametrize("post", sorted(WAITS))
def test_a_post_waits_for_the_states_it_owns(post: str) -> None:
    owned = {state.id for state in STATES.values() if state.owner == post}
    assert set(WAITS[post]) == owned
    assert all(state_title(state) for state in WAITS[post])


def test_who_decides_applications_is_the_law_of_the_lifecycle() -> None:
    for action in ("decide_extension", "decide_suspend"):
        assert {grant.role for grant in GRANTS[action]} == DECIDES


@pytest.mark.parametrize(
    ("roles", "waits"),
    [
        (("dispatcher",), {"pending_dispatch", "feedback_review"}),
        (("acceptor",), {"reported"}),
        (("shift_leader",), {"pending_filing", "pending_close"}),
        (("evaluator",), set()),
    ],
    ids=["dispatcher", "acceptor", "shift_leader", "evaluator"],
)
def test_what_is_my_turn(world: World, start: Start, roles: tuple[str, ...], waits: set[str]) -> None:
    for state in STATES_OF_A_DAY:
        world.walk(state)
    seat = start(world)
    columns = seat.book.columns
    held = [columns.ids[at] for at in my_turn(roles)(columns).nonzero()[0]]
    assert {seat.cases[case_id].case.state for case_id in held} == waits


def test_an_application_waits_for_dispatcher_and_leader_only(world: World, start: Start) -> None:
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="等待配件")
    columns = start(world).book.columns
    waits = {
        role: bool(my_turn((role,))(columns).any()) for role in ("dispatcher", "shift_leader", "acceptor")
    }
    assert waits == {"dispatcher": True, "shift_leader": True, "acceptor": False}


# --- closed in the last 24 hours ---------------------------------------------------------------------------


def closing(world: World, *minutes_ago: float) -> list[str]:
    """Close cases at some moments before now; the clock ends where it stood at the latest."""
    ids = []
    begun = world.now
    for minutes in minutes_ago:
        world.now = begun - timedelta(minutes=minutes)
        ids.append(world.walk("closed").case_id)
    world.now = begun
    return ids


def settled_queue(seat: SeatViewModel, qtbot: Any) -> QueueViewModel:
    """A queue that has read what was closed lately."""
    model = QueueViewModel(seat, dispatch_tabs())
    settled(seat, qtbot)
    return model


def test_the_latest_closed_stand_first_and_old_ones_are_not_listed(
    world: World, start: Start, qtbot: Any
) -> None:
    world.now += timedelta(days=3)
    old, early, late = closing(world, 26 * 60, 300, 5)
    model = settled_queue(start(world), qtbot)
    assert model.counts[CLOSED] == 2
    model.show_tab(CLOSED)
    assert model.ids == (late, early)
    assert model.view(old) is None
    model.set_order("number")
    assert set(model.ids) == {early, late}


def test_closed_ones_leave_after_a_day(world: World, start: Start, qtbot: Any) -> None:
    world.now += timedelta(days=3)
    early, late = closing(world, 1430, 5)
    seat = start(world)
    model = settled_queue(seat, qtbot)
    model.show_tab(CLOSED)
    assert model.ids == (late, early)
    world.advance(minutes=15)
    seat.book.beat.emit(world.now)
    assert model.ids == (late,)
    assert model.counts[CLOSED] == 1


def test_a_case_that_is_closed_is_news_in_the_list(world: World, start: Start, qtbot: Any) -> None:
    closing(world, 30)
    case = world.walk("pending_close")
    seat = start(world)
    model = settled_queue(seat, qtbot)
    model.show_tab(CLOSED)
    told: list[tuple[str, ...]] = []
    model.entered.connect(told.append)
    world.apply("close", case.case_id, closing_condition="修复", callback={"reached": True})
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert model.ids[0] == case.case_id
    assert told == [(case.case_id,)]


def test_the_filter_of_the_queue_counts_for_closed_ones_too(world: World, start: Start, qtbot: Any) -> None:
    world.walk("closed", description="路灯不亮")
    world.walk("closed", description="井盖缺失")
    model = settled_queue(start(world), qtbot)
    model.show_tab(CLOSED)
    model.set_filter(CaseFilter(text="路灯"))
    assert [row.summary for row in model.rows] == ["路灯不亮"]
    assert model.counts[CLOSED] == 1
    model.set_filter(CaseFilter(text="路灯", states=("handling",), bands=("soon",)))
    assert model.counts[CLOSED] == 1, "what is asked of open cases is not asked of closed ones"


def test_there_is_a_most(world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_closed, "MOST", 2)
    world.now += timedelta(days=3)
    _, second, third = closing(world, 60, 40, 20)
    model = settled_queue(start(world), qtbot)
    model.show_tab(CLOSED)
    assert model.ids == (third, second)
