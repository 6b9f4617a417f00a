"""One act on many cases: what the law says to each of them, and one transaction that saves them all.

Nothing is sent from here. What is saved `staged` stays on this machine until its act is released, so that the
operator can take all of it back; a crash in between loses nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from services.domain.case import Case
from services.domain.commands import Rejected
from services.domain.errors import DomainError, PayloadError
from services.domain.lifecycle import ADDITIVE
from services.ports.errors import ActionRefused
from services.ports.outbox import NewCommand, Outbox, SavedCommand
from services.ports.picture import Projected
from services.ports.system import IdSource

_EMPTY: Mapping[str, Any] = {}
_STUCK = "前面的操作还没有定论：{why}"


@dataclass(frozen=True, slots=True)
class Wish:
    """One case of an act: the case as it was on the screen, and the payload meant for it.

    `against` is a refusal known before the law is asked (no unit suggests itself, say); `replaces` names a
    command that was not applied and is done again by this one.
    """

    case: Projected
    action: str
    payload: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    against: str = ""
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a wish: the case after it, or the code and sentence of the refusal.

    `fields` holds a sentence for each field of the payload that is lacking or wrong.
    """

    wish: Wish
    after: Case | None = None
    code: str = ""
    title: str = ""
    override: bool = False
    fields: Mapping[str, str] = field(default_factory=lambda: _EMPTY)

    @property
    def case_id(self) -> str:
        """Return the case."""
        return self.wish.case.case.case_id

    @property
    def accepted(self) -> bool:
        """Whether the law allows it, as far as this machine can know."""
        return self.after is not None


class Asked(Protocol):
    """What a bulk act needs of the desk's ground."""

    @property
    def outbox(self) -> Outbox:
        """The outbox."""
        ...

    @property
    def ids(self) -> IdSource:
        """Where ids come from."""
        ...

    @property
    def saved(self) -> Callable[..., None]:
        """Who is told of saved commands."""
        ...


Build = Callable[[Wish], NewCommand]
Predict = Callable[[Case | None, NewCommand], Any]


class Bulk:
    """Acts on many cases of one desk; safe from one background lane, like the desk itself."""

    def __init__(self, ground: Asked, build: Build, predict: Predict) -> None:
        """Take the outbox, the desk's way to build a checked command, and the law."""
        self._g = ground
        self._build = build
        self._predict = predict

    def name(self) -> str:
        """Return a fresh name for an act."""
        return self._g.ids.new_id()

    def foresee(self, wishes: Sequence[Wish]) -> tuple[Foreseen, ...]:
        """Ask the law about every wish, in order; nothing is stored."""
        return tuple(self._foresee(wish) for wish in wishes)

    def _foresee(self, wish: Wish) -> Foreseen:
        """Ask the law about one."""
        if wish.against:
            return Foreseen(wish, None, "not_meant", wish.against)
        if wish.case.refused is not None:
            return Foreseen(wish, None, "earlier_refused", _STUCK.format(why=wish.case.refused))
        try:
            verdict = self._predict(wish.case.case, self._build(wish))
        except PayloadError as error:
            return Foreseen(wish, None, error.code, error.title, fields=error.fields)
        except DomainError as error:
            return Foreseen(wish, None, error.code, error.title)
        if isinstance(verdict, Rejected):
            return Foreseen(wish, None, verdict.code, verdict.title)
        return Foreseen(wish, verdict.case, override=verdict.override)

    def submit(self, wishes: Sequence[Wish], batch: str, *, staged: bool = True) -> tuple[SavedCommand, ...]:
        """Save the wishes in one transaction under the name of their act; all or none.

        Each command carries the version of the case in its wish, the picture the operator decided on. Raises
        ActionRefused when the law refuses one of them now or its picture has changed, PayloadError, StorageFull;
        then nothing was stored.
        """
        commands = [replace(self._checked(wish), batch=batch, staged=staged) for wish in wishes]
        if not commands:
            return ()
        stored = self._g.outbox.save_all(commands)
        self._g.saved(*stored)
        return stored

    def _checked(self, wish: Wish) -> NewCommand:
        """Return the command of a wish; raises when it cannot be meant any more."""
        if wish.against:
            raise ActionRefused(wish.against, code="not_meant")
        command = self._build(wish)
        verdict = self._predict(wish.case.case, command)
        if isinstance(verdict, Rejected):
            raise ActionRefused(verdict.title, code=verdict.code)
        rests_on = () if wish.action in ADDITIVE else wish.case.rests_on
        return replace(command, rests_on=rests_on, replaces=wish.replaces)

    def release(self, batch: str) -> tuple[SavedCommand, ...]:
        """Let an act leave: the time for second thoughts is over. Returns what was let go."""
        freed = self._g.outbox.release(batch)
        if freed:
            self._g.saved(*freed)
        return freed

    def take_back(self, batch: str) -> tuple[SavedCommand, ...]:
        """Take back what has not left of an act (撤销); returns every command whose fate changed by it."""
        changed = self._g.outbox.take_back_batch(batch)
        if changed:
            self._g.saved(*changed)
        return changed
