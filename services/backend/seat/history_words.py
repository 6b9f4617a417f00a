"""The timeline of a case in sentences for the web seats; payloads come masked from the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.backend.seat import words
from services.domain.calendar import WorkCalendar
from services.domain.lifecycle import ACTION_NAMES
from services.domain.limits import Limit
from services.domain.masking import mask_phones_in
from services.domain.reference import Rules
from services.domain.roles import ACTORS, ROLES
from services.sql.types import from_ms

_RESULTS = {"true": "属实", "false": "不属实", "not_found": "未找到"}
_SAID = ("reason", "result", "closing_condition", "text", "note", "description")


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the timeline: when, who (with the post), what, and the photos it brought."""

    at: str
    who: str
    head: str
    said: str
    more: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


def step_of(row: Mapping[str, Any], body: Mapping[str, Any], now: datetime, rules: Rules) -> Step:
    """Return a change of the log as an entry of the timeline."""
    action, payload = str(row["action"]), body["p"]
    post = ROLES.get(row["role"]) or ACTORS.get(row["role"], "")
    name = str(body["n"])
    photos = [str(sha) for sha in payload.get("photos", ())]
    if action == "attach" and str(payload.get("mime", "")).startswith("image/"):
        photos.append(str(payload["sha256"]))
    head, said, more = told(action, payload, now, rules)
    return Step(
        words.moment_text(from_ms(row["at"]), now, rules.calendar),
        name if post in ("", name) else f"{post} {name}",
        head,
        mask_phones_in(said),
        tuple(mask_phones_in(line) for line in more),
        tuple(photos),
    )


def told(
    action: str, payload: Mapping[str, Any], now: datetime, rules: Rules
) -> tuple[str, str, tuple[str, ...]]:
    """Return head, what was said, and further lines of an action."""
    word = ACTION_NAMES.get(action, action)
    said = next((str(payload[key]) for key in _SAID if payload.get(key)), "")
    if action in ("dispatch", "redispatch"):
        lead, *co = (_dept(dept, rules) for dept in (payload.get("lead_dept"), *payload.get("co_depts", ())))
        return f"{word} → {lead}", said, (f"协办：{'、'.join(co)}",) if co else ()
    if action == "file":
        return word, _filed(payload, rules), ()
    if action == "attach":
        return word, str(payload.get("name", "")), ()
    if action == "verify_result":
        return f"{word}：{_RESULTS.get(str(payload.get('result')), '')}", str(payload.get("note", "")), ()
    if action == "return_case":
        return word, said, _line("依据", payload.get("basis"))
    if action == "feed_back":
        return _feedback_head(word, payload), said, _line("公开答复", payload.get("public_reply"))
    return word + _tail(action, payload, now, rules.calendar), said, ()


def _tail(action: str, payload: Mapping[str, Any], now: datetime, calendar: WorkCalendar) -> str:
    """Return what the head of an action says besides its name."""
    reached = "：已联系上" if payload.get("reached") else "：未联系上"
    if action.startswith("decide_"):
        return f"：{'同意' if payload.get('approve') else '不同意'}"
    if action == "apply_extension" and payload.get("amount") and payload.get("unit"):
        return f" {Limit(payload['amount'], payload['unit']).words}"
    if action == "apply_suspend":
        return f"至 {_moment(payload.get('until'), now, calendar)}"
    if action == "contact_citizen":
        return f"（{_moment(payload.get('at'), now, calendar)}）{reached}"
    if action == "callback":
        return reached
    return "（撤销）" if action == "assign" and payload.get("to") is None else ""


def _line(label: str, said: object) -> tuple[str, ...]:
    return (f"{label}：{said}",) if said else ()


def _feedback_head(word: str, payload: Mapping[str, Any]) -> str:
    """Return the head of a feedback with what the unit says of its success."""
    if payload.get("outside_duty"):
        return f"{word}（非本单位职责）"
    if "solved" in payload:
        return f"{word}（{'已解决' if payload['solved'] else '未解决'}）"
    return word


def _dept(dept: object, rules: Rules) -> str:
    found = rules.departments.get(str(dept))
    return found.name if found is not None else str(dept)


def _filed(payload: Mapping[str, Any], rules: Rules) -> str:
    code, index = str(payload.get("category", "")), payload.get("condition")
    category, condition = rules.categories.get(code), rules.condition(code, index)
    name = category.name if category is not None else code
    return name if condition is None else f"{name}，{condition.text}，处置时限 {condition.limit.words}"


def _moment(value: object, now: datetime, calendar: WorkCalendar) -> str:
    """Return a payload's moment; the raw text when it is none."""
    try:
        return words.moment_text(datetime.fromisoformat(str(value)), now, calendar)
    except ValueError:
        return str(value)
