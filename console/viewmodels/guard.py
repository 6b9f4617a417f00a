"""Who sits here: locks after a while without a hand on the keys, and begins a new session when the last one ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import GOOD, WARN, Notice, NoticeAction
from console.notices.outcomes import error_notice
from console.viewmodels.seat import NETWORK, STORE, SeatViewModel
from services.ports.picture import SIGN_IN, Connection
from services.ports.system import Clock, SystemClock

#: setting: minutes without a key or a click until the screen is locked
AFTER = "lock.after_min"
SHIPPED_MIN = 10
CHOICES_MIN = (5, 10, 15, 30)
#: said this long before
WARNING_S = 120.0


def tr(text: str) -> str:
    """Translate a sentence of the guard."""
    return QCoreApplication.translate("Guard", text)


class SessionGuard(QObject):
    """Counts the time since the last key or click; the sleep of the machine counts too.

    `lock_wanted(str)` asks for the lock with a sentence (empty: none), `after_changed(int)` tells new minutes.
    `resume` signs in anew with a password; set by the composition root.
    """

    lock_wanted = Signal(object)
    after_changed = Signal(object)

    def __init__(
        self, seat: SeatViewModel, clock: Clock | None = None, parent: QObject | None = None
    ) -> None:
        """Read the setting; the seat's beat does the rest."""
        super().__init__(parent)
        self.seat = seat
        self.after_min = SHIPPED_MIN
        self.resume: Callable[[str], object] | None = None
        self._clock = clock or SystemClock()
        self._last = self._clock.monotonic()
        self._warned = False
        self._locked = False
        self._state = ""
        seat.second.connect(self._on_second)
        seat.connection_changed.connect(self._on_connection)
        settings = seat.services.settings
        seat.background.submit(STORE, AFTER, lambda: settings.value(AFTER, SHIPPED_MIN), self._read)

    def _read(self, minutes: object) -> None:
        """Take the stored setting; anything odd is the shipped one."""
        self.after_min = minutes if minutes in CHOICES_MIN and isinstance(minutes, int) else SHIPPED_MIN
        self.after_changed.emit(self.after_min)

    def set_after(self, minutes: int) -> None:
        """Lock after so many minutes from now on."""
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, AFTER, lambda: settings.put_value(AFTER, minutes))
        self._read(minutes)
        self.touch()

    # --- the hand -----------------------------------------------------------------------------------

    def touch(self) -> None:
        """Somebody is here."""
        self._last = self._clock.monotonic()
        self._warned = False

    @property
    def locked(self) -> bool:
        """Whether the screen is covered."""
        return self._locked

    def covered(self) -> None:
        """The screen was locked, by whatever."""
        self._locked = True

    def unlocked(self, password: object) -> None:
        """The right password was entered: with it a session that ended meanwhile is begun anew."""
        self._locked = False
        self.touch()
        resume = self.resume
        connection = self.seat.connection
        if resume is None or connection is None or connection.state != SIGN_IN:
            return
        self.seat.background.submit(
            NETWORK, "resume", lambda: resume(str(password)), self._resumed, self._not_resumed
        )

    def _on_second(self, _now: object) -> None:
        """Warn two minutes before, then lock."""
        if self._locked:
            return
        idle, limit = self._clock.monotonic() - self._last, self.after_min * 60.0
        if idle >= limit:
            self.lock_wanted.emit(tr("{n} 分钟无人操作，已锁定。").format(n=self.after_min))
        elif idle >= limit - WARNING_S and not self._warned:
            self._warned = True
            text = tr("按任意键或点一下继续；已填的内容不会丢。")
            self.seat.notices.tell(Notice(WARN, tr("无人操作，2 分钟后锁定屏幕"), text, key="idle"))

    # --- the session --------------------------------------------------------------------------------

    def _on_connection(self, value: object) -> None:
        """Say once that the session has ended."""
        if not isinstance(value, Connection):
            return
        before, self._state = self._state, value.state
        if value.state == SIGN_IN and before != SIGN_IN:
            text = tr("{n} 项待发送都在本机，登录后继续送出。").format(n=value.queued)
            again = NoticeAction("frame.sign_in", tr("重新登录"))
            title = tr("登录已失效，请重新登录")
            self.seat.notices.tell(Notice(WARN, title, text, (again,), key="session"))

    def sign_in_again(self) -> None:
        """Ask for the password."""
        self.lock_wanted.emit(tr("登录已失效，请输入密码重新登录。"))

    def _resumed(self, _result: object) -> None:
        """Say that the work goes on."""
        self.seat.notices.tell(Notice(GOOD, tr("已重新登录"), key="session"))

    def _not_resumed(self, error: Exception) -> None:
        """Say why not; the work goes on in this machine's copy."""
        self.seat.notices.tell(error_notice(error))
