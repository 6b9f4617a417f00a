"""退单 referee: how often a case went from unit to unit, between which, and when people should sit together (会商).

A bounce is a stint that ended by return or redispatch and was followed by another unit; the return that nobody has
taken over yet counts as well, towards nobody. Field: units that never sign never start a clock, so what is counted is
what the log says, not what a unit admits.

A joint meeting has no action of its own in the contract. It is asked for and its decision recorded by a `comment` of a
desk whose text begins with a mark; the decision is then carried out by an ordinary `redispatch` with that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.domain.facts import REDISPATCHED, RETURNED, CaseFacts

#: bounces after which a case goes to a joint meeting (setting `bounce_limit`)
BOUNCE_LIMIT = 3
ASKED, DECIDED = "asked", "decided"
#: what the text of a desk's comment begins with
MARKS = {ASKED: "【提请会商】", DECIDED: "【会商决定】"}


@dataclass(frozen=True, slots=True)
class Bounce:
    """One step from unit to unit: who let go, who got it ("" where nobody has it yet), when, and whether returned."""

    giver: str
    taker: str
    at: datetime
    returned: bool


def bounces(facts: CaseFacts) -> tuple[Bounce, ...]:
    """Return the bounces of the present round, oldest first."""
    found = []
    stints = facts.standing
    for n, stint in enumerate(stints):
        if stint.outcome in (RETURNED, REDISPATCHED) and stint.end is not None:
            taker = stints[n + 1].dept if n + 1 < len(stints) else ""
            found.append(Bounce(stint.dept, taker, stint.end, stint.outcome == RETURNED))
    return tuple(found)


def needs_meeting(facts: CaseFacts, limit: int = BOUNCE_LIMIT) -> bool:
    """Tell whether a case has bounced so often that a joint meeting decides (会商)."""
    return len(bounces(facts)) >= limit


def between(cases: Iterable[CaseFacts]) -> Counter[tuple[str, str]]:
    """Count the bounces between units over some cases, by (giver, taker)."""
    return Counter((b.giver, b.taker) for facts in cases for b in bounces(facts) if b.taker)


def meeting_text(word: str, text: str) -> str:
    """Return the text of the comment that asks for a joint meeting or records its decision."""
    return f"{MARKS[word]}{text.strip()}"


def meeting_mark(text: str) -> tuple[str, str] | None:
    """Return the word (`ASKED`, `DECIDED`) and the rest of a marked comment; None for any other."""
    for word, mark in MARKS.items():
        if text.startswith(mark):
            return word, text[len(mark) :].strip()
    return None
