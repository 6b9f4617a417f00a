"""Reference data as values: kinds, windows and their scope, limits and the duty table of `Rules`."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from services.domain.clocks import CLOCK_NAMES, CLOCKS
from services.domain.limits import Limit
from services.domain.reference import STAGE_LIMITS, ExclusionWindow, Facts, Rules
from tests.unit.domain.ground import CALENDAR, CATEGORIES, GRID, OTHER_GRID, RULES, at, path_of, rules


def window(**scope: str) -> ExclusionWindow:
    return ExclusionWindow("w", at("2026-11-23 10:00"), at("2026-11-23 15:00"), "文件", **scope)


def test_a_category_knows_its_table() -> None:
    assert CATEGORIES["event-0110"].kind == "event"
    assert CATEGORIES["component-0101"].kind == "component"


@pytest.mark.parametrize(
    ("scope", "applies"),
    [
        ({}, True),
        ({"clock": "handle"}, True),
        ({"clock": "check"}, False),
        ({"area_code": GRID[:9]}, True),
        ({"area_code": OTHER_GRID[:9]}, False),
        ({"dept": "sani"}, True),
        ({"dept": "muni"}, False),
        ({"dept": "sani", "clock": "handle", "area_code": GRID}, True),
        ({"dept": "sani", "clock": "handle", "area_code": OTHER_GRID}, False),
    ],
)
def test_a_window_applies_to_its_scope_alone(scope: dict[str, str], applies: bool) -> None:
    declared = window(**scope)
    assert declared.applies("handle", GRID, "sani") is applies
    assert rules(windows=(declared,)).pauses("handle", GRID, "sani") == ((declared.pause,) if applies else ())


def test_without_windows_there_are_no_pauses() -> None:
    assert RULES.pauses("handle", GRID, "sani") == ()
    assert (window().pause.kind, window().pause.ref) == ("window", "w")


def test_limits_and_conditions_by_index() -> None:
    assert RULES.handling_limit("event-0110", 1) == Limit(2, "work_day")
    for category, condition in (
        (None, 0),
        ("event-9999", 0),
        ("event-0110", None),
        ("event-0110", 2),
        ("event-0110", -1),
    ):
        assert RULES.handling_limit(category, condition) is None


def test_the_duty_table_names_the_unit_of_condition_category_or_street() -> None:
    path = path_of(GRID)
    assert RULES.lead_of("event-0110", 0, path) == "sani"
    assert RULES.lead_of("event-0110", 1, path) == "street-440106001"
    assert RULES.lead_of("component-0101", 1, path) == "muni"
    assert RULES.lead_of("event-0401", None, path) == "street-440106001"
    assert RULES.lead_of("event-0401", 0, ()) is None
    assert RULES.lead_of("service-01", 0, path) is None
    assert RULES.lead_of("event-9999", 0, path) is None
    assert RULES.lead_of(None, None, path) is None


def test_rules_are_values() -> None:
    facts = Facts(number="n")
    assert RULES.with_facts(facts).facts is facts
    assert RULES.facts is not facts
    with pytest.raises(FrozenInstanceError):
        RULES.version = "x"  # type: ignore[misc]
    bare = Rules("v", {}, {}, CALENDAR)
    assert bare.stage_limits == STAGE_LIMITS
    assert set(STAGE_LIMITS) == set(CLOCKS) - {"handle"}
    assert set(CLOCK_NAMES) == set(CLOCKS)
