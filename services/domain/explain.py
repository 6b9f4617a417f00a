"""时限说明书: how a deadline came about, as slices to be drawn and as sentences to be read or printed.

For every clock of a case: the rule, the filing condition, the working calendar, pauses, exclusion windows,
extensions and hand-set deadlines, and how the due time follows. It rests on the clock's own ledger; the deadline it
tells is always the one that holds, and where the present calendar would give another one it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain import clocks as ck
from services.domain.calendar import WorkCalendar, to_s
from services.domain.case import Case
from services.domain.case_doc import apply_delta, clock_from, time_text
from services.domain.clocks import CLOCK_NAMES, CLOCKS, Clock
from services.domain.explain_slices import Slice, slices
from services.domain.explain_story import STAGE, Extension, Rule, Story
from services.domain.explain_words import Sentence
from services.domain.reference import ExclusionWindow, Rules

__all__ = [
    "Explanation", "Extension", "Rule", "Sentence", "Slice", "explain", "explain_case", "explanation_doc",
    "from_log", "rule_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one clock at one moment.

    `state`: `running`, `late`, `paused`, `stopped`, `stopped_late`, `replaced` (a fresh clock took its place).
    `total_s` is the limit with its extensions, `counted_s` what of it has run; `remaining_s` as the clock gives it;
    `overdue_s` wall-clock seconds. `due` is None while the clock stands still. `exact` is False when the present
    calendar would give another deadline than the one that holds.
    """

    clock: Clock
    rule: Rule
    state: str
    first_counted: datetime | None
    slices: tuple[Slice, ...]
    extensions: tuple[Extension, ...]
    due: datetime | None
    total_s: int
    counted_s: int
    remaining_s: int | None
    overdue_s: int
    exact: bool
    sentences: tuple[Sentence, ...]

    @property
    def name(self) -> str:
        """Return the Chinese name of the clock."""
        return CLOCK_NAMES[self.clock.name]

    @property
    def text(self) -> str:
        """Return all sentences, one a line, as they are printed."""
        return "\n".join(sentence.text for sentence in self.sentences)


def explain(
    clock: Clock,
    *,
    rule: Rule,
    calendar: WorkCalendar,
    windows: Mapping[str, ExclusionWindow],
    now: datetime,
    replaced: bool = False,
) -> Explanation:
    """Explain one clock as seen at `now`; `windows` by id give the documents that pauses rest on.

    Raises CalendarError when the calendar no longer has enough working time.
    """
    parts = slices(clock, calendar, now)
    way = ck.stretches(clock, calendar)
    end = clock.stopped_at or now
    overdue = (
        max(0, to_s(end) - to_s(clock.due_at)) if clock.due_at is not None else max(0, -(clock.frozen_s or 0))
    )
    story = Story(clock, rule, calendar, windows, end, parts, way, overdue, replaced)
    return Explanation(
        clock=clock,
        rule=rule,
        state=story.state,
        first_counted=next((part.start for part in parts if part.kind == "counting"), None),
        slices=parts,
        extensions=story.extensions(),
        due=clock.due_at,
        total_s=sum(limit.seconds(calendar.day_hours) for limit in (clock.limit, *clock.extensions)),
        counted_s=story.counted,
        remaining_s=ck.remaining_s(clock, now, calendar),
        overdue_s=overdue,
        exact=story.exact,
        sentences=tuple(story.sentences()),
    )


def rule_of(clock: str, category: str | None, condition: int | None, rules: Rules) -> Rule:
    """Return where the limit of a clock of such a case comes from."""
    if clock != "handle":
        return STAGE
    found = rules.condition(category, condition)
    if found is None:
        return Rule(category or "")
    return Rule(category, rules.categories[category or ""].name, found.text, found.limit)


def explain_case(case: Case, rules: Rules, now: datetime) -> tuple[Explanation, ...]:
    """Explain the latest clock of each name of a case, in the order in which they started."""
    windows = {window.id: window for window in rules.windows}
    order = sorted(case.clocks.values(), key=lambda clock: (clock.started_at, CLOCKS.index(clock.name)))
    return tuple(
        explain(
            clock,
            rule=rule_of(clock.name, case.category, case.condition, rules),
            calendar=rules.calendar,
            windows=windows,
            now=now,
        )
        for clock in order
    )


@dataclass(slots=True)
class _Run:
    """One clock as the log tells it: its last ledger, and what the case was when that was written."""

    clock: Clock
    category: str | None
    condition: int | None
    replaced: bool = False


def from_log(deltas: Iterable[Mapping[str, Any]], rules: Rules, now: datetime) -> tuple[Explanation, ...]:
    """Explain every clock a case ever had, from its changes (deltas, oldest first), in order of their start.

    A case document holds only the latest clock of each name; after a redispatch or a second round the earlier
    ones stand in the log alone. One that was still running when a fresh one took its place ends there.
    """
    windows = {window.id: window for window in rules.windows}
    return tuple(
        explain(
            run.clock,
            rule=rule_of(run.clock.name, run.category, run.condition, rules),
            calendar=rules.calendar,
            windows=windows,
            now=now,
            replaced=run.replaced,
        )
        for run in sorted(_runs(deltas), key=lambda r: (r.clock.started_at, CLOCKS.index(r.clock.name)))
    )


def _runs(deltas: Iterable[Mapping[str, Any]]) -> list[_Run]:
    """Return the clocks a log tells of; a clock of another start than the one before is another clock."""
    found: list[_Run] = []
    latest: dict[str, _Run] = {}
    doc: dict[str, Any] | None = None
    for change in deltas:
        doc = apply_delta(doc, change)
        for name, ledger in change.get("clocks", {}).items():
            clock, before = clock_from(name, ledger), latest.get(name)
            if before is not None and before.clock.started_at == clock.started_at:
                before.clock, before.category, before.condition = (
                    clock,
                    doc.get("category"),
                    doc.get("condition"),
                )
                continue
            if before is not None and before.clock.live:
                before.clock, before.replaced = ck.stop(before.clock, clock.started_at), True
            latest[name] = _Run(clock, doc.get("category"), doc.get("condition"))
            found.append(latest[name])
    return found


def explanation_doc(told: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values: what a route sends and a printer reads; times in UTC."""
    return {
        "clock": told.clock.name,
        "name": told.name,
        "state": told.state,
        "limit": {"amount": told.clock.limit.amount, "unit": told.clock.limit.unit},
        "rule": {"code": told.rule.code, "category": told.rule.category, "condition": told.rule.condition},
        "started_at": time_text(told.clock.started_at),
        "first_counted": time_text(told.first_counted),
        "stopped_at": time_text(told.clock.stopped_at),
        "due_at": time_text(told.due),
        "total_s": told.total_s,
        "counted_s": told.counted_s,
        "remaining_s": told.remaining_s,
        "overdue_s": told.overdue_s,
        "exact": told.exact,
        "slices": [
            {
                "start": time_text(part.start),
                "end": time_text(part.end),
                "kind": part.kind,
                "seconds": part.seconds,
                "past": part.past,
                "ref": part.ref,
            }
            for part in told.slices
        ],
        "extensions": [
            {
                "amount": more.limit.amount,
                "unit": more.limit.unit,
                "at": time_text(more.at),
                "before": time_text(more.before),
                "due_at": time_text(more.due),
            }
            for more in told.extensions
        ],
        "sentences": [
            {"code": sentence.code, "params": dict(sentence.params), "text": sentence.text}
            for sentence in told.sentences
        ],
    }
