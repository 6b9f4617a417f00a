"""A lost race in three columns: mine (without effect), theirs (in effect), the case as it is now; and what to do next.

Fields are never mixed from two hands. What only adds, a remark of mine, can be kept as a comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.outcomes import action_word
from console.viewmodels.actions.choices import unit_name
from console.viewmodels.case_actions import why_not
from console.viewmodels.history_words import sentence_of
from console.viewmodels.rows import category_word, short_number
from console.viewmodels.seat import STORE, SeatViewModel
from services.domain.decide import allowed_actions
from services.domain.errors import DomainError
from services.domain.payloads import photos_in
from services.domain.states import STATES
from services.ports.centre import CaseDetail, TimelineEntry
from services.ports.outbox import CONFLICT, SavedCommand
from services.ports.picture import Projected

KEEP, ACCEPT, AGAIN = "keep", "accept", "again"
_REMARKS = ("note", "reason", "result", "text", "public_reply", "closing_condition")


def tr(text: str) -> str:
    """Translate a word of the conflict."""
    return QCoreApplication.translate("Conflict", text)


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One field in three columns; an empty cell says nothing."""

    label: str
    mine: str
    theirs: str
    now: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """One of the three ways on: key, title, sentence, and why it cannot be taken (empty: it can)."""

    key: str
    title: str
    sentence: str
    reason: str = ""


class ConflictViewModel(QObject):
    """One conflict.

    `changed()` follows what was read, `done()` when it is settled, `again_wanted()` asks for the action's dialog on
    today's case, `refused(str)` tells why a way could not be taken (nothing was changed then).
    """

    changed = Signal()
    done = Signal()
    again_wanted = Signal()
    refused = Signal(str)

    def __init__(self, seat: SeatViewModel, command_id: str, parent: QObject | None = None) -> None:
        """Take the command's id; `load` reads it."""
        super().__init__(parent)
        self.seat, self.command_id = seat, command_id
        self.command: SavedCommand | None = None
        self.projected: Projected | None = None
        self.entry: TimelineEntry | None = None
        self.chosen = ""
        self.busy = False
        self.missing = False

    # --- reading ----------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read command and case from the own files, and what the other did from the centre."""
        outbox, picture, wanted = self.seat.services.outbox, self.seat.services.picture, self.command_id

        def work() -> tuple[SavedCommand | None, Projected | None]:
            command = outbox.get(wanted)
            return command, picture.project(command.case_id) if command is not None else None

        self.seat.background.submit(STORE, f"conflict:{wanted}", work, self._have_read)

    def _have_read(self, found: tuple[SavedCommand | None, Projected | None]) -> None:
        self.command, self.projected = found
        self.missing = self.command is None or self.command.status != CONFLICT
        if self.command is not None and not self.missing:
            self.chosen = KEEP if self.remark else ACCEPT
            self.seat.load_detail(self.command.case_id, self._have_detail, self._no_detail)
        self.changed.emit()

    def _have_detail(self, detail: CaseDetail) -> None:
        """Find the winner's line in the history: its payload says what they did."""
        winner = self.command.winner if self.command is not None else None
        if winner is not None:
            self.entry = next(
                (e for e in reversed(detail.timeline) if e.action == winner.action and e.at == winner.at),
                None,
            )
            self.changed.emit()

    def _no_detail(self, _error: Exception) -> None:
        """Without a line the outcome's own words stand in the column."""

    # --- words ------------------------------------------------------------------------------------------

    def _clock(self, moment: Any) -> str:
        return self.seat.rules.calendar.local(moment).strftime("%H:%M") if moment is not None else ""

    @property
    def head(self) -> str:
        """Return number and category of the case."""
        if self.projected is None:
            return self.command.label if self.command is not None else ""
        case = self.projected.case
        return f"{short_number(case.number, self.seat.now().year)} {category_word(case, self.seat)}"

    @property
    def sentence(self) -> str:
        """Return who was first, when and with what."""
        command = self.command
        if command is None or command.winner is None:
            return ""
        winner = command.winner
        return tr("{who} {at} 已{did}，您 {mine} 的{word}没有生效。").format(
            who=winner.actor,
            at=self._clock(winner.at),
            did=action_word(winner.action),
            mine=self._clock(command.saved_at),
            word=action_word(command.action),
        )

    @property
    def remark(self) -> str:
        """Return what I had written, which can be kept as a comment."""
        payload = self.command.payload if self.command is not None else {}
        return next((str(payload[name]).strip() for name in _REMARKS if payload.get(name)), "")

    @property
    def rows(self) -> tuple[ConflictRow, ...]:
        """Return the three columns field by field; a field nobody touched is left out."""
        command = self.command
        if command is None or command.winner is None:
            return ()
        mine, theirs, winner = command.payload, self._their_payload(), command.winner
        case = self.projected.case if self.projected is not None else None
        state = STATES[case.state].name if case is not None else ""
        rows = [ConflictRow(tr("操作"), action_word(command.action), action_word(winner.action), state)]
        units = (
            self._unit(mine),
            self._unit(theirs),
            unit_name(self.seat.rules, case.lead_dept) if case else "",
        )
        if units[0] or units[1]:
            rows.append(ConflictRow(tr("承办单位"), units[0], units[1], units[2] or tr("还没有")))
        due = self._due(case.due_at) if case is not None else ""
        if due or mine.get("due_at"):
            rows.append(
                ConflictRow(tr("到期"), self._due(mine.get("due_at")), self._due(theirs.get("due_at")), due)
            )
        said = self.remark, _remark_of(theirs) or ("" if self.entry is not None else winner.summary)
        if said[0] or said[1]:
            rows.append(ConflictRow(tr("意见"), said[0], said[1], said[1]))
        files = len(photos_in(mine)), len(photos_in(theirs))
        if any(files):
            counted = [tr("{n} 个").format(n=n) if n else "" for n in files]
            rows.append(ConflictRow(tr("附件"), counted[0], counted[1], counted[1]))
        version = tr("第 {n} 版").format(n=case.version) if case is not None else ""
        times = (
            tr("本席 {at}").format(at=self._clock(command.saved_at)),
            f"{winner.actor} {self._clock(winner.at)}",
        )
        rows.append(ConflictRow(tr("何人何时"), *times, version))
        return tuple(rows)

    def _their_payload(self) -> Mapping[str, Any]:
        return self.entry.payload if self.entry is not None else {}

    @property
    def their_sentence(self) -> str:
        """Return what the other did in one sentence, once the history is known."""
        if self.entry is None:
            return ""
        return sentence_of(self.entry.action, self.entry.payload, self.seat)

    def _unit(self, payload: Mapping[str, Any]) -> str:
        unit = payload.get("lead_dept")
        return unit_name(self.seat.rules, str(unit)) if unit else ""

    def _due(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            value = datetime.fromisoformat(
                value
            )  # payloads are checked before they are stored: UTC, with offset
        return self.seat.rules.calendar.local(value).strftime("%m-%d %H:%M")

    # --- what to do -------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[NextStep, ...]:
        """Return the three ways on."""
        command = self.command
        word = action_word(command.action) if command is not None else ""
        who = command.winner.actor if command is not None and command.winner is not None else tr("对方")
        no_remark = "" if self.remark else tr("这项操作没有写意见")
        return (
            NextStep(
                KEEP,
                tr("接受结果，把我的意见记为备注"),
                tr("备注不会冲突；{who}和承办单位都能看到。").format(who=who),
                no_remark or self._why_not("comment"),
            ),
            NextStep(ACCEPT, tr("接受结果"), tr("我的{word}作废，只留在操作记录里。").format(word=word)),
            NextStep(
                AGAIN,
                tr("在现状上重新{word}…").format(word=action_word(self.again_action)),
                tr("打开{word}，按案件现在的样子另做一项操作。").format(word=action_word(self.again_action)),
                self._why_not(self.again_action) if command is not None else "",
            ),
        )

    @property
    def again_action(self) -> str:
        """The action that asks for the same on the case as it is now: what was dispatched is redispatched."""
        action = self.command.action if self.command is not None else ""
        same = ("redispatch", "dispatch") if action in ("dispatch", "redispatch") else (action,)
        return next((name for name in same if name and not self._why_not(name)), action)

    @property
    def again_preset(self) -> Mapping[str, str]:
        """First values of the new operation's form: the unit of mine."""
        unit = self.command.payload.get("lead_dept") if self.command is not None else None
        return {"lead_dept": str(unit)} if unit else {}

    def _why_not(self, action: str) -> str:
        """Return why an action cannot be taken on the case as it is now."""
        if self.projected is None:
            return tr("案件已不在您的范围内")
        case = self.projected.case
        return why_not(action, case, allowed_actions(case, self.seat.actor, self.seat.rules))

    def choose(self, key: str) -> None:
        """Choose a way; one that cannot be taken is passed over."""
        if any(step.key == key and not step.reason for step in self.steps):
            self.chosen = key
            self.changed.emit()

    def confirm(self) -> bool:
        """Take the chosen way; False when there is nothing to do."""
        command, projected = self.command, self.projected
        if self.busy or command is None or self.missing or not self.chosen:
            return False
        if self.chosen == AGAIN:
            self.again_wanted.emit()
            return True
        self.busy = True
        desk, remark = self.seat.services.desk, self.remark if self.chosen == KEEP else ""

        def work() -> None:
            if remark and projected is not None:  # the remark first: a crash in between loses nothing
                desk.submit("comment", projected, {"text": tr("（未生效的{word}）{text}").format(
                    word=action_word(command.action), text=remark)})  # fmt: skip
            desk.discard(command)

        self.seat.background.submit(STORE, f"settle:{command.command_id}", work, self._settled, self._failed)
        return True

    def replaced(self) -> None:
        """The new operation is saved: the old one is put aside."""
        command, desk = self.command, self.seat.services.desk
        if command is not None:
            key = f"settle:{command.command_id}"
            self.seat.background.submit(
                STORE, key, lambda: desk.discard(command), self._settled, self._failed
            )

    def _settled(self, _result: object) -> None:
        self.busy = False
        self.done.emit()

    def _failed(self, error: Exception) -> None:
        self.busy = False
        if isinstance(error, DomainError):
            self.refused.emit(error.title)
        else:
            self.refused.emit(tr("没有办成：程序出现问题，这项冲突还在。"))
            self.seat.background.failed.emit(("conflict", error))


def _remark_of(payload: Mapping[str, Any]) -> str:
    """Return what somebody wrote."""
    return next((str(payload[name]).strip() for name in _REMARKS if payload.get(name)), "")
