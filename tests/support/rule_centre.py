"""A hand-written double of the centre's rule and referee routes: keeps rules, knows the line of a `World`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.domain.auto_rules import rule_from
from services.domain.fields import Bad
from services.ports.errors import NeverValid, Problem, Unknown
from tests.support.fakes import World

AT = "2026-11-20T01:00:00+00:00"
TRIED: dict[str, Any] = {
    "case_id": "01930000-0000-7000-8000-000000000001", "number": "20261120-0001", "at": AT,
    "payload": {"lead_dept": "sani"}, "confidence": 0.93, "verdict": "same", "action": "dispatch", "actor": "派遣员甲",
    "did": {"lead_dept": "sani"}, "undone": False, "again": False, "final": "sani", "right": True,
}  # fmt: skip
TRIAL: dict[str, Any] = {
    "days_asked": 30, "from": "2026-10-21T01:00:00+00:00", "to": AT, "looked": 40, "acted": 20, "same": 17, "other": 2,
    "open": 1, "by_rule": 0, "agreement": 0.8947, "bounced": 1, "reworked": 2, "judged": 15, "right": 14,
    "people_right": 13, "passed": {"special": 9, "unsure": 7, "early": 4},
    "days": [
        {"day": "20261119", "acted": 12, "same": 10, "bounced": 1},
        {"day": "20261120", "acted": 8, "same": 7, "bounced": 0},
    ],
}  # fmt: skip


def sheet_doc(**changes: Any) -> dict[str, Any]:
    """A referee sheet as the centre sends it: one return, a grid with two neighbours, a precedent, a pair."""
    box = [[113.36, 23.12], [113.37, 23.12], [113.37, 23.13], [113.36, 23.13], [113.36, 23.12]]
    beside = [[x + 0.01, y] for x, y in box]
    area = {"code": "990101001001001", "name": "一格", "street": "990101001", "street_name": "甲街道",
            "distance_m": 0.0, "outline": [box]}  # fmt: skip
    other = {**area, "code": "990101002001001", "name": "二格", "street": "990101002", "street_name": "乙街道",
             "distance_m": 12.4, "outline": [beside]}  # fmt: skip
    step = {"giver": "muni", "taker": "sani", "at": AT, "returned": True, "by": "市政甲", "reason": "不在管段",
            "basis": "清单第3条", "answer": "经核对"}  # fmt: skip
    return {
        "case_id": TRIED["case_id"], "number": "20261120-0001", "state": "returned", "lead_dept": "sani", "round": 1,
        "bounces": [step], "limit": 3, "due": False, "meeting": {"asked": None, "decided": None},
        "duty": [
            {"condition": 0, "text": "未入容器", "limit": "4 工作时", "dept": "sani", "own": False, "chosen": True},
            {"condition": 1, "text": "大面积堆积", "limit": "2 工作日", "dept": None, "own": False, "chosen": False},
        ],
        "units": [{"dept": "muni", "received": 10, "returned": 3, "handled": 7, "in_time": 6, "usual_s": 7300.0},
                  {"dept": "sani", "received": 0, "returned": 0, "handled": 0, "in_time": 0, "usual_s": None}],
        "ground": {"lon": 113.3699, "lat": 23.125, "address": "示例路1号", "inside": True, "edge_m": 12.4,
                   "grid": area, "neighbours": [other]},
        "precedents": [{"case_id": TRIED["case_id"], "number": "20261001-0009", "distance_m": 80.0, "days_ago": 50,
                        "address": "示例路9号", "condition": 0, "units": ["muni", "sani"], "final": "sani",
                        "returned": 1, "reworked": 0}],
        "handled": [{"dept": "sani", "count": 5}, {"dept": "muni", "count": 1}],
        "pairs": [{"giver": "muni", "taker": "sani", "bounces": 4, "back": 1, "passed_on": 1, "open": 2,
                   "ended": [{"dept": "sani", "count": 2}]}],
        "days": 90, "server_time": AT, **changes,
    }  # fmt: skip


@dataclass
class FakeRuleCentre:
    """The `RuleCentre` of one world; `asked` notes every call."""

    world: World
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def _line(self, what: str) -> None:
        self.asked.append(what)
        if not self.world.online:
            raise Unknown("中心没有答复。", code="offline")

    def rules(self) -> dict[str, Any]:
        """Every rule."""
        self._line("rules")
        today = {"concerned": 4, "bounced": 1}
        rows = [{**doc, "trial": None, "today": today} for _, doc in sorted(self.kept.items())]
        return {"rules": rows, "limits": {"bounce_share": 0.2, "bounce_least": 5}, "server_time": AT}

    def rule(self, rule_id: str) -> dict[str, Any]:
        """One rule."""
        self._line(f"rule {rule_id}")
        return self.kept[rule_id]

    def put_rule(self, rule_id: str, doc: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a rule by the domain's own check."""
        self._line(f"put {rule_id}")
        body = {key: value for key, value in doc.items() if key != "edit"}
        try:
            rule = rule_from({"id": rule_id, **body})
        except Bad as bad:
            raise NeverValid(
                Problem(422, "invalid", "请求内容有误。", fields={bad.at.lstrip("."): str(bad)})
            ) from None
        before = self.kept.get(rule_id)
        made = {
            **rule.to_doc(), "edit": 1 if before is None else before["edit"] + 1, "active": False, "tried": False,
            "edited_at": AT, "edited_by": "值班长甲", "switched_at": None, "switched_by": None, "switched_why": None,
            "tried_at": None, "trial": None if before is None else before["trial"],
        }  # fmt: skip
        self.kept[rule_id] = made
        return made

    def try_rule(self, rule_id: str, days: int) -> dict[str, Any]:
        """A trial with fixed figures."""
        self._line(f"try {rule_id} {days}")
        self.kept[rule_id] = {**self.kept[rule_id], "tried": True, "trial": {**TRIAL, "cases": [TRIED]}}
        return self.kept[rule_id]

    def switch_rule(self, rule_id: str, active: bool) -> dict[str, Any]:
        """Only a tried rule can be switched on."""
        self._line(f"switch {rule_id} {active}")
        if active and not self.kept[rule_id]["tried"]:
            raise NeverValid(Problem(409, "not_tried", "请先试运行。"))
        told = {"active": active, "switched_by": "值班长甲", "switched_at": AT, "switched_why": ""}
        self.kept[rule_id] = {**self.kept[rule_id], **told}
        return {**self.kept[rule_id], "trial": TRIAL}

    def rule_days(self, rule_id: str) -> dict[str, Any]:
        """Two days of work."""
        self._line(f"days {rule_id}")
        day = {"day": "20261120", "applied": 5, "refused": 1, "bounced": 2, "reworked": 0}
        return {"days": [day] if self.kept[rule_id]["active"] else [], "acts": []}

    def referee(self, case_id: str) -> dict[str, Any]:
        """The sheet of a case."""
        self._line(f"referee {case_id}")
        if case_id not in self.sheets:
            raise NeverValid(Problem(404, "not_found", "没有找到这件案件，或它不在您的范围内。"))
        return self.sheets[case_id]

    def meetings(self) -> dict[str, Any]:
        """Who waits."""
        self._line("meetings")
        return {"cases": self.waiting, "limit": 3, "server_time": AT}
