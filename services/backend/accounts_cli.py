"""`griddesk account`: adds, shows, changes and closes accounts. A centre starts with none (but for the demo)."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from services.backend.access.accounts import (
    Account,
    AccountError,
    add_account,
    by_username,
    change_rights,
    disable,
    forget_failures,
    set_password,
)
from services.backend.access.audit import record
from services.backend.access.passwords import hash_password, one_time_password
from services.backend.access.sessions import end_others
from services.backend.db.access_tables import accounts
from services.backend.db.opening import database_url, open_database
from services.domain.roles import ROLES
from services.sql.engine import writing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk account`."""
    parser.add_argument("--data", required=True, metavar="DIR", help="数据目录 / data folder")
    parser.add_argument("--db", metavar="URL", help="数据库地址 / database URL")
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="新增账号，输出一次性密码 / add an account, prints a one-time password")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="姓名")
    add.add_argument("--role", action="append", required=True, choices=sorted(ROLES), help="角色，可重复")
    add.add_argument("--area", metavar="CODE", help="所辖区域编码")
    add.add_argument("--dept", metavar="ID", help="所属单位")
    acts.add_parser("list", help="列出账号 / list accounts")
    rights = acts.add_parser("rights", help="更改角色、区域或单位 / change roles, area or department")
    rights.add_argument("username")
    rights.add_argument("--role", action="append", choices=sorted(ROLES))
    rights.add_argument("--area", metavar="CODE")
    rights.add_argument("--dept", metavar="ID")
    for act, line in (
        ("reset", "重置密码并解锁，输出一次性密码 / new one-time password, unlocks"),
        ("unlock", "解除登录锁定 / unlock"),
        ("disable", "停用账号，立即结束其会话 / close an account and its sessions"),
    ):
        acts.add_parser(act, help=line).add_argument("username")


def run(args: argparse.Namespace) -> int:
    """Do one thing with the accounts; exit code 1 with a sentence when it cannot be done."""
    data_dir = Path(args.data)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = open_database(database_url(data_dir, args.db))
    except (ArgumentError, ValueError):
        return _cannot("数据库地址不对。")
    except (DBAPIError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return _cannot(f"数据库打不开：{reason}")
    try:
        with writing(engine) as conn:
            lines = _ACTS[args.act](conn, args)
    except AccountError as error:
        return _cannot(error.title)
    finally:
        engine.dispose()
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _add(conn: Connection, args: argparse.Namespace) -> list[str]:
    password = one_time_password()
    user_id = f"u-{secrets.token_hex(5)}"
    add_account(
        conn, Account(user_id, args.username, args.name, tuple(args.role), args.area, args.dept), password
    )
    record(conn, "cli", "account_added", user_id, {"roles": args.role})
    return [f"用户名：{args.username}", f"一次性密码：{password}", "首次登录后必须修改密码。"]


def _list(conn: Connection, args: argparse.Namespace) -> list[str]:
    rows = conn.execute(select(accounts).order_by(accounts.c.username)).all()
    return [
        f"{row.username}\t{row.name}\t{row.roles}\t{row.area_code or '-'}\t{row.dept or '-'}"
        f"\t{'启用' if row.active else '停用'}"
        for row in rows
    ]


def _id_of(conn: Connection, username: str) -> str:
    row = by_username(conn, username)
    if row is None:
        raise AccountError(f"没有用户 {username[:64]}。")
    return str(row["user_id"])


def _rights(conn: Connection, args: argparse.Namespace) -> list[str]:
    user_id = _id_of(conn, args.username)
    change_rights(conn, user_id, roles=args.role, area_code=args.area, dept=args.dept)
    record(conn, "cli", "rights_changed", user_id, {"roles": args.role, "area": args.area, "dept": args.dept})
    return ["已更改；正在使用的控制台会重新取数。"]


def _reset(conn: Connection, args: argparse.Namespace) -> list[str]:
    user_id = _id_of(conn, args.username)
    password = one_time_password()
    set_password(conn, user_id, hash_password(password), must_change=True)
    end_others(conn, user_id, b"")
    record(conn, "cli", "password_reset", user_id)
    return [f"一次性密码：{password}", "登录后必须修改密码。"]


def _unlock(conn: Connection, args: argparse.Namespace) -> list[str]:
    user_id = _id_of(conn, args.username)
    forget_failures(conn, user_id=user_id)
    record(conn, "cli", "unlocked", user_id)
    return ["已解除锁定。"]


def _disable(conn: Connection, args: argparse.Namespace) -> list[str]:
    user_id = _id_of(conn, args.username)
    disable(conn, user_id)
    record(conn, "cli", "account_disabled", user_id)
    return ["账号已停用，其会话已结束。"]


_ACTS: dict[str, Callable[[Connection, argparse.Namespace], list[str]]] = {
    "add": _add,
    "list": _list,
    "rights": _rights,
    "reset": _reset,
    "unlock": _unlock,
    "disable": _disable,
}


def _cannot(sentence: str) -> int:
    sys.stderr.write(f"griddesk account: {sentence}\n")
    return 1
