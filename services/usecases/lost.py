"""What the operator decides about commands that a restored centre no longer knows: send them again, or let them go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.ports.lost import LostCommands
from services.ports.outbox import SavedCommand
from services.ports.system import CentreTime


class LostDesk:
    """Acts on lost commands. Every method is safe from one background lane; none touches the network."""

    def __init__(self, lost: LostCommands, centre_time: CentreTime, saved: Callable[..., None]) -> None:
        """`saved` is told of every command that changed (the engine sends what waits)."""
        self._lost, self._centre_time, self._saved = lost, centre_time, saved

    def waiting_for_word(self) -> tuple[SavedCommand, ...]:
        """Return what was lost and not decided upon yet, in the order it was done."""
        return self._lost.lost()

    def send_again(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Send again (再次送出): the same act under its own id, looked at now. Raises StorageFull."""
        changed = self._lost.send_again(command_ids, self._centre_time.now())
        self._saved(*changed)
        return changed

    def let_go(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Do not send again (不再送); the row stays as history."""
        changed = self._lost.let_go(command_ids)
        self._saved(*changed)
        return changed
