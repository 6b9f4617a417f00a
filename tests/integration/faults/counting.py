"""A program whose forks read a number and write it one higher, each many times, on one file at once.

`python -m tests.integration.faults.counting KIND PATH FORKS TIMES`: KIND is `centre` or `console`, whose own session
factories are used as they are. Prints what the number came to, how many failed, and the longest wait.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from services.sql.engine import open_engine, writing
from services.store.files import EncryptedFile
from tests.integration.faults.upgrade_kills import KEY

STEPS = (("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)", "INSERT INTO counter VALUES (1, 0)"),)
Write = Callable[[], AbstractContextManager[Connection]]


def factory(kind: str, path: Path) -> Write:
    """The session factory of the centre or of the console."""
    if kind == "console":
        return EncryptedFile(path, KEY, STEPS, synchronous="NORMAL").write
    engine = open_engine(f"sqlite:///{path}")

    @contextmanager
    def write() -> Iterator[Connection]:
        with writing(engine) as conn:
            yield conn

    return write


def count(write: Write, times: int) -> tuple[int, float]:
    """Count up; how many attempts failed, and the longest one in seconds."""
    failed, longest = 0, 0.0
    for _ in range(times):
        began = time.monotonic()
        try:
            with write() as conn:
                n = conn.exec_driver_sql("SELECT n FROM counter WHERE id = 1").scalar_one()
                conn.exec_driver_sql("UPDATE counter SET n = ? WHERE id = 1", (n + 1,))
        except Exception:  # noqa: BLE001 - a locked database counts, whatever it is called
            failed += 1
        longest = max(longest, time.monotonic() - began)
    return failed, longest


def main(kind: str, path: str, forks: str, times: str) -> None:
    """Fork, count, tell."""
    write = factory(kind, Path(path))
    if kind == "centre":
        with write() as conn:
            for statement in STEPS[0]:
                conn.exec_driver_sql(statement)
    del write  # no connection of the parent is used by a child
    ends, children = [], []
    for _ in range(int(forks)):
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            found = count(factory(kind, Path(path)), int(times))
            os.write(into, json.dumps(found).encode())
            os._exit(0)
        os.close(into)
        ends.append(out)
        children.append(child)
    told = [json.loads(os.read(out, 1000)) for out in ends]
    for child in children:
        os.waitpid(child, 0)
    with factory(kind, Path(path))() as conn:
        n = conn.exec_driver_sql("SELECT n FROM counter").scalar_one()
    found = {"n": n, "failed": sum(one[0] for one in told), "longest_s": max(one[1] for one in told)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
