"""Measures (计数) as data, and what one case contributes to them.

A measure counts events of one name that carry all of some tags and none of others, of cases of certain kinds, sources
or categories. A contribution is a whole number of thousandths, so that lead and co units can share one case and sums
stay exact; durations are summed in thousandths of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.domain.errors import ReferenceDataError
from services.domain.facts import CaseFacts, Passage
from services.domain.kpi.events import EVENT_TAGS, SHARED, KpiEvent, events

#: one whole case
WHOLE = 1_000
#: suffix of the measure that holds what exclusion windows take away or add: without windows = with + this
PLAIN = "~"
_FIELDS = frozenset(
    {"id", "zh", "en", "event", "tags", "without", "kinds", "sources", "category", "amount", "note"}
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted: `amount` is `cases` or `seconds`; empty `kinds`, `sources`, `category` mean any."""

    id: str
    zh: str
    en: str
    event: str
    tags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    category: str = ""
    amount: str = "cases"

    def takes(self, facts: CaseFacts) -> bool:
        """Tell whether cases like this one are counted at all."""
        return (
            (not self.kinds or facts.kind in self.kinds)
            and (not self.sources or facts.source in self.sources)
            and (facts.category or "").startswith(self.category)
        )

    def counts(self, event: KpiEvent) -> int:
        """Return what an event contributes, in thousandths; 0 when it is not meant."""
        if not self.tags <= event.tags or self.without & event.tags:
            return 0
        if self.amount == "cases":
            return WHOLE
        return round((event.seconds or 0.0) * 1000)


@dataclass(frozen=True, slots=True)
class CountRules:
    """Numbers the counting rests on: the time to contact a caller, and what co units bear of a case (thousandths)."""

    contact_s: int = 86_400
    co_share: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a case contributes on one moment's day for one unit and post; `ripe_at` None: counted at once."""

    at: datetime
    ripe_at: datetime | None
    dept: str
    post: str
    counts: Mapping[str, int]


def measure_from(doc: Mapping[str, Any]) -> Measure:
    """Read a measure; raises ReferenceDataError with a sentence that names it."""
    name = str(doc.get("id", ""))
    unknown = sorted(set(doc) - _FIELDS)
    if not name or unknown:
        raise ReferenceDataError(f"计数 {name or '（没有编号）'}：不认识 {'、'.join(unknown) or '空编号'}")
    event = str(doc.get("event", ""))
    if event not in EVENT_TAGS:
        raise ReferenceDataError(f"计数 {name}：没有“{event}”这种计数事件")
    tags, without = frozenset(doc.get("tags", ())), frozenset(doc.get("without", ()))
    strange = sorted((tags | without) - EVENT_TAGS[event])
    if strange:
        raise ReferenceDataError(f"计数 {name}：事件 {event} 没有标记 {'、'.join(map(str, strange))}")
    if tags & without:
        raise ReferenceDataError(f"计数 {name}：同一标记不能既要求又排除")
    amount = str(doc.get("amount", "cases"))
    if amount not in ("cases", "seconds"):
        raise ReferenceDataError(f"计数 {name}：amount 应为 cases 或 seconds")
    if not doc.get("zh"):
        raise ReferenceDataError(f"计数 {name}：缺少中文名 zh")
    return Measure(
        name, str(doc["zh"]), str(doc.get("en", "")), event, tags, without, frozenset(doc.get("kinds", ())),
        frozenset(doc.get("sources", ())), str(doc.get("category", "")), amount,
    )  # fmt: skip


class Counter:
    """Counts what cases contribute to a set of measures."""

    def __init__(self, measures: Iterable[Measure], rules: CountRules = CountRules()) -> None:
        """Sort the measures by what they count."""
        self.rules = rules
        self._by_event: dict[str, list[Measure]] = {}
        for measure in measures:
            self._by_event.setdefault(measure.event, []).append(measure)

    def parts(self, facts: CaseFacts, plain: Mapping[str, datetime] | None = None) -> list[Part]:
        """Return what a case contributes, in a fixed order.

        Args:
            facts: the case's facts.
            plain: deadlines of its clocks as they would be without exclusion windows, only where they differ; what
                they change is told under measures with the suffix `~`.
        """
        kept = self._counted(facts)
        if plain:
            self._differences(kept, self._counted(without_windows(facts, plain)))
        return [Part(*place, dict(sorted(counts.items()))) for place, counts in kept.items() if counts]

    def _differences(self, kept: _Counted, plain: _Counted) -> None:
        """Put what the windows changed beside what was counted."""
        for place in list(dict.fromkeys([*kept, *plain])):
            counts, other = kept.get(place, {}), plain.get(place, {})
            changed = {
                f"{name}{PLAIN}": other.get(name, 0) - counts.get(name, 0)
                for name in {**counts, **other}
                if other.get(name, 0) != counts.get(name, 0)
            }
            if changed:
                kept.setdefault(place, {}).update(changed)

    def _counted(self, facts: CaseFacts) -> _Counted:
        """Return the contributions by place."""
        found: _Counted = {}
        chosen = {
            name: [measure for measure in measures if measure.takes(facts)]
            for name, measures in self._by_event.items()
        }
        for event in events(facts, self.rules.contact_s):
            counted = [(m.id, n) for m in chosen.get(event.name, ()) if (n := m.counts(event))]
            if not counted:
                continue
            co_depts = facts.co_depts if event.name in SHARED and self.rules.co_share else ()
            left = dict(counted)
            for dept in co_depts:
                counts = found.setdefault((event.at, event.ripe_at, dept, event.post), {})
                for name, amount in counted:
                    share = amount * self.rules.co_share // (len(co_depts) * WHOLE)
                    counts[name] = counts.get(name, 0) + share
                    left[name] -= share
            counts = found.setdefault((event.at, event.ripe_at, event.dept, event.post), {})
            for name, amount in left.items():
                counts[name] = counts.get(name, 0) + amount
        return found


_Place = tuple[datetime, datetime | None, str, str]
_Counted = dict[_Place, dict[str, int]]


def without_windows(facts: CaseFacts, plain: Mapping[str, datetime]) -> CaseFacts:
    """Return the facts with other deadlines: `plain` holds them by clock, only where they differ."""

    def other(name: str, run: Passage) -> Passage:
        due = plain.get(name)
        return run if due is None or run.due_at is None else replace(run, due_at=due)

    stints = facts.stints
    handle = plain.get("handle")
    if handle is not None and stints and stints[-1].due_at is not None and stints[-1].round == facts.round:
        stints = (*stints[:-1], replace(stints[-1], due_at=handle))
    due = facts.due_at
    if due is not None and facts.state == "pending_dispatch":
        due = plain.get("dispatch", due)
    return replace(
        facts,
        runs={name: other(name, run) for name, run in facts.runs.items()},
        handle=None if facts.handle is None else other("handle", facts.handle),
        stints=stints,
        due_at=due,
    )
