"""`SqlOutbox`: the durable queue of one user's commands (contract section 6).

Every public method is one transaction. `save` returns after COMMIT with synchronous=FULL: what it returned is
on disk. Commands are never deleted while they wait, and a decided one keeps its row as history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.domain.lifecycle import ADDITIVE, BIRTH
from services.ports import outbox as box
from services.ports.centre import Outcome
from services.ports.errors import ActionRefused, Problem, StorageFull
from services.ports.outbox import NewAttachment, NewCommand, OutboxCounts, SavedCommand
from services.store.command_rows import (
    COLUMNS,
    INSERT,
    dump,
    exact_time,
    insert_values,
    outcome_answer,
    problem_doc,
    saved,
)
from services.store.files import EncryptedFile
from services.store.lost import never_lost
from services.store.sealed import SealedFiles

_SELECT = "SELECT " + COLUMNS + " FROM command "
_ONE = _SELECT + "WHERE command_id = ?"
_WAITING = _SELECT + "WHERE status = 'waiting' ORDER BY n"
_WAITING_CASE = _SELECT + "WHERE status = 'waiting' AND case_id = ? ORDER BY n"
_HEADS = (
    _SELECT + "WHERE n IN (SELECT min(n) FROM command WHERE status = 'waiting' GROUP BY case_id)"
    " AND staged = 0 ORDER BY n"
)
_STAGED = _SELECT + "WHERE status = 'waiting' AND staged = 1 ORDER BY n"
_BATCH = _SELECT + "WHERE batch = ? ORDER BY n"
_ATTENTION = (
    _SELECT
    + "WHERE status IN ('rejected', 'conflict', 'needs_confirm', 'invalid', 'held', 'lost') ORDER BY n"
)
_HISTORY = _SELECT + "ORDER BY n DESC LIMIT ?"
_FOLLOWERS = _SELECT + "WHERE status = 'waiting' AND case_id = ? AND n > ? ORDER BY n"
_DECIDE = """
    UPDATE command SET status = ?, decided_at = ?, version = ?, xver = ?, number = ?, answer = ?
    WHERE command_id = ? AND status = 'waiting'
"""
_COPY_HISTORY = """
    INSERT INTO command (command_id, case_id, action, payload, base_xver, seen_at, user_id, saved_at,
                         console_id, label, status, tries, replaced_by)
    SELECT ?, case_id, action, payload, base_xver, seen_at, user_id, saved_at, console_id, label,
           'replaced', 1, ? FROM command WHERE command_id = ?
"""
_HELD_TITLE = "前一项操作没有按预想办成，这一项没有发送，请看过案件再确认。"
DEFAULT_QUOTA = 2 * 1024**3


class SqlOutbox:
    """The `Outbox` on `outbox.db`; attachment bytes lie beside it. `quota` caps the bytes of attachments."""

    def __init__(self, file: EncryptedFile, sealed: SealedFiles, quota: int = DEFAULT_QUOTA) -> None:
        """Take over the file; attachments that no row names (a crash in between) are removed."""
        self._file = file
        self._sealed = sealed
        self._quota = quota
        with file.read() as conn:
            known = [row[0] for row in conn.exec_driver_sql("SELECT sha256 FROM attachment")]
        sealed.keep_only(known)

    # --- saving -------------------------------------------------------------------------------------

    def save(self, command: NewCommand) -> SavedCommand:
        """Store a command with its attachments; durable when this returns. Raises StorageFull."""
        return self.save_all((command,))[0]

    def save_all(self, commands: Sequence[NewCommand]) -> tuple[SavedCommand, ...]:
        """Store several commands in one transaction: all or none.

        A full disk is asked twice: the second time with the room the ballast gave.
        """
        made = self._file.rooms_made
        try:
            return self._save_all(commands)
        except StorageFull as full:
            if full.code == "quota_full" or not (
                self._file.rooms_made > made or self._file.make_room(full.__cause__)
            ):
                raise
            return self._save_all(commands)

    def _save_all(self, commands: Sequence[NewCommand]) -> tuple[SavedCommand, ...]:
        """Store several commands, once."""
        attachments = {a.sha256: a for command in commands for a in command.attachments}
        self._check_quota(attachments.values())
        made: list[str] = []
        try:
            # bytes first, row after: a row must never name bytes that are not there
            for sha256, attachment in attachments.items():
                if self._sealed.put(sha256, attachment.data):
                    made.append(sha256)
            with self._file.write() as conn:
                stored = tuple(self._insert(conn, command) for command in commands)
        except BaseException:
            for sha256 in made:
                self._sealed.drop(sha256)
            raise
        return stored

    def _insert(self, conn: Connection, command: NewCommand) -> SavedCommand:
        """Write one command inside a transaction."""
        for earlier in command.rests_on:
            found = self._read(conn, _ONE, (earlier,))
            if not found or found[0].status not in (box.WAITING, box.APPLIED):
                raise ActionRefused("案件刚刚有了变化，请看过再操作。", code="picture_changed")
        n = conn.exec_driver_sql(INSERT, insert_values(command)).lastrowid
        for item in command.attachments:
            conn.exec_driver_sql(
                "INSERT INTO attachment (sha256, name, mime, size) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (item.sha256, item.name, item.mime, len(item.data)),
            )
            conn.exec_driver_sql(
                "INSERT INTO command_attachment (n, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (n, item.sha256),
            )
        if command.replaces is not None:
            conn.exec_driver_sql(
                "UPDATE command SET status = 'replaced', replaced_by = ?"
                " WHERE command_id = ? AND status <> 'waiting'",
                (command.command_id, command.replaces),
            )
        return self._read_one(conn, command.command_id)

    def _check_quota(self, attachments: Iterable[NewAttachment]) -> None:
        """Refuse attachments over the quota before anything is written."""
        more = sum(len(a.data) for a in attachments)
        if not more:
            return
        with self._file.read() as conn:
            used = conn.exec_driver_sql("SELECT coalesce(sum(size), 0) FROM attachment").scalar_one()
        if used + more > self._quota:
            raise StorageFull(
                "本机暂存附件的空间已用完，没有保存。请先联网把待发送的附件传出去。", code="quota_full"
            )

    # --- reading ------------------------------------------------------------------------------------

    def get(self, command_id: str) -> SavedCommand | None:
        """Return one command."""
        with self._file.read() as conn:
            found = self._read(conn, _ONE, (command_id,))
        return found[0] if found else None

    def waiting(self, case_id: str | None = None) -> tuple[SavedCommand, ...]:
        """Return undecided commands in order, of one case or of all."""
        with self._file.read() as conn:
            if case_id is None:
                return self._read(conn, _WAITING)
            return self._read(conn, _WAITING_CASE, (case_id,))

    def waiting_cases(self) -> frozenset[str]:
        """Return the cases that have undecided commands."""
        with self._file.read() as conn:
            rows = conn.exec_driver_sql("SELECT DISTINCT case_id FROM command WHERE status = 'waiting'")
            return frozenset(row[0] for row in rows)

    def heads(self, limit: int, skip: frozenset[str] = frozenset()) -> tuple[SavedCommand, ...]:
        """Return the oldest undecided command of each case, in order, cases in `skip` left out."""
        chosen = []
        with self._file.read() as conn:
            for row in conn.exec_driver_sql(_HEADS):
                if row[2] not in skip:
                    chosen.append(row)
                if len(chosen) >= limit:
                    break
            return tuple(saved(row) for row in chosen)

    def attention(self) -> tuple[SavedCommand, ...]:
        """Return what wants the operator's eye, oldest first."""
        with self._file.read() as conn:
            return self._read(conn, _ATTENTION)

    def history(self, limit: int = 200) -> tuple[SavedCommand, ...]:
        """Return the latest commands of any status, newest first."""
        with self._file.read() as conn:
            return self._read(conn, _HISTORY, (limit,))

    def counts(self) -> OutboxCounts:
        """Return the figures of the connection pill."""
        with self._file.read() as conn:
            rows = conn.exec_driver_sql("SELECT status, count(*) FROM command GROUP BY status")
            by_status = {row[0]: int(row[1]) for row in rows}
        return OutboxCounts(by_status.get(box.WAITING, 0), by_status)

    def attachment(self, sha256: str) -> NewAttachment | None:
        """Return stored bytes, None when they are not here."""
        with self._file.read() as conn:
            row = conn.exec_driver_sql(
                "SELECT name, mime FROM attachment WHERE sha256 = ?", (sha256,)
            ).first()
        data = self._sealed.get(sha256)
        if row is None or data is None:
            return None
        return NewAttachment(sha256, data, row[0], row[1])

    # --- fate ---------------------------------------------------------------------------------------

    def leaving(self, command_ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        """Count a departure; returns those that are still waiting (others were taken back meanwhile)."""
        if not command_ids:
            return ()
        with self._file.write() as conn:
            conn.exec_driver_sql(
                "UPDATE command SET tries = tries + 1"
                " WHERE command_id = ? AND status = 'waiting' AND staged = 0",
                [(command_id,) for command_id in command_ids],
            )
            found = [self._read_one(conn, command_id) for command_id in command_ids]
        return tuple(command for command in found if command.status == box.WAITING and not command.staged)

    def uploaded(self, sha256: str) -> None:
        """Note that the centre has the bytes; the local copy goes once no command needs it."""
        with self._file.write() as conn:
            conn.exec_driver_sql("UPDATE attachment SET uploaded = 1 WHERE sha256 = ?", (sha256,))

    def decided(self, outcomes: Sequence[Outcome]) -> tuple[SavedCommand, ...]:
        """Store outcomes; commands behind one that was not applied are held. Returns what changed."""
        with self._file.write() as conn:
            changed = [command for outcome in outcomes for command in self._decide(conn, outcome)]
            gone = self._needless(conn)
        for sha256 in gone:
            self._sealed.drop(sha256)
        return tuple(changed)

    def _decide(self, conn: Connection, outcome: Outcome) -> list[SavedCommand]:
        """Store one outcome inside a transaction."""
        conn_values = never_lost(conn, outcome) or (
            outcome.outcome, exact_time(outcome.decided_at), outcome.version, outcome.xver, outcome.number,
            outcome_answer(outcome), outcome.command_id,
        )  # fmt: skip
        if conn.exec_driver_sql(_DECIDE, conn_values).rowcount == 0:
            return []
        command = self._read_one(conn, outcome.command_id)
        return [command, *([] if command.status == box.APPLIED else self._hold(conn, command))]

    def never_valid(self, command_id: str, problem: Problem) -> tuple[SavedCommand, ...]:
        """Put a command into the tray; its followers are held. Returns what changed."""
        with self._file.write() as conn:
            return self._end(conn, command_id, box.INVALID, dump({"problem": problem_doc(problem)}))

    def take_back(self, command_id: str) -> bool:
        """Take a command back that has never left, with its followers held; False when it has left."""
        with self._file.write() as conn:
            found = self._read(conn, _ONE, (command_id,))
            if not found or found[0].status != box.WAITING or found[0].tries > 0:
                return False
            return bool(self._end(conn, command_id, box.DISCARDED, None))

    # --- acts on many cases -------------------------------------------------------------------------

    def staged(self) -> tuple[SavedCommand, ...]:
        """Return the commands that may not leave yet, in order."""
        with self._file.read() as conn:
            return self._read(conn, _STAGED)

    def batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Return every command of one act, in order."""
        with self._file.read() as conn:
            return self._read(conn, _BATCH, (batch,))

    def release(self, batch: str) -> tuple[SavedCommand, ...]:
        """Let the staged commands of an act leave; returns them."""
        with self._file.write() as conn:
            freed = [one for one in self._read(conn, _BATCH, (batch,)) if one.staged]
            conn.exec_driver_sql("UPDATE command SET staged = 0 WHERE batch = ?", (batch,))
        return tuple(replace(one, staged=False) for one in freed)

    def take_back_batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Take back what has never left of an act, in one transaction; returns what changed."""
        changed: list[SavedCommand] = []
        with self._file.write() as conn:
            for one in self._read(conn, _BATCH, (batch,)):
                if one.status == box.WAITING and one.tries == 0:
                    changed += self._end(conn, one.command_id, box.DISCARDED, None)
            gone = self._needless(conn) if changed else []
        for sha256 in gone:
            self._sealed.drop(sha256)
        return tuple(changed)

    def renew(self, command_id: str, new_id: str) -> SavedCommand | None:
        """Put a command that was refused for missing attachments back in its place under a new id.

        The old id stays as history; all its attachments are to be uploaded again. None when it does not wait
        or the bytes are not here.
        """
        with self._file.write() as conn:
            found = self._read(conn, _ONE, (command_id,))
            if not found or found[0].status != box.WAITING:
                return None
            named = "SELECT sha256 FROM command_attachment WHERE n = ?"
            hashes = [row[0] for row in conn.exec_driver_sql(named, (found[0].n,))]
            if not hashes or not self._sealed.has_all(hashes):
                return None
            conn.exec_driver_sql(
                "UPDATE attachment SET uploaded = 0 WHERE sha256 = ?", [(sha256,) for sha256 in hashes]
            )
            conn.exec_driver_sql(
                "UPDATE command SET command_id = ?, tries = 0 WHERE command_id = ?", (new_id, command_id)
            )
            conn.exec_driver_sql(_COPY_HISTORY, (command_id, new_id, new_id))
            return self._read_one(conn, new_id)

    def _end(
        self, conn: Connection, command_id: str, status: str, answer: str | None
    ) -> tuple[SavedCommand, ...]:
        """End a waiting command without an outcome of the centre."""
        done = conn.exec_driver_sql(_DECIDE, (status, None, 0, 0, None, answer, command_id))
        if done.rowcount == 0:
            return ()
        command = self._read_one(conn, command_id)
        return (command, *self._hold(conn, command))

    def _hold(self, conn: Connection, command: SavedCommand) -> list[SavedCommand]:
        """Hold what was built on a command that was not applied.

        An exclusive follower rests on the predicted `xver`; another person's action may have led to that very
        number, so it would be applied to a picture nobody has seen. Behind a birth everything lacks its case.
        """
        if command.action in ADDITIVE:
            return []
        answer = dump({"reason": {"code": "earlier_not_applied", "title": _HELD_TITLE}})
        held = []
        for follower in self._read(conn, _FOLLOWERS, (command.case_id, command.n)):
            if command.action in BIRTH or follower.action not in ADDITIVE:
                conn.exec_driver_sql(_DECIDE, (box.HELD, None, 0, 0, None, answer, follower.command_id))
                held.append(self._read_one(conn, follower.command_id))
        return held

    def discard(self, command_id: str) -> bool:
        """Put a command aside that wants attention; False when it is in another status."""
        with self._file.write() as conn:
            done = conn.exec_driver_sql(
                "UPDATE command SET status = 'discarded' WHERE command_id = ? AND status IN"
                " ('rejected', 'conflict', 'needs_confirm', 'invalid', 'held')",
                (command_id,),
            )
            changed = done.rowcount > 0
            gone = self._needless(conn)
        for sha256 in gone:
            self._sealed.drop(sha256)
        return changed

    def forget_before(self, moment: datetime) -> int:
        """Drop decided history older than `moment`; returns how many. Never touches what waits."""
        with self._file.write() as conn:
            done = conn.exec_driver_sql(
                "DELETE FROM command WHERE status IN ('applied', 'discarded', 'replaced') AND saved_at < ?",
                (exact_time(moment),),
            )
            count = done.rowcount
            gone = self._needless(conn)
        for sha256 in gone:
            self._sealed.drop(sha256)
        return count

    def _needless(self, conn: Connection) -> list[str]:
        """Take attachments off the books that no undecided or unsettled command names."""
        rows = conn.exec_driver_sql(
            "SELECT sha256 FROM attachment WHERE sha256 NOT IN (SELECT a.sha256 FROM command_attachment a"
            " JOIN command c ON c.n = a.n WHERE c.status NOT IN ('applied', 'discarded', 'replaced'))"
        ).all()
        gone = [(row[0],) for row in rows]
        if gone:
            conn.exec_driver_sql("DELETE FROM command_attachment WHERE sha256 = ?", gone)
            conn.exec_driver_sql("DELETE FROM attachment WHERE sha256 = ?", gone)
        return [sha256 for (sha256,) in gone]

    def close(self) -> None:
        """Close the file; later calls raise StoreError."""
        self._file.close()

    # --- rows ---------------------------------------------------------------------------------------

    def _read(self, conn: Connection, query: str, values: tuple[Any, ...] = ()) -> tuple[SavedCommand, ...]:
        """Run a query of COLUMNS."""
        rows = conn.exec_driver_sql(query, values).all()
        return tuple(saved(row) for row in rows)

    def _read_one(self, conn: Connection, command_id: str) -> SavedCommand:
        """Read a command that must be there."""
        return self._read(conn, _ONE, (command_id,))[0]
