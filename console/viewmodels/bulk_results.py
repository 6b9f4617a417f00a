"""What became of an act on many cases, case by case, while the answers arrive; as a list on screen and as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.notices.outcomes import action_word
from console.viewmodels.actions.specs import CHOICE
from console.viewmodels.bulk_actions import act_of, tr
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.command_fate import Look, fate_of
from console.viewmodels.rows import category_word, dept_word, short_number
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import (
    APPLIED,
    CONFLICT,
    DISCARDED,
    HELD,
    INVALID,
    LOST,
    NEEDS_CONFIRM,
    REJECTED,
    REPLACED,
    WAITING,
    SavedCommand,
)
from services.ports.picture import Projected

#: the outbox is read again at most so often while answers pour in
READ_MS = 300
#: groups of the list: everything, done, wants a look, on its way, taken back
ALL, DONE, LOOK, UNDER_WAY, BACK = "all", "done", "look", "under_way", "back"
GROUPS = (ALL, DONE, LOOK, UNDER_WAY, BACK)
_GROUP_OF = {
    APPLIED: DONE, WAITING: UNDER_WAY, DISCARDED: BACK, REPLACED: BACK, REJECTED: LOOK, CONFLICT: LOOK,
    NEEDS_CONFIRM: LOOK, INVALID: LOOK, HELD: LOOK, LOST: LOOK,
}  # fmt: skip
_AGAIN = (NEEDS_CONFIRM, CONFLICT, HELD)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One case: number, words, what was asked, how it stands (word, icon, tone) and why; `again`: may be done again."""

    command_id: str
    case_id: str
    number: str
    category: str
    address: str
    asked: str
    group: str
    word: str
    icon: str
    tone: str
    why: str = ""
    again: bool = False


def group_word(group: str) -> str:
    """Return the name of a group of the list."""
    words = {
        ALL: tr("全部"),
        DONE: tr("已办"),
        LOOK: tr("要看一下"),
        UNDER_WAY: tr("等待"),
        BACK: tr("已撤销"),
    }
    return words[group]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the lane brings back: the act, its commands and their lines."""

    batch: str
    commands: tuple[SavedCommand, ...]
    lines: tuple[ResultLine, ...]


class BulkResultsViewModel(QObject):
    """The list of one act. `changed()` tells that `lines` and `counts` are new."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.seat = seat
        self.batch = ""
        self.action = ""
        self.lines: tuple[ResultLine, ...] = ()
        self.counts: dict[str, int] = dict.fromkeys(GROUPS, 0)
        self.group = ALL
        self._commands: tuple[SavedCommand, ...] = ()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(READ_MS)
        self._soon.timeout.connect(self._read)
        seat.outbox_changed.connect(self._on_outbox)
        self.thoughts = second_thoughts(seat)
        self.thoughts.changed.connect(self._on_outbox)

    # --- reading ------------------------------------------------------------------------------------

    def show(self, batch: str) -> None:
        """Show the list of an act."""
        self.batch, self.group = batch, ALL
        self._read()

    def show_group(self, group: str) -> None:
        """Show a part of the list."""
        self.group = group
        self.changed.emit()

    @property
    def shown(self) -> tuple[ResultLine, ...]:
        """The lines of the group that is shown."""
        return tuple(line for line in self.lines if self.group in (ALL, line.group))

    @property
    def title(self) -> str:
        """Return what was asked of how many."""
        return tr("{action} {n} 件").format(action=action_word(self.action), n=len(self.lines))

    @property
    def settled(self) -> bool:
        """Whether every case has its answer."""
        return bool(self.lines) and not self.counts[UNDER_WAY]

    def _on_outbox(self, _counts: object = None) -> None:
        """Read again in a moment, however many answers come."""
        if self.batch and not self._soon.isActive():
            self._soon.start()

    def _read(self) -> None:
        """Read the act from the outbox, on the store's lane."""
        batch, outbox, picture = self.batch, self.seat.services.outbox, self.seat.services.picture

        def work() -> _Read:
            commands = outbox.batch(batch)
            known = picture.projects([command.case_id for command in commands])
            lines = tuple(self._line(command, known.get(command.case_id)) for command in commands)
            return _Read(batch, commands, lines)

        self.seat.background.submit(STORE, "bulk-results", work, self._have_read)

    def _have_read(self, read: _Read) -> None:
        """Show the lines; they were made on the lane from values."""
        if read.batch != self.batch:
            return
        self._commands, self.lines = read.commands, read.lines
        self.action = _asked_action(read.commands)
        counted = Counter(line.group for line in self.lines)
        self.counts = {group: counted[group] for group in GROUPS} | {ALL: len(self.lines)}
        self.changed.emit()

    def _line(self, command: SavedCommand, entry: Projected | None) -> ResultLine:
        """Return the line of a command and its case."""
        number = entry.case.number if entry is not None else command.number
        word, icon, tone = _look(command)
        return ResultLine(
            command.command_id,
            command.case_id,
            short_number(number, self.seat.now().year),
            category_word(entry.case, self.seat) if entry is not None else "",
            entry.case.location.address if entry is not None else command.label,
            self._asked(command),
            _GROUP_OF.get(command.status, LOOK),
            word,
            icon,
            tone,
            self._why(command),
            command.status in _AGAIN,
        )

    def _asked(self, command: SavedCommand) -> str:
        """Return what was asked of this case beyond the act's name: the unit of a dispatch."""
        unit = command.payload.get("lead_dept")
        return "→ " + dept_word(str(unit), self.seat) if unit else ""

    def _why(self, command: SavedCommand) -> str:
        """Return why it stands as it stands, empty for what went as asked."""
        if command.status == CONFLICT and command.winner is not None:
            winner = command.winner
            at = self.seat.rules.calendar.local(winner.at).strftime("%H:%M") if winner.at else ""
            return tr("{who} {at} 已{did}").format(who=winner.actor, at=at, did=action_word(winner.action))
        if command.status == NEEDS_CONFIRM:
            return tr("操作时看到的画面已超过 10 分钟")
        if command.status == HELD:
            return tr("前一项没有按预想办成，这一项没有送出")
        if command.status == WAITING and command.tries:
            return tr("已送出，等中心答复；会用同一编号再送")
        if command.problem is not None:
            return command.problem.title
        if command.status in (REJECTED,) and command.reason is not None:
            return command.reason.title
        return ""

    # --- doing again --------------------------------------------------------------------------------

    @property
    def again_ids(self) -> tuple[str, ...]:
        """The cases of the part shown that may be done again: conflict, to be confirmed, or held."""
        return tuple(line.case_id for line in self.shown if line.again)

    def again(self, case_ids: tuple[str, ...]) -> tuple[str, tuple[str, ...], dict[str, Any], dict[str, str]]:
        """Return act, cases, form values and replaced commands with which the preview is opened anew."""
        wanted = frozenset(case_ids)
        commands = [one for one in self._commands if one.case_id in wanted and one.status in _AGAIN]
        act = act_of(self.action)
        name = act.id if act is not None else self.action
        values = _form_values(name, commands)
        replaces = {one.case_id: one.command_id for one in commands}
        # what can't be begun from today's state is shown by the preview with its reason
        known = tuple(one.case_id for one in commands if self.seat.case(one.case_id) is not None)
        return name, known, values, replaces

    # --- as text ------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return the list as text, tabs between the columns, for a document or a message."""
        head = (tr("案号"), tr("类别"), tr("地址"), tr("操作"), tr("结果"), tr("原因"))
        rows = [
            (
                line.number,
                line.category,
                line.address,
                f"{action_word(self.action)}{line.asked}",
                line.word,
                line.why,
            )
            for line in self.shown
        ]
        at = self.seat.rules.calendar.local(self.seat.now()).strftime("%Y-%m-%d %H:%M")
        counted = "，".join(
            f"{group_word(group)} {self.counts[group]}" for group in GROUPS[1:] if self.counts[group]
        )
        first = f"{self.title}（{at}）：{counted}"
        return "\n".join([first, *("\t".join(_plain(cell) for cell in row) for row in (head, *rows))]) + "\n"


def _plain(cell: str) -> str:
    """Return a cell without what would break the table."""
    return " ".join(cell.split())


def _asked_action(commands: tuple[SavedCommand, ...]) -> str:
    """Return the act's name: of 派遣 and 改派 in one act, the dispatch."""
    found = [act.id for command in commands[:1] if (act := act_of(command.action)) is not None]
    return found[0] if found else (commands[0].action if commands else "")


def _form_values(name: str, commands: list[SavedCommand]) -> dict[str, Any]:
    """Return the values a form had, as far as all its commands agree."""
    act = act_of(name)
    if act is None or not commands:
        return {}
    values: dict[str, Any] = {}
    for field in act.spec.fields:
        found = {str(one.payload.get(field.name)): one.payload.get(field.name) for one in commands}
        if len(found) != 1:
            continue
        value = next(iter(found.values()))
        if value is not None:
            values[field.name] = _choice(value) if field.kind == CHOICE else value
    if name == "dispatch":
        values["way"] = "one" if "lead_dept" in values else "own"
    return values


def _choice(value: object) -> str:
    """Return a payload's value as the key of a choice."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _look(command: SavedCommand) -> Look:
    """Return the look of a command's fate; one that has left waits for an answer."""
    if command.status == WAITING and command.tries and not command.staged:
        return tr("等待答复"), "cloud_up", "sla.soon"
    return fate_of(command)
