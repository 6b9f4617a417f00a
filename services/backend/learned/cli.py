"""`griddesk try-suggestions`: how right the dispatch suggestions would have been on the centre's own history."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy.exc import ArgumentError, DBAPIError

from services.backend.db.opening import SQLITE_NAME, database_url
from services.backend.learned.replaying import Judged, replay
from services.backend.reference_store import NoReferenceError, ReferenceStore
from services.sql.engine import open_engine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk try-suggestions`."""
    parser.add_argument("--data", required=True, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--db", metavar="URL", help="数据库地址 / database URL")
    parser.add_argument(
        "--skip",
        type=int,
        default=0,
        metavar="N",
        help="前 N 件已结案件只用来学习 / only learn from the first N",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Replay the log and tell; exit code 0, 2 when it cannot be read."""
    data_dir = Path(args.data)
    if args.db is None and not (data_dir / SQLITE_NAME).exists():
        return _cannot(f"{data_dir} 里没有中心数据库。")
    try:
        engine = open_engine(database_url(data_dir, args.db))
    except (ArgumentError, ValueError):
        return _cannot("数据库地址不对。")
    try:
        judged = replay(engine, ReferenceStore(engine).current.rules, max(0, args.skip))
    except NoReferenceError:
        return _cannot("中心还没有参考数据。")
    except DBAPIError as error:
        return _cannot(f"数据库打不开：{str(error.orig).strip().splitlines()[0]}")
    finally:
        engine.dispose()
    _tell(judged, as_json=args.json)
    return 0


def _tell(judged: Judged, *, as_json: bool) -> None:
    """Print the shares."""
    shares = {name: judged.share(getattr(judged, name)) for name in ("suggested", "among", "duty", "chosen")}
    if as_json:
        rounded = {name: None if share is None else round(share, 2) for name, share in shares.items()}
        sys.stdout.write(json.dumps({"cases": judged.cases, **rounded}) + "\n")
        return
    words = {
        "suggested": "首选建议", "among": "建议的前三个单位之一", "duty": "责任清单", "chosen": "派遣员当时所派",
    }  # fmt: skip
    sys.stdout.write(f"评判 {judged.cases} 件已派遣并办结的案件，与最终办结单位相同的占比（转派准确率）：\n")
    for name, word in words.items():
        share = shares[name]
        sys.stdout.write(f"  {word}：{'—' if share is None else f'{share:.2f}%'}\n")


def _cannot(sentence: str) -> int:
    sys.stderr.write(f"griddesk try-suggestions: {sentence}\n")
    return 2
