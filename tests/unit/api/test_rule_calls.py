"""Rule and referee calls over HTTP: path, body and what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from services.api.rule_calls import HttpRuleCalls


class Line:
    """Notes what a call asks of the gateway."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def _ask(self, method: str, path: str, read: Any, **more: Any) -> Any:
        self.asked.append((method, path, more.get("body")))
        return read({"ok": 1})


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda c: c.rules(), ("GET", "/rules", None)), (lambda c: c.rule("a b"), ("GET", "/rules/a%20b", None)),
        (lambda c: c.put_rule("a", {"name": "x"}), ("PUT", "/rules/a", {"name": "x"})),
        (lambda c: c.try_rule("a", 7), ("POST", "/rules/a/try", {"days": 7})),
        (lambda c: c.switch_rule("a", True), ("POST", "/rules/a/switch", {"active": True})),
        (lambda c: c.rule_days("a"), ("GET", "/rules/a/days", None)),
        (lambda c: c.referee("c/1"), ("GET", "/cases/c%2F1/referee", None)),
        (lambda c: c.meetings(), ("GET", "/meetings", None)),
    ],
)  # fmt: skip
def test_calls(call: Any, asked: tuple[str, str, Any]) -> None:
    line = Line()
    assert call(HttpRuleCalls(line)) == {"ok": 1}  # type: ignore[arg-type] # a double of the line
    assert line.asked == [asked]
