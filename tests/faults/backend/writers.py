"""Writes to a centre's log as fast as it can: `python -m tests.faults.backend.writers URL N COUNT PAUSE`.

Each of its changes is one command through the real decision code; before each commit it waits a random moment, so
that the writers' transactions overlap.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from services.backend.centre import Centre
from services.backend.commands import deciding
from services.backend.commands.parsing import parse_command
from services.domain.roles import Actor
from services.sql.engine import open_engine
from tests.support.centre import birth, command

ACTOR = Actor("u-acceptor1", "受理员", ("acceptor",), "990101")


def main(url: str, seed: int, count: int, pause_ms: float) -> None:
    """Register cases and comment on them, each in a transaction that stays open a random moment."""
    rng = random.Random(seed)
    centre = Centre(open_engine(url), Path("."))
    written = deciding._write

    def slow(*arguments: object) -> None:
        written(*arguments)  # type: ignore[arg-type]  # passed on as given
        time.sleep(rng.random() * pause_ms / 1000)

    deciding._write = slow  # type: ignore[assignment]  # the same signature, loosely typed
    done = 0
    case = None
    while done < count:
        body = (
            command("register", **birth())
            if case is None or rng.random() < 0.3
            else command("comment", case, text="x")
        )
        now = deciding.whole_ms(datetime.now(UTC))
        (outcome,) = deciding.decide_batch(centre.desk(), ACTOR, [parse_command(body)], now)
        assert not isinstance(outcome, Exception), outcome
        assert outcome.row["outcome"] == "applied", outcome.row
        case = body["case_id"]
        done += 1
    centre.engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
