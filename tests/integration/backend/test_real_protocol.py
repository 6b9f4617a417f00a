"""The protocol machine against the real centre in short, on both databases (the long run is in tests/faults)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.centre import Backend
from tests.support.protocol_machine import NewIdOnRetry, Planted
from tests.support.real_machine import RealMachine, real_machine

# commits that fail on purpose fail the centre's own beats as well
pytestmark = [pytest.mark.allow_log, pytest.mark.slow, pytest.mark.timeout(400)]
SHORT = settings(
    max_examples=50, stateful_step_count=10, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_nothing_lost_doubled_or_diverged(own_backend: Backend) -> None:
    run_state_machine_as_test(real_machine(own_backend), settings=SHORT)


def test_a_planted_mistake_is_found(own_backend: Backend) -> None:
    machine: type[RealMachine] = real_machine(own_backend)
    machine.planted = Planted(outbox=NewIdOnRetry)
    hunt = settings(SHORT, max_examples=300, phases=[Phase.generate], print_blob=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=hunt)
