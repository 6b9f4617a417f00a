"""Saved filters of a seat: there offline, sent when the centre answers, taken back when it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from console.viewmodels.case_filter import CaseFilter, LegendPart
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_filters import KNOWN, UNSENT, SavedFilters
from console.viewmodels.queue_tabs import dispatch_tabs
from console.viewmodels.seat import SeatViewModel
from services.ports.centre import Tagged
from services.ports.errors import NeverValid, Problem, SignInNeeded, Unknown
from services.ports.filters import filter_from
from services.ports.picture import ONLINE
from tests.support.fakes import World, settled, world_for
from tests.unit.console.viewmodels.conftest import Start


@dataclass
class Shelf:
    """A centre that keeps filters of one person, and what others share."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared: list[dict[str, Any]] = field(default_factory=list)
    silent: bool = False
    refuse: str = ""
    forbid: bool = False
    asked: int = 0
    calls: list[str] = field(default_factory=list)

    def filters(self, etag: str | None = None) -> Tagged:
        self.asked += 1
        self._answer()
        own = [{"filter_id": key, **body, "mine": True} for key, body in self.kept.items()]
        tag = repr((own, self.shared))
        return Tagged(tag, None if tag == etag else {"filters": [*own, *self.shared]})

    def keep(self, filter_id: str, body: Mapping[str, Any]) -> None:
        self.calls.append(f"keep {body['name']}")
        self._answer()
        if self.forbid:
            raise SignInNeeded("不可以", problem=Problem(403, "not_allowed", "只有值班长可以共享。"))
        if self.refuse:
            raise NeverValid(Problem(409, "too_many", self.refuse))
        self.kept[filter_id] = dict(body)

    def drop(self, filter_id: str) -> None:
        self.calls.append("drop")
        self._answer()
        self.kept.pop(filter_id, None)

    def _answer(self) -> None:
        if self.silent:
            raise Unknown("没有答复")


class Ground:
    """A seat with a queue and saved filters."""

    def __init__(self, seat: SeatViewModel, shelf: Shelf | None, qtbot: Any) -> None:
        self.seat, self.shelf, self.qtbot = seat, shelf, qtbot
        self.queue = QueueViewModel(seat, dispatch_tabs(seat.actor.roles))
        self.saved = SavedFilters(self.queue, shelf)
        self.settle()

    def settle(self) -> None:
        settled(self.seat, self.qtbot)

    def names(self) -> list[str]:
        return [entry.name for entry in self.saved.shown]

    def save(self, name: str, **parts: Any) -> str:
        self.queue.set_filter(CaseFilter(**parts))
        made = self.saved.save(name)
        assert made
        return made


@pytest.fixture
def ground(world: World, start: Start, qtbot: Any) -> Ground:
    return Ground(start(world), Shelf(), qtbot)


@pytest.fixture
def shelf(ground: Ground) -> Shelf:
    assert ground.shelf is not None
    return ground.shelf


def test_a_saved_filter_reaches_the_centre_and_is_there_at_the_next_start(
    ground: Ground, shelf: Shelf, world: World
) -> None:
    made = ground.save("快到期", bands=("soon",), areas=("990101001",))
    ground.settle()
    assert shelf.kept[made]["filter"] == {"bands": ["soon"], "areas": ["990101001"]}
    assert shelf.kept[made]["tab"] == "turn"
    assert [(f.name, f.unsent) for f in ground.saved.shown] == [("快到期", False)]
    assert world.settings[UNSENT] == {}
    again = Ground(ground.seat, None, ground.qtbot)
    assert again.names() == ["快到期"]


def test_applied_it_asks_the_same_and_once_more_takes_it_back(ground: Ground) -> None:
    wanted = CaseFilter(bands=("soon",), states=("handling",), text="井盖")
    made = ground.save("甲", bands=wanted.bands, states=wanted.states, text=wanted.text)
    ground.queue.show_tab("open")
    ground.queue.clear_filter()
    assert ground.saved.active == ""
    assert ground.saved.apply(made)
    assert (ground.queue.filter, ground.queue.tab, ground.saved.active) == (wanted, "turn", made)
    ground.saved.apply(made)
    assert not ground.queue.filter.active
    assert not ground.saved.apply("unknown")


def test_offline_it_is_kept_here_and_sent_later(ground: Ground, shelf: Shelf, world: World) -> None:
    shelf.silent = True
    made = ground.save("离线", text="路灯")
    ground.settle()
    assert [(f.name, f.unsent) for f in ground.saved.shown] == [("离线", True)]
    assert shelf.kept == {} and made in world.settings[UNSENT]
    again = Ground(ground.seat, shelf, ground.qtbot)
    assert again.names() == ["离线"], "it survives a restart"
    shelf.silent = False
    again.seat.book.beat.emit(world.now)
    again.settle()
    assert made in shelf.kept and not any(f.unsent for f in again.saved.shown)


def test_without_a_connection_nobody_is_asked(world: World, start: Start, qtbot: Any) -> None:
    world.online = False
    seat, shelf = start(world), Shelf()
    assert seat.connection is not None and seat.connection.state != ONLINE
    ground = Ground(seat, shelf, qtbot)
    ground.save("离线", text="路灯")
    ground.settle()
    assert shelf.asked == 0 and shelf.calls == [] and ground.names() == ["离线"]


def test_what_is_refused_is_said_and_taken_back(ground: Ground, shelf: Shelf) -> None:
    shelf.refuse = "每人最多保存 40 个筛选。"
    said: list[str] = []
    ground.saved.refused.connect(said.append)
    ground.save("第四十一个", text="路灯")
    ground.settle()
    assert said == ["每人最多保存 40 个筛选。"] and ground.names() == []


def test_what_a_post_may_not_is_said_and_given_up(ground: Ground, shelf: Shelf) -> None:
    shelf.forbid = True
    said: list[str] = []
    ground.saved.refused.connect(said.append)
    ground.save("甲", text="路灯")
    ground.settle()
    assert said == ["只有值班长可以共享。"] and ground.names() == []


def test_rename_order_and_drop(ground: Ground, shelf: Shelf) -> None:
    first, second, third = (ground.save(name, text=name) for name in ("甲", "乙", "丙"))
    ground.settle()
    assert ground.saved.rename(second, " 乙乙 ")
    assert not ground.saved.rename(second, "甲") and not ground.saved.rename(second, " ")
    assert not ground.saved.rename(second, "字" * 21)
    assert ground.saved.move(third, -2)
    assert not ground.saved.move(third, -1), "it stands first"
    assert ground.names() == ["丙", "甲", "乙乙"]
    ground.saved.drop(first)
    assert ground.names() == ["丙", "乙乙"]
    ground.settle()
    assert {key: body["name"] for key, body in shelf.kept.items()} == {second: "乙乙", third: "丙"}
    assert Ground(ground.seat, shelf, ground.qtbot).names() == ["丙", "乙乙"]


def test_changes_of_one_filter_are_sent_as_one(ground: Ground, shelf: Shelf) -> None:
    shelf.silent = True
    made = ground.save("一", text="路灯")
    ground.settle()
    ground.saved.rename(made, "二")
    ground.saved.rename(made, "三")
    ground.settle()
    shelf.silent, shelf.calls[:] = False, []
    ground.saved.refresh()
    ground.settle()
    assert shelf.calls == ["keep 三"]


def test_shared_ones_of_others_are_shown_and_cannot_be_changed(ground: Ground, shelf: Shelf) -> None:
    shelf.shared.append(
        {"filter_id": "s", "name": "晨会", "filter": {"urgency": [3]}, "mine": False, "share": "all",
         "owner": {"id": "u", "name": "顾怀舟"}, "place": 0}
    )  # fmt: skip
    ground.save("我的", text="路灯")
    ground.settle()
    ground.saved.refresh()
    ground.settle()
    assert [(f.name, f.mine, f.owner) for f in ground.saved.shown] == [
        ("我的", True, ""),
        ("晨会", False, "顾怀舟"),
    ]
    assert not ground.saved.rename("s", "x") and not ground.saved.drop("s") and not ground.saved.move("s", -1)
    assert not ground.saved.share("s", "all")
    assert ground.saved.apply("s") and ground.queue.filter == CaseFilter(urgency=(3,))


def test_only_the_leader_shares(start: Start, qtbot: Any) -> None:
    for role, may in (("dispatcher", False), ("shift_leader", True)):
        shelf = Shelf()
        ground = Ground(start(world_for(role)), shelf, qtbot)
        made = ground.save("甲", text="路灯")
        assert ground.saved.may_share is may
        assert ground.saved.share(made, "dispatcher") is may
        ground.settle()
        assert shelf.kept[made]["share"] == ("dispatcher" if may else "")


def test_what_cannot_be_saved_says_why(ground: Ground) -> None:
    assert "没有筛选" in ground.saved.why_not_save("甲")
    ground.queue.set_filter(CaseFilter(ids=frozenset({"x"}), ids_words="聚合"))
    assert "指定的案件" in ground.saved.why_not_save("甲")
    ground.queue.set_filter(CaseFilter(legend=LegendPart(frozenset({"990101001"}), "图例")))
    assert ground.saved.save("甲") == ""
    ground.queue.set_filter(CaseFilter(text="路灯"))
    assert ground.saved.why_not_save("甲") == ""
    assert ground.saved.why_not_save(" ") and ground.saved.why_not_save("字" * 21)
    ground.saved.save("甲")
    assert "同名" in ground.saved.why_not_save("甲")


def test_the_centre_is_asked_now_and_then(ground: Ground, shelf: Shelf, world: World) -> None:
    before = shelf.asked
    for _ in range(19):
        ground.seat.book.beat.emit(world.now)
        ground.settle()
    assert shelf.asked == before
    ground.seat.book.beat.emit(world.now)
    ground.settle()
    assert shelf.asked == before + 1


@pytest.mark.parametrize(
    "doc",
    [
        None,
        3,
        {"filters": 5, "etag": 4},
        {"filters": [None, {}, {"filter_id": "", "name": "x", "filter": {}}]},
    ],
    ids=["none", "number", "wrong-types", "no-filters"],
)
def test_rubbish_on_this_machine_is_no_filter(world: World, start: Start, qtbot: Any, doc: object) -> None:
    world.settings[KNOWN] = doc
    world.settings[UNSENT] = doc if not isinstance(doc, dict) else None
    assert Ground(start(world), Shelf(), qtbot).names() == []


def test_reading_a_filter() -> None:
    assert filter_from({"filter_id": "a", "name": "x", "filter": []}) is None
    found = filter_from({"filter_id": "a", "name": "x", "filter": {}, "place": "1", "tab": 3, "share": None})
    assert found is not None
    assert (found.place, found.tab, found.share, found.mine, found.owner) == (0, "", "", True, "")
    assert filter_from({"filter_id": found.filter_id, **found.body()}) == found
