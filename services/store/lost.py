"""`SqlLostCommands`: the decided commands of `outbox.db` that a restored centre no longer knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.ports.centre import Outcome
from services.ports.outbox import APPLIED, SavedCommand
from services.store.command_rows import COLUMNS, dump, exact_time, saved
from services.store.files import EncryptedFile

_EPOCH = "history.settled_epoch"
_SELECT = "SELECT " + COLUMNS + " FROM command "
_CANDIDATES = _SELECT + "WHERE status = 'applied' AND decided_at >= ? ORDER BY n"
_LOST = _SELECT + "WHERE status = 'lost' ORDER BY n"
_NAMED = _SELECT + "WHERE command_id IN (SELECT value FROM json_each(?)) AND status = ? ORDER BY n"
_MARK = "UPDATE command SET status = 'lost' WHERE command_id = ? AND status = 'applied'"
_AGAIN = """
    UPDATE command SET status = 'waiting', tries = 0, decided_at = NULL, version = 0, xver = 0,
        answer = '{"again":true}',
        seen_at = CASE WHEN seen_at IS NULL THEN NULL ELSE coalesce(?, seen_at) END
    WHERE command_id = ? AND status = 'lost'
"""
_LET_GO = "UPDATE command SET status = 'discarded' WHERE command_id = ? AND status = 'lost'"
#: a centre that knows an id says this when the command came with another `seen_at`
_KNOWN_OTHERWISE = "id_reused"
_SENT_AGAIN = "SELECT seen_at, number FROM command WHERE command_id = ? AND answer = '{\"again\":true}'"


def never_lost(conn: Connection, outcome: Outcome) -> tuple[Any, ...] | None:
    """Return how a command ends that was sent again and is known to the centre after all; None for any other.

    Its case could not be looked up (it had left the scope). It was told as applied once, and the same id has the same
    outcome for ever: status, decided_at, version, xver, number, answer, command_id.
    """
    if outcome.problem is None or outcome.problem.code != _KNOWN_OTHERWISE:
        return None
    row = conn.exec_driver_sql(_SENT_AGAIN, (outcome.command_id,)).first()
    return None if row is None else (APPLIED, row[0], 0, 0, row[1], None, outcome.command_id)


class SqlLostCommands:
    """The `LostCommands` on `outbox.db`. Raises StorageFull and StoreBroken; then nothing was changed."""

    def __init__(self, file: EncryptedFile) -> None:
        """Share the file with the outbox."""
        self._file = file

    def settled_epoch(self) -> str | None:
        """Return the data history every decided command was last compared with; None before the first."""
        with self._file.read() as conn:
            row = conn.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (_EPOCH,)).first()
        return None if row is None else str(json.loads(row[0]))

    def settle(self, epoch: str) -> None:
        """Note the data history everything was compared with."""
        with self._file.write() as conn:
            conn.exec_driver_sql(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_EPOCH, dump(epoch)),
            )

    def candidates(self, since: datetime) -> tuple[SavedCommand, ...]:
        """Return what was told as applied since a moment of centre time, in order."""
        return self._read(_CANDIDATES, (exact_time(since),))

    def lost(self) -> tuple[SavedCommand, ...]:
        """Return what was lost and not decided upon yet, in order."""
        return self._read(_LOST, ())

    def mark_lost(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Turn applied commands into lost ones."""
        return self._change(_MARK, [(one,) for one in command_ids], "applied", command_ids)

    def send_again(self, command_ids: Sequence[str], seen_at: datetime | None) -> tuple[SavedCommand, ...]:
        """Let lost commands wait again in their old places, under their own ids."""
        moment = exact_time(seen_at)
        return self._change(_AGAIN, [(moment, one) for one in command_ids], "lost", command_ids)

    def let_go(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Put lost commands aside for good."""
        return self._change(_LET_GO, [(one,) for one in command_ids], "lost", command_ids)

    def _change(
        self, statement: str, values: list[tuple[Any, ...]], before: str, command_ids: Sequence[str]
    ) -> tuple[SavedCommand, ...]:
        """Change those that are still in a status, in one transaction; return them as they are now."""
        if not values:
            return ()
        with self._file.write() as conn:
            named = conn.exec_driver_sql(_NAMED, (json.dumps(list(command_ids)), before)).all()
            conn.exec_driver_sql(statement, values)
            one = _SELECT + "WHERE command_id = ?"
            return tuple(saved(conn.exec_driver_sql(one, (row[1],)).one()) for row in named)

    def _read(self, query: str, values: tuple[Any, ...]) -> tuple[SavedCommand, ...]:
        """Run a query of COLUMNS."""
        with self._file.read() as conn:
            return tuple(saved(row) for row in conn.exec_driver_sql(query, values))
