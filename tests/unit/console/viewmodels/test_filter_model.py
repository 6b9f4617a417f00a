"""The one filter: parts change one by one, answers are kept for what did not change, chips say it in words."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from console.viewmodels import filter_model
from console.viewmodels.case_filter import BOX, EMPTY, CaseFilter, LegendPart, Region
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.filter_words import band_word, category_part_word, stage_word, urgency_word
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.queue_tabs import EVERY
from console.viewmodels.seat import RowsChanged, SeatViewModel
from services.domain.bands import BANDS
from tests.support.fakes import World, settled
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start
from tests.unit.console.viewmodels.test_case_filter import SHAPES, random_filter


def filled(world: World, start: Start, n: int) -> SeatViewModel:
    """A seat with many cases."""
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(n, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    return seat


def test_one_part_changes_and_the_others_stay(world: World, start: Start) -> None:
    model = FilterModel(start(world))
    heard: list[CaseFilter] = []
    model.changed.connect(lambda: heard.append(model.filter))
    model.set_part(text="井盖")
    model.set_part(bands=("soon",))
    model.set_part(bands=("soon",))
    assert len(heard) == 2
    assert model.filter == CaseFilter(text="井盖", bands=("soon",))
    model.clear()
    assert model.filter == EMPTY


def test_a_click_on_an_area_toggles_it_and_control_adds(world: World, start: Start) -> None:
    model = FilterModel(start(world))
    model.toggle_area("990101001")
    model.toggle_area("990101002")
    assert model.filter.areas == ("990101002",)
    model.toggle_area("990101001", add=True)
    assert model.filter.areas == ("990101002", "990101001")
    model.toggle_area("990101002", add=True)
    assert model.filter.areas == ("990101001",)
    model.toggle_area("990101001")
    assert model.filter.areas == ()


def test_what_the_map_asked_is_taken_back_alone(world: World, start: Start) -> None:
    model = FilterModel(start(world))
    model.put(CaseFilter(text="井盖", areas=("990101001",), region=Region(SHAPES[0]), unplaced=True))
    model.show_cases(["a", "b"], "聚合")
    model.hide_classes(["990101001"], "不含 0")
    assert model.clear_map()
    assert model.filter == CaseFilter(text="井盖")
    assert not model.clear_map()


def test_chips_say_each_part_and_take_it_away(world: World, start: Start, qtbot: Any) -> None:
    model = FilterModel(start(world))
    model.put(
        CaseFilter(
            text="井盖", stages=("dispatch",), bands=("soon", "over2"), urgency=(3,), categories=("component-01",),
            sources=("hotline",), departments=("muni",), areas=("990101001",), region=Region(SHAPES[0], BOX),
            legend=LegendPart(frozenset({"1"}), "不含 0"), ids=frozenset({"a", "b"}), ids_words="聚合", unplaced=True,
        )
    )  # fmt: skip
    words = [part.words for part in model.parts]
    assert words[0] == "区域：望塔街道"
    for expected in (
        "环节：派遣", "时限：即将超时", "时限：超时1至3天", "紧急程度：特急", "地图：框选范围", "图例：不含 0",
        "指定：聚合 2 件", "位置：无坐标", "文字：井盖",
    ):  # fmt: skip
        assert expected in words
    assert model.words == "，".join(words)
    model.remove("bands:soon")
    assert model.filter.bands == ("over2",)
    while model.parts:
        before = len(model.parts)
        model.remove(model.parts[0].key)
        assert len(model.parts) == before - 1
    assert model.filter == EMPTY


def test_many_choices_of_one_kind_share_a_chip(world: World, start: Start) -> None:
    model = FilterModel(start(world))
    codes = (*(f"99010100{street}001001" for street in (1, 2, 3)), "990101001001002")
    model.set_part(areas=codes)
    (part,) = model.parts
    assert part.words == "区域：望塔-01 等 4 项"
    model.remove(part.key)
    assert model.filter == EMPTY


def test_words_of_every_value(world: World, start: Start) -> None:
    seat = start(world)
    assert all(band_word(band) != band for band in BANDS)
    assert band_word("purple") == "purple"
    assert [urgency_word(u) for u in (-1, 0, 1, 2, 3, 9)] == ["一般", "一般", "较急", "紧急", "特急", "特急"]
    assert stage_word("handle") == "处置"
    entry = seat.rules.categories["component-0101"]
    assert category_part_word("component-0101", seat) == entry.name
    assert category_part_word("component-01", seat) == entry.major_name
    assert category_part_word("nothing-9", seat) == "nothing-9"


# --- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_what_the_map_counts_is_what_the_queue_counts(world: World, start: Start, seed: int) -> None:
    """Rows of 在办, its counter, and the cases of the map are the same under any filter."""
    seat = filled(world, start, 800)
    queue = QueueViewModel(seat, dispatch_tabs())
    rng = random.Random(seed)
    wanted = random_filter(rng)
    if seed % 3 == 0:
        wanted = wanted.with_(region=Region(rng.choice(SHAPES)))
    if seed % 4 == 0:
        wanted = wanted.with_(text=rng.choice(("井盖", "望塔", "第7", "柳岸-02")))
    queue.set_filter(wanted)
    for tab in (tab for tab in queue.tabs if tab.id != EVERY):  # that one asks the files
        queue.show_tab(tab.id)
        assert queue.count == queue.counts[tab.id] == len(queue.ids) == len(queue.rows)
    queue.show_tab("open")
    mask = queue.open_mask()
    assert set(seat.book.ids_at(np.flatnonzero(mask).tolist())) == set(queue.ids)
    placed = [row for row in queue.rows if row.lon is not None]
    assert int(np.count_nonzero(mask & seat.book.columns.placed)) == len(placed)
    assert queue.unplaced == queue.count - len(placed)
    for case_id in queue.ids[:20]:
        assert queue.filters.passes(case_id)


def test_text_finds_category_and_grid_by_name(world: World, start: Start) -> None:
    seat = filled(world, start, 400)
    model = FilterModel(seat)
    model.set_part(text="柳岸-02")
    here = {i for i, e in seat.cases.items() if e.case.grid == "990101002001002"}
    assert set(seat.book.ids_at(np.flatnonzero(model.mask()).tolist())) == here
    name = seat.rules.categories["component-0101"].name
    model.set_part(text=name)
    wanted = {
        i
        for i, e in seat.cases.items()
        if name in seat.rules.categories[e.case.category or ""].name or name in e.case.description
    }
    assert set(seat.book.ids_at(np.flatnonzero(model.mask()).tolist())) == wanted


def test_a_text_is_asked_again_of_changed_cases_alone(
    world: World, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = filled(world, start, 300)
    asked: list[int] = []
    plain = filter_model.text_hits

    def counting(columns: Any, slots: Any, needle: str) -> Any:
        asked.append(len(slots))
        return plain(columns, slots, needle)

    monkeypatch.setattr(filter_model, "text_hits", counting)
    model = FilterModel(seat)
    model.set_part(text="井盖")
    model.mask()
    model.mask()
    some = frozenset(list(seat.cases)[:7])
    seat.rows_changed.emit(RowsChanged(False, some))
    model.mask()
    model.set_part(bands=("soon",))
    model.mask()
    assert asked == [300, 7]
    model.set_part(text="路灯")
    model.mask()
    assert asked == [300, 7, 300]


def test_a_region_over_many_cases_is_asked_on_a_lane(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filter_model, "AWAY_FROM", 100)
    seat = filled(world, start, 500)
    model = FilterModel(seat)
    region = Region(SHAPES[1])
    heard: list[int] = []
    model.changed.connect(lambda: heard.append(int(np.count_nonzero(model.mask()))))
    model.set_part(region=region)
    assert heard == [0]
    # a case changes and one leaves while the lane works
    moved, gone = list(seat.cases)[:2]
    seat.rows_changed.emit(RowsChanged(False, frozenset({moved})))
    del seat.cases[gone]
    seat.rows_changed.emit(RowsChanged(False, frozenset({gone})))
    settled(seat, qtbot)
    columns = seat.book.columns
    assert model.mask().tolist() == region.holds(columns.x, columns.y).tolist()
    assert heard[-1] > 0


def test_an_answer_for_a_region_given_up_is_dropped(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filter_model, "AWAY_FROM", 100)
    seat = filled(world, start, 400)
    model = FilterModel(seat)
    model.set_part(region=Region(SHAPES[1]))
    model.mask()
    second = Region(SHAPES[0])
    model.set_part(region=second)
    model.mask()
    settled(seat, qtbot)
    columns = seat.book.columns
    assert model.mask().tolist() == second.holds(columns.x, columns.y).tolist()


# --- remembering -----------------------------------------------------------------------------------------


def test_the_filter_is_remembered_for_the_seat(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    model = FilterModel(seat, "dispatch")
    model.set_part(areas=("990101002",), text="井盖")
    qtbot.waitUntil(lambda: "dispatch.filter" in world.settings)
    again = FilterModel(seat, "dispatch")
    assert again.filter == CaseFilter(areas=("990101002",), text="井盖")
    assert FilterModel(seat, "other").filter == EMPTY
    assert FilterModel(seat).filter == EMPTY


@pytest.mark.parametrize("rubbish", [None, 7, "x", ["a"], {"areas": 4}, {"region": {"points": [[1]]}}])
def test_rubbish_in_the_store_never_breaks_a_start(world: World, start: Start, rubbish: object) -> None:
    world.settings["dispatch.filter"] = rubbish
    assert FilterModel(start(world), "dispatch").filter == EMPTY
