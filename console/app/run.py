"""The verb `griddesk run`: the embedded centre with the demo district, then the console; offscreen the tour."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

from console.app.embedded import CentreNotStarted, EmbeddedCentre
from console.app.paths import Paths, default_paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk run`."""
    parser.add_argument("--data", type=Path, help="数据文件夹（默认在用户目录下）")
    parser.add_argument("--out", type=Path, default=Path("out"), help="无屏演练时图片的文件夹")


def has_display() -> bool:
    """Tell whether there is a screen to show windows on."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.startswith(("offscreen", "minimal", "vnc")):
        return False
    return bool(platform or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(args: argparse.Namespace) -> int:
    """Start the embedded centre and the console; return the console's exit code."""
    paths = (Paths(args.data) if args.data else default_paths()).make()
    centre = EmbeddedCentre(paths.centre)
    sys.stderr.write("正在启动内置中心（第一次会生成示例区，约十几秒）…\n")
    try:
        url = centre.start()
    except CentreNotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        if not has_display():
            from console.app.tour import tour

            return tour(url, paths, args.out)
        from console.app.main import read_accounts, run_console

        accounts = read_accounts(paths.centre / "demo-accounts.json", url)
        return run_console(url, paths, accounts, centre_key="embedded")
    finally:
        # the centre's last words are read on a thread: what the windows left must be collected here before
        gc.collect()
        centre.stop()
