"""Customs of streets hold for every street and 大类 alike: more of them where more are asked, by a unit that works."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.backend.demo.customs import INSTEAD, custom_of, drawn
from services.backend.reference.load import load_reference, rules_from

STREETS = st.from_regex(r"[0-9]{9}", fullmatch=True)
MAJORS = st.sampled_from(["event-01", "event-04", "component-01", "component-05", "grid-G"])
DUTIES = st.sampled_from([*sorted(set(INSTEAD) - {"street"}), "gas", "power", "street-990101001"])


def path_of(street: str) -> tuple[str, ...]:
    return (street[:6], street, street + "001", street + "001001")


@settings(max_examples=50, deadline=None)
@given(DUTIES, MAJORS, STREETS, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_the_customs_of_a_smaller_one(
    duty: str, major: str, street: str, one: float, other: float
) -> None:
    """A history made larger must not change the customs the desk has learned."""
    less, more = sorted((one, other))
    kept = custom_of(duty, major, path_of(street), less)
    if kept is not None:
        assert custom_of(duty, major, path_of(street), more) == kept


@settings(max_examples=50, deadline=None)
@given(DUTIES, MAJORS, STREETS)
def test_who_handles_it_instead_is_somebody_else_of_the_same_street(
    duty: str, major: str, street: str
) -> None:
    found = custom_of(duty, major, path_of(street), 1.0)
    kin = "street" if duty.startswith("street-") else duty
    if kin not in INSTEAD:
        assert found is None
        return
    assert found != duty
    assert found == (f"street-{street}" if INSTEAD[kin] == "street" else INSTEAD[kin])


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_a_drawn_number_is_a_share(text: str) -> None:
    assert 0 <= drawn(text) < 1 and drawn(text) == drawn(text)


def test_numbers_that_histories_rest_on_stay_as_they_are() -> None:
    """The demonstration district is the same on every machine and in every release."""
    assert drawn("") == 0.0
    assert drawn("990101001|event-01") == pytest.approx(0.874897, abs=1e-6)


def test_only_units_of_the_shipped_reference_are_named() -> None:
    departments = rules_from(load_reference()).departments
    for unit in {*INSTEAD, *INSTEAD.values()} - {"street"}:
        assert unit in departments and departments[unit].active, unit


def test_the_street_of_a_path_is_found_wherever_it_stands() -> None:
    whole = path_of("990101001")
    assert custom_of("sani", "event-01", whole, 1.0) == custom_of("sani", "event-01", whole[::-1], 1.0)
    assert custom_of("sani", "event-01", (), 1.0) is None
    assert custom_of("sani", "event-01", whole[:1] + whole[2:], 1.0) is None, "no street, no custom"


def test_pairs_of_one_street_are_drawn_on_their_own() -> None:
    found = {major: drawn(f"990101001|{major}") for major in ("event-01", "event-02", "event-03", "event-04")}
    assert len(set(found.values())) == 4
