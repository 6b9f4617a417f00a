"""What the log teaches about units (先例): who handled what in the end, who sent it back, how long it took.

Counted from the stints of cases that came to their end, by unit and category and, for who was right, by street as well.
A case teaches once, when it is closed; reopened, it is taken back and teaches again. Which filing condition a category
is usually filed by is counted beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.domain.durations import Durations
from services.domain.facts import ENDED, HANDLED, RETURNED, CaseFacts

#: length of a street's code
_STREET = 9
Pair = tuple[str, str]
"""(unit, category)"""
Place = tuple[str, str]
"""(category, street); the street is "" for the whole district"""


@dataclass(slots=True)
class Record:
    """What is known of a unit and a category.

    `received` counts stints that stood, `returned` those it sent back (退单), `handled` and `in_time` those it
    finished; `times` are its handling times in the counting of the limit.
    """

    received: int = 0
    returned: int = 0
    handled: int = 0
    in_time: int = 0
    times: Durations = field(default_factory=Durations)

    @property
    def return_rate(self) -> float | None:
        """Return the share it sent back; None when it received nothing."""
        return self.returned / self.received if self.received else None


@dataclass(slots=True)
class Experience:
    """Everything learned. Mutable: the one who follows the log adds to it."""

    records: dict[Pair, Record] = field(default_factory=dict)
    right: dict[Place, dict[str, int]] = field(default_factory=dict)
    #: category -> filing condition -> how many closed cases were filed by it
    filed: dict[str, dict[int, int]] = field(default_factory=dict)

    def learn(self, facts: CaseFacts, used_s: float | None, times: int = 1) -> None:
        """Take in a case that was closed.

        Args:
            facts: its facts.
            used_s: seconds its last handling took, in the counting of its limit; None where unknown.
            times: 1 to learn, -1 to take the same case back before it is learned anew.
        """
        if facts.category is None:
            return
        if facts.condition is not None:
            _count(self.filed.setdefault(facts.category, {}), facts.condition, times)
        stints = [stint for stint in facts.standing if stint.outcome != ENDED]
        for stint in stints:
            record = self._record((stint.dept, facts.category))
            record.received += times
            record.returned += times * (stint.outcome == RETURNED)
            if stint.outcome == HANDLED:
                record.handled += times
                record.in_time += times * stint.on_time
                if used_s is not None and stint is stints[-1]:
                    record.times.add(used_s, times)
        if stints and stints[-1].outcome == HANDLED:
            street = (facts.grid or "")[:_STREET]
            for place in {(facts.category, ""), (facts.category, street)}:
                self._was_right(place, stints[-1].dept, times)

    def record(self, dept: str, category: str) -> Record:
        """Return what is known of a unit and a category; an empty record when nothing is."""
        return self.records.get((dept, category)) or Record()

    def handled_by(self, category: str, street: str = "") -> Mapping[str, int]:
        """Return how many cases of a category (in a street) each unit handled in the end."""
        return self.right.get((category, street), {})

    def usual_s(self, dept: str, category: str, least: int = 5) -> float | None:
        """Return the usual handling time: the median of unit and category, of the category when it knows too few.

        None when fewer than `least` cases are known of either.
        """
        own = self.record(dept, category).times
        if own.total >= least:
            return own.quantile(0.5)
        every = Durations()
        for (_, named), record in self.records.items():
            if named == category:
                every.merge(record.times)
        return every.quantile(0.5) if every.total >= least else None

    def _record(self, pair: Pair) -> Record:
        if pair not in self.records:
            self.records[pair] = Record()
        return self.records[pair]

    def _was_right(self, place: Place, dept: str, times: int) -> None:
        _count(self.right.setdefault(place, {}), dept, times)

    # --- as a document ------------------------------------------------------------------------------

    def to_doc(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "units": [
                [dept, category, r.received, r.returned, r.handled, r.in_time, r.times.to_doc()]
                for (dept, category), r in sorted(self.records.items())
                if r.received
            ],
            "right": [
                [category, street, dict(sorted(counts.items()))]
                for (category, street), counts in sorted(self.right.items())
                if counts
            ],
            "filed": [
                [category, {str(condition): count for condition, count in sorted(counts.items())}]
                for category, counts in sorted(self.filed.items())
                if counts
            ],
        }

    @staticmethod
    def from_doc(doc: Mapping[str, Any]) -> Experience:
        """Read what `to_doc` gave; raises ValueError, KeyError or TypeError for anything else."""
        made = Experience()
        for dept, category, received, returned, handled, in_time, times in doc["units"]:
            found = Record(
                int(received), int(returned), int(handled), int(in_time), Durations.from_doc(times)
            )
            made.records[(str(dept), str(category))] = found
        for category, street, counts in doc["right"]:
            made.right[(str(category), str(street))] = {str(d): int(n) for d, n in counts.items()}
        for category, counts in doc.get("filed", ()):
            made.filed[str(category)] = {int(condition): int(n) for condition, n in counts.items()}
        return made


_K = TypeVar("_K")


def _count(counts: dict[_K, int], key: _K, times: int) -> None:
    """Count something; what has come down to nothing is gone."""
    counts[key] = counts.get(key, 0) + times
    if counts[key] <= 0:
        del counts[key]


def learned(cases: Iterable[tuple[CaseFacts, float | None]]) -> Experience:
    """Return the experience of some closed cases with their handling times."""
    made = Experience()
    for facts, used_s in cases:
        made.learn(facts, used_s)
    return made
