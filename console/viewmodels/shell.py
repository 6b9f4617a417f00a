"""The frame of the console: which workspaces a user has, what stands in the top and status bar, what is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import GOOD, WARN, Notice
from console.notices.outcomes import RESOLVE, decided_notice, error_notice, saved_notice
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.intake_figures import OwnFiguresViewModel
from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from services.domain.roles import ROLES
from services.ports.outbox import SavedCommand
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SIGN_IN, SYNCING, Connection

#: workspace -> roles that have it; the order is that of the top bar
WORKSPACES: dict[str, frozenset[str]] = {
    "intake": frozenset({"acceptor", "shift_leader"}),
    "dispatch": frozenset({"dispatcher", "shift_leader", "leader", "evaluator"}),
}
DOWN = frozenset({OFFLINE, NO_ANSWER, SIGN_IN})


def tr(text: str) -> str:
    """Translate a word of the frame."""
    return QCoreApplication.translate("Shell", text)


def workspace_title(workspace: str) -> str:
    """Return the name of a workspace."""
    return {"intake": tr("受理席"), "dispatch": tr("派遣席")}[workspace]


def workspaces_for(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return the workspaces the roles give; departments and field staff work on web pages."""
    return tuple(name for name, wanted in WORKSPACES.items() if wanted & set(roles))


@dataclass(frozen=True, slots=True)
class ShiftFigures:
    """What this seat did today, by kind of act."""

    words: tuple[tuple[str, int], ...]


class ShellViewModel(QObject):
    """Listens to the seat and speaks through the notice centre.

    `workspace_wanted(str)`, `case_wanted(str)` and `waiting_wanted()` ask the windows to show something.
    """

    workspace_wanted = Signal(str)
    case_wanted = Signal(str)
    waiting_wanted = Signal()
    conflict_wanted = Signal(str)
    figures_changed = Signal(object)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Connect to the seat."""
        super().__init__(parent)
        self.seat = seat
        self._state = ""
        self._own = OwnFiguresViewModel(seat, self)
        self._own.changed.connect(self._on_figures)
        seat.saved.connect(self._on_saved)
        seat.decided.connect(self._on_decided)
        seat.connection_changed.connect(self._on_connection)
        seat.background.failed.connect(self._on_failed)

    @property
    def workspaces(self) -> tuple[str, ...]:
        """Return the workspaces of this user."""
        return workspaces_for(self.seat.actor.roles)

    @property
    def seat_words(self) -> tuple[str, str]:
        """Return the two lines of the seat: name with post, and area."""
        actor = self.seat.actor
        posts = "、".join(ROLES.get(role, role) for role in actor.roles)
        return f"{posts} · {actor.name}", self.seat.areas.name(actor.area_code)

    @property
    def figures(self) -> ShiftFigures:
        """Return what this seat did today, for the status bar: the same count as 本席今日."""
        own = self._own.figures
        counts = (
            (tr("登记"), own.registered),
            (tr("受理"), own.accepted),
            (tr("立案"), own.filed),
            (tr("派遣"), own.dispatched),
            (tr("批转"), own.forwarded),
            (tr("结案"), own.closed),
        )
        return ShiftFigures(tuple((word, count) for word, count in counts if count))

    def _on_figures(self) -> None:
        """Tell that the count is new."""
        self.figures_changed.emit(self.figures)

    def act(self, notice_action: str, argument: str) -> None:
        """Do what a notice's button says."""
        if notice_action == "show_case":
            self.case_wanted.emit(argument)
        elif notice_action == "open_waiting":
            self.waiting_wanted.emit()
        elif notice_action == RESOLVE:
            self.conflict_wanted.emit(argument)
        elif notice_action in self.seat.verbs:
            self.seat.verbs.run(notice_action)
        else:
            second_thoughts(self.seat).act_on(notice_action, argument)

    def _time(self, moment: datetime | None) -> str:
        """Return a time of day in the centre's zone."""
        return self.seat.rules.calendar.local(moment).strftime("%H:%M") if moment else ""

    def _on_saved(self, command: object) -> None:
        """Say where a command is when it cannot leave at once."""
        assert isinstance(command, SavedCommand)
        if command.staged:
            return  # the countdown speaks for it
        state = self.seat.connection.state if self.seat.connection else ONLINE
        notice = saved_notice(command, state not in DOWN)
        if notice is not None:
            self.seat.notices.tell(notice)

    def _on_decided(self, command: object) -> None:
        """Say what the centre decided."""
        assert isinstance(command, SavedCommand)
        if command.batch and command.batch != command.command_id:
            return  # one of many: how the act ended is told once
        notice = decided_notice(command, lambda dept: dept_word(dept, self.seat), self._time)
        if notice is not None:
            self.seat.notices.tell(notice)

    def _on_connection(self, connection: object) -> None:
        """Say once when the line goes and once when it is back."""
        assert isinstance(connection, Connection)
        before, self._state = self._state, connection.state
        if connection.state == OFFLINE and before not in (OFFLINE, ""):
            text = tr("操作先存本机，恢复后逐件送出。")
            self.seat.notices.tell(Notice(WARN, tr("网络已断开，可继续工作"), text, key="line"))
        elif before in (OFFLINE, NO_ANSWER) and connection.state in (ONLINE, SYNCING):
            text = tr("正在送出 {n} 项…").format(n=connection.queued) if connection.queued else ""
            self.seat.notices.tell(Notice(GOOD, tr("网络已恢复"), text, key="line"))

    def _on_failed(self, failure: object) -> None:
        """Say that something in the background went wrong; nothing fails in silence."""
        assert isinstance(failure, tuple)
        _, error = failure
        self.seat.notices.tell(error_notice(error))
