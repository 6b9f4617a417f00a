"""The queue: tabs and counters from the cases, risk order, filters, and rows that stay right while cases move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from console.viewmodels import queue_listing
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.queue_tabs import EVERY
from console.viewmodels.rows import short_number, state_word, waiting_word
from console.viewmodels.seat import RowsChanged, SeatViewModel
from services.domain.durations import Durations
from services.domain.experience import Experience, Record
from services.domain.states import STATES
from services.ports.picture import Changes
from services.sync.documents import EXPERIENCE
from tests.support.fakes import SOUTH, STEP, WEST, World, settled
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start


def queue(seat: SeatViewModel) -> QueueViewModel:
    return QueueViewModel(seat, dispatch_tabs())


def book_ids(model: QueueViewModel) -> list[str]:
    """The cases the map shows."""
    return model.book.ids_at(np.flatnonzero(model.open_mask()).tolist())


def calm(world: World) -> None:
    """Let no category be one of safety."""
    quiet = {code: replace(entry, safety=False) for code, entry in world.rules.categories.items()}
    world.rules = replace(world.rules, categories=quiet)


def test_safety_categories_come_before_the_rest(world: World, start: Start) -> None:
    first = world.walk("pending_dispatch")
    world.advance(minutes=5)
    second = world.walk("pending_dispatch")
    calm(world)
    entry = world.rules.categories["component-0101"]
    urgent = {**world.rules.categories, "component-0101": replace(entry, safety=True)}
    world.rules = replace(world.rules, categories=urgent)
    world.apply("amend", first.case_id, reason="更正", category="event-0110", condition=0)
    model = queue(start(world))
    assert [row.case_id for row in model.rows] == [second.case_id, first.case_id]


def test_counters_add_up(world: World, start: Start) -> None:
    for state in (
        "reported",
        "pending_dispatch",
        "pending_dispatch",
        "handling",
        "feedback_review",
        "closed",
    ):
        world.walk(state)
    model = queue(start(world))
    assert model.counts["pending_dispatch"] == 2
    assert model.counts["feedback_review"] == 1
    assert model.counts["turn"] == 3
    assert model.counts["open"] == 5
    for tab in (tab for tab in model.tabs if tab.id != EVERY):  # that one asks the files
        model.show_tab(tab.id)
        assert len(model.rows) == model.counts[tab.id]


def test_an_application_is_my_turn(world: World, start: Start) -> None:
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="等待配件")
    model = queue(start(world))
    assert [row.case_id for row in model.rows] == [case.case_id]


def test_risk_order_puts_what_can_be_kept_before_what_is_lost(world: World, start: Start) -> None:
    calm(world)
    late = world.walk("pending_dispatch")
    world.advance(minutes=6)
    soon = world.walk("pending_dispatch")
    world.advance(minutes=26)
    fresh = world.walk("pending_dispatch")
    urgent = world.walk("pending_dispatch")
    world.apply("flag_urgent", urgent.case_id)
    model = queue(start(world))
    assert [row.case_id for row in model.rows] == [urgent.case_id, soon.case_id, fresh.case_id, late.case_id]
    assert [row.band for row in model.rows] == ["ok", "soon", "ok", "over1"]
    assert model.counts["late"] == 1


def test_a_slow_unit_s_case_comes_first_though_more_time_is_left(
    world: World, start: Start, qtbot: Any
) -> None:
    calm(world)
    quick = world.walk("pending_dispatch")
    world.apply("dispatch", quick.case_id, lead_dept="sani", co_depts=[], note="")
    world.advance(minutes=1)
    slow = world.walk("handling")
    made = Experience()
    for dept, hours in (("muni", 3.0), ("sani", 0.2)):
        made.records[(dept, "component-0101")] = Record(9, 0, 9, 9, Durations.of([hours * 3600] * 9))
    seat = start(world)
    model = queue(seat)
    model.show_tab("open")
    assert [row.case_id for row in model.rows] == [quick.case_id, slow.case_id]
    world.layer_docs[EXPERIENCE] = made.to_doc()
    seat._on_changes(Changes(frozenset({EXPERIENCE})))
    settled(seat, qtbot)
    assert [row.case_id for row in model.rows] == [slow.case_id, quick.case_id]


def test_at_night_a_limit_in_working_time_can_wait(world: World, start: Start) -> None:
    calm(world)
    world.advance(hours=7)
    working = world.walk("handling")  # four working hours from 16:30
    world.advance(hours=5)
    fresh = world.walk("pending_dispatch")  # thirty minutes of any time
    seat = start(world)
    made = Experience()
    made.records[("muni", "component-0101")] = Record(9, 0, 9, 9, Durations.of([4 * 3600.0] * 9))
    seat.learned.experience = made
    model = queue(seat)
    model.show_tab("open")
    assert [row.case_id for row in model.rows] == [fresh.case_id, working.case_id]
    assert model.rows[1].band in ("ok", "soon")


def test_bands_move_by_the_clock_alone(world: World, start: Start) -> None:
    world.walk("pending_dispatch")
    seat = start(world)
    model = queue(seat)
    assert model.rows[0].band == "ok"
    world.advance(minutes=31)
    seat.second.emit(world.now)
    assert model.rows[0].band == "over1"


def test_filters_narrow_rows_and_map_alike(world: World, start: Start) -> None:
    here = world.walk("pending_dispatch", description="井盖缺失")
    there = world.walk(
        "pending_dispatch", description="垃圾堆积", lon=WEST + STEP * 1.5, lat=SOUTH + STEP / 2
    )
    model = queue(start(world))
    model.set_filter(CaseFilter(areas=("990101002",)))
    assert [row.case_id for row in model.rows] == [there.case_id]
    assert book_ids(model) == [there.case_id]
    model.set_filter(CaseFilter(text="井盖缺"))
    assert [row.case_id for row in model.rows] == [here.case_id]
    model.set_filter(CaseFilter(text=(here.number or "")[-4:]))
    assert here.case_id in {row.case_id for row in model.rows}
    model.set_filter(CaseFilter(sources=("patrol",)))
    assert model.rows == ()
    assert model.filter.active
    model.set_filter(CaseFilter(categories=("component-01",)))
    assert len(model.rows) == 2
    model.clear_filter()
    assert not model.filter.active


@pytest.mark.parametrize(
    "column", ["limit", "number", "category", "grid", "source", "stage", "holder", "urgency", "summary"]
)
def test_every_column_orders_both_ways(world: World, start: Start, column: str) -> None:
    for state in ("pending_dispatch", "handling", "reported"):
        world.walk(state)
        world.advance(minutes=3)
    model = queue(start(world))
    model.show_tab("open")
    model.set_order(column)
    up = [row.case_id for row in model.rows]
    model.set_order(column, descending=True)
    assert sorted(up) == sorted(row.case_id for row in model.rows)


def test_a_new_case_is_announced_once(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    model = queue(seat)
    heard: list[tuple[str, ...]] = []
    model.arrived.connect(heard.append)
    case = world.walk("pending_dispatch")
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    world.apply("comment", case.case_id, text="x")
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert heard == [(case.case_id,)]


def test_an_unsent_dispatch_keeps_its_old_step_and_shows_the_target(
    world: World, start: Start, qtbot: Any
) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = queue(seat)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    row = model.view(case.case_id)
    assert row is not None
    assert (row.state, row.stage_index, row.pending) == ("pending_dispatch", 3, "queued")
    assert row.holder.startswith("→ ")
    assert row.holder_tone == "pending"
    assert model.counts["pending_dispatch"] == 1


def test_next_waiting_walks_the_list_and_wraps(world: World, start: Start) -> None:
    first, second = world.walk("pending_dispatch"), world.walk("pending_dispatch")
    model = queue(start(world))
    order = [row.case_id for row in model.rows]
    assert set(order) == {first.case_id, second.case_id}
    assert model.next_waiting(order[0]) == order[1]
    assert model.next_waiting(order[1]) == order[0]
    assert model.next_waiting() == order[0]
    model.show_tab("feedback_review")
    assert model.next_waiting() == ""


def test_closed_cases_leave_the_queue(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_close")
    seat = start(world)
    model = queue(seat)
    world.apply("close", case.case_id, closing_condition="修复", callback={"reached": True})
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert all(model.holds(tab.id, case.case_id) is False for tab in model.tabs)
    assert [model.counts[tab] for tab in ("open", "recent")] == [0, 1]
    model.show_tab("recent")
    assert [(row.case_id, row.band, row.on_time) for row in model.rows] == [(case.case_id, "closed", True)]


def test_words() -> None:
    assert short_number("20261120-0417", 2026) == "1120-0417"
    assert short_number("20251120-0417", 2026) == "20251120-0417"
    assert short_number(None, 2026) == "未编号"
    assert all(state_word(state) != state for state in STATES)
    assert waiting_word("pending_dispatch") == "待派遣"
    assert waiting_word("handling") == ""


def test_a_long_list_is_ordered_on_a_lane_and_the_last_question_wins(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = start(world)
    entries = many(600, world.now, world.rules)
    seat.cases = {entry.case.case_id: entry for entry in entries}
    seat.book.rebuild()
    seat.book.finish()
    plain = QueueViewModel(seat, dispatch_tabs())
    plain.show_tab("open")
    monkeypatch.setattr(queue_listing, "AT_ONCE", 100)
    model = QueueViewModel(seat, dispatch_tabs())
    heard: list[int] = []
    model.changed.connect(lambda: heard.append(model.count))
    model.show_tab("open")
    assert model.counts["open"] == 600
    model.set_order("number")
    model.set_order("limit", descending=True)
    for entry in entries[:30]:
        seat.rows_changed.emit(RowsChanged(False, frozenset({entry.case.case_id})))
    model.set_order("risk")
    qtbot.waitUntil(lambda: model.packed == plain.packed)
    settled(seat, qtbot)
    assert model.ids == plain.ids
    assert heard[-1] == 600
    # a short list that follows is there at once, and stays
    model.set_order("number")
    model.set_filter(CaseFilter(areas=("990101001001001",)))
    few = model.ids
    assert 0 < len(few) <= 100
    settled(seat, qtbot)
    assert model.ids == few


def test_ids_are_right_after_cases_have_moved_their_places(world: World, start: Start) -> None:
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(50, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    model = QueueViewModel(seat, dispatch_tabs())
    model.show_tab("open")
    before = bytes(model.packed)
    seat.book.columns.drop(model.book.columns.ids[0])
    assert model.listing._ids is None
    assert [UUID(case_id).bytes for case_id in model.ids] == [
        before[n : n + 16] for n in range(0, len(before), 16)
    ]
