"""Prints the id of each command once it is decided: `python -m tests.faults.backend.acked URL N`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from services.backend.centre import Centre
from services.backend.commands import deciding
from services.backend.commands.parsing import parse_command
from services.domain.roles import Actor
from services.sql.engine import open_engine
from tests.support.centre import birth, command

ACTOR = Actor("u-acceptor1", "受理员", ("acceptor",), "990101")


def main(url: str, count: int) -> None:
    """Register cases one by one; a printed id has been decided and must never be lost."""
    centre = Centre(open_engine(url), Path("."))
    for _ in range(count):
        body = command("register", **birth())
        now = deciding.whole_ms(datetime.now(UTC))
        (outcome,) = deciding.decide_batch(centre.desk(), ACTOR, [parse_command(body)], now)
        assert not isinstance(outcome, Exception) and outcome.row["outcome"] == "applied"
        sys.stdout.write(body["command_id"] + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
