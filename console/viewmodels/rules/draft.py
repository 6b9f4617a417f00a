"""A rule as the fields of its form, and back: what a shift leader writes in words becomes the rule's document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from services.domain.auto_rules import CAP_MOST, SPECIAL, STATES_OF, SUGGESTED, USUAL
from services.domain.lifecycle import ACTION_NAMES
from services.domain.reference import Rules

#: what a field of the form holds for each action in `then`
THEN_KEY = {
    "file": "condition",
    "dispatch": "lead_dept",
    "self_close": "result",
    "close": "closing_condition",
}
#: cases a day where the field is left empty
CAP = 200
_PARTS = re.compile(r"[,，、;；\s]+")
_HOURS = re.compile(r"\s*(\d{1,2}):?(\d{2})?\s*[-–—~至到]\s*(\d{1,2}):?(\d{2})?\s*")


def tr(text: str) -> str:
    """Translate a word of the form."""
    return QCoreApplication.translate("Rules", text)


class BadFieldError(ValueError):
    """A field that cannot be read: `name` of the field, and a sentence."""

    def __init__(self, name: str, sentence: str) -> None:
        """Keep the field."""
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The fields as text; `edit` is the edit they were read from (0 for a new rule)."""

    id: str = ""
    edit: int = 0
    name: str = ""
    action: str = "accept"
    then: str = ""
    categories: str = ""
    areas: str = ""
    sources: str = ""
    confidence: str = ""
    hours: str = ""
    wait: str = ""
    words: str = ""
    photos: str = ""
    cap: str = "200"
    include: str = ""
    own_report: bool = False
    street_handled: bool = False


def special_words() -> dict[str, str]:
    """Return the words of the special cases a rule may be let on."""
    return {
        "urgent": tr("急要"), "safety": tr("安全"), "confidential": tr("保密"), "near_boundary": tr("交界"),
        "level": tr("有级别"),
    }  # fmt: skip


def actions() -> tuple[tuple[str, str], ...]:
    """Return the actions a rule may take, with their words."""
    return tuple((action, ACTION_NAMES[action]) for action in STATES_OF)


def then_label(action: str) -> str:
    """Return what the field of the payload is called for an action, empty where there is none."""
    return {
        "file": tr("立案条件"), "dispatch": tr("派往单位"), "self_close": tr("处置结果"), "close": tr("结案条件"),
    }.get(action, "")  # fmt: skip


def then_hint(action: str) -> str:
    """Return what may be written there."""
    return {
        "file": tr("惯用，或第几条（从 1 起）"),
        "dispatch": tr("建议单位、属地街道，或单位名称"),
        "self_close": tr("例：一线人员当场处置完毕"),
        "close": tr("空着＝立案条件自带的结案条件"),
    }.get(action, "")


# --- document to form --------------------------------------------------------------------------------------


def form_of(doc: Mapping[str, Any], rules: Rules) -> RuleForm:
    """Return the fields of a rule as the centre sent it."""
    when, words = doc["when"], special_words()
    confidence = float(when.get("min_confidence") or 0.0)
    hours = when.get("hours") or []
    return RuleForm(
        str(doc["id"]), int(doc["edit"]), str(doc["name"]), str(doc["action"]),
        _then_text(str(doc["action"]), doc["then"], rules),
        "、".join(when.get("categories", ())), "、".join(when.get("areas", ())),
        "、".join(rules.sources.get(source, source) for source in when.get("sources", ())),
        f"{100 * confidence:g}" if confidence else "",
        "-".join(hours), f"{int(when.get('wait_s') or 0) / 60:g}" if when.get("wait_s") else "",
        "、".join(when.get("words", ())), str(when.get("min_photos") or ""), str(doc["cap"]),
        "、".join(words[name] for name in when.get("include", ()) if name in words),
        bool(when.get("own_report")), bool(when.get("street_handled")),
    )  # fmt: skip


def _then_text(action: str, then: Mapping[str, Any], rules: Rules) -> str:
    value = then.get(THEN_KEY.get(action, ""))
    if value is None:
        return ""
    if action == "file":
        return tr("惯用") if value == USUAL else str(int(value) + 1)
    if action == "dispatch":
        unit = rules.departments.get(str(value))
        return {SUGGESTED: tr("建议单位"), "street": tr("属地街道")}.get(
            str(value), unit.short or unit.name if unit else str(value)
        )
    return str(value)


# --- form to document --------------------------------------------------------------------------------------


def doc_of(form: RuleForm, rules: Rules) -> dict[str, Any]:
    """Return what is sent to keep a rule; raises BadFieldError for a field that cannot be read."""
    when: dict[str, Any] = {
        "categories": _categories(form.categories, rules), "areas": list(_parts(form.areas)),
        "sources": _sources(form.sources, rules), "words": list(_parts(form.words)),
        "include": _include(form.include), "own_report": form.own_report,
        "street_handled": form.street_handled,
    }  # fmt: skip
    confidence = _number("confidence", form.confidence, 100)
    if confidence:
        when["min_confidence"] = confidence / 100
    if form.hours.strip():
        when["hours"] = _hours(form.hours)
    wait, photos = _number("wait", form.wait, 1440), _number("photos", form.photos, 20)
    if wait:
        when["wait_s"] = round(wait * 60)  # shown with six digits: 50 seconds are 0.833333 minutes
    if photos:
        when["min_photos"] = int(photos)
    if not form.name.strip():
        raise BadFieldError("name", tr("请给规则起个名字"))
    return {
        "name": form.name.strip(), "action": form.action, "when": when, "then": _then(form, rules),
        "cap": _cap(form.cap), "edit": form.edit,
    }  # fmt: skip


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in _PARTS.split(text.strip()) if part)


def _number(name: str, text: str, most: float) -> float:
    try:
        value = float(text.strip().removesuffix("%") or 0)
    except ValueError:
        raise BadFieldError(name, tr("应为数字")) from None
    if not 0 <= value <= most:
        raise BadFieldError(name, tr("应在 0 到 {most} 之间").format(most=f"{most:g}"))
    return value


def _cap(text: str) -> int:
    """Read the cap of a day; an empty field is the shipped one, nought is none at all."""
    if not text.strip():
        return CAP
    value = _number("cap", text, CAP_MOST)
    if value < 1 or value != int(value):
        raise BadFieldError("cap", tr("应为 1 到 {most} 的整数").format(most=CAP_MOST))
    return int(value)


def _hours(text: str) -> list[str]:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise BadFieldError("hours", tr("写成 22:00-06:00"))
    start, start_min, end, end_min = found.groups()
    return [f"{int(start):02d}:{start_min or '00'}", f"{int(end):02d}:{end_min or '00'}"]


def _categories(text: str, rules: Rules) -> list[str]:
    """Read codes, beginnings of codes or names of categories and 大类."""
    found = []
    names = {entry.name: entry.code for entry in rules.categories.values()}
    names |= {entry.major_name: entry.major for entry in rules.categories.values()}
    for part in _parts(text):
        code = names.get(part, part)
        if not any(known.startswith(code) for known in rules.categories):
            raise BadFieldError("categories", tr("没有“{name}”这个类别").format(name=part))
        found.append(code)
    return found


def _sources(text: str, rules: Rules) -> list[str]:
    named = {word: source for source, word in rules.sources.items()}
    found = []
    for part in _parts(text):
        source = named.get(part, part)
        if source not in rules.sources:
            raise BadFieldError("sources", tr("没有“{name}”这个来源").format(name=part))
        found.append(source)
    return found


def _include(text: str) -> list[str]:
    words = {word: name for name, word in special_words().items()}
    found = []
    for part in _parts(text):
        name = words.get(part, part)
        if name not in SPECIAL:
            raise BadFieldError("include", tr("只能是：{words}").format(words="、".join(words)))
        found.append(name)
    return found


def _then(form: RuleForm, rules: Rules) -> dict[str, Any]:
    text, action = form.then.strip(), form.action
    if action == "accept":
        return {}
    if action == "file":
        if text in ("", tr("惯用"), USUAL):
            return {"condition": USUAL}
        if not text.isdecimal() or not int(text):
            raise BadFieldError("then", tr("写“惯用”，或第几条立案条件"))
        return {"condition": int(text) - 1}
    if action == "dispatch":
        return {"lead_dept": _unit(text, rules)}
    if action == "self_close" and not text:
        raise BadFieldError("then", tr("请写处置结果"))
    return {THEN_KEY[action]: text} if text else {}


def _unit(text: str, rules: Rules) -> str:
    special = {"": SUGGESTED, tr("建议单位"): SUGGESTED, tr("属地街道"): "street"}
    if text in special:
        return special[text]
    for unit in rules.departments.values():
        if text in (unit.id, unit.name, unit.short):
            return unit.id
    raise BadFieldError("then", tr("没有“{name}”这个单位").format(name=text))
