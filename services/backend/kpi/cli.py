"""`griddesk kpi`: five published reports counted again, a lint of sums, and all figures of a centre at once."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from services.backend.db.opening import SQLITE_NAME, database_url, open_database
from services.backend.kpi.desk import FiguresDesk
from services.backend.kpi.following import Follower
from services.backend.kpi.seeds.building import AT_ONCE, Row, rows_of
from services.backend.kpi.seeds.plans import PLANS, Plan
from services.backend.reference_store import NoReferenceError, ReferenceStore
from services.domain.kpi.sums import lint

_PROCESSES = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk kpi`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--seed-tables",
        action="store_true",
        help="五份评价报告的指标：报告数与引擎从日志算得的数对照 / five published reports, printed and computed",
    )
    what.add_argument("--lint", nargs="+", metavar="SUM", help="检查算式，例如 9287-9150=127 / check sums")
    what.add_argument(
        "--count",
        metavar="DIR",
        help="把数据目录里中心的指标一次算齐（例如大示例区之后）/ count all figures of a centre at once",
    )
    parser.add_argument("--db", metavar="URL", help="数据库地址，与 --count 同用 / database URL")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.add_argument(
        "--smaller",
        type=int,
        default=1,
        metavar="N",
        help="件数缩小 N 倍快看一遍 / a quick look, N times smaller",
    )


def run(args: argparse.Namespace) -> int:
    """Do what was asked; exit code 0, 1 when a figure or sum does not come out, 2 for a sum that cannot be read."""
    if args.count:
        return _count(Path(args.count), args.db)
    return _lint(args.lint, as_json=args.json) if args.lint else _tables(args.smaller, as_json=args.json)


def _count(folder: Path, url: str | None) -> int:
    """Take the whole log of a centre into its figures, many cases a turn."""
    if url is None and not (folder / SQLITE_NAME).exists():
        sys.stderr.write(f"griddesk kpi: {folder} 里没有中心数据库。\n")
        return 2
    engine = open_database(database_url(folder, url))
    try:
        accounting = FiguresDesk(engine, lambda: ReferenceStore(engine).current).accounting
        follower = Follower(engine, lambda: accounting, AT_ONCE)
        while left := follower.behind():
            follower.turn()
            _tell(f"还有 {left} 条变更")
    except NoReferenceError:
        sys.stderr.write("griddesk kpi: 中心还没有参考数据。\n")
        return 2
    finally:
        engine.dispose()
    return 0


def _lint(claims: list[str], *, as_json: bool) -> int:
    """Check sums."""
    try:
        wrong = lint(claims)
    except ValueError as error:
        sys.stderr.write(f"griddesk kpi: {error}\n")
        return 2
    text = json.dumps(wrong, ensure_ascii=False) if as_json else "\n".join(wrong)
    sys.stdout.write(text + "\n" if text else "")
    return 1 if wrong else 0


def _plan_rows(plan: Plan) -> list[Row]:
    """Build and count one report in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="griddesk-kpi-") as folder:
        return rows_of(plan, Path(folder), _tell)


def _tell(line: str) -> None:
    """Report progress."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _tables(smaller: int, *, as_json: bool) -> int:
    """Build the five logs, count them and print the rows."""
    plans = [plan if smaller <= 1 else plan.smaller(smaller) for plan in PLANS]
    if smaller > 1 or (os.cpu_count() or 1) < _PROCESSES:
        rows = [row for plan in plans for row in _plan_rows(plan)]
    else:
        # the longest first, so that both cores end at about the same time
        order = sorted(plans, key=lambda plan: -plan.cases)
        with ProcessPoolExecutor(_PROCESSES, multiprocessing.get_context("spawn")) as pool:
            made = dict(zip((plan.system for plan in order), pool.map(_plan_rows, order), strict=True))
        rows = [row for plan in plans for row in made[plan.system]]
    if as_json:
        sys.stdout.write(json.dumps([row.doc() for row in rows], ensure_ascii=False) + "\n")
    else:
        for row in rows:
            sign = "一致" if row.agree else "不一致"
            note = f"（{row.note}）" if row.note else ""
            sys.stdout.write(
                f"{row.system}  {row.id}  报告 {row.reported}  引擎 {row.computed}  {sign}  {row.scale}{note}\n"
            )
    return 0 if smaller > 1 or all(row.agree for row in rows) else 1
