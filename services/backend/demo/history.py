"""The invented history of a demo district: believable cases whose every step the law itself decided.

`simulate` is pure: the same district, rules, moment, numbers and seed give the same stories, command ids
included. It streams: only the drafts of the cases that are open at the end are kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.backend.demo.courses import tell
from services.backend.demo.drafts import Drafts
from services.backend.demo.geometry import District
from services.backend.demo.phrases import Phrases
from services.backend.demo.roster import Roster, make_roster
from services.backend.demo.sites import Sites
from services.backend.demo.telling import CaseStory, Stage, Step
from services.domain.calendar import to_s
from services.domain.reference import Rules

__all__ = ["CaseStory", "History", "Step", "simulate"]


class History:
    """A history ready to be told: people, places and all births are fixed, stories are made on demand.

    `cases` reports within `days` days before `now`; stories come in the order of birth.
    """

    def __init__(
        self,
        district: District,
        rules: Rules,
        now: datetime,
        cases: int,
        days: int,
        seed: int,
        roster: Roster | None = None,
    ) -> None:
        """Draw the births; raises ReferenceDataError when rules and tables of words have nothing in common."""
        self.roster = roster or make_roster(district, rules.departments.values(), seed)
        phrases = Phrases(rules)
        self._drafts = Drafts(rules, phrases, Sites(district, seed), now, cases, days, seed)
        self._stage = Stage(rules, self.roster, phrases, to_s(now))

    def __len__(self) -> int:
        return len(self._drafts)

    def story(self, rank: int) -> CaseStory:
        """Tell the case at a place in the order of birth."""
        draft = self._drafts.draft(rank)
        return tell(self._stage, draft, self._drafts.rng(draft.slot, 2).getrandbits(60))

    def stories(self, start: int = 0, stop: int | None = None) -> Iterator[CaseStory]:
        """Tell a stretch of cases."""
        return map(self.story, range(start, len(self) if stop is None else stop))


def simulate(
    district: District,
    rules: Rules,
    now: datetime,
    cases: int,
    days: int,
    seed: int,
    roster: Roster | None = None,
) -> Iterator[CaseStory]:
    """Tell the whole history, oldest case first."""
    return History(district, rules, now, cases, days, seed, roster).stories()
