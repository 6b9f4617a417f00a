"""The outbox (待发送): what the operator did and the centre has not decided yet. Precious.

A command is saved when `save` has returned, and not before. Its id never changes. Per case the order is kept;
an undecided command holds back only its own case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from services.ports.centre import Outcome, Reason, Winner, WireCommand
from services.ports.errors import Problem

#: undecided: waits to be sent, or was sent and has no answer
WAITING = "waiting"
#: decided by the centre, nothing left to do
APPLIED = "applied"
#: decided by the centre, wants the operator's eye
REJECTED, CONFLICT, NEEDS_CONFIRM = "rejected", "conflict", "needs_confirm"
#: never valid (4xx): the tray
INVALID = "invalid"
#: not sent, because an earlier command of the same case was not applied as predicted
HELD = "held"
#: was applied, and a restored centre does not know it any more; the operator decides (see `lost`)
LOST = "lost"
#: taken back by the operator before it left, or put aside after a refusal
DISCARDED = "discarded"
#: replaced by a new command after the operator confirmed
REPLACED = "replaced"

ATTENTION = (REJECTED, CONFLICT, NEEDS_CONFIRM, INVALID, HELD, LOST)

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """Bytes that go with a command; the payload names their sha256."""

    sha256: str
    data: bytes
    name: str = ""
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class SavedCommand:
    """A command in the outbox and what became of it.

    `n` is the place in this console's own order. `tries` counts departures (0: has never left, may be taken
    back). `uploads` are hashes still to be uploaded. `label` is a line for lists (case number and address).
    `batch` names the act it was saved with (one for many cases); while `staged` it may not leave: the time
    for second thoughts (撤销) is not over.
    """

    n: int
    command_id: str
    case_id: str
    action: str
    payload: Mapping[str, Any]
    base_xver: int | None
    seen_at: datetime | None
    user_id: str
    saved_at: datetime
    status: str = WAITING
    tries: int = 0
    uploads: tuple[str, ...] = ()
    label: str = ""
    console_id: str = ""
    decided_at: datetime | None = None
    version: int = 0
    xver: int = 0
    number: str | None = None
    reason: Reason | None = None
    winner: Winner | None = None
    problem: Problem | None = None
    replaced_by: str | None = None
    batch: str | None = None
    staged: bool = False

    def wire(self) -> WireCommand:
        """Return the command as it leaves; equal on every try."""
        return WireCommand(
            self.command_id, self.case_id, self.action, self.payload, self.base_xver, self.seen_at,
            self.console_id, self.n, self.saved_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewCommand:
    """What `Outbox.save` takes: a checked command with its attachments.

    `rests_on` are the own undecided commands that the picture on the screen was predicted from: when one of
    them was refused meanwhile, `save` raises ActionRefused, because nobody has seen what the case is now.
    A `staged` command does not leave before `release` is called with its `batch`.
    """

    command_id: str
    case_id: str
    action: str
    payload: Mapping[str, Any]
    base_xver: int | None
    seen_at: datetime | None
    user_id: str
    saved_at: datetime
    console_id: str = ""
    label: str = ""
    attachments: tuple[NewAttachment, ...] = ()
    replaces: str | None = None
    rests_on: tuple[str, ...] = ()
    batch: str | None = None
    staged: bool = False


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many commands wait, and how many want the operator's eye, by status."""

    waiting: int = 0
    by_status: Mapping[str, int] = field(default_factory=lambda: _EMPTY)

    @property
    def attention(self) -> int:
        """Return how many want the operator's eye."""
        return sum(self.by_status.get(status, 0) for status in ATTENTION)


class Outbox(Protocol):
    """Durable queue of one user's commands. Every method is one transaction; safe from several threads.

    Raises StorageFull (nothing was changed) and StoreBroken.
    """

    def save(self, command: NewCommand) -> SavedCommand:
        """Store a command with its attachments; durable when this returns.

        Raises StorageFull, and ActionRefused when a command it rests on was not applied.
        """
        ...

    def save_all(self, commands: Sequence[NewCommand]) -> tuple[SavedCommand, ...]:
        """Store several commands in one transaction: all or none."""
        ...

    def get(self, command_id: str) -> SavedCommand | None:
        """Return one command."""
        ...

    def waiting(self, case_id: str | None = None) -> tuple[SavedCommand, ...]:
        """Return undecided commands in order, of one case or of all."""
        ...

    def waiting_cases(self) -> frozenset[str]:
        """Return the cases that have undecided commands."""
        ...

    def heads(self, limit: int, skip: frozenset[str] = frozenset()) -> tuple[SavedCommand, ...]:
        """Return the oldest undecided command of each case, in order, cases in `skip` left out.

        A case whose oldest one is still staged is left out too: the order within a case holds.
        """
        ...

    def staged(self) -> tuple[SavedCommand, ...]:
        """Return the commands that may not leave yet, in order; after a crash they are still here."""
        ...

    def batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Return every command of one act, in order, whatever became of it."""
        ...

    def release(self, batch: str) -> tuple[SavedCommand, ...]:
        """Let the staged commands of an act leave; returns them."""
        ...

    def take_back_batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Take back what has never left of an act, in one transaction; returns what changed."""
        ...

    def leaving(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Count a departure; returns those that are still waiting (others were taken back meanwhile)."""
        ...

    def uploaded(self, sha256: str) -> None:
        """Note that the centre has the bytes; the local copy may go once no command needs it."""
        ...

    def attachment(self, sha256: str) -> NewAttachment | None:
        """Return stored bytes, None when they are not here."""
        ...

    def decided(self, outcomes: Sequence[Outcome]) -> tuple[SavedCommand, ...]:
        """Store outcomes; commands behind one that was not applied are held. Returns what changed."""
        ...

    def never_valid(self, command_id: str, problem: Problem) -> tuple[SavedCommand, ...]:
        """Put a command into the tray; its followers are held. Returns what changed."""
        ...

    def renew(self, command_id: str, new_id: str) -> SavedCommand | None:
        """Put a waiting command back in its place under a new id, its attachments to be uploaded again.

        For `rejected/attachment_missing`: nothing was applied, so a new command is right. None when the bytes
        are not here.
        """
        ...

    def take_back(self, command_id: str) -> bool:
        """Take a command back that has never left, with its followers held; False when it has left."""
        ...

    def discard(self, command_id: str) -> bool:
        """Put a command aside that wants attention; False when it is in another status."""
        ...

    def attention(self) -> tuple[SavedCommand, ...]:
        """Return what wants the operator's eye, oldest first."""
        ...

    def history(self, limit: int = 200) -> tuple[SavedCommand, ...]:
        """Return the latest commands of any status, newest first."""
        ...

    def counts(self) -> OutboxCounts:
        """Return the figures of the connection pill."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Drop decided history older than `moment`; returns how many. Never touches what waits."""
        ...

    def close(self) -> None:
        """Close the file; later calls raise StoreBroken."""
        ...
