"""Benches of the console (`make bench ONLY=console`): start, applying changes, memory, with 50,000 cached cases."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.store.keys import KeyFile
from tests.bench import queue_files
from tests.bench.bench_queue import asked
from tests.bench.console_run import BATCH, PASSWORD

AREA = "console"
CASES = 50_000
STARTS = 7
_RUN = "tests.bench.console_run"


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every bench of the console over files that are there."""
    place = str(folder)
    starts: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(STARTS + 1):
        for who, times in starts.items():
            times.append(asked(_RUN, place, who)["ms"])
    ours, bare = (statistics.median(starts[who][1:]) for who in ("ours", "bare"))
    yield {
        "bench": "console.start", "ours_ms": round(ours, 1), "peer": "bare window on the same file",
        "peer_ms": round(bare, 1), "ratio": round(ours / bare, 3), "n": CASES, "goal_ratio": 2.0,
    }  # fmt: skip
    apply = asked(_RUN, place, "apply")
    yield {
        "bench": "console.apply", "ours_ms": round(apply["ours"], 2), "peer": "executemany into the same table",
        "peer_ms": round(apply["bare"], 2), "ratio": round(apply["ours"] / apply["bare"], 3), "n": BATCH,
        "goal_ratio": 3.0,
    }  # fmt: skip
    held = asked(_RUN, place, "memory")
    yield {
        "bench": "console.memory", "ours_ms": None, "peer": None, "peer_ms": None, "ratio": None, "n": held["rows"],
        **held, "goal_mib": 400, "goal_growth_mib_h": 5,
    }  # fmt: skip


def run() -> Iterator[dict[str, Any]]:
    """Make the files, measure, and throw them away."""
    with tempfile.TemporaryDirectory(prefix="griddesk-bench-") as made:
        folder = Path(made)
        prepare(folder)
        yield from lines(folder)


def prepare(folder: Path) -> None:
    """Make the files of one user: 50,000 open cases, and the key wrapped by a password."""
    queue_files.build(folder, CASES, CASES)
    KeyFile(folder).wrap_anew(queue_files.KEY, PASSWORD)
