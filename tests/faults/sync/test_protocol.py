"""The protocol model in full: 2,000 examples of the product, and every planted mistake found."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.protocol_machine import MISTAKES, ProtocolMachine, machine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

LONG = settings(max_examples=2000, stateful_step_count=25, deadline=None, database=None)
HUNT = settings(
    max_examples=4000, stateful_step_count=40, deadline=None, database=None, phases=[Phase.generate]
)


def test_two_thousand_shifts_lose_double_and_confuse_nothing() -> None:
    run_state_machine_as_test(ProtocolMachine, settings=LONG)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_planted_mistake_is_found(mistake: str) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(MISTAKES[mistake]), settings=HUNT)


def test_every_mistake_of_the_list_is_planted() -> None:
    assert len(MISTAKES) == 8
