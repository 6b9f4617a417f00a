"""The verb `griddesk console`: the console for a running centre."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.crash import CrashHooks
from console.app.paths import Paths, default_paths
from console.viewmodels.sign_in import DemoAccount
from services.domain.errors import DomainError

log = logging.getLogger(__name__)
LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk console`."""
    parser.add_argument("--url", required=True, help="中心地址，例如 https://centre.example.gov.cn")
    parser.add_argument("--ca", type=Path, help="专用根证书文件（PEM）")
    parser.add_argument("--data", type=Path, help="本机数据文件夹（默认在用户目录下）")
    parser.add_argument("--demo-accounts", type=Path, help="示例账号文件，只对本机的示例中心有效")


def run(args: argparse.Namespace) -> int:
    """Run the console until its window closes."""
    paths = (Paths(args.data) if args.data else default_paths()).make()
    accounts = read_accounts(args.demo_accounts, args.url) if args.demo_accounts else ()
    return run_console(args.url, paths, accounts, ca_file=args.ca)


def read_accounts(file: Path, url: str) -> tuple[DemoAccount, ...]:
    """Return the demo accounts of a centre on loopback; none for any other centre."""
    if not url.startswith(LOOPBACK) or not file.exists():
        return ()
    entries = json.loads(file.read_text(encoding="utf-8"))
    return tuple(DemoAccount(e["username"], e["password"], e["roles"][0]) for e in entries)


def make_application() -> QApplication:
    """Return the one QApplication."""
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    application = QApplication(sys.argv[:1])
    application.setApplicationName("griddesk")
    application.setApplicationDisplayName("网格调度席")
    return application


def run_console(
    url: str,
    paths: Paths,
    accounts: tuple[DemoAccount, ...] = (),
    *,
    centre_key: str = "",
    ca_file: Path | None = None,
    seated: Callable[[Controller], None] | None = None,
) -> int:
    """Run the console for a centre; `seated` is called with the controller once it was built (for the tour)."""
    set_up_logging(paths)
    application = make_application()
    hooks = CrashHooks(paths.logs)
    hooks.install()
    try:
        controller = Controller(CentreDoor(url, paths, centre_key, ca_file), accounts, hooks)
    except DomainError as error:
        sys.stderr.write(error.title + "\n")
        return 2
    controller.ended.connect(application.quit)
    previous = signal.signal(signal.SIGINT, lambda *_: application.quit())
    # Python looks at signals only between its own steps: a timer gives it some.
    pulse = QTimer()
    pulse.start(200)
    pulse.timeout.connect(_nothing)
    controller.start()
    if seated is not None:
        seated(controller)
    try:
        code = application.exec()
    finally:
        controller.close()
        signal.signal(signal.SIGINT, previous)
        hooks.remove()
    return code


def _nothing() -> None:
    """Let Python run."""


def set_up_logging(paths: Paths) -> None:
    """Log to a file of this user; no personal data is ever logged."""
    level = os.environ.get("GRIDDESK_LOG", "INFO").upper()
    root = logging.getLogger()
    if any(getattr(handler, "griddesk", False) for handler in root.handlers):
        return
    handler = logging.FileHandler(paths.logs / "console.log", encoding="utf-8")
    handler.griddesk = True  # type: ignore[attr-defined] # marks our own handler, so that it is added once
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(level)
