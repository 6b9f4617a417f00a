"""The tab with all cached cases: asked on a lane, kept in order, told again when something changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from console.viewmodels import all_cases
from console.viewmodels.all_cases import AllCases, find_query, named, only
from console.viewmodels.case_filter import CaseFilter, sounds_like
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.queue_tabs import EVERY
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import StorageFull
from services.ports.search import NO_NAMES, Found, NamedCodes
from tests.support.fakes import FakeCache, World, settled
from tests.unit.console.viewmodels.conftest import Start


def queue_in(seat: SeatViewModel, qtbot: Any) -> QueueViewModel:
    model = QueueViewModel(seat, dispatch_tabs())
    model.show_tab(EVERY)
    settled(seat, qtbot)
    return model


def every(model: QueueViewModel) -> AllCases:
    assert model.every is not None
    return model.every


def test_ended_cases_are_listed_with_the_open_ones(world: World, start: Start, qtbot: Any) -> None:
    ended = world.walk("closed", need_callback=False)
    past = world.now.replace(year=2025)
    world.cases[ended.case_id] = replace(world.cases[ended.case_id], created_at=past, closed_at=past)
    case = world.walk("pending_dispatch")
    seat = start(world)
    assert ended.case_id not in seat.book.columns.slot
    model = QueueViewModel(seat, dispatch_tabs())
    assert model.counts[EVERY] == -1, "nobody has asked yet"
    model.show_tab(EVERY)
    settled(seat, qtbot)
    assert set(model.ids) == {ended.case_id, case.case_id}
    assert model.counts[EVERY] == model.count == 2
    assert {row.case_id: row.band for row in model.rows}[ended.case_id] == "closed"
    model.show_tab("open")
    assert model.ids == (case.case_id,)
    assert model.view(ended.case_id) is None, "an ended case is no row of the open ones"


def test_a_search_finds_by_text_and_by_names(world: World, start: Start, qtbot: Any) -> None:
    one = world.register("垃圾成堆")
    two = world.walk("handling")
    seat = start(world)
    model = queue_in(seat, qtbot)
    model.filters.set_part(text="成堆")
    settled(seat, qtbot)
    assert model.ids == (one.case_id,)
    unit = seat.rules.departments[world.cases[two.case_id].lead_dept or ""]
    model.filters.set_part(text=unit.name)
    settled(seat, qtbot)
    assert model.ids == (two.case_id,)
    model.filters.clear()
    settled(seat, qtbot)
    assert model.count == 2


def test_only_the_latest_question_is_answered(world: World, start: Start, qtbot: Any) -> None:
    first, second = world.register("一号"), world.register("二号")
    seat = start(world)
    model = queue_in(seat, qtbot)
    shown: list[tuple[str, ...]] = []
    every(model).changed.connect(lambda: shown.append(model.ids))
    for text in ("一", "一号", "二", "二号"):
        model.filters.set_part(text=text)
    assert model.count == 2, "the old list stands until the answer is here"
    settled(seat, qtbot)
    assert model.ids == (second.case_id,)
    assert (first.case_id,) not in [ids for ids in shown[-1:]]


def test_a_change_asks_anew_while_somebody_looks(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_cases, "CALM_MS", 1)
    world.register("一")
    seat = start(world)
    model = queue_in(seat, qtbot)
    fresh = world.register("二")
    world.announce({"cases"}, {fresh.case_id})
    qtbot.waitUntil(lambda: model.count == 2, timeout=10_000)
    model.show_tab("open")
    later = world.register("三")
    world.announce({"cases"}, {later.case_id})
    qtbot.waitUntil(lambda: later.case_id in seat.cases, timeout=10_000)
    settled(seat, qtbot)
    assert every(model).count == 2, "nobody looks"
    model.show_tab(EVERY)
    qtbot.waitUntil(lambda: model.count == 3, timeout=10_000)


def test_parts_that_only_the_desk_can_answer_leave_ended_cases_out(
    world: World, start: Start, qtbot: Any
) -> None:
    world.walk("closed", need_callback=False)
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = queue_in(seat, qtbot)
    model.filters.set_part(bands=("ok", "soon"))
    settled(seat, qtbot)
    assert model.ids == (case.case_id,)


def test_words_of_a_new_copy_are_indexed_in_the_background(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    portions = [False, False, True]
    monkeypatch.setattr(FakeCache, "index_words", lambda _self: portions.pop(0) if portions else True)
    found = FakeCache.find
    monkeypatch.setattr(FakeCache, "find", lambda self, query: Found(found(self, query).packed, not portions))
    world.register("一")
    seat = start(world)
    model = queue_in(seat, qtbot)
    qtbot.waitUntil(lambda: every(model).whole and not portions, timeout=10_000)
    assert model.count == 1


def test_a_file_that_cannot_be_read_keeps_the_list(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch, allow_log: Any
) -> None:
    allow_log("task find failed")
    world.register("一")
    seat = start(world)
    model = queue_in(seat, qtbot)
    failures: list[object] = []
    seat.background.failed.connect(failures.append)

    def full(*_: object) -> Found:
        raise StorageFull("满")

    with monkeypatch.context() as broken:
        broken.setattr(FakeCache, "find", full)
        model.filters.set_part(text="别的")
        settled(seat, qtbot)
    assert model.count == 1 and len(failures) == 1
    model.filters.clear()
    settled(seat, qtbot)
    assert model.count == 1


def test_names_are_found_by_characters_and_by_initials(world: World, start: Start) -> None:
    seat = start(world)
    assert "muni" in named("sz", seat.rules, seat.areas).depts
    assert "muni" in named("市政", seat.rules, seat.areas).depts
    assert "990101002" in named("lajd", seat.rules, seat.areas).areas
    assert "component-0101" in named("上水", seat.rules, seat.areas).categories
    assert named("  ", seat.rules, seat.areas) == NO_NAMES
    assert sounds_like("ssjg", "上水井盖") and not sounds_like("sj", "上水井盖")
    assert not sounds_like("1", "上水井盖")


def test_the_question_to_the_cache_has_the_parts_of_the_filter() -> None:
    wanted = CaseFilter(
        text="井", stages=("handle",), categories=("event",), departments=("muni",), urgency=(3,)
    )
    names = NamedCodes(depts=("muni",))
    query = find_query(wanted, "number", True, names)
    assert (query.text, query.stages, query.categories) == ("井", ("handle",), ("event",))
    assert (query.depts, query.urgency, query.order, query.descending) == (("muni",), (3,), "number", True)
    assert query.names is names
    assert find_query(wanted, "risk", True, names).order == "newest"


def test_ids_among_others_keep_their_order() -> None:
    keys = [UUID(int=i).bytes for i in (5, 3, 9)]
    assert only(b"".join(keys), [keys[2], keys[0]]) == keys[0] + keys[2]
    assert only(b"", keys) == b""
