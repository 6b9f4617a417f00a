"""Runner of the benches: ``python -m tests.bench [map|queue|console|centre|wall ...]``.

Every module ``tests/bench/bench_*.py`` has ``AREA``, one of the areas above, and ``run()``, which yields one
mapping a bench: ``{"bench", "ours_ms", "peer", "peer_ms", "ratio", "n", ...}``. Each mapping becomes one JSON
line on standard output; progress goes to standard error. A bench that breaks is told and passed over: the
exit code is 0 all the same, and 2 only for a word that is no area.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import time
import traceback
from collections.abc import Iterable
from types import ModuleType

import tests.bench

AREAS = ("map", "queue", "console", "centre", "wall")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def tell(message: str) -> None:
    """One line of progress."""
    print(message, file=sys.stderr, flush=True)


def modules() -> list[ModuleType]:
    """The bench modules in the order of their names; one that does not import is told and left out."""
    found = []
    for info in pkgutil.iter_modules(tests.bench.__path__, "tests.bench."):
        if not info.name.rpartition(".")[2].startswith("bench_"):
            continue
        try:
            found.append(importlib.import_module(info.name))
        except Exception:  # noqa: BLE001 - one broken bench must not stop the others
            tell(f"{info.name} does not import:\n{traceback.format_exc()}")
    return found


def run_module(module: ModuleType) -> int:
    """Run one module and print its lines; how many there were."""
    count = 0
    started = time.monotonic()
    tell(f"{module.__name__} ...")
    try:
        for result in module.run():
            print(json.dumps(result, ensure_ascii=False, allow_nan=False), flush=True)
            count += 1
    except Exception:  # noqa: BLE001 - one broken bench must not stop the others
        tell(f"{module.__name__} broke:\n{traceback.format_exc()}")
    tell(f"{module.__name__}: {count} results in {time.monotonic() - started:.1f} s")
    return count


def main(areas: Iterable[str]) -> int:
    """Run the benches of ``areas``, or all."""
    wanted = set(areas)
    unknown = wanted.difference(AREAS)
    if unknown:
        tell(f"no such area: {', '.join(sorted(unknown))} (there are {', '.join(AREAS)})")
        return 2
    found = [module for module in modules() if not wanted or module.AREA in wanted]
    if not found:
        tell("no benches here yet")
    for module in found:
        run_module(module)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
