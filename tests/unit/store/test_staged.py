"""Acts on many cases in the outbox: staged commands do not leave, are not lost, and go back in one piece."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.ports.centre import Outcome
from services.ports.errors import StoreBroken
from services.ports.outbox import APPLIED, DISCARDED, HELD, WAITING
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, bytes_of, command

ACT = "act-1"


def staged(stores: Stores, *cases: str, **changes: object) -> list[str]:
    made = [command(case, batch=ACT, staged=True, **changes) for case in cases]
    return [one.command_id for one in stores.outbox.save_all(made)]


def test_what_is_staged_does_not_leave(stores: Stores) -> None:
    ids = staged(stores, "case-1", "case-2")
    free = stores.outbox.save(command("case-3"))
    assert [one.command_id for one in stores.outbox.heads(10)] == [free.command_id]
    assert stores.outbox.leaving(ids) == ()
    assert [(one.tries, one.staged, one.batch) for one in stores.outbox.staged()] == [(0, True, ACT)] * 2
    assert stores.outbox.counts().waiting == 3


def test_the_order_within_a_case_holds_around_a_staged_command(stores: Stores) -> None:
    first = stores.outbox.save(command("case-1"))
    [middle] = staged(stores, "case-1")
    last = stores.outbox.save(command("case-1"))
    assert [one.command_id for one in stores.outbox.heads(10)] == [first.command_id]
    stores.outbox.decided([Outcome(first.command_id, "case-1", APPLIED)])
    assert stores.outbox.heads(10) == ()
    stores.outbox.release(ACT)
    assert [one.command_id for one in stores.outbox.heads(10)] == [middle]
    stores.outbox.decided([Outcome(middle, "case-1", APPLIED)])
    assert [one.command_id for one in stores.outbox.heads(10)] == [last.command_id]


def test_released_is_free_to_leave_once(stores: Stores) -> None:
    ids = staged(stores, "case-1", "case-2")
    assert [(one.command_id, one.staged) for one in stores.outbox.release(ACT)] == [(i, False) for i in ids]
    assert stores.outbox.release(ACT) == ()
    assert [one.command_id for one in stores.outbox.leaving(ids)] == ids
    assert stores.outbox.staged() == ()
    assert [one.batch for one in stores.outbox.batch(ACT)] == [ACT, ACT]


def test_a_batch_is_taken_back_in_one_piece_and_what_rests_on_it_waits_for_the_eye(stores: Stores) -> None:
    ids = staged(stores, "case-1", "case-2", action="accept", attachments=(bytes_of("picture"),))
    after = stores.outbox.save(command("case-1", "file"))
    remark = stores.outbox.save(command("case-2"))
    changed = {one.command_id: one.status for one in stores.outbox.take_back_batch(ACT)}
    assert changed == {ids[0]: DISCARDED, ids[1]: DISCARDED, after.command_id: HELD}
    assert [one.command_id for one in stores.outbox.heads(10)] == [remark.command_id]
    assert stores.outbox.attachment(bytes_of("picture").sha256) is None
    assert stores.outbox.take_back_batch(ACT) == ()


def test_what_has_left_stays_when_the_rest_is_taken_back(stores: Stores) -> None:
    ids = staged(stores, "case-1", "case-2")
    stores.outbox.release(ACT)
    stores.outbox.leaving(ids[:1])
    assert [one.command_id for one in stores.outbox.take_back_batch(ACT)] == ids[1:]
    assert [one.status for one in stores.outbox.batch(ACT)] == [WAITING, DISCARDED]


def test_a_single_staged_command_can_be_taken_back_too(stores: Stores) -> None:
    [only] = staged(stores, "case-1")
    assert stores.outbox.take_back(only)
    assert [(one.status, one.staged) for one in stores.outbox.batch(ACT)] == [(DISCARDED, False)]


def test_a_batch_is_saved_whole_or_not_at_all(stores: Stores) -> None:
    twice = command("case-9", batch=ACT, staged=True)
    with pytest.raises(StoreBroken):
        stores.outbox.save_all([command("case-8", batch=ACT, staged=True), twice, twice])
    assert stores.outbox.batch(ACT) == ()


_DYING = """
import os, sys
from pathlib import Path
from services.store.stores import open_stores
from tests.unit.store.ground import KEY, command
stores = open_stores(Path(sys.argv[1]), KEY)
stores.outbox.save_all([command(f"case-{i}", batch="act-1", staged=True) for i in range(300)])
print("saved", flush=True)
stores.outbox.save_all([command(f"more-{i}", batch="act-2", staged=True) for i in range(100_000)])
"""


def test_a_killed_console_has_them_all_and_lets_none_go(folder: Path) -> None:
    """Killed in the middle of the next act: the saved one is whole and staged, the other is not there."""
    child = subprocess.Popen([sys.executable, "-c", _DYING, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "saved\n"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    stores = open_stores(folder, KEY)
    assert [one.staged for one in stores.outbox.batch("act-1")] == [True] * 300
    assert stores.outbox.batch("act-2") == ()
    assert (len(stores.outbox.staged()), stores.outbox.heads(10)) == (300, ())
    assert {one.saved_at for one in stores.outbox.staged()} == {T0}
    stores.close()
