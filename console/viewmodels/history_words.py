"""The history of a case in sentences: what each entry of the log says to a reader."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from console.notices.outcomes import action_word
from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from services.domain.limits import UNITS
from services.domain.roles import ACTORS, ROLES
from services.ports.centre import Doc, TimelineEntry
from services.ports.outbox import SavedCommand


def tr(text: str) -> str:
    """Translate a sentence of the history."""
    return QCoreApplication.translate("History", text)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: time, who, what; `waiting` for an own command the centre has not decided."""

    time: str
    actor: str
    sentence: str
    latest: bool = False
    waiting: str = ""


def entry_line(entry: TimelineEntry, seat: SeatViewModel, *, latest: bool) -> HistoryLine:
    """Return the line of a log entry; today's with the time only, older ones with the date."""
    local = seat.rules.calendar.local(entry.at) if entry.at is not None else None
    today = seat.rules.calendar.local(seat.now()).date()
    time = "" if local is None else local.strftime("%H:%M" if local.date() == today else "%m-%d %H:%M")
    role = ROLES.get(entry.actor_role) or ACTORS.get(entry.actor_role, "")
    actor = f"{role} {entry.actor_name}" if role and role != entry.actor_name else entry.actor_name
    return HistoryLine(time, actor, sentence_of(entry.action, entry.payload, seat), latest)


def waiting_line(command: SavedCommand, seat: SeatViewModel) -> HistoryLine:
    """Return the line of an own command that is not decided yet."""
    local = seat.rules.calendar.local(command.saved_at)
    mark = tr("待发送—尚未派出") if command.action in ("dispatch", "redispatch") else tr("待发送")
    text = sentence_of(command.action, command.payload, seat)
    return HistoryLine(local.strftime("%H:%M"), tr("本席"), text, waiting=mark)


def sentence_of(action: str, payload: Doc, seat: SeatViewModel) -> str:
    """Return one sentence for an action and its payload."""
    word = action_word(action)
    if action in ("dispatch", "redispatch"):
        unit = dept_word(str(payload.get("lead_dept", "")), seat)
        co = "、".join(dept_word(str(dept), seat) for dept in payload.get("co_depts") or ())
        more = tr("，协办 {co}").format(co=co) if co else ""
        note = payload.get("reason") or payload.get("note")
        return _with(f"{word} → {unit}{more}", note)
    if action == "file":
        category = seat.rules.categories.get(str(payload.get("category", "")))
        at = payload.get("condition", -1)
        index = at if isinstance(at, int) else -1
        condition = seat.rules.condition(str(payload.get("category", "")), index)
        name = category.name if category else str(payload.get("category", ""))
        if condition is None:
            return f"{word}：{name}"
        return tr("{word}：{name}，{text}，处置时限 {limit}").format(
            word=word, name=name, text=condition.text, limit=condition.limit.words
        )
    if action.startswith("decide_"):
        verdict = tr("同意") if payload.get("approve") else tr("不同意")
        return _with(f"{word}：{verdict}", payload.get("note"))
    if action == "apply_extension":
        amount, unit = payload.get("amount"), str(payload.get("unit", ""))
        size = f" {amount:g} {UNITS[unit][0]}" if isinstance(amount, int | float) and unit in UNITS else ""
        return _with(f"{word}{size}", payload.get("reason"))
    if action == "verify_result":
        results = {"true": tr("属实"), "false": tr("不属实"), "not_found": tr("未找到")}
        return _with(f"{word}：{results.get(str(payload.get('result')), '')}", payload.get("note"))
    if action == "callback":
        reached = tr("已联系上") if payload.get("reached") else tr("未联系上")
        return _with(f"{word}：{reached}", payload.get("text"))
    keys = ("reason", "result", "closing_condition", "text", "note", "name", "description")
    said = next((payload[key] for key in keys if payload.get(key)), None)
    return _with(word, said)


def _with(head: str, said: object) -> str:
    """Return head and what was said."""
    return f"{head}：{said}" if said and "：" not in head else f"{head}，{said}" if said else head
