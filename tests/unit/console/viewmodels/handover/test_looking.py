"""Which cases a brief looks at: all of a small desk, those that matter of a large one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.handover import looking
from console.viewmodels.handover.looking import candidates, late_count
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


def test_a_small_desk_is_read_whole_and_an_empty_one_not_at_all(
    world: World, start: Start, qtbot: Any
) -> None:
    seat = start(world)
    assert candidates(seat) == [] and late_count(seat) == 0
    cases = {world.walk("handling").case_id, world.walk("pending_close").case_id}
    world.announce({"all"})
    settled(seat, qtbot)
    assert set(candidates(seat)) == cases


def test_of_a_large_desk_only_what_matters(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FEW", 0)
    quiet = world.walk("pending_close")
    urgent, waiting = world.walk("handling", urgent=True), world.walk("pending_sign")
    upper = world.walk("pending_close", source="upper")
    asked = world.walk("handling")
    world.apply("apply_extension", asked.case_id, reason="材料未到")
    late = world.walk("pending_dispatch")
    assert late.due_at is not None
    world.now = late.due_at
    world.advance(seconds=30)
    seat = start(world)
    found = set(candidates(seat))
    assert {urgent.case_id, waiting.case_id, upper.case_id, asked.case_id} <= found
    assert quiet.case_id not in found or quiet.due_at is None or quiet.due_at < world.now
    assert late_count(seat) >= 1
