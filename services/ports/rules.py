"""Automatic rules and the 退单 referee at the centre: the calls. Documents are those of `openapi.json`."""

from __future__ import annotations

from typing import Protocol

from services.ports.centre import Doc


class RuleCentre(Protocol):
    """Every call blocks; raises only the classes of `services.ports.errors`."""

    def rules(self) -> Doc:
        """Return the rules of the area with switches and figures of today; NeverValid 404 for other posts."""
        ...

    def rule(self, rule_id: str) -> Doc:
        """Return one rule with the cases of its last trial."""
        ...

    def put_rule(self, rule_id: str, doc: Doc) -> Doc:
        """Make or change a rule, which switches it off; NeverValid names the wrong fields."""
        ...

    def try_rule(self, rule_id: str, days: int) -> Doc:
        """Try a rule on the last days of history; takes seconds."""
        ...

    def switch_rule(self, rule_id: str, active: bool) -> Doc:
        """Switch a rule on or off; NeverValid 409 for one that was not tried since its edit."""
        ...

    def rule_days(self, rule_id: str) -> Doc:
        """Return what a rule did by day, and its last acts."""
        ...

    def referee(self, case_id: str) -> Doc:
        """Return the 退单裁判 sheet of a case."""
        ...

    def meetings(self) -> Doc:
        """Return the cases that wait for a joint meeting (会商)."""
        ...
