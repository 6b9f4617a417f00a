"""`Desk`: what an operator's command means. Check, predict, save; nothing is sent from here.

A command that this returns is on disk. A refusal raises before anything was stored: PayloadError with a
sentence a field, ActionRefused with one sentence, StorageFull when the disk is full (the form stays).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from services.domain.case import Case
from services.domain.commands import Rejected
from services.domain.decide import allowed_actions
from services.domain.lifecycle import ACTION_NAMES, ADDITIVE, BIRTH
from services.domain.payloads import check_payload, photos_in
from services.ports.errors import ActionRefused
from services.ports.outbox import (
    CONFLICT,
    HELD,
    NEEDS_CONFIRM,
    WAITING,
    NewAttachment,
    NewCommand,
    Outbox,
    SavedCommand,
)
from services.ports.picture import Picture, Projected
from services.ports.surroundings import Surroundings
from services.ports.system import CentreTime, Clock, IdSource
from services.usecases.bulk import Bulk, Wish

Saved = Callable[..., None]


class Predictor(Picture, Protocol):
    """The picture, with the law asked about a command that is not saved yet."""

    def predict(self, case: Case | None, command: SavedCommand) -> Any:
        """Return Applied or Rejected."""
        ...


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the panel shows it: the projection, and the actions the operator may take on it now."""

    projected: Projected
    allowed: tuple[str, ...]

    @property
    def case(self) -> Case:
        """Return the case with the own commands on top."""
        return self.projected.case


@dataclass(frozen=True, slots=True)
class Ground:
    """What a desk stands on."""

    outbox: Outbox
    picture: Predictor
    around: Surroundings
    centre_time: CentreTime
    clock: Clock
    ids: IdSource
    console_id: str
    saved: Saved


def attachment(data: bytes, name: str, mime: str) -> NewAttachment:
    """Return bytes as an attachment under their hash."""
    return NewAttachment(hashlib.sha256(data).hexdigest(), data, name, mime)


class Desk:
    """One operator's desk. Every method is safe from one background lane; none touches the network."""

    def __init__(self, ground: Ground) -> None:
        """Take what the desk stands on; `ground.saved` is told of every saved command (the engine sends it)."""
        self._g = ground
        #: whether a single act is staged too (a setting of the seat: seconds for second thoughts)
        self.stages_singles = False
        self.bulk = Bulk(
            ground, self._wished, lambda case, command: ground.picture.predict(case, _unsaved(command))
        )

    def _wished(self, wish: Wish) -> NewCommand:
        """Build the checked command of one case of an act."""
        return self._command(wish.action, wish.case.case, wish.payload, (), None)

    # --- looking ------------------------------------------------------------------------------------

    def view(self, case_id: str) -> CaseView | None:
        """Return a case with what may be done to it, None when it is not known."""
        projected = self._g.picture.project(case_id)
        return None if projected is None else CaseView(projected, self.allowed(projected))

    def allowed(self, projected: Projected) -> tuple[str, ...]:
        """Return the actions the operator may take on a case now; none while rules or actor are lacking."""
        rules, actor = self._g.around.rules(), self._g.around.actor()
        if rules is None or actor is None or projected.refused is not None:
            return ()
        return allowed_actions(projected.case, actor, rules)

    # --- doing --------------------------------------------------------------------------------------

    def submit(
        self,
        action: str,
        case: Projected | Case | None,
        payload: Mapping[str, Any],
        attachments: Sequence[NewAttachment] = (),
        *,
        case_id: str | None = None,
    ) -> SavedCommand:
        """Check, predict and save a command on the case the operator looks at; returns it once it is on disk.

        `case` is what was on the screen: its `xver` goes with the command, so that a case that moved on
        meanwhile gives a conflict and not a surprise. `case_id` is for births.
        Raises PayloadError, ActionRefused, StorageFull; then nothing was stored.
        """
        shown = case.case if isinstance(case, Projected) else case
        command = self._command(action, shown, payload, attachments, case_id)
        if isinstance(case, Projected) and action not in ADDITIVE:
            command = replace(command, rests_on=case.rests_on)
        if self.stages_singles and action not in BIRTH:
            command = replace(command, batch=command.command_id, staged=True)
        return self._save(command, shown)

    def register(
        self,
        payload: Mapping[str, Any],
        attachments: Sequence[NewAttachment] = (),
        *,
        case_id: str | None = None,
    ) -> SavedCommand:
        """Register a new case (登记); it is born with `case_id` (the draft's) or a new id."""
        return self.submit("register", None, payload, attachments, case_id=case_id or self._g.ids.new_id())

    def attach(self, case: Projected | Case, added: NewAttachment) -> SavedCommand:
        """Add an attachment to a case."""
        facts = {"sha256": added.sha256, "name": added.name, "mime": added.mime, "size": len(added.data)}
        return self.submit("attach", case, facts, (added,))

    def _command(
        self,
        action: str,
        case: Case | None,
        payload: Mapping[str, Any],
        attachments: Sequence[NewAttachment],
        case_id: str | None,
    ) -> NewCommand:
        """Build a checked command."""
        actor = self._g.around.actor()
        if actor is None:
            raise ActionRefused("请先登录。", code="not_signed_in")
        if action not in ACTION_NAMES:
            raise ActionRefused("不认识的操作。", code="unknown_action")
        target = case.case_id if case is not None else case_id
        if target is None or (case is None) != (action in BIRTH):
            raise ActionRefused("没有找到这件案件，或它不在您的范围内。", code="not_found")
        cleaned = check_payload(action, payload)
        named = photos_in(cleaned)
        return NewCommand(
            command_id=self._g.ids.new_id(),
            case_id=target,
            action=action,
            payload=cleaned,
            base_xver=None if case is None or action in ADDITIVE else case.xver,
            seen_at=self._seen_at(),
            user_id=actor.id,
            saved_at=self._g.clock.wall(),
            console_id=self._g.console_id,
            label=_label(case, cleaned),
            attachments=tuple(a for a in attachments if a.sha256 in named),
        )

    def _seen_at(self) -> datetime | None:
        """Return centre time of this moment, None before the centre was ever heard."""
        now = self._g.centre_time.now()
        return None if now is None else now.astimezone(UTC)

    def _save(self, command: NewCommand, case: Case | None) -> SavedCommand:
        """Predict; save when the law allows it as far as can be told here."""
        verdict = self._g.picture.predict(case, _unsaved(command))
        if isinstance(verdict, Rejected):
            raise ActionRefused(verdict.title, code=verdict.code)
        stored = self._g.outbox.save(command)
        self._g.saved(stored)
        return stored

    # --- second thoughts ----------------------------------------------------------------------------

    def take_back(self, command: SavedCommand) -> bool:
        """Take back a command that has not left (撤销); False when it has, then only a new action helps."""
        done = self._g.outbox.take_back(command.command_id)
        self._g.saved(command)
        return done

    def discard(self, command: SavedCommand) -> bool:
        """Put aside a command that wanted attention (知道了, 放弃)."""
        done = self._g.outbox.discard(command.command_id)
        self._g.saved(command)
        return done

    def confirm_again(self, command: SavedCommand) -> SavedCommand:
        """Do once more what needs confirming, was held or lost a conflict: a new command on today's picture.

        Raises ActionRefused when the case no longer allows it, PayloadError, StorageFull.
        """
        if command.status not in (NEEDS_CONFIRM, HELD, CONFLICT):
            raise ActionRefused("这项操作不需要再次确认。", code="nothing_to_confirm")
        projected = self._g.picture.project(command.case_id)
        shown = None if projected is None else projected.case
        bytes_kept = (self._g.outbox.attachment(sha256) for sha256 in sorted(photos_in(command.payload)))
        again = self._command(
            command.action,
            None if command.action in BIRTH else shown,
            command.payload,
            [kept for kept in bytes_kept if kept is not None],
            command.case_id,
        )
        rests_on = projected.rests_on if projected is not None else ()
        return self._save(replace(again, replaces=command.command_id, rests_on=rests_on), shown)

    def resolve_conflict(self, command: SavedCommand, *, again: bool) -> SavedCommand | None:
        """Answer a conflict: give way to the winner, or do it again on the case as it is now."""
        if again:
            return self.confirm_again(command)
        self.discard(command)
        return None

    def undo(self, command: SavedCommand) -> bool:
        """Undo the last click while that is still a matter of this console alone."""
        return command.status == WAITING and self.take_back(command)


def _label(case: Case | None, payload: Mapping[str, Any]) -> str:
    """Return the line by which the operator knows the command in a list."""
    if case is not None:
        return " ".join(part for part in (case.number or "", case.location.address) if part)
    return str(payload.get("location", {}).get("address", ""))


def _unsaved(command: NewCommand) -> SavedCommand:
    """Return a command as the prediction sees it."""
    return SavedCommand(
        0, command.command_id, command.case_id, command.action, command.payload, command.base_xver,
        command.seen_at, command.user_id, command.saved_at,
    )  # fmt: skip
