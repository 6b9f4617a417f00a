"""Rules that act by themselves (自动规则): what such a rule is, as data, and what is wrong with one.

A rule says *when* (kind, category, area, source, hour, confidence …), *what* (one action with a template of its
payload) and *how much* (a cap a day). It has no rights of its own: it acts as an actor with the one role its action
needs, in the area it names, through `decide()` like everybody (contract section 5). Whether it may act at all is a
switch beside it, off as shipped.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.domain import fields as f
from services.domain.payloads import KINDS
from services.domain.reference import Rules
from services.domain.roles import Actor

#: action -> the states a rule may take it in, and the role it takes it in
STATES_OF: dict[str, tuple[str, ...]] = {
    "accept": ("reported",),
    "file": ("pending_filing",),
    "dispatch": ("pending_dispatch",),
    "self_close": ("reported", "pending_filing"),
    "close": ("pending_close",),
}
ROLE_OF = {
    "accept": "acceptor", "file": "shift_leader", "dispatch": "dispatcher", "self_close": "acceptor",
    "close": "acceptor",
}  # fmt: skip
#: what people do when an automatic act was wrong; it counts as bounced (退回)
UNDONE_BY: dict[str, frozenset[str]] = {
    "accept": frozenset({"reject", "cancel"}),
    "file": frozenset({"return_to_filing", "cancel"}),
    "dispatch": frozenset({"return_case", "redispatch", "recall", "return_to_filing"}),
    "self_close": frozenset({"reopen"}),
    "close": frozenset({"reopen"}),
}
#: work sent back after an automatic act (返工)
AGAIN = frozenset({"rework", "check_fail"})
#: cases a rule leaves to people unless it names them
SPECIAL = ("urgent", "safety", "confidential", "near_boundary", "level")
#: words of a template: chosen by what was learned, not fixed
USUAL, SUGGESTED = "usual", "suggested"
#: sources of people in the field, whose own report may be closed by them (自采自结)
FIELD_SOURCES = frozenset({"patrol", "grid_worker"})
ID_PREFIX = "rule-"
CAP_MOST = 20_000
_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_CODE = re.compile(r"[0-9]{4,15}")


@dataclass(frozen=True, slots=True)
class When:
    """Which cases. An empty tuple or text asks nothing.

    Attributes:
        kinds: kinds of case.
        categories: codes of categories or what they begin with (`event-01`).
        areas: area codes; never empty once the centre has taken the rule.
        sources: where the case came from.
        min_confidence: least chance (0 to 1) of what the rule would choose; 0 asks nothing.
        hours: from and to on the centre's clock, `("22:00", "06:00")` for the night; () always.
        wait_s: how long people have had the case first.
        words: the description holds one of these.
        min_photos: least number of attachments.
        own_report: reported by the field itself (自采自结).
        street_handled: the office of the case's own street leads.
        include: kinds of special cases the rule may touch (see `SPECIAL`).
    """

    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    min_confidence: float = 0.0
    hours: tuple[str, ...] = ()
    wait_s: int = 0
    words: tuple[str, ...] = ()
    min_photos: int = 0
    own_report: bool = False
    street_handled: bool = False
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AutoRule:
    """One rule. `then` is the template of the action's payload; `cap` how many a day at most."""

    id: str
    name: str
    action: str
    when: When
    then: Mapping[str, Any]
    cap: int = 200

    @property
    def actor(self) -> Actor:
        """Return who acts: the one role the action needs, in the smallest area that holds the rule's."""
        return Actor(
            ID_PREFIX + self.id, f"自动规则·{self.name}", (ROLE_OF[self.action],), common(self.when.areas)
        )

    def to_doc(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        when = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self.when).items()
        }
        return {
            "id": self.id, "name": self.name, "action": self.action, "when": when, "then": dict(self.then),
            "cap": self.cap,
        }  # fmt: skip


def common(areas: tuple[str, ...]) -> str:
    """Return the longest code of a level that all areas begin with, "" when there is none."""
    for length in (15, 12, 9, 6, 4):
        heads = {area[:length] for area in areas}
        if len(heads) == 1 and len(next(iter(heads))) == length:
            return next(iter(heads))
    return ""


def rule_command_id(rule_id: str, case_id: str, action: str, version: int) -> str:
    """Return the id of a rule's command, the same in every process: UUIDv5 of rule, case, action and version."""
    return str(uuid.uuid5(uuid.UUID(case_id), f"rule|{rule_id}|{action}|{version}"))


# --- reading and checking -----------------------------------------------------------------------------


def _matching(pattern: re.Pattern[str], sentence: str) -> f.Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise f.Bad(sentence)
        return value

    return check


def _hours(value: Any) -> list[str]:
    found = f.listed(_matching(_HOUR, "应为时刻，例如 22:00"), 2)(value)
    if len(found) == 1:
        raise f.Bad("应有开始和结束两个时刻")
    return list(found)


def _condition(value: Any) -> Any:
    return value if value == USUAL else f.whole(0, 99)(value)


_WHEN: dict[str, f.Check] = {
    "kinds": f.listed(f.one_of(*KINDS)),
    "categories": f.listed(f.ident, 200),
    "areas": f.listed(_matching(_CODE, "区域编码应为 4 到 15 位数字"), 200),
    "sources": f.listed(f.ident),
    "min_confidence": f.number(0, 1),
    "hours": _hours,
    "wait_s": f.whole(0, 86_400),
    "words": f.listed(f.text(1, 40), 20),
    "min_photos": f.whole(0, 20),
    "own_report": f.flag,
    "street_handled": f.flag,
    "include": f.listed(f.one_of(*SPECIAL)),
}
_THEN: dict[str, tuple[dict[str, f.Check], dict[str, f.Check]]] = {
    "accept": ({}, {}),
    "file": ({"condition": _condition}, {}),
    "dispatch": ({"lead_dept": f.ident}, {"note": f.text(0, 200)}),
    "self_close": ({"result": f.text(1, 1000)}, {}),
    "close": ({}, {"closing_condition": f.text(0, 1000)}),
}
_RULE = f.record(
    {
        "id": _matching(_ID, "应为小写字母、数字和连字符，以字母开头，最多 40 个字"),
        "name": f.text(1, 30),
        "action": f.one_of(*STATES_OF),
        "when": f.record({}, _WHEN),
        "then": lambda value: value,
    },
    {"cap": f.whole(1, CAP_MOST)},
)
_MEASURED = ("accept", "file", "dispatch")


def rule_from(doc: Any) -> AutoRule:
    """Read a rule; raises `fields.Bad` with the place and a sentence for an operator."""
    found = _RULE(doc)
    action = found["action"]
    required, optional = _THEN[action]
    try:
        then = f.record(required, optional)(found["then"])
    except f.Bad as bad:
        raise f.Bad(str(bad), f".then{bad.at}") from None
    asked: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in found["when"].items()
    }
    when = When(**asked)
    if when.min_confidence and action not in _MEASURED:
        raise f.Bad("这个动作没有把握度可比，请去掉", ".when.min_confidence")
    if when.street_handled and action != "close":
        raise f.Bad("只有结案规则可以限定“本街道承办”", ".when.street_handled")
    # from midnight to midnight the other way round there is no moment at all
    if when.hours and (when.hours[0] == when.hours[1] or when.hours == ("24:00", "00:00")):
        raise f.Bad("开始和结束不能相同", ".when.hours")
    if action == "self_close" and not when.own_report and not (when.words or when.min_photos):
        raise f.Bad("自行处置结案要说明凭什么：自采件、描述用语或照片数，至少一项", ".when")
    return AutoRule(found["id"], found["name"], action, when, then, found.get("cap", 200))


def misfit(rule: AutoRule, rules: Rules) -> tuple[str, str] | None:
    """Return where and why a rule does not fit the centre's reference data; None when it does."""
    when = rule.when
    for code in when.categories:
        if not any(known.startswith(code) for known in rules.categories):
            return "when.categories", f"没有以“{code}”开头的类别"
    for source in when.sources:
        if source not in rules.sources:
            return "when.sources", f"没有“{source}”这个来源"
    lead = rule.then.get("lead_dept")
    if lead not in (None, SUGGESTED, "street") and (
        lead not in rules.departments or not rules.departments[lead].active
    ):
        return "then.lead_dept", f"没有“{lead}”这个单位，或它已停用"
    return None
