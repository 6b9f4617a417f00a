"""Accounts: who may sign in, in which roles, for which area and department.

`add_account` is used by the command line and by the demo district; there is no account that was not added.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from services.backend.access.known import tell_changed
from services.backend.access.passwords import hash_password
from services.backend.db.access_tables import accounts, login_failures, sessions
from services.domain.errors import DomainError
from services.domain.roles import DEPT_ROLES, ROLES, Actor

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{1,63}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_AREA = re.compile(r"[0-9]{2,15}")


class AccountError(DomainError):
    """An account cannot be made or changed as asked; the sentence says why."""

    code = "bad_account"


@dataclass(frozen=True, slots=True)
class Account:
    """One account to be made. `user_id` stands in the log for ever, `username` is what is typed."""

    user_id: str
    username: str
    name: str
    roles: tuple[str, ...]
    area_code: str | None = None
    dept: str | None = None
    must_change: bool = True


def check_account(account: Account) -> None:
    """Raise AccountError when an account contradicts itself."""
    if not _ID.fullmatch(account.user_id):
        raise AccountError(f"账号标识 {account.user_id[:40]!r} 只能用字母、数字和 _.:-。")
    if not _NAME.fullmatch(account.username):
        raise AccountError(f"用户名 {account.username[:40]!r} 应为 2–64 位字母、数字或 _.@-。")
    if not account.name.strip() or len(account.name) > 60:
        raise AccountError("姓名不能为空，最多 60 个字。")
    unknown = [role for role in account.roles if role not in ROLES]
    if unknown or not account.roles:
        raise AccountError(f"不认识的角色：{'、'.join(unknown)}。" if unknown else "至少要有一个角色。")
    if account.area_code is not None and not _AREA.fullmatch(account.area_code):
        raise AccountError("区域编码只能由数字组成。")
    if any(role in DEPT_ROLES for role in account.roles) and not account.dept:
        raise AccountError("部门、处置和街道用户必须指定所属单位。")


def account_values(account: Account, password_hash: str) -> dict[str, object]:
    """Return the row of `accounts` for an account."""
    check_account(account)
    return {
        "user_id": account.user_id,
        "username": account.username,
        "name": account.name.strip(),
        "password_hash": password_hash,
        "roles": " ".join(account.roles),
        "area_code": account.area_code,
        "dept": account.dept,
        "must_change": account.must_change,
        "created_at": int(time.time() * 1000),
    }


def add_account(conn: Connection, account: Account, password: str) -> None:
    """Add an account with its password; raises AccountError when id or username are taken."""
    row = account_values(account, hash_password(password))
    taken = select(accounts.c.user_id).where(
        (accounts.c.user_id == account.user_id) | (accounts.c.username == account.username)
    )
    if conn.execute(taken).first() is not None:
        raise AccountError(f"用户名 {account.username} 或标识 {account.user_id} 已被使用。")
    conn.execute(insert(accounts).values(row))


def by_username(conn: Connection, username: str) -> RowMapping | None:
    """Return the row of an account by what is typed at sign-in."""
    return conn.execute(select(accounts).where(accounts.c.username == username)).mappings().first()


def change_rights(
    conn: Connection,
    user_id: str,
    *,
    roles: Iterable[str] | None = None,
    area_code: str | None = None,
    dept: str | None = None,
) -> None:
    """Change roles, area or department (None keeps them); running feeds of the user must refetch.

    Raises AccountError when there is no such account or the result contradicts itself.
    """
    row = conn.execute(select(accounts).where(accounts.c.user_id == user_id)).mappings().first()
    if row is None:
        raise AccountError(f"没有账号 {user_id[:64]}。")
    changed = Account(
        user_id,
        row["username"],
        row["name"],
        tuple(roles) if roles is not None else tuple(row["roles"].split()),
        row["area_code"] if area_code is None else area_code,
        row["dept"] if dept is None else dept,
    )
    check_account(changed)
    conn.execute(
        update(accounts)
        .where(accounts.c.user_id == user_id)
        .values(
            roles=" ".join(changed.roles),
            area_code=changed.area_code,
            dept=changed.dept,
            rights_version=accounts.c.rights_version + 1,
        )
    )
    tell_changed(conn)


def set_password(conn: Connection, user_id: str, password_hash: str, *, must_change: bool) -> None:
    """Store a new password hash; failures so far are forgotten."""
    conn.execute(
        update(accounts)
        .where(accounts.c.user_id == user_id)
        .values(password_hash=password_hash, must_change=must_change)
    )
    tell_changed(conn)
    forget_failures(conn, user_id=user_id)


def forget_failures(conn: Connection, *, user_id: str) -> None:
    """Unlock an account."""
    name = select(accounts.c.username).where(accounts.c.user_id == user_id).scalar_subquery()
    conn.execute(delete(login_failures).where(login_failures.c.username == name))


def disable(conn: Connection, user_id: str) -> None:
    """Close an account: its sessions end at once."""
    conn.execute(update(accounts).where(accounts.c.user_id == user_id).values(active=False))
    tell_changed(conn)
    conn.execute(delete(sessions).where(sessions.c.user_id == user_id))


def actor_of(row: RowMapping) -> Actor:
    """Return the actor an account's row stands for."""
    return Actor(row["user_id"], row["name"], tuple(row["roles"].split()), row["area_code"], row["dept"])
