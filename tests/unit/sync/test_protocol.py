"""The protocol model in short (the long run is in tests/faults/sync), and that it finds planted mistakes."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.protocol_machine import MISTAKES, ProtocolMachine, machine

SHORT = settings(max_examples=120, stateful_step_count=25, deadline=None, database=None)
#: mistakes that show within seconds; the rest are looked for in the long run
QUICK = ("no dedup", "remove before ack", "new id on retry")


def test_nothing_lost_doubled_or_diverged() -> None:
    run_state_machine_as_test(ProtocolMachine, settings=SHORT)


@pytest.mark.parametrize("mistake", QUICK)
def test_a_planted_mistake_is_found(mistake: str) -> None:
    hunt = settings(SHORT, max_examples=400, phases=[Phase.generate], print_blob=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(MISTAKES[mistake]), settings=hunt)
