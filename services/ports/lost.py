"""Decided commands that a restored centre no longer knows (中心恢复到了较早的数据): found, kept, offered again.

After a backup was restored the centre's history ends earlier. What this console had been told as done since then is
done no longer; it is kept here and put to the operator, command by command.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.ports.outbox import SavedCommand


class LostCommands(Protocol):
    """The part of the outbox that looks back. Every method is one transaction; safe from several threads."""

    def settled_epoch(self) -> str | None:
        """Return the data history every decided command was last compared with; None before the first."""
        ...

    def settle(self, epoch: str) -> None:
        """Note that every decided command was compared with this history; an empty word asks for a new comparison."""
        ...

    def candidates(self, since: datetime) -> tuple[SavedCommand, ...]:
        """Return the commands told as applied since a moment of centre time, in order."""
        ...

    def mark_lost(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Turn applied commands into lost ones, for the operator to decide; returns what changed."""
        ...

    def lost(self) -> tuple[SavedCommand, ...]:
        """Return what was lost and not decided upon yet, in order."""
        ...

    def send_again(self, command_ids: Sequence[str], seen_at: datetime | None) -> tuple[SavedCommand, ...]:
        """Let lost commands wait again under their own ids, seen at this moment of centre time; returns them.

        The id is the old one on purpose: should the centre know it after all, there is no second effect.
        """
        ...

    def let_go(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Put lost commands aside for good (不再送); returns what changed."""
        ...
