"""The protocol machine against the real centre in full: 500 shifts on each database, and mistakes it must find."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.backend.conftest import cheap_hashes, own_backend
from tests.support.centre import Backend
from tests.support.protocol_machine import (
    CursorFirst,
    NewIdOnRetry,
    Planted,
    RemovesBeforeAck,
)
from tests.support.real_machine import RealMachine, real_machine

__all__ = ["cheap_hashes", "own_backend"]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200), pytest.mark.allow_log]

LONG = settings(
    max_examples=500, stateful_step_count=12, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
#: the model finds all eight (tests/faults/sync); a guard left out and a cursor too high need hundreds of shifts here
MISTAKES = {
    "remove before ack": Planted(outbox=RemovesBeforeAck),
    "new id on retry": Planted(outbox=NewIdOnRetry),
    "cursor first": Planted(cache=CursorFirst),
}


def test_nothing_lost_doubled_or_diverged(own_backend: Backend) -> None:
    began = time.monotonic()
    run_state_machine_as_test(real_machine(own_backend), settings=LONG)
    took, kind = time.monotonic() - began, own_backend.url.partition(":")[0]
    examples = LONG.max_examples
    print(f"{kind}: {examples} shifts of up to {LONG.stateful_step_count} steps in {took:.0f} s, 0 failures")


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_planted_mistake_of_the_console_is_found(own_backend: Backend, mistake: str) -> None:
    machine: type[RealMachine] = real_machine(own_backend)
    machine.planted = MISTAKES[mistake]
    hunt = settings(
        LONG, max_examples=1000, stateful_step_count=20, phases=[Phase.generate], print_blob=False
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=hunt)
