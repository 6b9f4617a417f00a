"""The story of one call as told by several seats: rang here and there, taken by one, or by nobody.

Seats report what their own telephone saw; reports come late, twice and in any order (a seat was offline, a softphone
died). The story folds them: the same reports give the same story in whatever order they came, an answered call is
answered whoever says otherwise, and a call that was told of gets an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

#: what a seat may report of a call
RINGING, TALKING, HELD, ENDED = "ringing", "talking", "held", "ended"
REPORTED = (RINGING, TALKING, HELD, ENDED)
#: how a seat may say its part ended
ENDINGS = (
    "abandoned",
    "missed",
    "refused",
    "here",
    "there",
    "transferred",
    "no_answer",
    "busy",
    "elsewhere",
    "lost",
)
#: a seat that says nothing of its call for so long is taken for gone (killed, cut off)
SILENT_S = 60.0
#: other seats get so long to say that they took a call which stopped ringing at one
SETTLE_S = 3.0

#: outcomes of a call that is over
ANSWERED, ABANDONED, MISSED, REFUSED, LOST = "answered", "abandoned", "missed", "refused", "lost"
#: outcomes that leave a caller waiting for a call back
UNANSWERED = frozenset({ABANDONED, MISSED, REFUSED, LOST})
_WORTH = {"abandoned": 4, "missed": 3, "refused": 2, "no_answer": 1, "busy": 1, "lost": 0}
_OUTCOME = {"no_answer": MISSED, "busy": MISSED}


@dataclass(frozen=True, slots=True)
class Part:
    """What one seat saw of a call: since when it rang there, when it talked, how and when its part ended."""

    rang_at: datetime | None = None
    talked_at: datetime | None = None
    ended_at: datetime | None = None
    ending: str = ""
    heard_at: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a seat. `at` is centre time of what happened, `heard_at` when the centre heard of it."""

    seat: str
    state: str
    at: datetime
    heard_at: datetime
    ending: str = ""


@dataclass(frozen=True, slots=True)
class CallStory:
    """A call over all seats. `parts` by seat; the figures below are derived from them."""

    parts: Mapping[str, Part] = field(default_factory=dict)

    @property
    def began_at(self) -> datetime | None:
        """When it first rang (or was dialled) anywhere."""
        moments = [
            at for part in self.parts.values() for at in (part.rang_at, part.talked_at, part.ended_at) if at
        ]
        return min(moments, default=None)

    @property
    def taker(self) -> str:
        """The seat that talked first, empty while nobody did."""
        talked = [(part.talked_at, seat) for seat, part in self.parts.items() if part.talked_at is not None]
        return min(talked)[1] if talked else ""

    @property
    def answered_at(self) -> datetime | None:
        """When it was answered, None while it was not."""
        return self.parts[self.taker].talked_at if self.taker else None

    def over_at(self, now: datetime) -> datetime | None:
        """When it was over, None while it goes on, as far as is known at a moment of centre time."""
        if self.taker:
            talked = [part for part in self.parts.values() if part.talked_at is not None]
            ends = [_end(part, now) for part in talked]
            return None if None in ends else max(end for end in ends if end is not None)
        ends = [_end(part, now) for part in self.parts.values()]
        if not ends or None in ends:
            return None
        last = max(end for end in ends if end is not None)
        return last if now - last >= timedelta(seconds=SETTLE_S) else None

    def outcome(self, now: datetime) -> str:
        """Return how it came out, empty while it goes on."""
        if self.over_at(now) is None:
            return ""
        if self.taker:
            return ANSWERED
        words = [part.ending or "lost" for part in self.parts.values()]
        best = max(words, key=lambda word: (_WORTH.get(word, 0), word))
        found = _OUTCOME.get(best, best)
        return found if found in UNANSWERED else MISSED

    def state(self, now: datetime) -> str:
        """Return `ringing`, `talking`, `held` or `ended`."""
        if self.over_at(now) is not None:
            return ENDED
        if not self.taker:
            return RINGING
        going = [
            part for part in self.parts.values() if part.talked_at is not None and _end(part, now) is None
        ]
        return HELD if going and all(part.held for part in going) else TALKING


def told(story: CallStory, report: Report) -> CallStory:
    """Return the story with one more report; a report that says nothing new changes only when it was last heard of."""
    before = story.parts.get(report.seat, Part())
    part = replace(before, heard_at=_later(before.heard_at, report.heard_at))
    if report.state == RINGING:
        part = replace(part, rang_at=_earlier(part.rang_at, report.at))
    elif report.state in (TALKING, HELD):
        part = replace(part, talked_at=_earlier(part.talked_at, report.at), held=report.state == HELD)
    elif part.ended_at is None or (report.at, report.ending) < (part.ended_at, part.ending):
        part = replace(part, ended_at=report.at, ending=report.ending)
    return CallStory({**story.parts, report.seat: part})


def answer_s(story: CallStory) -> float | None:
    """Return the seconds from the first ring to the answer (domain 9.3: within 15), None for an unanswered call."""
    began, answered = story.began_at, story.answered_at
    return None if began is None or answered is None else max(0.0, (answered - began).total_seconds())


def _end(part: Part, now: datetime) -> datetime | None:
    """Return when a seat's part ended: as it said, or when it was last heard of, if it is silent for long."""
    if part.ended_at is not None:
        return part.ended_at
    if part.heard_at is not None and now - part.heard_at >= timedelta(seconds=SILENT_S):
        return part.heard_at
    return None


def _earlier(before: datetime | None, at: datetime) -> datetime:
    return at if before is None else min(before, at)


def _later(before: datetime | None, at: datetime) -> datetime:
    return at if before is None else max(before, at)
