"""What a trial of a rule on history (试运行) found: how often it would have acted, and what people did instead.

Every case is one `Tried`: what the rule would have done at its moment, knowing only what came before, and what people
really did. Agreement is counted over the cases people decided themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: what people did compared with the rule: the same, something else, nothing yet, or a rule did it
SAME, OTHER, OPEN, BY_RULE = "same", "other", "open", "rule"


@dataclass(frozen=True, slots=True)
class Tried:
    """One case a rule would have acted on.

    Attributes:
        case_id: the case.
        number: its readable number.
        day: the day on which the rule would have acted, yyyyMMdd.
        at: the moment.
        payload: what the rule would have done.
        confidence: how sure it was; None where nothing was chosen.
        verdict: `SAME`, `OTHER`, `OPEN` or `BY_RULE`.
        action: what people did.
        actor: who did it.
        did: the payload of it.
        undone: whether what people did was taken back or sent back (退回).
        again: whether the work came back for another go (返工).
        final: the unit that handled it in the end; only of dispatches.
    """

    case_id: str
    number: str | None
    day: str
    at: str
    payload: Mapping[str, Any]
    confidence: float | None
    verdict: str
    action: str = ""
    actor: str = ""
    did: Mapping[str, Any] = field(default_factory=dict)
    undone: bool = False
    again: bool = False
    final: str | None = None

    @property
    def right(self) -> bool | None:
        """Return whether the rule's unit handled it in the end; None where there is no such thing."""
        return None if self.final is None else self.payload.get("lead_dept") == self.final


def same(action: str, payload: Mapping[str, Any], people: str, did: Mapping[str, Any]) -> bool:
    """Tell whether people did what the rule would have done.

    Of a dispatch the lead unit counts, of a filing category and condition, of everything else the action alone.
    """
    if action != people:
        return False
    asked = {"dispatch": ("lead_dept",), "file": ("category", "condition")}.get(action, ())
    return all(payload.get(name) == did.get(name) for name in asked)


def figures(tried: Iterable[Tried], passed: Mapping[str, int], looked: int) -> dict[str, Any]:
    """Return the figures of a trial as JSON values.

    `looked` cases stood where the rule acts; `acted` of them it would have acted on, the others are in `passed` by
    reason. `agreement` is a share (0 to 1) of those people decided; `bounced` and `reworked` count among those where
    people did the same; `right` of `judged` dispatches would have gone to the unit that handled the case in the end,
    `people_right` of them went there by people's first choice.
    """
    found = list(tried)
    verdicts = Counter(one.verdict for one in found)
    agreed = [one for one in found if one.verdict == SAME]
    decided = verdicts[SAME] + verdicts[OTHER]
    judged = [one for one in found if one.final is not None and one.verdict in (SAME, OTHER)]
    return {
        "looked": looked,
        "acted": len(found),
        "same": verdicts[SAME],
        "other": verdicts[OTHER],
        "open": verdicts[OPEN],
        "by_rule": verdicts[BY_RULE],
        "agreement": round(verdicts[SAME] / decided, 4) if decided else None,
        "bounced": sum(one.undone for one in agreed),
        "reworked": sum(one.again for one in agreed),
        "judged": len(judged),
        "right": sum(bool(one.right) for one in judged),
        "people_right": sum(one.did.get("lead_dept") == one.final for one in judged),
        "passed": dict(sorted(passed.items())),
        "days": _days(found),
    }


def _days(found: Iterable[Tried]) -> list[dict[str, Any]]:
    """Return acts by day, oldest first."""
    acted: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    undone: Counter[str] = Counter()
    for one in found:
        acted[one.day] += 1
        agreed[one.day] += one.verdict == SAME
        undone[one.day] += one.verdict == SAME and one.undone
    return [
        {"day": day, "acted": acted[day], "same": agreed[day], "bounced": undone[day]}
        for day in sorted(acted)
    ]
