"""`HttpRuleCalls`: automatic rules and the 退单 referee over the line a gateway holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.api.codec import record
from services.api.gateway import HttpCentreGateway
from services.ports.centre import Doc

#: a trial walks thousands of cases
_TRIAL_S = 120.0


class HttpRuleCalls:
    """The `RuleCentre` over a gateway's own session, deadlines and error classes."""

    def __init__(self, gateway: HttpCentreGateway) -> None:
        """Share the gateway's line."""
        self._gateway = gateway

    def rules(self) -> Doc:
        """Return the rules of the area."""
        return self._gateway._ask("GET", "/rules", _doc)

    def rule(self, rule_id: str) -> Doc:
        """Return one rule."""
        return self._gateway._ask("GET", _path(rule_id), _doc)

    def put_rule(self, rule_id: str, doc: Doc) -> Doc:
        """Make or change a rule."""
        return self._gateway._ask("PUT", _path(rule_id), _doc, body=dict(doc))

    def try_rule(self, rule_id: str, days: int) -> Doc:
        """Try a rule on history."""
        body = {"days": days}
        return self._gateway._ask(
            "POST", f"{_path(rule_id)}/try", _doc, body=body, deadline_s=_TRIAL_S, read_s=_TRIAL_S
        )

    def switch_rule(self, rule_id: str, active: bool) -> Doc:
        """Switch a rule on or off."""
        return self._gateway._ask("POST", f"{_path(rule_id)}/switch", _doc, body={"active": active})

    def rule_days(self, rule_id: str) -> Doc:
        """Return what a rule did by day."""
        return self._gateway._ask("GET", f"{_path(rule_id)}/days", _doc)

    def referee(self, case_id: str) -> Doc:
        """Return the sheet of a case."""
        return self._gateway._ask("GET", f"/cases/{quote(case_id, safe='')}/referee", _doc)

    def meetings(self) -> Doc:
        """Return the cases that wait for a joint meeting."""
        return self._gateway._ask("GET", "/meetings", _doc)


def _path(rule_id: str) -> str:
    return f"/rules/{quote(rule_id, safe='')}"


def _doc(value: Any) -> Doc:
    return record(value, "answer")
