"""``make check``: ruff, mypy, import directions and house rules, all of them even when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "--quiet", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "mypy": [str(BIN / "mypy")],
    "import directions": [str(BIN / "lint-imports"), "--no-logo"],
    "house rules": [sys.executable, ".ci/house_rules.py", "--strict-ratio"],
}
ALWAYS_SHOWN = {"house rules"}


def run(name: str, command: list[str]) -> bool:
    """Run one check and show what it found; whether it passed."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )  # fmt: skip
    passed = done.returncode == 0
    if not passed or name in ALWAYS_SHOWN:
        print(done.stdout + done.stderr, end="")
    print(f"{'ok  ' if passed else 'FAIL'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    return passed


def main(wanted: list[str]) -> int:
    """Run all checks, or those whose name begins with one of ``wanted``; 0 when all passed."""
    chosen = {
        name: command
        for name, command in CHECKS.items()
        if not wanted or any(name.startswith(prefix) for prefix in wanted)
    }
    results = [run(name, command) for name, command in chosen.items()]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
