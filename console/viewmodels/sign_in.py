"""Sign-in: which centre, who, and what the centre or this machine answers; also without a line to the centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.tasks.runner import Background
from services.domain.errors import DomainError
from services.domain.roles import ROLES
from services.ports.centre import Meta


def tr(text: str) -> str:
    """Translate a sentence of the sign-in."""
    return QCoreApplication.translate("SignIn", text)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of a demo centre on this machine, offered for choice."""

    username: str
    password: str
    role: str

    @property
    def words(self) -> str:
        """Return post and name for the list."""
        return f"{ROLES.get(self.role, self.role)}  {self.username}"


class Door(Protocol):
    """What the sign-in knocks at; implemented in `console.app`. Every call may block."""

    def meta(self) -> Meta:
        """Ask the centre who it is."""
        ...

    def enter(self, username: str, password: str) -> object:
        """Sign in, or unlock this machine's copy when the centre cannot be reached; returns the open seat."""
        ...

    def change_password(self, username: str, old: str, new: str) -> object:
        """Change a first password and enter."""
        ...

    def reopen(self, username: str, password: str, earlier: str) -> object:
        """Enter although this machine's data is still locked with an earlier password."""
        ...

    def set_aside(self, username: str, password: str) -> object:
        """Enter with fresh data; what was kept here is renamed, not deleted."""
        ...


class MustChange(Exception):  # noqa: N818 - a state of the account, not a fault
    """The password has to be changed before anything else."""


class LocalDataLocked(Exception):  # noqa: N818 - a state of the machine, not a fault
    """The centre took the password, but this machine's data is locked with an earlier one."""


class SignInViewModel(QObject):
    """State of the sign-in page.

    `changed()` after every step; `entered(object)` carries what `Door.enter` returned.
    """

    changed = Signal()
    entered = Signal(object)

    def __init__(
        self,
        door: Door,
        background: Background,
        accounts: tuple[DemoAccount, ...] = (),
        parent: QObject | None = None,
    ) -> None:
        """Ask the centre who it is at once."""
        super().__init__(parent)
        self._door, self._background = door, background
        self.accounts = accounts
        self.meta: Meta | None = None
        self.busy = False
        self.must_change = False
        self.locked_data = False
        self.sentence = ""
        self.line = tr("正在连接中心…")
        self.ask()

    def ask(self) -> None:
        """Ask the centre who it is."""
        self._background.submit("network", "meta", self._door.meta, self._met, self._not_met)

    def enter(self, username: str, password: str) -> None:
        """Sign in; wrong input is answered at once."""
        if not username.strip() or not password:
            self._say(tr("请输入账号和密码。"))
            return
        self._start(lambda: self._door.enter(username.strip(), password))

    def change_password(self, username: str, old: str, new: str, again: str) -> None:
        """Set a first password of one's own."""
        if new != again:
            self._say(tr("两次输入的新密码不一样。"))
            return
        self._start(lambda: self._door.change_password(username.strip(), old, new))

    def reopen(self, username: str, password: str, earlier: str) -> None:
        """Unlock this machine's data with the earlier password and lock it with the present one."""
        self._start(lambda: self._door.reopen(username.strip(), password, earlier))

    def set_aside(self, username: str, password: str) -> None:
        """Start with fresh data; operations that were not sent stay in the folder that is set aside."""
        self._start(lambda: self._door.set_aside(username.strip(), password))

    def _start(self, work: Callable[[], object]) -> None:
        """Run one step in the background."""
        self.busy, self.sentence = True, ""
        self.changed.emit()
        self._background.submit("network", "enter", work, self._entered, self._refused)

    def _entered(self, seat: object) -> None:
        """Hand the open seat on."""
        self.busy = False
        self.changed.emit()
        self.entered.emit(seat)

    def _refused(self, error: Exception) -> None:
        """Say why not."""
        self.busy = False
        if isinstance(error, MustChange):
            self.must_change = True
            self._say(tr("第一次登录，请先设置自己的密码。"))
        elif isinstance(error, LocalDataLocked):
            self.locked_data = True
            self._say(
                tr("密码在别处改过。本机数据还用原密码锁着，请输入一次原密码；忘记了可输入站点恢复码。")
            )
        elif isinstance(error, DomainError):
            self._say(error.title)
        else:
            self._say(tr("登录没有成功：{reason}").format(reason=error))

    def _say(self, sentence: str) -> None:
        """Show a sentence."""
        self.sentence = sentence
        self.changed.emit()

    def _met(self, meta: Meta) -> None:
        """Show the centre's name."""
        self.meta = meta
        self.line = tr("{name} · 已连接").format(name=meta.centre_name)
        self.changed.emit()

    def _not_met(self, error: Exception) -> None:
        """Say that the line is down, and that this machine's copy can still be used."""
        why = error.title if isinstance(error, DomainError) else str(error)
        self.line = tr("连接不上中心（{why}）。曾在本机登录过的账号可以离线进入。").format(why=why)
        self.changed.emit()
