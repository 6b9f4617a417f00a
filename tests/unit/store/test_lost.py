"""Decided commands that a restored centre no longer knows, in `outbox.db`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ports.centre import Outcome
from services.ports.outbox import SavedCommand
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, bytes_of, command


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(tmp_path, KEY, synchronous="OFF")
    yield opened
    opened.close()


def applied(stores: Stores, hours: float = 0.0, **more: Any) -> SavedCommand:
    """A command that was told as applied `hours` before T0."""
    saved = stores.outbox.save(command(**more))
    at = T0 - timedelta(hours=hours)
    stores.outbox.leaving([saved.command_id])
    [done] = stores.outbox.decided([Outcome(saved.command_id, saved.case_id, "applied", 5, 4, decided_at=at)])
    return done


def test_the_settled_epoch_is_kept(stores: Stores) -> None:
    assert stores.lost.settled_epoch() is None
    for epoch in ("one", "two", ""):
        stores.lost.settle(epoch)
        assert stores.lost.settled_epoch() == epoch


def test_candidates_are_what_was_applied_lately(stores: Stores) -> None:
    old, fresh = applied(stores, 200), applied(stores, 3)
    stores.outbox.save(command())
    refused = stores.outbox.save(command())
    stores.outbox.decided([Outcome(refused.command_id, refused.case_id, "rejected", decided_at=T0)])
    week = stores.lost.candidates(T0 - timedelta(days=7))
    assert [c.command_id for c in week] == [fresh.command_id]
    assert len(stores.lost.candidates(T0 - timedelta(days=30))) == 2 and old.status == "applied"


def test_a_lost_command_wants_the_eye_and_is_sent_again_under_its_own_id(stores: Stores) -> None:
    done = applied(stores, 3, action="accept")
    later = stores.outbox.save(command(case_id="case-1"))
    [lost] = stores.lost.mark_lost([done.command_id, later.command_id, "nobody"])
    assert (lost.command_id, lost.status) == (done.command_id, "lost")
    assert stores.outbox.counts().attention == 1
    assert [c.command_id for c in stores.outbox.attention()] == [done.command_id]
    assert stores.lost.lost() == (lost,)
    now = T0 + timedelta(hours=1)
    [again] = stores.lost.send_again([done.command_id], now)
    assert (again.status, again.tries, again.seen_at, again.n) == ("waiting", 0, now, done.n)
    assert again.payload == done.payload and again.base_xver == done.base_xver
    [head] = stores.outbox.heads(10)
    assert head.command_id == done.command_id, "it waits in its old place, before what came later"
    assert stores.lost.lost() == () and stores.lost.send_again([done.command_id], now) == ()


def test_without_the_centres_time_the_old_moment_stays(stores: Stores) -> None:
    done, bare = applied(stores), applied(stores, seen_at=None)
    stores.lost.mark_lost([done.command_id, bare.command_id])
    again = stores.lost.send_again([done.command_id, bare.command_id], None)
    assert [c.seen_at for c in again] == [T0, None]


def test_what_is_let_go_stays_as_history(stores: Stores) -> None:
    done = applied(stores)
    assert stores.lost.let_go([done.command_id]) == (), "only what is lost"
    stores.lost.mark_lost([done.command_id])
    [gone] = stores.lost.let_go([done.command_id])
    assert gone.status == "discarded" and stores.outbox.get(done.command_id) == gone
    assert stores.lost.mark_lost([]) == ()


def test_what_is_lost_is_never_forgotten_by_time(stores: Stores) -> None:
    photo = bytes_of("现场")
    done = applied(stores, action="attach", attachments=(photo,), payload={"sha256": photo.sha256})
    stores.lost.mark_lost([done.command_id])
    assert stores.outbox.forget_before(T0 + timedelta(days=400)) == 0
    assert stores.lost.lost()[0].command_id == done.command_id
