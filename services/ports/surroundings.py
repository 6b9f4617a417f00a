"""What a prediction rests on besides case and command: rules, the signed-in actor, centre time, places."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from services.domain.reference import Position, Rules
from services.domain.roles import Actor


class Surroundings(Protocol):
    """The signed-in operator's world; values may change from call to call (new reference data, sign-in)."""

    def rules(self) -> Rules | None:
        """Return the centre's rules, None before the reference data was ever fetched."""
        ...

    def actor(self) -> Actor | None:
        """Return who is signed in (or unlocked offline)."""
        ...

    def now(self) -> datetime:
        """Return centre time, or the machine's while the centre was never heard."""
        ...

    def position(self, lon: float, lat: float) -> Position | None:
        """Return the grid of a point, None when no grid index is loaded (then nobody can tell)."""
        ...

    def user_dept(self, user_id: str) -> tuple[bool, str | None]:
        """Return whether the roster knows a user, and the user's department."""
        ...
