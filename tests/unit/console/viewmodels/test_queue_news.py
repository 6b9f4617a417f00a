"""New in a list is what was not in it, changed, and is in it now; only while the question stays the same."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_news import entered, places_of
from console.viewmodels.queue_tabs import dispatch_tabs
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start


def ids(n: int, rng: random.Random) -> list[str]:
    """Ids of which many begin with the same eight bytes, as those of one moment do."""
    heads = [rng.getrandbits(64) for _ in range(3)]
    return [str(UUID(int=rng.choice(heads) << 64 | rng.getrandbits(64))) for _ in range(n)]


def pack(case_ids: list[str]) -> bytes:
    return b"".join(UUID(case_id).bytes for case_id in case_ids)


@pytest.mark.parametrize("seed", range(20))
def test_it_says_what_sets_say(seed: int) -> None:
    rng = random.Random(seed)
    known = ids(rng.randrange(0, 60), rng)
    before = rng.sample(known, rng.randrange(len(known) + 1))
    after = rng.sample(known, rng.randrange(len(known) + 1))
    candidates = rng.sample(known, rng.randrange(len(known) + 1))
    expected = [one for one in after if one in set(candidates) - set(before)]
    assert list(entered(candidates, pack(before), pack(after))) == expected
    assert places_of(candidates, pack(after)) == {one: after.index(one) for one in candidates if one in after}


def heard(model: QueueViewModel) -> list[tuple[str, ...]]:
    told: list[tuple[str, ...]] = []
    model.entered.connect(told.append)
    return told


def test_a_case_that_comes_to_my_turn_is_news(world: World, start: Start, qtbot: Any) -> None:
    world.walk("pending_dispatch")
    case = world.walk("pending_filing")
    seat = start(world)
    model = QueueViewModel(seat, dispatch_tabs())
    told = heard(model)
    world.apply("file", case.case_id, category="component-0101", condition=1)
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert told == [(case.case_id,)], "it was known to the seat, but not in this list"


def test_what_only_changes_is_no_news(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = QueueViewModel(seat, dispatch_tabs())
    told = heard(model)
    world.apply("comment", case.case_id, text="已电话联系")
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert told == []


def test_another_tab_filter_or_order_is_no_news(world: World, start: Start) -> None:
    for state in ("pending_dispatch", "handling", "feedback_review"):
        world.walk(state)
    model = QueueViewModel(start(world), dispatch_tabs())
    told = heard(model)
    model.show_tab("open")
    model.set_filter(CaseFilter(text="无此文字"))
    model.clear_filter()
    model.set_order("number")
    assert model.count == 3 and told == []


def test_a_whole_new_copy_is_no_news(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    model = QueueViewModel(seat, dispatch_tabs())
    told = heard(model)
    world.walk("pending_dispatch")
    world.announce({"all"}, set())
    settled(seat, qtbot)
    qtbot.waitUntil(lambda: model.count == 1)
    assert told == []
