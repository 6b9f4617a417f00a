"""A program that upgrades a copy of a file again and again and dies by SIGKILL one statement later each time.

`python -m tests.integration.faults.upgrade_kills KIND SOURCE FOLDER [STRIDE]` leaves FOLDER/<n>/<name>, one file
for each statement at which it died, and a last one that was upgraded whole; prints how many died. Every attempt is
a fork of its own, so the process really is gone, with its locks and its unwritten pages.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Pool, event

from services.store.files import EncryptedFile
from services.store.schema import CACHE_STEPS, OUTBOX_STEPS

KEY = bytes(range(7, 39))
#: what a later version might do at its worst: a table made anew, its rows moved over, the old one dropped
REBUILD = (
    "CREATE TABLE command_new (n INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT NOT NULL UNIQUE,"
    " case_id TEXT NOT NULL, action TEXT NOT NULL, payload TEXT NOT NULL, status TEXT NOT NULL)",
    "INSERT INTO command_new SELECT n, command_id, case_id, action, payload, status FROM command",
    "DROP TABLE command",
    "ALTER TABLE command_new RENAME TO command",
    "CREATE INDEX command_later ON command (case_id, status, n)",
    "DELETE FROM draft WHERE case_id = 'nobody'",
)


def rebuilt(path: Path) -> None:
    """Upgrade an outbox to today's schema and then to the one that moves every row."""
    EncryptedFile(path, KEY, (*OUTBOX_STEPS, REBUILD), synchronous="FULL").close()


def centre(path: Path) -> None:
    """Upgrade a centre's database."""
    from services.backend.db.opening import open_database

    open_database(f"sqlite:///{path}").dispose()


KINDS: dict[str, Callable[[Path], None]] = {
    "outbox": lambda path: EncryptedFile(path, KEY, OUTBOX_STEPS, synchronous="FULL").close(),
    "cache": lambda path: EncryptedFile(path, KEY, CACHE_STEPS, synchronous="NORMAL").close(),
    "rebuild": rebuilt,
    "centre": centre,
}


def attempt(upgrade: Callable[[Path], None], path: Path, at: int) -> int:
    """Upgrade in a child that dies at its `at`-th statement; the signal that ended it, 0 when it came through."""
    child = os.fork()
    if child == 0:
        left = [at]

        def count(_statement: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Pool, "connect", lambda raw, _record: raw.set_trace_callback(count))
        try:
            upgrade(path)
        except BaseException as error:  # noqa: BLE001 - the parent is told by the exit code
            sys.stderr.write(repr(error))
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("an upgrade failed")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def main(kind: str, source: str, folder: str, stride: str = "1") -> None:
    """Die at one statement after the other, until an attempt comes through."""
    if kind == "centre":  # once here instead of once in every child
        __import__("alembic.command")
        __import__("services.backend.db.opening")
    first: Any = Path(source) if source != "-" else None
    for died in range(10_000):
        place = Path(folder) / f"{died:04d}"
        place.mkdir(parents=True)
        path = place / "file.db"
        if first is not None:
            shutil.copy(first, path)
        if attempt(KINDS[kind], path, 1 + died * int(stride)) == 0:
            sys.stdout.write(f"{died}\n")
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
