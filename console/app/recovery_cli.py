"""`griddesk recovery-key`: makes the site's recovery key, installs its public half, opens local data with the code."""

from __future__ import annotations

import argparse
import base64
import getpass
import sys
from pathlib import Path

from console.app.paths import Paths, default_paths
from services.domain.errors import DomainError
from services.store.keys import KeyFile, user_folder
from services.store.recovery import Recovery, install_site_key, make_code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk recovery-key`."""
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    acts.add_parser("new", help="生成恢复码（只显示一次）和公钥 / make a code and its public half")
    install = acts.add_parser(
        "install", help="在本机安装公钥，之后登录的账号都会封存 / install the public half"
    )
    install.add_argument("public", metavar="PUBLIC", help="公钥 / the public half")
    opened = acts.add_parser(
        "open", help="忘记密码后用恢复码设新的本机密码 / set a new local password with the code"
    )
    opened.add_argument("username")
    opened.add_argument(
        "--centre", required=True, metavar="URL", help="中心地址，与登录时一致；内置中心写 embedded"
    )
    for each in (install, opened):
        each.add_argument("--data", type=Path, help="本机数据文件夹（默认在用户目录下）")


def run(args: argparse.Namespace) -> int:
    """Do one thing; exit code 1 with a sentence when it cannot be done."""
    try:
        lines = {"new": _new, "install": _install, "open": _open}[args.act](args)
    except DomainError as error:
        return _cannot(error.title)
    except (OSError, ValueError) as error:
        return _cannot(str(getattr(error, "strerror", None) or error))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _new(_args: argparse.Namespace) -> list[str]:
    """Make a site's key; nothing is written anywhere."""
    code, public = make_code()
    return [
        f"恢复码：{code}",
        f"公钥：{base64.b64encode(public).decode()}",
        "恢复码只显示这一次：抄写两份，分开锁存。公钥可以公开，用 install 装到每台调度席。",
    ]


def _console(args: argparse.Namespace) -> Path:
    """Return the console's own folder."""
    return (Paths(args.data) if args.data else default_paths()).console


def _install(args: argparse.Namespace) -> list[str]:
    """Install the public half on this machine."""
    try:
        public = base64.b64decode(args.public, validate=True)
        install_site_key(_console(args), public)
    except ValueError as error:
        raise ValueError("公钥不对，应为 recovery-key new 给出的一行。") from error
    return ["已安装。各账号下次登录时自动封存，忘记密码后可用恢复码打开本机数据。"]


def _open(args: argparse.Namespace) -> list[str]:
    """Set a new local password with the code, which is never taken from the command line."""
    folder = user_folder(_console(args), args.centre, args.username)
    code, new = _secret("恢复码："), _secret("新的本机密码：")
    if not new:
        raise ValueError("新密码不能为空。")
    Recovery(folder).set_password(KeyFile(folder), code, new)
    return ["已换上新的本机密码，离线时用它登录。联网登录仍用中心的密码。"]


def _secret(prompt: str) -> str:
    """Read a secret without showing it; from a pipe, one line each."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _cannot(sentence: str) -> int:
    sys.stderr.write(f"griddesk recovery-key: {sentence}\n")
    return 1
