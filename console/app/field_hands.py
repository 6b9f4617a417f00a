"""Those who do not sit in the hall, for the scripted shift: a unit and a field collector with accounts of their own.

They send the same commands over the same connection as their web seats do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from console.app.stage import TourStopped
from services.api.gateway import HttpCentreGateway
from services.domain.ids import uuid7
from services.ports.centre import CaseDetail, WireCommand


class FieldHand:
    """One signed-in person without a console."""

    def __init__(self, url: str, username: str, password: str) -> None:
        """Sign in."""
        self._gateway = HttpCentreGateway(url)
        self._gateway.sign_in(username, password, f"field-{username}")

    def act(self, action: str, case_id: str, payload: Mapping[str, Any]) -> None:
        """Take an action on the case as it is now; raises TourStopped when it was not applied."""
        shown = self.look(case_id).case
        now = datetime.now(UTC)
        command = WireCommand(uuid7(), case_id, action, payload, shown.xver, now, client_time=now)
        outcome = self._gateway.send(command)
        if outcome.outcome != "applied":
            why = outcome.reason.title if outcome.reason else ""
            raise TourStopped(f"{action}：{outcome.outcome} {why}")

    def claim(self, case_id: str) -> None:
        """Say that this person works on a case."""
        self._gateway.claim(case_id)

    def unclaim(self, case_id: str) -> None:
        """Give it back."""
        self._gateway.unclaim(case_id)

    def look(self, case_id: str) -> CaseDetail:
        """Return a case with its history."""
        return self._gateway.case_detail(case_id)

    def close(self) -> None:
        """Sign out."""
        self._gateway.sign_out()
        self._gateway.close()
