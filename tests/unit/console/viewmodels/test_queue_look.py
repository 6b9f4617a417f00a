"""What is remembered of the queue: columns and order, per user, whatever the store holds."""

from __future__ import annotations

from typing import Any

import pytest

from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_look import QueueLook
from console.viewmodels.queue_tabs import dispatch_tabs
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

NAME = "dispatch.queue"


def test_columns_and_order_are_there_at_the_next_start(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    look = QueueLook(seat)
    assert (look.columns, look.order, look.descending) == (None, "risk", False)
    look.keep_columns({"density": "compact"})
    model = QueueViewModel(seat, dispatch_tabs(), look=look)
    model.set_order("limit", descending=True)
    look.write()
    settled(seat, qtbot)
    again = QueueLook(seat)
    assert (again.columns, again.order, again.descending) == ({"density": "compact"}, "limit", True)
    assert QueueViewModel(seat, dispatch_tabs(), look=again).order == "limit"
    again.keep_columns(None)
    again.write()
    settled(seat, qtbot)
    assert QueueLook(seat).columns is None


@pytest.mark.parametrize(
    "doc",
    [None, 5, [], {"columns": 3, "order": "upwards", "descending": 1}],
    ids=["none", "number", "list", "wrong"],
)
def test_rubbish_gives_the_shipped_look(world: World, start: Start, doc: object) -> None:
    world.settings[NAME] = doc
    look = QueueLook(start(world))
    assert (look.columns, look.order, look.descending) == (None, "risk", False)


def test_a_hand_that_rests_has_it_written(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    look = QueueLook(seat)
    look.keep_order("number", False)
    qtbot.waitUntil(lambda: NAME in world.settings)
    assert world.settings[NAME]["order"] == "number"
    look.keep_order("number", False)
    assert not look._timer.isActive(), "nothing new, nothing to write"


def test_without_a_name_nothing_is_kept(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    before = dict(world.settings)
    look = QueueLook(seat, "")
    look.keep_order("number", True)
    look.write()
    settled(seat, qtbot)
    assert world.settings == before
