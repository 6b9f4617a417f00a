"""Figures of a rule in words: its row in the list, the result of a trial, the days it worked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from services.domain.auto_acting import PASSED
from services.domain.lifecycle import ACTION_NAMES

Doc = Mapping[str, Any]


def tr(text: str) -> str:
    """Translate a word of the rules."""
    return QCoreApplication.translate("Rules", text)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the list: name, what it does, how it stands (`tone` of that word), what it did today."""

    id: str
    name: str
    under: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day of a picture: how many, how many of them good, how many came back."""

    day: str
    total: int
    good: int
    bad: int


def line_of(doc: Doc) -> RuleLine:
    """Return a rule's line."""
    today = doc.get("today") or {}
    words = [ACTION_NAMES.get(str(doc["action"]), str(doc["action"]))]
    if today.get("concerned"):
        done = tr("今日 {n} 件，退回 {b}").format(n=today["concerned"], b=today["bounced"])
        words.append(done)
    else:
        words.append(tr("每日至多 {n}").format(n=doc["cap"]))
    state, tone = state_of(doc)
    return RuleLine(str(doc["id"]), str(doc["name"]), " · ".join(words), state, tone)


def state_of(doc: Doc) -> tuple[str, str]:
    """Return how a rule stands, and the tone of the word."""
    if doc["active"]:
        return tr("已启用"), "sla.ok.text"
    if doc.get("switched_by") == "系统":
        return tr("自动停用"), "sla.over2.text"
    if doc["tried"]:
        return tr("已试，未启用"), "text.secondary"
    return tr("未试运行"), "sla.soon.text"


def standing_words(doc: Doc, seat: SeatViewModel) -> str:
    """Return one line on how a rule came to stand as it does."""
    parts = []
    if doc.get("switched_by"):
        why = f"：{doc['switched_why']}" if doc.get("switched_why") else ""
        act = tr("启用") if doc["active"] else tr("停用")
        who = tr("{who} {at} {act}").format(who=doc["switched_by"], at=_at(doc["switched_at"], seat), act=act)
        parts.append(who + why)
    edited = tr("{who} {at} 修改（第 {n} 版）")
    parts.append(edited.format(who=doc["edited_by"], at=_at(doc["edited_at"], seat), n=doc["edit"]))
    return " · ".join(parts)


def trial_facts(trial: Doc, seat: SeatViewModel) -> tuple[tuple[str, str, str], ...]:
    """Return the figures of a trial as (label, text, tone)."""
    agreement = trial.get("agreement")
    decided = int(trial["same"]) + int(trial["other"])
    share = "—" if agreement is None else f"{100 * float(agreement):.1f}%"
    tone = _tone(agreement)
    found = [
        (tr("试运行区间"), tr("{a} 至 {b}").format(a=_at(trial["from"], seat), b=_at(trial["to"], seat)), ""),
        (tr("会办理"), tr("{n} 件（同环节共 {all} 件）").format(n=trial["acted"], all=trial["looked"]), ""),
        (tr("与人一致"), tr("{share}（{a}/{b} 件）").format(share=share, a=trial["same"], b=decided), tone),
        (
            tr("一致中退回"),
            tr("{b} 件，返工 {r} 件").format(b=trial["bounced"], r=trial["reworked"]),
            "sla.over2.text" if trial["bounced"] else "",
        ),
    ]
    if trial["judged"]:
        words = tr("规则 {a}，当时派遣员 {b}（已办结 {n} 件）")
        found.append(
            (
                tr("一次派准"),
                words.format(
                    a=_share(trial["right"], trial["judged"]),
                    b=_share(trial["people_right"], trial["judged"]),
                    n=trial["judged"],
                ),
                "",
            )
        )
    if trial["passed"]:
        ranked = sorted(trial["passed"].items(), key=lambda item: -int(item[1]))[:4]
        found.append((tr("不办的原因"), "、".join(f"{passed_word(k)} {n}" for k, n in ranked), ""))
    return tuple(found)


def passed_word(word: str) -> str:
    """Return why a rule left cases alone, in words."""
    if word == "cap":
        return tr("超过每日上限")
    return tr("人已先办") if word == "early" else PASSED.get(word, word)


def trial_days(trial: Doc) -> tuple[DayCount, ...]:
    """Return a trial by day."""
    return tuple(
        DayCount(str(day["day"]), int(day["acted"]), int(day["same"]), int(day["bounced"]))
        for day in trial["days"]
    )


def worked_days(days: Doc) -> tuple[DayCount, ...]:
    """Return what a rule did, by day."""
    return tuple(
        DayCount(
            str(day["day"]),
            int(day["applied"]),
            int(day["applied"]) - int(day["bounced"]),
            int(day["bounced"]),
        )
        for day in days["days"]
    )


def tried_words(one: Doc, action: str, seat: SeatViewModel) -> tuple[str, str, str]:
    """Return of a tried case: what the rule would have done, what people did, and the tone of it."""
    payload, did = one["payload"], one["did"]
    wanted = payload_words(payload, seat) or ACTION_NAMES.get(action, action)
    if one.get("confidence") is not None:
        wanted += tr(" · 把握 {p:.0f}%").format(p=min(99.0, 100 * float(one["confidence"])))
    verdict = str(one["verdict"])
    if verdict == "open":
        return wanted, tr("人还没有办"), "text.tertiary"
    if verdict == "rule":
        return wanted, tr("由自动规则办理"), "text.tertiary"
    made = f"{one['actor']} {ACTION_NAMES.get(str(one['action']), one['action'])} {payload_words(did, seat)}".rstrip()
    if one["undone"]:
        made += tr(" · 后被退回")
    if one["again"]:
        made += tr(" · 返工")
    tone = "sla.ok.text" if verdict == "same" and not one["undone"] else "sla.over2.text"
    return wanted, made, tone


def payload_words(payload: Doc, seat: SeatViewModel) -> str:
    """Return a payload in words: unit, filing condition, or what it says."""
    if "lead_dept" in payload:
        return tr("派 {unit}").format(unit=dept_word(str(payload["lead_dept"]), seat))
    if "condition" in payload:
        return tr("立案条件第 {n} 条").format(n=int(payload["condition"]) + 1)
    return str(payload.get("result") or payload.get("closing_condition") or payload.get("reason") or "")


def _tone(agreement: Any) -> str:
    """Return the tone of an agreement: good from 95 of 100 on, poor below 85."""
    if agreement is None:
        return ""
    share = float(agreement)
    return "sla.ok.text" if share >= 0.95 else "sla.soon.text" if share >= 0.85 else "sla.over2.text"


def _share(part: Any, whole: Any) -> str:
    return f"{100 * int(part) / int(whole):.1f}%"


def _at(text: Any, seat: SeatViewModel) -> str:
    return seat.rules.calendar.local(datetime.fromisoformat(str(text))).strftime("%m-%d %H:%M")
