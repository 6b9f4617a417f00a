"""The figures of a running centre: the catalogue in force and the follower of the log."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from services.backend.kpi.following import Follower
from services.backend.kpi.parts import Accounting
from services.backend.reference.kpis import catalogue_of
from services.backend.reference_store import Reference
from services.domain.kpi.definitions import Catalogue


class FiguresDesk:
    """What routes and jobs ask about figures. Thread-safe."""

    def __init__(self, engine: Engine, reference: Callable[[], Reference]) -> None:
        """Take the database and where to ask for the reference data in force; nothing runs before `start`."""
        self._reference = reference
        self._known: tuple[int, Accounting] | None = None
        self.follower = Follower(engine, lambda: self.accounting)

    @property
    def accounting(self) -> Accounting:
        """Return what cases are counted with; raises NoReferenceError before the first document."""
        reference = self._reference()
        known = self._known
        if known is None or known[0] != reference.number:
            made = Accounting(catalogue_of(reference.doc), reference.rules.calendar)
            known = self._known = (reference.number, made)
        return known[1]

    @property
    def catalogue(self) -> Catalogue:
        """Return the definitions in force."""
        return self.accounting.catalogue

    def catch_up(self, budget_s: float = 0.3) -> int:
        """Take in what is new; returns how many changes are left behind."""
        return self.follower.catch_up(budget_s)

    def start(self) -> None:
        """Begin to follow the log."""
        self.follower.start()

    def stop(self) -> None:
        """Stop following."""
        self.follower.stop()
