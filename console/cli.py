"""The command `griddesk`: arguments in, exit code out. Each verb's module is imported only when it is called.

That keeps `griddesk serve` free of Qt and the console's start free of the backend.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

#: verb -> (module with `add_arguments(parser)` and `run(args) -> int`, one line of help)
VERBS: dict[str, tuple[str, str]] = {
    "run": (
        "console.app.run",
        "启动内置中心（示例区）和调度席 / start the embedded demo centre and the console",
    ),
    "console": ("console.app.main", "启动调度席，连接已有中心 / start the console for a running centre"),
    "tour": (
        "console.app.tour",
        "无屏演练一个班次并输出图片 / walk a scripted shift offscreen and write pictures",
    ),
    "serve": ("services.backend.serve", "启动中心服务 / start the centre"),
    "demo": ("services.backend.demo.cli", "生成任意规模的示例区 / make a demo district of any size"),
    "import": ("services.backend.imports.cli", "导入区划、案件或标准 / import areas, cases or a standard"),
    "account": ("services.backend.accounts_cli", "管理账号 / manage accounts"),
    "try-suggestions": (
        "services.backend.learned.cli",
        "用历史案件检验派遣建议 / judge dispatch suggestions on the centre's own history",
    ),
    "backup": (
        "services.backend.backup_cli",
        "备份中心的数据，不用停机 / back the centre's data up while it works",
    ),
    "restore": (
        "services.backend.restore_cli",
        "从备份恢复中心的数据 / restore the centre's data from a backup",
    ),
    "kpi": (
        "services.backend.kpi.cli",
        "指标：五份评价报告对照、算式检查 / figures: five published reports counted again, sums checked",
    ),
    "recovery-key": (
        "console.app.recovery_cli",
        "站点恢复密钥：忘记密码后打开本机数据 / the site's recovery key for local data",
    ),
    "verify-log": ("services.backend.verify_cli", "校验日志的封存链 / verify the sealed chain of the log"),
}


def build_parser(verb: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the chosen verb's module is imported to add its arguments."""
    parser = argparse.ArgumentParser(prog="griddesk", description="网格调度席 griddesk")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, (module, line) in VERBS.items():
        sub = verbs.add_parser(name, help=line, description=line)
        if name == verb:
            importlib.import_module(module).add_arguments(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code (2 for wrong arguments)."""
    words = list(sys.argv[1:] if argv is None else argv)
    verb = next((word for word in words if not word.startswith("-")), None)
    args = build_parser(verb).parse_args(words)
    code: int = importlib.import_module(VERBS[args.verb][0]).run(args)
    return code
