"""F42, F43: thousands of windows over a working seat: no crash, no thread left, no long computing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def churned(count: int, timeout: float) -> dict[str, Any]:
    """Run the program; its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.faults.churn", str(count)],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (found["windows"], found["open"]) == (count, 0)
    assert found["after"] <= found["before"], "threads were left behind"
    return found


def test_windows_come_and_go_without_a_crash_or_a_thread_left() -> None:
    churned(20, 110)
