"""Suggested units in words: order of the domain, reasons for and against, from the own copy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.suggested import SuggestedUnit, load_of, sent_back, span, suggested_units
from services.domain.case import Case
from services.domain.durations import Durations
from services.domain.experience import Experience, Record
from services.ports.centre import TimelineEntry
from services.ports.picture import Changes
from services.sync.documents import EXPERIENCE
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

HOUR = 3600.0


def experience_for(case: Case, counts: dict[str, int], **records: Record) -> dict[str, Any]:
    """The document of a centre that knows who handled this class in this street."""
    made = Experience()
    street = (case.grid or "")[:9]
    assert case.category
    made.right[(case.category, "")] = dict(counts)
    made.right[(case.category, street)] = dict(counts)
    for dept, record in records.items():
        made.records[(dept, case.category)] = record
    return made.to_doc()


def with_experience(world: World, seat: SeatViewModel, doc: Any, qtbot: Any) -> None:
    world.layer_docs[EXPERIENCE] = doc
    seat._on_changes(Changes(frozenset({EXPERIENCE})))
    settled(seat, qtbot)


def by_id(units: tuple[SuggestedUnit, ...]) -> dict[str, SuggestedUnit]:
    return {unit.id: unit for unit in units}


def test_without_experience_the_duty_table_speaks(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    settled(seat, qtbot)
    found = suggested_units(seat, case)
    duty = seat.rules.lead_of(case.category, case.condition, case.area_path)
    assert found[0].id == duty
    assert found[0].reason.startswith("责任清单匹配 · 在办 ")
    assert found[0].score == pytest.approx(0.75)
    assert found[0].against == ""


def test_precedents_of_the_street_come_first(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    with_experience(world, seat, experience_for(case, {"muni": 40}), qtbot)
    first = suggested_units(seat, case)[0]
    assert first.id == "muni"
    assert f"{seat.areas.name((case.grid or '')[:9])}同类 40/40 件由其办结" in first.reason
    assert 0.7 < first.score <= 0.99


def test_what_speaks_against_is_said(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    duty = str(seat.rules.lead_of(case.category, case.condition, case.area_path))
    slow = Record(20, 6, 14, 13, Durations.of([500 * HOUR] * 14))
    late = Record(9, 0, 9, 3, Durations.of([1 * HOUR] * 9))
    doc = experience_for(case, {duty: 14, "muni": 9}, **{duty: slow, "muni": late})
    with_experience(world, seat, doc, qtbot)
    units = by_id(suggested_units(seat, case))
    assert "同类退单 30%（6/20）" in units[duty].against
    assert "时限不够" in units[duty].against and "天" in units[duty].against
    assert "同类按期仅 33%（3/9）" in units["muni"].against
    assert "通常 " in units["muni"].reason and "办结" in units["muni"].reason


def test_near_another_street_its_office_is_thought_of(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    settled(seat, qtbot)
    own = f"street-{(case.grid or '')[:9]}"
    other = next(
        dept for dept in seat.rules.departments if dept.startswith("street-") and dept != own
    ).removeprefix("street-")
    units = by_id(suggested_units(seat, case, (f"{other}001001", 12.0)))
    assert f"street-{other}" in units or len(units) == 3
    assert "边界 12 米" in units[own].against
    inside = by_id(suggested_units(seat, case, (f"{own.removeprefix('street-')}001099", 12.0)))
    assert inside[own].against == ""


def test_nothing_is_suggested_where_nothing_is_asked(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    settled(seat, qtbot)
    assert suggested_units(seat, world.walk("handling")) == ()


def test_load_counts_the_open_cases_of_each_unit(world: World, start: Start, qtbot: Any) -> None:
    cases = [world.walk("handling") for _ in range(3)]
    seat = start(world)
    settled(seat, qtbot)
    load = load_of(seat)
    assert load[str(cases[0].lead_dept)] == 3
    assert "" not in load


@pytest.mark.parametrize("doc", [{"units": 3}, {"units": [["a"]], "right": []}, {"right": []}, []])
def test_a_document_that_is_none_is_no_experience(world: World, start: Start, qtbot: Any, doc: Any) -> None:
    seat = start(world)
    with_experience(world, seat, doc, qtbot)
    assert seat.learned.experience.to_doc() == {"units": [], "right": [], "filed": []}


def test_times_in_rough_words() -> None:
    assert [span(s) for s in (10, 3600, 3 * HOUR, 60 * HOUR)] == ["1 分钟", "60 分钟", "3 小时", "2.5 天"]


def change(action: str, **payload: Any) -> TimelineEntry:
    return TimelineEntry(1, 1, action, "u", "某人", "dispatcher", None, None, payload)


def test_who_sent_it_back_is_not_asked_first(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_sign")
    seat = start(world)
    settled(seat, qtbot)
    duty = seat.rules.lead_of(case.category, case.condition, case.area_path)
    found = suggested_units(seat, replace(case, state="returned", lead_dept=duty))
    assert found[-1].id == duty and len(found) > 1
    assert found[-1].against.startswith("本案已被其退回")


def test_the_changes_tell_every_unit_that_sent_it_back_in_this_round(world: World) -> None:
    case = replace(world.walk("pending_sign"), state="returned", lead_dept="sani")
    story = [
        change("dispatch", lead_dept="muni"), change("return_case"), change("redispatch", lead_dept="sani"),
        change("return_case"),
    ]  # fmt: skip
    assert sent_back(case, story) == {"muni", "sani"}
    assert sent_back(replace(case, state="pending_sign"), story[:3]) == {"muni"}
    assert sent_back(replace(case, state="pending_dispatch"), [*story, change("reopen")]) == frozenset()
    assert sent_back(case) == {"sani"}, "offline: where it stands tells the last one"
