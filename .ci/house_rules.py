"""House rules that no ready-made tool holds: sizes, names, places and a few known traps.

Run from anywhere: ``python .ci/house_rules.py [--root DIR] [--strict-ratio]``. Prints one line a breach,
``path:line: rule: what``, and the ratio of test lines to source lines; exit code 1 when there is a breach.
The rules for one file stand in ``code_rules.py``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from code_rules import RULES, SOURCE_ROOMS, Source

TOP_LEVEL = {
    *SOURCE_ROOMS, "tests", "pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md",
    "CONTRIBUTING.md", "LICENSE", "Makefile",
}  # fmt: skip
WANTED_RATIO = 0.85


@dataclass(frozen=True, order=True)
class Breach:
    """One broken rule at one place."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


def project_files(root: Path) -> list[str]:
    """Paths of tracked and of new, not ignored files; every file where there is no git."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0:
        names = sorted(set(filter(None, listing.stdout.split("\0"))))
        return [name for name in names if (root / name).is_file()]
    ignored = {"out", "build", ".venv", "__pycache__"}
    found = (path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file())
    return [path.as_posix() for path in found if not ignored & set(path.parts)]


def foreign_top_level(paths: list[str]) -> Iterator[Breach]:
    """Only the agreed entries stand at the top of the tree."""
    for entry in sorted({path.split("/", 1)[0] for path in paths}):
        requirements = re.fullmatch(r"requirements(-\w+)?\.(txt|in)", entry)
        if entry not in TOP_LEVEL and not entry.startswith(".") and not requirements:
            yield Breach(entry, 1, "top-level", "not among the agreed top-level entries")


def breaches(root: Path) -> list[Breach]:
    """Everything in the project below ``root`` that breaks a rule."""
    paths = project_files(root)
    found = list(foreign_top_level(paths))
    for path in paths:
        source = Source(root, path)
        for name, rule in RULES.items():
            if not source.is_python and name not in {"host-name", "machine-path"}:
                continue
            found += [
                Breach(path, line, name, what) for line, what in rule(source) if not source.waived(line, name)
            ]
    return sorted(found)


def line_counts(root: Path) -> tuple[int, int]:
    """Lines that are not blank: of the tests (benches apart) and of the product."""
    tests = product = 0
    for path in project_files(root):
        source = Source(root, path)
        if not source.is_python or source.is_in("tests/bench"):
            continue
        lines = sum(1 for line in source.lines if line.strip())
        tests += lines if source.is_test else 0
        product += lines if source.room in SOURCE_ROOMS else 0
    return tests, product


def main(arguments: list[str] | None = None) -> int:
    """Print breaches and the test ratio; 0 when the house is in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument(
        "--strict-ratio", action="store_true", help=f"fail below {WANTED_RATIO} test lines a line"
    )
    options = parser.parse_args(arguments)
    found = breaches(options.root)
    for breach in found:
        print(breach)
    tests, product = line_counts(options.root)
    ratio = tests / product if product else 1.0
    print(f"test lines / source lines: {tests} / {product} = {ratio:.2f} (wanted {WANTED_RATIO})")
    return 1 if found or (options.strict_ratio and ratio < WANTED_RATIO) else 0


if __name__ == "__main__":
    sys.exit(main())
