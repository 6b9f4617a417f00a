"""`griddesk backup` and `griddesk restore`: the data of a centre into one file, and back."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import ArgumentError, DBAPIError

from services.backend.backup import make_backup
from services.backend.db.opening import SQLITE_NAME, database_url
from services.backend.restoring import restore
from services.backend.serve import ServeError, take_folder
from services.domain.errors import DomainError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk backup`."""
    parser.add_argument("file", metavar="FILE", help="备份文件，不能已存在 / the file to write")
    parser.add_argument("--data", required=True, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--db", metavar="URL", help="数据库地址（PostgreSQL） / database URL")


def run(args: argparse.Namespace) -> int:
    """Make a backup; the centre may be at work. Exit code 1 with a sentence when it cannot be done."""
    data_dir = Path(args.data)
    if args.db is None and not (data_dir / SQLITE_NAME).exists():
        return _cannot("backup", f"{data_dir} 里没有中心数据库。")
    try:
        made = make_backup(database_url(data_dir, args.db), data_dir, Path(args.file), datetime.now(UTC))
    except (DomainError, OSError, DBAPIError, ArgumentError, ValueError) as error:
        return _cannot("backup", _sentence(error))
    sys.stdout.write(f"已备份到 {args.file}：{made.head} 条记录，截至 {made.made_at}。\n")
    return 0


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk restore`."""
    parser.add_argument("file", metavar="FILE", help="备份文件 / the backup")
    parser.add_argument("--data", required=True, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--db", metavar="URL", help="数据库地址（PostgreSQL） / database URL")


def run_restore(args: argparse.Namespace) -> int:
    """Put a backup in place; refused while a centre serves the data. Exit code 1 with a sentence."""
    data_dir = Path(args.data)
    url = None if args.db is None or args.db.startswith("sqlite") else str(args.db)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with take_folder(data_dir, shared=False):
            done = restore(Path(args.file), data_dir, url, datetime.now(UTC))
    except ServeError:
        return _cannot("restore", "中心正在使用这个数据目录，请先停止中心服务再恢复。")
    except (DomainError, OSError, DBAPIError, ArgumentError, ValueError) as error:
        return _cannot("restore", _sentence(error))
    out = sys.stdout
    out.write(f"已恢复到 {done.manifest.made_at} 的数据（{done.manifest.head} 条记录）。\n")
    out.write(
        f"数据历史编号换为 {done.epoch}：各控制台会重新取数，并列出这之后办过的操作，由本人决定是否再次送出。\n"
    )
    if done.attachments:
        out.write(f"补回附件 {done.attachments} 个。\n")
    if done.aside:
        out.write(f"原来的数据库留存为 {data_dir / done.aside}。\n")
    out.write("所有登录已结束，使用者需重新登录。\n")
    return 0


def _sentence(error: Exception) -> str:
    """Return one line for whoever sits at the terminal."""
    if isinstance(error, DomainError):
        return error.title
    if isinstance(error, OSError):
        return f"文件不能读写（{error.strerror or error}）。"
    return f"数据库打不开：{str(getattr(error, 'orig', None) or error).strip().splitlines()[0]}"


def _cannot(verb: str, sentence: str) -> int:
    sys.stderr.write(f"griddesk {verb}: {sentence}\n")
    return 1
