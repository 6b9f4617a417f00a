"""Customs of streets: fixed by their codes, in the share asked for, and handled by a unit that may."""

from __future__ import annotations

import pytest

from services.backend.demo.customs import INSTEAD, custom_of, drawn

PATH = ("990101", "990101001", "990101001001", "990101001001001")


def test_the_share_is_kept_and_the_same_text_gives_the_same() -> None:
    numbers = [drawn(f"9901010{n:02d}|event-0{m}") for n in range(60) for m in range(1, 8)]
    assert all(0 <= number < 1 for number in numbers)
    assert sum(number < 0.2 for number in numbers) / len(numbers) == pytest.approx(0.2, abs=0.06)
    assert drawn("x") == drawn("x") != drawn("y")


def test_who_handles_it_instead() -> None:
    assert custom_of("sani", "event-01", PATH, 1.0) == "street-990101001"
    assert custom_of("drain", "component-01", PATH, 1.0) == "muni"
    assert custom_of("street-990101001", "grid-G", PATH, 1.0) == "order"
    assert custom_of("sani", "event-01", PATH, 0.0) is None
    assert custom_of("gas", "component-01", PATH, 1.0) is None, "nobody else may touch gas"
    assert custom_of("sani", "event-01", ("990101",), 1.0) is None
    assert all(unit != instead for unit, instead in INSTEAD.items())
