"""Benches of the queue (`make bench ONLY=queue`): 500,000 cached cases, 50,000 of them open, in encrypted files.

Ours, the bare statement on the same file and a repaint of the same view take turns in one process; the Qt peer
(QSortFilterProxyModel over QSqlTableModel on a plain copy, fetched to the end) runs in another right before. Fields
with `cpu_` tell what the processor spent, all threads: where a machine is shared, they say what the clock cannot.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import queue_files
from tests.bench.case_rows import ALL, OPEN

AREA = "queue"
ROOT = Path(__file__).resolve().parents[2]
PEER, SQL = "QSortFilterProxyModel", "bare statement + repaint"
LONGEST_S = 1800


def asked(module: str, *words: str) -> dict[str, Any]:
    """Run a module in a process of its own and read the JSON document it prints last."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {words[-1]}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def against(name: str, one: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    """Return the line of one question."""
    plain = one["sql_ms"] + one["repaint_ms"]
    plain_cpu = one["sql_cpu_ms"] + one["repaint_cpu_ms"]
    slow = peer[name]
    return {
        "bench": f"queue.{name}", "ours_ms": one["ours_ms"], "peer": PEER, "peer_ms": round(slow, 1),
        "ratio": round(one["ours_ms"] / slow, 4), "n": one["rows"], "cases": ALL, "sql_peer": SQL,
        "sql_ms": one["sql_ms"], "repaint_ms": one["repaint_ms"], "ratio_sql": round(one["ours_ms"] / plain, 3),
        "cpu_ms": one["ours_cpu_ms"], "ratio_sql_cpu": round(one["ours_cpu_ms"] / plain_cpu, 3),
        "goal_ratio": 0.05, "goal_ratio_sql": 1.5,
    }  # fmt: skip


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every bench of the queue over files that are there."""
    place = str(folder)
    peer = asked("tests.bench.queue_peer", str(folder / "peer.db"))
    times = asked("tests.bench.queue_desk", place, "times")
    for name in ("open", "sort", "filter", "search", "search_all"):
        yield against(name, times[name], peer)
    held = asked("tests.bench.queue_desk", place, "memory")
    yield {
        "bench": "queue.memory", "ours_ms": None, "peer": None, "peer_ms": None, "ratio": None, "n": held["all"],
        "bytes_a_row": round(held["all_bytes"] / held["all"], 1), "open": held["open"],
        "bytes_an_open_row": round(held["open_bytes"] / held["open"], 1),
        "mib": round(held["all_bytes"] / 2**20, 1), "goal_bytes_a_row": 64,
    }  # fmt: skip
    beat = asked("tests.bench.queue_desk", place, "live")
    yield {
        "bench": "queue.live", "peer": "the same beat at rest", "peer_ms": beat["quiet_p99_ms"], "ratio": None,
        "n": OPEN, **beat, "floor_ms": beat["quiet_p99_ms"], "goal_p99_ms": 16, "goal_max_stall_ms": 50,
    }  # fmt: skip


def run() -> Iterator[dict[str, Any]]:
    """Make the files, measure, and throw them away."""
    with tempfile.TemporaryDirectory(prefix="griddesk-bench-") as made:
        queue_files.build(Path(made))
        yield from lines(Path(made))
