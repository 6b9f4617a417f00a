"""Notices that the centre's history is another one, and finds the own decided commands it does not know.

A restored backup has a new epoch; the copy is then fetched anew, and every command of the last seven days that was
told as applied is looked up in its case's history. What is not there is put to the operator. The comparison is noted
as done only at its end, so that a crash in between repeats it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.ports.centre import CentreGateway
from services.ports.errors import NeverValid
from services.ports.lost import LostCommands
from services.ports.outbox import SavedCommand
from services.ports.system import CentreTime, Clock

#: how far back decided commands are compared; the outbox keeps them at least that long
DAYS = 7
#: a pause between two cases that are looked up
PAUSE_S = 0.3


@dataclass(frozen=True, slots=True)
class RestoredReport:
    """What a step did: the commands that turned out to be lost, and whether more cases are to be looked up.

    `found` is how many were lost in the whole comparison, given with its last step.
    """

    changed: tuple[SavedCommand, ...] = ()
    more: bool = False
    found: int = 0


class Restored:
    """One console's comparison with the centre's history: `step` on one thread, `doubt` on any."""

    def __init__(
        self,
        lost: LostCommands,
        gateway: CentreGateway,
        clock: Clock,
        centre_time: CentreTime,
        known: str | None,
    ) -> None:
        """`known` is the epoch of the copy this console starts with: what was decided so far was decided there."""
        self._lost, self._gateway = lost, gateway
        self._clock, self._centre_time = clock, centre_time
        self._todo: list[tuple[str, list[SavedCommand]]] | None = None
        self._for: tuple[str, int] = "", 0
        self._found = 0
        self._lock = threading.Lock()
        self._doubts = 0
        if known is not None and lost.settled_epoch() is None:
            lost.settle(known)

    def doubt(self) -> None:
        """The history went back under the same epoch: compare all of it again."""
        with self._lock:
            self._lost.settle("")
            self._doubts += 1

    def step(self, epoch: str) -> RestoredReport:
        """Look one case up. Raises GatewayError; then the same case is looked up again."""
        settled = self._lost.settled_epoch()
        if settled == epoch:
            return RestoredReport()
        if settled is None:
            self._lost.settle(epoch)
            return RestoredReport()
        doubts = self._doubts
        if self._todo is None or self._for != (epoch, doubts):
            self._begin(epoch, doubts)
        todo = self._todo or []
        changed: tuple[SavedCommand, ...] = ()
        if todo:
            case_id, commands = todo[0]
            known = self._known(case_id)
            changed = self._lost.mark_lost([c.command_id for c in commands if c.command_id not in known])
            self._found += len(changed)
            todo.pop(0)
        if todo or not self._settle(epoch, doubts):
            return RestoredReport(changed, more=True)
        self._todo = None
        return RestoredReport(changed, found=self._found)

    def _settle(self, epoch: str, doubts: int) -> bool:
        """Note the end of the comparison; False when there was a new doubt while it ran."""
        with self._lock:
            if self._doubts == doubts:
                self._lost.settle(epoch)
            return self._doubts == doubts

    def _begin(self, epoch: str, doubts: int) -> None:
        """Gather what has to be compared, case by case."""
        now = self._centre_time.now() or self._clock.wall()
        self._todo = _by_case(self._lost.candidates(now - timedelta(days=DAYS)))
        self._for, self._found = (epoch, doubts), 0

    def _known(self, case_id: str) -> frozenset[str | None]:
        """Return the commands the centre's history of a case holds; none when it has no such case."""
        try:
            return frozenset(entry.command_id for entry in self._gateway.case_detail(case_id).timeline)
        except NeverValid as error:
            if error.problem.status != 404:
                raise
            return frozenset()


def _by_case(commands: Sequence[SavedCommand]) -> list[tuple[str, list[SavedCommand]]]:
    """Group commands by case, cases in the order of their first command."""
    found: dict[str, list[SavedCommand]] = {}
    for command in commands:
        found.setdefault(command.case_id, []).append(command)
    return list(found.items())
