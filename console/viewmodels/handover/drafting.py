"""Drafting a brief: pure work over a snapshot of what the seat knows and what the centre's log told; no Qt state.

Runs on a background lane. Each line names its case, so that it can be opened from the sheet; no number of a citizen
stands in full. What does not fit is counted, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from console.notices.outcomes import action_word
from console.viewmodels.desk.words import moment_words, span_words
from services.domain.bands import BandSettings, read_clock
from services.domain.case import Case
from services.domain.experience import Experience
from services.domain.handover import KINDS
from services.domain.masking import mask_phones_in
from services.domain.reference import Rules
from services.domain.silence import SilenceSettings
from services.domain.states import STATES
from services.ports.field import GridActivity
from services.ports.handover import BriefLine, LogFacts
from services.ports.outbox import (
    CONFLICT,
    HELD,
    INVALID,
    LOST,
    NEEDS_CONFIRM,
    REJECTED,
    WAITING,
    SavedCommand,
)
from services.ports.picture import Projected

#: lines of one kind; what is more is counted in one line
MOST = 40
#: a unit that has not signed for so long is named (no rule of the field; a choice of the product)
SILENT_AFTER = timedelta(minutes=30)
AT_UNIT = ("pending_sign", "handling")


def tr(text: str) -> str:
    """Translate a word of the brief."""
    return QCoreApplication.translate("Handover", text)


def kind_word(kind: str) -> str:
    """Return the heading of a kind of lines."""
    return QCoreApplication.translate("Handover", KINDS[kind])


@dataclass(frozen=True, slots=True)
class Sight:
    """What a brief is drafted from: taken on the main thread, read on a lane.

    `facts` is None when the centre could not be asked. `notes` are lines of other origin (watched cases). `late` is how
    many open cases are past their limit; they need not be among `cases`.
    """

    cases: tuple[Projected, ...]
    commands: tuple[SavedCommand, ...]
    facts: LogFacts | None
    rules: Rules
    now: datetime
    user_id: str
    dept: Callable[[str | None], str]
    area: Callable[[str | None], str]
    experience: Experience = field(default_factory=Experience)
    activity: GridActivity = field(default_factory=GridActivity)
    silence: SilenceSettings = field(default_factory=SilenceSettings)
    notes: tuple[BriefLine, ...] = ()
    late: int = 0


def draft(sight: Sight) -> tuple[BriefLine, ...]:
    """Return the lines in the order of the sheet."""
    cases = [entry.case for entry in sight.cases if entry.case.open]
    found = [
        *_capped(_urgent(cases, sight)),
        *_capped(_promises(sight)),
        *_capped(_callbacks(sight)),
        *_breaches(cases, sight),
        *_capped(_silent_units(cases, sight)),
        *_capped(_upper(cases, sight)),
        *_capped(_commands(sight, failed=True)),
        *_capped(_commands(sight, failed=False)),
        *_capped(_applications(cases, sight)),
        *_capped(_claims(sight)),
        *_silent_grids(sight),
        *sight.notes,
    ]
    return tuple(found)


def _capped(lines: Iterable[BriefLine]) -> list[BriefLine]:
    """Keep the first lines of a kind and count the rest."""
    listed = list(lines)
    if len(listed) <= MOST:
        return listed
    rest = tr("另有 {n} 件，没有逐件列出").format(n=len(listed) - MOST)
    return [*listed[:MOST], BriefLine(listed[0].kind, rest)]


# --- words ----------------------------------------------------------------------------------------------


def _line(kind: str, case: Case, sight: Sight, text: str, due: datetime | None = None) -> BriefLine:
    words = " · ".join(part for part in (text, _place(case, sight)) if part)
    return BriefLine(kind, mask_phones_in(words)[:500], case.case_id, case.number, due)


def _place(case: Case, sight: Sight) -> str:
    """Return category and address."""
    category = sight.rules.categories.get(case.category or "")
    parts = (category.name if category is not None else "", case.location.address or sight.area(case.grid))
    return " · ".join(part for part in parts if part)


def _at(moment: datetime, sight: Sight) -> str:
    return moment_words(moment, sight.now, sight.rules.calendar)


def _state(case: Case) -> str:
    return STATES[case.state].name


# --- kinds ----------------------------------------------------------------------------------------------


def _urgent(cases: list[Case], sight: Sight) -> Iterable[BriefLine]:
    waiting = sorted((case for case in cases if case.urgent), key=lambda case: case.created_at)
    for case in waiting:
        holder = sight.dept(case.lead_dept) if case.lead_dept else ""
        text = "，".join(part for part in (_state(case), holder) if part)
        yield _line("urgent", case, sight, text, case.due_at)


def _promises(sight: Sight) -> Iterable[BriefLine]:
    for contact in sight.facts.contacts if sight.facts is not None else ():
        words = (
            tr("{by} {at} 告知市民：{text}")
            if contact.reached
            else tr("{by} {at} 未联系上市民，要再联系：{text}")
        )
        text = words.format(by=contact.by, at=_at(contact.at, sight), text=contact.text)
        yield BriefLine("promise", mask_phones_in(text)[:500], contact.case_id, contact.number)


def _callbacks(sight: Sight) -> Iterable[BriefLine]:
    for entry in sight.facts.callbacks if sight.facts is not None else ():
        text = " · ".join(part for part in (tr("结案前要回访市民"), entry.address) if part)
        yield BriefLine("callback", mask_phones_in(text)[:500], entry.case_id, entry.number, entry.due_at)


def _breaches(cases: list[Case], sight: Sight) -> list[BriefLine]:
    """Return what can still be kept in time but hardly, by slack; what is late already is one line with its number."""
    bands, usual = BandSettings(), _Usual(sight.experience)
    near: list[tuple[float, float, int, Case]] = []
    for case in cases:
        clock = case.clock
        if clock is None or not clock.running or clock.due_at is None or clock.due_at <= sight.now:
            continue
        reading = read_clock(clock, sight.now, sight.rules.calendar, bands)
        if reading is None:
            continue
        needs = usual.of(case) if case.state in AT_UNIT else 0.0
        slack = reading.remaining_s - needs
        if reading.band != "soon" and slack >= 0:
            continue
        near.append((slack, needs, reading.remaining_s, case))
    near.sort(key=lambda entry: entry[0])
    # words are made for those that are shown only; a large desk has thousands
    lines = [_near_line(case, left, needs, sight) for _, needs, left, case in near[:MOST]]
    if len(near) > MOST:
        lines.append(BriefLine("breach", tr("另有 {n} 件，没有逐件列出").format(n=len(near) - MOST)))
    if sight.late:
        lines.append(BriefLine("breach", tr("另有 {n} 件已经超期，由督查盯办").format(n=sight.late)))
    return lines


def _near_line(case: Case, left: int, needs: float, sight: Sight) -> BriefLine:
    text = tr("{state}，还剩 {left}").format(state=_state(case), left=span_words(left))
    if needs:
        text += tr("，同类通常要 {usual}").format(usual=span_words(needs))
    return _line("breach", case, sight, text, case.due_at)


class _Usual:
    """Usual handling times, each pair asked once."""

    def __init__(self, experience: Experience) -> None:
        """Start with nothing asked."""
        self._experience = experience
        self._known: dict[tuple[str, str], float] = {}

    def of(self, case: Case) -> float:
        """Return the usual seconds of a case's unit and category, 0 when they are not known."""
        if not case.lead_dept or not case.category:
            return 0.0
        key = (case.lead_dept, case.category)
        if key not in self._known:
            self._known[key] = self._experience.usual_s(*key) or 0.0
        return self._known[key]


def _silent_units(cases: list[Case], sight: Sight) -> Iterable[BriefLine]:
    found = []
    for case in cases:
        clock = case.clocks.get("handle")
        if case.state != "pending_sign" or clock is None or sight.now - clock.started_at < SILENT_AFTER:
            continue
        found.append((clock.started_at, case))
    for since, case in sorted(found, key=lambda pair: pair[0]):
        waited = span_words((sight.now - since).total_seconds())
        text = tr("{unit} 派遣后 {span}未签收").format(unit=sight.dept(case.lead_dept), span=waited)
        yield _line("silent_unit", case, sight, text, case.due_at)


def _upper(cases: list[Case], sight: Sight) -> Iterable[BriefLine]:
    found = [case for case in cases if case.upper_id or "reply_due" in case.flags]
    for case in sorted(found, key=lambda case: case.upper_due or case.created_at):
        if "reply_due" in case.flags:
            yield _line("upper", case, sight, tr("督办要答复，{state}").format(state=_state(case)))
        elif case.upper_due is not None:
            text = tr("上级件 {id} 要在 {due} 前答复，{state}").format(
                id=case.upper_id, due=_at(case.upper_due, sight), state=_state(case)
            )
            yield _line("upper", case, sight, text, case.upper_due)
        else:
            text = tr("上级件 {id}，{state}").format(id=case.upper_id, state=_state(case))
            yield _line("upper", case, sight, text)


_FAILED: Mapping[str, str] = {
    INVALID: "中心收不下",
    REJECTED: "未通过",
    CONFLICT: "被别人先办",
    NEEDS_CONFIRM: "要再确认",
    HELD: "已暂停送出",
    LOST: "中心已不记得，要再送或作罢",
}


def _commands(sight: Sight, *, failed: bool) -> Iterable[BriefLine]:
    """Return the own commands that failed, or those that have not left."""
    known = {entry.case.case_id: entry.case for entry in sight.cases}
    for command in sight.commands:
        waits = command.status == WAITING
        if waits == failed or not (waits or command.status in _FAILED):
            continue
        case = known.get(command.case_id)
        number = command.number or (case.number if case is not None else None)
        word = action_word(command.action)
        if waits:
            text = tr("{word}保存于 {at}，还没有得到中心答复").format(
                word=word, at=_at(command.saved_at, sight)
            )
        else:
            why = command.problem.title if command.problem is not None else ""
            why = why or (command.reason.title if command.reason is not None else "")
            said = QCoreApplication.translate("Handover", _FAILED[command.status])
            text = f"{word}{said}" + (f"：{why}" if why else "")
        text = " · ".join(part for part in (text, command.label) if part)
        yield BriefLine("failed" if failed else "unsent", mask_phones_in(text)[:500], command.case_id, number)


_APPLICATIONS: Mapping[str, str] = {
    "extension_pending": "延期申请等审批",
    "suspend_pending": "挂账申请等审批",
    "appeal_pending": "申诉等裁定",
}


def _applications(cases: list[Case], sight: Sight) -> Iterable[BriefLine]:
    for case in cases:
        words = [
            QCoreApplication.translate("Handover", word)
            for flag, word in _APPLICATIONS.items()
            if flag in case.flags
        ]
        if words:
            text = tr("{unit} {what}").format(unit=sight.dept(case.lead_dept), what="、".join(words))
            yield _line("waiting", case, sight, text, case.due_at)


def _claims(sight: Sight) -> Iterable[BriefLine]:
    if sight.facts is None:
        return
    known = {entry.case.case_id: entry.case for entry in sight.cases}
    for case_id, user in sight.facts.held.items():
        case = known.get(case_id)
        if user == sight.user_id and case is not None:
            yield _line("claim", case, sight, tr("正在办，{state}").format(state=_state(case)), case.due_at)


def _silent_grids(sight: Sight) -> list[BriefLine]:
    """Return one line that names the silent grids, the longest silent first."""
    silent = []
    for code in sight.activity.grids:
        if sight.activity.silent(code, sight.now, sight.silence):
            silent.append((sight.activity.silent_days(code, sight.now) or 0.0, code))
    if not silent:
        return []
    silent.sort(reverse=True)
    names = "、".join(sight.area(code) for _, code in silent[:8])
    more = tr("等") if len(silent) > 8 else ""
    text = tr("{n} 个网格久未上报：{names}{more}").format(n=len(silent), names=names, more=more)
    return [BriefLine("silent_grid", text)]
