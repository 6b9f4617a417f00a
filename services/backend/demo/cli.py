"""`griddesk demo`: make a demo district of any size, for trials, benches and training.

On SQLite the district is built beside its place and moved there when it is whole; on PostgreSQL it is one
transaction. Either way an interrupted run leaves nothing behind and can be run again.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from services.backend.db.opening import SQLITE_NAME, migrate, open_database
from services.backend.demo.accounts import ACCOUNTS_FILE
from services.backend.demo.build import Plan
from services.backend.demo.names import load_recipe
from services.backend.demo.progress import Bar
from services.backend.demo.seed import CASES, DAYS, DemoError, make_demo
from services.backend.demo.tellers import sensible_workers
from services.domain.errors import DomainError
from services.sql.engine import sqlite_engine

_MOST_CASES = 10_000_000
#: a file that is thrown away when the build fails needs no journal
_HASTE = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -400000",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    recipe = load_recipe()
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="写入的数据目录")
    parser.add_argument("--db", metavar="URL", help="写入这个空数据库，而不是目录中的 SQLite 文件")
    parser.add_argument("--grids", type=int, default=recipe.grids, metavar="N", help="网格数（50–40,000）")
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help="案件数")
    parser.add_argument("--days", type=int, default=DAYS, metavar="N", help="历史天数")
    parser.add_argument(
        "--seed", type=int, default=recipe.seed, metavar="N", help="随机种子：相同种子得到相同的示例区"
    )
    parser.add_argument("--workers", type=int, default=None, metavar="N", help="生成历史的进程数")


def run(args: argparse.Namespace) -> int:
    """Make the district; 0 when it is there, 1 when it could not be made."""
    try:
        _check(args)
        begun = time.monotonic()
        _build(args)
    except (DomainError, ArgumentError, ValueError, OSError, SQLAlchemyError) as error:
        sys.stderr.write(f"没有生成示例区：{_sentence(error)}\n")
        return 1
    sys.stderr.write(
        f"示例区已生成，用时 {time.monotonic() - begun:.0f} 秒；账号在 {args.out / ACCOUNTS_FILE}\n"
    )
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse sizes that make no sense; raises DemoError."""
    if not 1 <= args.cases <= _MOST_CASES:
        raise DemoError(f"案件数应在 1 到 {_MOST_CASES:,} 之间。")
    if not 2 <= args.days <= 3650:
        raise DemoError("历史天数应在 2 到 3,650 之间。")
    if not 0 <= args.seed < 1 << 31:
        raise DemoError("随机种子应在 0 到 2,147,483,647 之间。")


def _build(args: argparse.Namespace) -> None:
    """Build into the database that was named, or into a file."""
    args.out.mkdir(parents=True, exist_ok=True)
    workers = sensible_workers(args.cases) if args.workers is None else args.workers
    plan = Plan(datetime.now(UTC).replace(microsecond=0), args.cases, args.days, args.seed, workers=workers)
    if args.db:
        _fill(open_database(args.db), args, plan)
        return
    path = args.out / SQLITE_NAME
    if path.exists():
        raise DemoError(f"{path} 已经存在，请换一个目录，或先删除它。")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        engine = sqlite_engine(part, pragmas=_HASTE, pool_size=1)
        migrate(engine)
        _fill(engine, args, plan)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
        for tail in ("-wal", "-shm", "-journal"):
            part.with_name(part.name + tail).unlink(missing_ok=True)


def _fill(engine: Engine, args: argparse.Namespace, plan: Plan) -> None:
    """Fill a migrated database, with a progress bar."""
    bar = Bar("生成示例区", "件")
    try:
        make_demo(engine, args.out / ACCOUNTS_FILE, plan, args.grids, bar)
    finally:
        bar.end()
        engine.dispose()


def _sentence(error: Exception) -> str:
    """Return one line for the operator, without passwords of a database URL."""
    if isinstance(error, DomainError):
        return error.title
    if isinstance(error, SQLAlchemyError):
        return f"数据库不能使用（{type(getattr(error, 'orig', None) or error).__name__}）"
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
