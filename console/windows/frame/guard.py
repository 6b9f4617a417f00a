"""Joins the guard of the session and the list of lost operations to the shell: lock, verbs, notices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.viewmodels.guard import CHOICES_MIN, SessionGuard, tr
from console.viewmodels.lost import LostNotice
from console.viewmodels.verbs.verb import SETTINGS_GROUP, Verb, noop
from console.windows.frame.lock import LockScreen
from console.windows.frame.lost import LostDialog
from services.ports.picture import SIGN_IN

if TYPE_CHECKING:
    from console.windows.shell import ShellWindow

SIGN_IN_AGAIN = Verb("frame.sign_in", noop("重新登录"), ("denglu", "dl"), icon="lock")
LOST = Verb("frame.lost", noop("中心已不记得的操作"), ("恢复", "再次送出"), icon="history")


def guard_session(shell: ShellWindow, lock: LockScreen) -> SessionGuard:
    """Watch over a window: lock it when nobody is there, begin a new session with the password that unlocks."""
    seat = shell.seat
    guard = SessionGuard(seat, parent=shell)
    LostNotice(seat, shell)

    def cover(sentence: object) -> None:
        shell.lock()
        lock.say(str(sentence))

    def why_not_sign_in() -> str:
        ended = seat.connection is not None and seat.connection.state == SIGN_IN
        return "" if ended else tr("登录有效，不需要重新登录。")

    def open_lost() -> None:
        LostDialog(seat, shell).open()

    shell.touched.connect(guard.touch)
    shell.covered.connect(guard.covered)
    lock.unlocked.connect(guard.unlocked)
    guard.lock_wanted.connect(cover)
    seat.verbs.add(SIGN_IN_AGAIN, guard.sign_in_again, why_not_sign_in)
    seat.verbs.add(LOST, open_lost)
    for minutes in CHOICES_MIN:
        title = tr("无人操作 {n} 分钟后锁屏").format(n=minutes)
        verb = Verb(f"settings.lock.{minutes}", title, ("suoping", "sp"), group=SETTINGS_GROUP, icon="lock")
        seat.verbs.add(verb, partial(guard.set_after, minutes))
    return guard
