"""`griddesk verify-log`: checks the sealed chain of the log and compares it with the anchors kept outside."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import ArgumentError, DBAPIError

from services.backend.db.opening import SQLITE_NAME, database_url
from services.backend.verify import ANCHORS, Findings, anchor, read_anchors, verify
from services.sql.engine import open_engine, reading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk verify-log`."""
    parser.add_argument("--data", required=True, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--db", metavar="URL", help="数据库地址 / database URL")
    parser.add_argument("--anchors", metavar="FILE", help=f"库外留存的封印，默认 DIR/{ANCHORS}")
    parser.add_argument(
        "--anchor", action="store_true", help="校验无误后把当前封印追加到该文件 / append the head's seal"
    )


def run(args: argparse.Namespace) -> int:
    """Check and tell; exit code 0 when everything fits, 1 when something is wrong, 2 when it cannot be checked."""
    data_dir = Path(args.data)
    path = Path(args.anchors) if args.anchors else data_dir / ANCHORS
    if args.db is None and not (data_dir / SQLITE_NAME).exists():
        return _cannot(f"{data_dir} 里没有中心数据库。")
    try:
        kept = read_anchors(path)
    except (ValueError, OSError):
        return _cannot(f"封印文件 {path} 无法读取。")
    try:
        engine = open_engine(database_url(data_dir, args.db))
    except (ArgumentError, ValueError):
        return _cannot("数据库地址不对。")
    try:
        with reading(engine) as conn:
            found = verify(conn, kept)
            if found.good and args.anchor:
                anchor(conn, path, datetime.now(UTC).isoformat(timespec="seconds"))
    except DBAPIError as error:
        return _cannot(f"数据库打不开：{str(error.orig).strip().splitlines()[0]}")
    finally:
        engine.dispose()
    return _tell(found)


def _tell(found: Findings) -> int:
    """Print what was found."""
    out = sys.stdout
    out.write(f"已校验 {found.changes} 条记录、{found.seals} 段封存、{found.anchors} 个库外封印。\n")
    for sentence in found.wrong:
        out.write(f"✗ {sentence}\n")
    if found.more:
        out.write(f"✗ 另有 {found.more} 处。\n")
    if found.good:
        out.write("日志完整。\n")
    return 0 if found.good else 1


def _cannot(sentence: str) -> int:
    sys.stderr.write(f"griddesk verify-log: {sentence}\n")
    return 2
