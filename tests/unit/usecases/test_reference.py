"""The reference document in domain form, and the world that predictions rest on."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.domain.errors import ReferenceDataError
from services.domain.limits import Limit
from services.domain.reference import STAGE_LIMITS, Position
from services.usecases.rules_from_reference import reference_from, rules_from_reference
from services.usecases.world import World
from tests.support.console_core import LEADER, REFERENCE
from tests.unit.sync.ground import Ground


def changed(**parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(REFERENCE), **parts}


def test_categories_with_their_conditions() -> None:
    rules = rules_from_reference(REFERENCE)
    category = rules.categories["event-0110"]
    assert (category.name, category.major_name, category.dept, category.safety) == (
        "暴露生活垃圾",
        "市容环境",
        "sani",
        False,
    )
    assert [c.limit.code for c in category.conditions] == ["4wh", "2wd"]
    assert (category.conditions[1].dept, category.conditions[0].closing) == ("street", "清理")
    assert rules.lead_of("event-0110", 1, ("440106", "440106001")) == "street-440106001"
    assert rules.categories["component-0101"].safety


def test_calendar_settings_and_sources() -> None:
    rules = rules_from_reference(REFERENCE)
    assert rules.calendar.slots == ((time(8), time(12)), (time(14), time(18)))
    assert not rules.calendar.is_working_day(date(2026, 10, 1))
    assert rules.calendar.is_working_day(date(2026, 10, 10))
    assert rules.settings.confirm_after_s == 600
    assert rules.stage_limits["accept"] == Limit(20, "minute")
    assert rules.stage_limits["check"] == STAGE_LIMITS["check"]
    assert rules.sources["hotline"] == "公众热线"
    assert rules.version == "r1"


def test_exclusion_windows() -> None:
    window = {
        "id": "w-1", "start": "2026-11-23T00:00:00Z", "end": "2026-11-23T04:00:00Z", "document": "停电通知",
        "area_code": "440106001", "dept": None, "clock": None,
    }  # fmt: skip
    rules = rules_from_reference(changed(windows=[window]))
    [pause] = rules.pauses("handle", "440106001001001", "sani")
    assert pause.end == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert rules.pauses("handle", "440106002001001", "sani") == ()


def test_units_roster_and_sources_for_pickers() -> None:
    reference = reference_from(REFERENCE)
    assert [(u.department.id, u.initials, u.department.active) for u in reference.units] == [
        ("sani", "srhwzx", True),
        ("water", "gsqy", True),
        ("gone", "", False),
    ]
    sup, hand = reference.roster
    assert (sup.name, sup.on_duty, sup.lon) == ("方知夏", True, 113.36)
    assert sup.seen_at == datetime(2026, 11, 23, 0, 59, tzinfo=UTC)
    assert (hand.dept, hand.seen_at) == ("sani", None)
    assert reference.sources[0] == ("patrol", "监督员巡查")


def test_parts_that_may_be_absent() -> None:
    bare = {key: REFERENCE[key] for key in ("version", "categories", "departments", "calendar")}
    reference = reference_from(bare)
    assert (reference.roster, reference.sources, reference.rules.windows) == ((), (), ())


@pytest.mark.parametrize(
    "doc",
    [
        {},
        changed(categories=None),
        changed(categories=[{"code": "x"}]),
        changed(departments=[{"id": "x"}]),
        changed(departments=3),
        changed(
            calendar={"zone": "Asia/Shanghai", "slots": [["12:00", "08:00"]], "week": [0], "day_hours": 8}
        ),
        changed(calendar={"zone": "Asia/Shanghai", "slots": [["8 Uhr", "9"]], "week": [0], "day_hours": 8}),
        changed(settings={"stage_limits": {"accept": {"amount": -1, "unit": "minute"}}}),
        changed(roster=[{"user": "x"}]),
        changed(windows=[{"id": "w", "start": "gestern", "end": "heute", "document": ""}]),
    ],
)
def test_a_table_that_contradicts_itself_is_told(doc: dict[str, Any]) -> None:
    with pytest.raises(ReferenceDataError) as told:
        reference_from(doc)
    assert "基础数据" in told.value.title


# --- the world --------------------------------------------------------------------------------------------


def test_without_reference_data_there_are_no_rules(g: Ground) -> None:
    g.core.cache.forget()
    world = World(g.core.cache, g.core.clock, g.core.time)
    assert (world.rules(), world.reference, world.actor()) == (None, None, None)
    assert not world.reload()
    assert world.user_dept("sup1") == (False, None)
    assert world.position(113.0, 23.0) is None


def test_new_reference_data_is_read_on_reload(g: Ground) -> None:
    world = g.core.world
    g.core.cache.put_document("reference", "r2", changed(version="r2"))
    assert world.reload()
    rules = world.rules()
    assert rules is not None
    assert rules.version == "r2"


@pytest.mark.allow_log(logger="services.usecases.world")
def test_unreadable_reference_data_leaves_the_old_in_force(g: Ground) -> None:
    g.core.cache.put_document("reference", "r3", {"version": "r3"})
    assert not g.core.world.reload()
    rules = g.core.world.rules()
    assert rules is not None
    assert rules.version == "r1"


def test_people_places_and_time(g: Ground) -> None:
    world = g.core.world
    assert world.actor() == LEADER
    assert world.user_dept("hand1") == (True, "sani")
    assert world.user_dept("sup1") == (True, None)
    assert world.user_dept("nobody") == (False, None)
    world.locate_by(lambda lon, lat: Position(f"{lon:g}-{lat:g}"))
    assert world.position(1.0, 2.0) == Position("1-2")
    g.core.clock.pass_(30)
    assert world.now() == g.centre.now + timedelta(seconds=30)


def test_the_machines_time_only_while_the_centre_was_never_heard(g: Ground) -> None:
    from services.sync.centre_time import CentreTimeKeeper

    fresh = World(g.core.cache, g.core.clock, CentreTimeKeeper(g.core.clock))
    assert fresh.now() == g.core.clock.wall()
