"""Lost commands in `outbox.db`: order, several at once, restarts, and what each status may become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ports.centre import Outcome
from services.ports.outbox import SavedCommand
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, command


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = open_stores(folder, KEY, synchronous="OFF")
    yield opened
    opened.close()


def applied(stores: Stores, hours: float = 0.0, **more: Any) -> SavedCommand:
    """A command that was told as applied `hours` before T0."""
    saved = stores.outbox.save(command(**more))
    stores.outbox.leaving([saved.command_id])
    told = Outcome(saved.command_id, saved.case_id, "applied", 5, 4, decided_at=T0 - timedelta(hours=hours))
    [done] = stores.outbox.decided([told])
    return done


def ids(commands: tuple[SavedCommand, ...]) -> list[str]:
    return [one.command_id for one in commands]


@pytest.mark.parametrize(
    ("hours", "among"),
    [(0, True), (23.99, True), (24, True), (24.01, False)],
    ids=["now", "just", "on", "before"],
)
def test_candidates_begin_on_the_very_moment(stores: Stores, hours: float, among: bool) -> None:
    done = applied(stores, hours)
    assert (done.command_id in ids(stores.lost.candidates(T0 - timedelta(hours=24)))) is among


def test_candidates_stand_in_the_order_they_were_saved_whenever_they_were_decided(stores: Stores) -> None:
    made = [applied(stores, hours) for hours in (1, 9, 5)]
    assert ids(stores.lost.candidates(T0 - timedelta(days=1))) == [one.command_id for one in made]


def test_several_are_marked_in_one_step_and_told_in_order(stores: Stores) -> None:
    made = [applied(stores) for _ in range(4)]
    wanted = [made[2].command_id, made[0].command_id]
    assert ids(stores.lost.mark_lost(wanted)) == [made[0].command_id, made[2].command_id]
    assert ids(stores.lost.lost()) == [made[0].command_id, made[2].command_id]
    assert ids(stores.lost.candidates(T0 - timedelta(days=1))) == [made[1].command_id, made[3].command_id]


def test_marking_twice_marks_once(stores: Stores) -> None:
    done = applied(stores)
    assert ids(stores.lost.mark_lost([done.command_id, done.command_id])) == [done.command_id]
    assert stores.lost.mark_lost([done.command_id]) == ()


def test_only_what_was_told_as_applied_can_be_lost(stores: Stores) -> None:
    waiting = stores.outbox.save(command())
    refused = stores.outbox.save(command())
    stores.outbox.decided([Outcome(refused.command_id, refused.case_id, "rejected", decided_at=T0)])
    assert stores.lost.mark_lost([waiting.command_id, refused.command_id]) == ()
    assert ids(tuple(stores.outbox.waiting())) == [waiting.command_id]


@pytest.mark.parametrize("act", ["send_again", "let_go"])
def test_only_what_is_lost_can_be_decided_upon(stores: Stores, act: str) -> None:
    done, waiting = applied(stores), stores.outbox.save(command())
    both = [done.command_id, waiting.command_id]
    found = stores.lost.send_again(both, T0) if act == "send_again" else stores.lost.let_go(both)
    assert found == () and stores.outbox.get(done.command_id) == done


def test_what_was_let_go_is_never_sent_again(stores: Stores) -> None:
    done = applied(stores)
    stores.lost.mark_lost([done.command_id])
    stores.lost.let_go([done.command_id])
    assert (
        stores.lost.send_again([done.command_id], T0) == () and stores.lost.mark_lost([done.command_id]) == ()
    )
    assert list(stores.outbox.waiting()) == [] and stores.outbox.counts().attention == 0


def test_sent_again_it_is_as_fresh_as_a_new_one_and_may_be_decided_anew(stores: Stores) -> None:
    done = applied(stores)
    stores.lost.mark_lost([done.command_id])
    [again] = stores.lost.send_again([done.command_id], T0)
    assert (again.status, again.tries, again.decided_at) == ("waiting", 0, None)
    assert (again.command_id, again.payload, again.saved_at) == (done.command_id, done.payload, done.saved_at)
    stores.outbox.leaving([again.command_id])
    late = Outcome(again.command_id, again.case_id, "applied", 9, 8, decided_at=T0 + timedelta(hours=1))
    [twice] = stores.outbox.decided([late])
    assert twice.status == "applied" and stores.lost.lost() == ()


def test_all_of_it_survives_a_restart(stores: Stores, folder: Path) -> None:
    kept, gone = applied(stores), applied(stores)
    stores.lost.settle("epoch-2")
    stores.lost.mark_lost([kept.command_id, gone.command_id])
    stores.lost.let_go([gone.command_id])
    stores.close()
    again = open_stores(folder, KEY, synchronous="OFF")
    try:
        assert again.lost.settled_epoch() == "epoch-2"
        assert ids(again.lost.lost()) == [kept.command_id]
        found = again.outbox.get(gone.command_id)
        assert found is not None and found.status == "discarded"
    finally:
        again.close()


def test_nothing_named_changes_nothing(stores: Stores) -> None:
    done = applied(stores)
    for found in (stores.lost.mark_lost([]), stores.lost.send_again([], T0), stores.lost.let_go([])):
        assert found == ()
    assert stores.outbox.get(done.command_id) == done


def test_odd_ids_harm_nothing(stores: Stores) -> None:
    done = applied(stores)
    for odd in ("", "'; DROP TABLE command; --", '"', "\x00", "😀"):
        assert stores.lost.mark_lost([odd]) == ()
    assert ids(stores.lost.mark_lost(["'", done.command_id])) == [done.command_id]
