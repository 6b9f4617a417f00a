"""撤销: acts that are saved but do not leave before the time for second thoughts is over, counted in the open.

The time is counted by this machine's monotonic clock while the program runs. What a crash or a closed window left
behind is neither sent nor forgotten: it is shown again at the next start, and the operator says what becomes of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QObject, QTimer, Signal

from console.notices.notice import GOOD, INFO, WARN, Notice, NoticeAction
from console.notices.outcomes import action_word, error_notice
from console.viewmodels.bulk_actions import act_word, tr
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import DISCARDED, WAITING, SavedCommand

BULK_SETTING, SINGLE_SETTING = "undo.bulk_s", "undo.single_s"
BULK_S, SINGLE_S = 10.0, 0.0
MOST_S = 120.0
TICK_MS = 200
#: how many of the seat's latest commands Ctrl+Z looks at
REMEMBERED = 50
UNDO, SEND, LIST = "bulk_undo", "bulk_send", "bulk_list"


@dataclass(frozen=True, slots=True)
class HeldAct:
    """An act that has not left. `until` is a monotonic moment, None when it waits for the operator's word."""

    batch: str
    action: str
    count: int
    until: float | None
    seconds: float

    def left(self, now: float) -> float:
        """Return the seconds that are left, 0 when it waits for a word."""
        return max(0.0, self.until - now) if self.until is not None else 0.0


class SecondThoughts(QObject):
    """Holds acts back, counts down, lets go, takes back; one a seat (`second_thoughts`).

    Signals: `changed()` when acts came or went, `counting(tuple)` with a HeldAct and its whole seconds left,
    `over(str)` when an act has left this desk or was taken back, `list_wanted(str)` to show the cases of an act.
    """

    changed = Signal()
    counting = Signal(object)
    over = Signal(str)
    list_wanted = Signal(str)

    def __init__(self, seat: SeatViewModel, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the settings and what an earlier run left behind."""
        super().__init__(seat)
        self.seat, self._clock = seat, clock
        self.acts: dict[str, HeldAct] = {}
        self.bulk_s, self.single_s = BULK_S, SINGLE_S
        self.latest = ""
        """The latest act on several cases, held or gone."""
        self._chosen = False
        self._last: list[str] = []
        self._said: dict[str, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        seat.saved.connect(self._on_saved)
        seat.background.submit(STORE, "second-thoughts", self._read, self._have_read)

    # --- beginning ----------------------------------------------------------------------------------

    def _read(self) -> tuple[float, float, tuple[SavedCommand, ...]]:
        """Read settings and leftovers (store's lane)."""
        settings, outbox = self.seat.services.settings, self.seat.services.outbox
        bulk, single = settings.value(BULK_SETTING, BULK_S), settings.value(SINGLE_SETTING, SINGLE_S)
        return _seconds(bulk, BULK_S), _seconds(single, SINGLE_S), outbox.staged()

    def _have_read(self, found: tuple[float, float, tuple[SavedCommand, ...]]) -> None:
        """Show what an earlier run left behind; it does not leave by itself."""
        bulk_s, single_s, left = found
        if not self._chosen:  # what the operator has set meanwhile counts
            self.bulk_s, self.single_s = bulk_s, single_s
        self.seat.services.desk.stages_singles = self.single_s > 0
        batches: dict[str, list[SavedCommand]] = {}
        for command in left:
            if command.batch and command.batch not in self.acts:
                batches.setdefault(command.batch, []).append(command)
        for batch, commands in batches.items():
            self.acts[batch] = HeldAct(batch, commands[0].action, len(commands), None, 0.0)
            self.latest = batch
            words = tr("上次没有来得及送出：{action} {n} 件").format(
                action=act_word(commands[0].action), n=len(commands)
            )
            acts = (NoticeAction(SEND, tr("现在送出"), batch), NoticeAction(UNDO, tr("撤销"), batch))
            self._tell(WARN, words, tr("都保存在本机，等您决定；不决定就一直不送。"), batch, acts, stays=True)
        if batches:
            self.changed.emit()

    def set_seconds(self, *, bulk: float | None = None, single: float | None = None) -> None:
        """Change a setting; kept on this machine."""
        self._chosen = True
        self.bulk_s = self.bulk_s if bulk is None else _seconds(bulk, BULK_S)
        self.single_s = self.single_s if single is None else _seconds(single, SINGLE_S)
        self.seat.services.desk.stages_singles = self.single_s > 0
        settings, kept = self.seat.services.settings, (self.bulk_s, self.single_s)

        def work() -> None:
            settings.put_value(BULK_SETTING, kept[0])
            settings.put_value(SINGLE_SETTING, kept[1])

        self.seat.background.submit(STORE, "second-thoughts-settings", work)

    def begin(self, batch: str, action: str, commands: Iterable[SavedCommand], seconds: float) -> None:
        """Start counting for an act that was just saved; with no seconds it has left already."""
        count = len(tuple(commands))
        if count > 1:
            self.latest = batch
        if seconds <= 0:
            self.over.emit(batch)
            return
        self.acts[batch] = HeldAct(batch, action, count, self._clock() + seconds, seconds)
        self._say(self.acts[batch], ceil(seconds))
        self._timer.start()
        self.changed.emit()

    def _on_saved(self, command: object) -> None:
        """Remember the seat's own commands; a single one that is staged starts counting."""
        assert isinstance(command, SavedCommand)
        self._last = [*self._last[1 - REMEMBERED :], command.command_id]
        if command.staged and command.batch:
            self.begin(command.batch, command.action, (command,), self.single_s)

    # --- counting -----------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let go what is over, tell how long the others have."""
        now = self._clock()
        for act in list(self.acts.values()):
            if act.until is None:
                continue
            if now >= act.until:
                self.release(act.batch)
                continue
            whole = ceil(act.until - now)
            if self._said.get(act.batch) != whole:
                self._said[act.batch] = whole
                self.counting.emit((act, whole))
        if not any(act.until is not None for act in self.acts.values()):
            self._timer.stop()

    def left(self, batch: str) -> float | None:
        """Return the seconds an act has left, None when it is not held."""
        act = self.acts.get(batch)
        return None if act is None else act.left(self._clock())

    # --- ending -------------------------------------------------------------------------------------

    def release(self, batch: str) -> None:
        """Let an act leave now."""
        act = self.acts.pop(batch, None)
        if act is None:
            return
        self._said.pop(batch, None)
        bulk = self.seat.services.desk.bulk

        def work() -> tuple[HeldAct, int]:
            return act, len(bulk.release(batch))

        def failed(error: Exception) -> None:
            self._put_back(act, error)

        self.seat.background.submit(STORE, f"release:{batch}", work, self._released, failed)
        self.changed.emit()

    def _put_back(self, act: HeldAct, error: Exception) -> None:
        """The disk refused: the act stays held and waits for the operator's word."""
        self.acts[act.batch] = HeldAct(act.batch, act.action, act.count, None, act.seconds)
        self.seat.notices.tell(error_notice(error))
        self.changed.emit()

    def _released(self, answer: tuple[HeldAct, int]) -> None:
        """Tell that it is on its way."""
        act, count = answer
        online = self.seat.connection is None or self.seat.connection.state in ("online", "syncing")
        title = tr("正在送出：{action} {n} 件") if online else tr("待发送：{action} {n} 件，恢复后逐件送出")
        if act.count > 1:
            title = title.format(action=action_word(act.action), n=count)
            self._tell(INFO, title, "", act.batch, (NoticeAction(LIST, tr("看清单"), act.batch),))
        self.over.emit(act.batch)

    def undo(self, batch: str) -> None:
        """Take back what has not left of an act."""
        self.acts.pop(batch, None)
        self._said.pop(batch, None)
        bulk, outbox = self.seat.services.desk.bulk, self.seat.services.outbox

        def work() -> tuple[SavedCommand, ...]:
            bulk.take_back(batch)
            return outbox.batch(batch)

        self.seat.background.submit(STORE, f"undo:{batch}", work, self._undone, self._failed)
        self.changed.emit()

    def _undone(self, commands: tuple[SavedCommand, ...]) -> None:
        """Tell how much was taken back, and what had left already."""
        if not commands:
            return
        back = sum(command.status == DISCARDED for command in commands)
        gone, batch, word = len(commands) - back, commands[0].batch or "", act_word(commands[0].action)
        if back:
            title = tr("已撤销：{action} {n} 件，没有送出").format(action=word, n=back)
        else:
            title = tr("来不及撤销：已经送出")
        text = tr("{n} 件此前已送出，以中心的答复为准。").format(n=gone) if gone else ""
        self._tell(WARN if gone else GOOD, title, text, batch)
        self.over.emit(batch)

    def undo_last(self) -> None:
        """Ctrl+Z: take back the latest act that is still a matter of this machine alone."""
        if self.acts:
            self.undo(max(self.acts.values(), key=lambda act: act.until or 0.0).batch)
            return
        last = tuple(reversed(self._last))
        desk, outbox = self.seat.services.desk, self.seat.services.outbox

        def work() -> SavedCommand | None:
            for command_id in last:
                found = outbox.get(command_id)
                if found is not None and found.status == WAITING and found.tries == 0:
                    return found if desk.take_back(found) else None
            return None

        self.seat.background.submit(STORE, "undo-last", work, self._one_undone, self._failed)

    def _one_undone(self, command: SavedCommand | None) -> None:
        """Tell what was taken back."""
        if command is None:
            words = tr("没有可以撤销的操作：都已送出，要改请另做一项操作。")
            self.seat.notices.tell(Notice(INFO, tr("不能撤销"), words, key="undo"))
            return
        title = tr("已撤销：{action}，没有送出").format(action=action_word(command.action))
        self.seat.notices.tell(Notice(GOOD, title, command.label, key=f"cmd:{command.command_id}"))

    def _failed(self, error: Exception) -> None:
        """Say why it could not be taken back; what is still staged is found again."""
        self.seat.notices.tell(error_notice(error))
        self.seat.background.submit(STORE, "second-thoughts", self._read, self._have_read)

    # --- words --------------------------------------------------------------------------------------

    def act_on(self, notice_action: str, batch: str) -> bool:
        """Do what the button of a notice says; False when it is none of these."""
        acts = {UNDO: self.undo, SEND: self.release, LIST: self.list_wanted.emit}
        if notice_action not in acts:
            return False
        acts[notice_action](batch)
        return True

    def countdown_words(self, action: str, count: int, seconds: int) -> str:
        """Return the line that counts down."""
        return tr("{action} {n} 件，{s} 秒后送出").format(action=action_word(action), n=count, s=seconds)

    def _say(self, act: HeldAct, seconds: int) -> None:
        """Tell of an act that has begun to count."""
        buttons = [NoticeAction(UNDO, tr("撤销"), act.batch)]
        if act.count > 1:
            buttons.append(NoticeAction(LIST, tr("看清单"), act.batch))
        words = self.countdown_words(act.action, act.count, seconds)
        self._tell(WARN, words, tr("已保存在本机，还没有送出。"), act.batch, tuple(buttons), stays=True)

    def _tell(
        self, severity: str, title: str, text: str, batch: str, actions: tuple[NoticeAction, ...] = (),
        *, stays: bool = False,
    ) -> None:  # fmt: skip
        """Raise a notice in the place of the act's earlier one."""
        self.seat.notices.tell(Notice(severity, title, text, actions, notice_key(batch), stays=stays))


def notice_key(batch: str) -> str:
    """Return the key of an act's notice."""
    return f"bulk:{batch}"


def _seconds(value: object, shipped: float) -> float:
    """Return a setting as seconds between 0 and 120; what is no number counts as shipped."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shipped
    return min(MOST_S, max(0.0, float(value)))


def second_thoughts(seat: SeatViewModel) -> SecondThoughts:
    """Return the one keeper of a seat; made at the first asking."""
    found = seat.findChild(SecondThoughts)
    return found if isinstance(found, SecondThoughts) else SecondThoughts(seat)
