"""What the sync tests share: a model centre with one or more consoles on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from services.domain.roles import Actor
from services.usecases.rules_from_reference import rules_from_reference
from tests.support.console_core import (
    LEADER,
    REFERENCE,
    REGISTER,
    ConsoleCore,
    CountedIds,
    HandClock,
    quick_folder,
)
from tests.support.model_centre import ModelCentre, ModelGateway


@dataclass
class Ground:
    """A model centre and one console."""

    centre: ModelCentre
    core: ConsoleCore
    gateway: ModelGateway

    def born(self, text: str = "路边有垃圾堆积") -> str:
        """A case the centre has decided and the console knows."""
        saved = self.core.desk.register({**REGISTER, "description": text})
        self.drain()
        return saved.case_id

    def drain(self) -> None:
        """Send and pull until both are quiet."""
        for _ in range(50):
            self.core.push()
            if not self.core.outbox.waiting():
                break
        self.core.catch_up()

    def click(self, action: str, case_id: str, payload: dict[str, Any] | None = None) -> Any:
        """Save a command on the case as the screen shows it."""
        return self.core.desk.submit(action, self.core.overlay.project(case_id), payload or {})

    def status(self, command: Any) -> str:
        """The present status of a command."""
        found = self.core.outbox.get(command.command_id)
        assert found is not None
        return found.status


@contextmanager
def ground(actor: Actor = LEADER, *, copied: bool = True) -> Iterator[Ground]:
    """A model centre and a console that is up to date."""
    centre = ModelCentre(rules_from_reference(REFERENCE))
    gateway = ModelGateway(centre, actor)
    core = ConsoleCore(quick_folder(), gateway, actor, HandClock(), CountedIds(1), REFERENCE)
    try:
        if copied:
            core.catch_up()
        yield Ground(centre, core, gateway)
    finally:
        core.close()
