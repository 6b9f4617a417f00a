"""`griddesk try-suggestions`: how right the dispatch suggestions would have been on the centre's own history."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy.exc import ArgumentError, DBAPIError

from services.backend.db.opening import SQLITE_NAME, database_url
from services.backend.learned.replaying import NAMES, Judged, replay
from services.backend.reference_store import NoReferenceError, ReferenceStore
from services.sql.engine import open_engine

#: stretches of time the judgement is told in: what was learned shows from one to the next
QUARTERS = 4
WORDS = {
    "suggested": "首选建议", "among": "建议的前三个单位之一", "duty": "责任清单", "chosen": "派遣员当时所派",
}  # fmt: skip


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
    """Print the shares, over all and by quarter of the time judged."""
    quarters = judged.parts(QUARTERS)
    if as_json:
        told = {"cases": judged.cases, **_shares(judged), "quarters": [_shares(part) for part in quarters]}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(f"评判 {judged.cases} 件已派遣并办结的案件，与最终办结单位相同的占比（转派准确率）：\n")
    for name, word in WORDS.items():
        later = " → ".join(_percent(part.share(name)) for part in quarters)
        by_time = f"（按时间先后：{later}）" if len(quarters) > 1 else ""
        sys.stdout.write(f"  {word}：{_percent(judged.share(name))}{by_time}\n")


def _shares(judged: Judged) -> dict[str, float | None]:
    """Return the shares, rounded."""
    found = {name: judged.share(name) for name in NAMES}
    return {name: None if share is None else round(share, 2) for name, share in found.items()}


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2f}%"


def _cannot(sentence: str) -> int:
    sys.stderr.write(f"griddesk try-suggestions: {sentence}\n")
    return 2
