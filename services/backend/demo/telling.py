"""Telling one case: every step is a real command, decided by `judge()` at its simulated moment.

`Telling` holds the case as it stands; the courses in `courses.py` say what happens next.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.backend.demo.drafts import Draft
from services.backend.demo.phrases import Phrases
from services.backend.demo.roster import Roster
from services.domain.calendar import from_s
from services.domain.case import Case
from services.domain.commands import Applied, Command
from services.domain.decide import judge
from services.domain.ids import system_command_id, uuid7
from services.domain.lifecycle import ADDITIVE
from services.domain.reference import Facts, Rules
from services.domain.roles import SYSTEM, Actor

_DAY_BEGINS, _DAY_ENDS = 7 * 3600 + 1800, 20 * 3600 + 1800
_NOTHING: Mapping[str, Any] = {}


class TimeUpError(Exception):
    """The next step would lie behind the end of the history."""


@dataclass(frozen=True, slots=True)
class Step:
    """One applied command: when, by whom, in which role, and the case after it."""

    at: datetime
    actor: Actor
    role: str
    override: bool
    command: Command
    case: Case


@dataclass(frozen=True, slots=True)
class CaseStory:
    """All steps of one case, oldest first; the first one registers it."""

    case_id: str
    steps: tuple[Step, ...]

    @property
    def case(self) -> Case:
        """Return the case as it stands at the end."""
        return self.steps[-1].case


@dataclass(frozen=True, slots=True)
class Stage:
    """What all tellings of one history share."""

    rules: Rules
    roster: Roster
    phrases: Phrases
    now: int


class Telling:
    """One case being told: the moment `t`, the case, the steps so far.

    `pace` below 1 hurries everybody, for cases that have to be done soon.
    """

    def __init__(self, stage: Stage, draft: Draft, rng: random.Random, pace: float = 1.0) -> None:
        """Begin before the case is born."""
        self.stage, self.draft, self.rng, self.pace = stage, draft, rng, pace
        self.rules, self.phrases = stage.rules, stage.phrases
        self.t = draft.birth
        self.steps: list[Step] = []
        self._case: Case | None = None
        self._shift = round(stage.rules.calendar.local(from_s(draft.birth)).utcoffset().total_seconds())  # type: ignore[union-attr]  # local() is aware

    @property
    def case(self) -> Case:
        """Return the case; raises LookupError before it was born."""
        if self._case is None:
            raise LookupError("the case is not born yet")
        return self._case

    # -- time -------------------------------------------------------------------------------------

    def second_of_day(self, moment: int) -> int:
        """Return the local second of the day."""
        return (moment + self._shift) % 86400

    def wait(self, mean_min: float, *, by_day: bool = False) -> None:
        """Let about so many minutes pass; `by_day` puts the end into the hours at which the field works."""
        drawn = self.rng.lognormvariate(-0.32, 0.8) * mean_min * 60
        self.t += max(15, int(drawn * self.pace))
        if by_day:
            self.t = self.daytime(self.t)

    def daytime(self, moment: int) -> int:
        """Return the moment, or the next morning when it lies in the night."""
        if self.pace < 1:
            return moment
        second = self.second_of_day(moment)
        if second >= _DAY_ENDS:
            return moment - second + 86400 + _DAY_BEGINS + int(self.rng.random() * 2400)
        if second < _DAY_BEGINS:
            return moment - second + _DAY_BEGINS + int(self.rng.random() * 2400)
        return moment

    def until(self, name: str, mean_min: float, *, by_day: bool = False) -> None:
        """Go to the fixed moment of a step, or let about so many minutes pass."""
        fixed = self.draft.times.get(name)
        if fixed is None:
            self.wait(mean_min, by_day=by_day)
        else:
            self.t = max(self.t + 1, fixed)

    def chance(self, rate: str | float) -> bool:
        """Draw whether something of a given share happens."""
        return self.rng.random() < (self.phrases.rates[rate] if isinstance(rate, str) else rate)

    # -- people -----------------------------------------------------------------------------------

    def desk(self, role: str) -> Actor:
        """Return somebody of the shift that sits at a desk of the hall."""
        people = self.stage.roster.desks[role]
        shift = (self.t + self._shift) // 28800
        seats = max(1, len(people) // 3)
        return people[(shift * seats + int(self.rng.random() * seats)) % len(people)]

    def local(self, role: str) -> Actor:
        """Return the supervisor or grid worker of the case's community."""
        grid = self.draft.site.position.grid or ""
        return self.stage.roster.in_area[role, grid[:12]]

    def unit(self, dept: str | None = None) -> Actor:
        """Return somebody who answers for a department, by default the one that leads."""
        people = self.stage.roster.units[dept or self.case.lead_dept or ""]
        return people[int(self.rng.random() * len(people))]

    # -- commands ---------------------------------------------------------------------------------

    def do(
        self, action: str, actor: Actor, payload: Mapping[str, Any] = _NOTHING, facts: Facts | None = None
    ) -> bool:
        """Give a command at `t`; False when the law refuses it (then nothing happened).

        Raises TimeUpError when the moment lies behind the end of the history.
        """
        if self.t > self.stage.now - 2:
            raise TimeUpError
        if self.steps and self.t <= int(self.steps[-1].at.timestamp()):
            self.t = int(self.steps[-1].at.timestamp()) + 1
        rng, case = self.rng, self._case
        seen = from_s(self.t - 5 - int(rng.random() * 170)) if case is not None else None
        command = Command(
            uuid7(self.t * 1000, rng.randbytes(10)),
            self.draft.case_id,
            action,
            payload,
            case.xver if case is not None and action not in ADDITIVE else None,
            seen,
        )
        return self._decide(command, actor, facts)

    def timed(self, action: str, due: datetime) -> bool:
        """Let the centre itself do what was due: id by case, action and moment, as any process would make it."""
        self.t = max(self.t + 1, int(due.timestamp()) + 1)
        if self.t > self.stage.now - 2:
            raise TimeUpError
        case = self.case
        command = Command(
            system_command_id(case.case_id, action, due), case.case_id, action, {}, case.xver, None
        )
        return self._decide(command, SYSTEM, None)

    def _decide(self, command: Command, actor: Actor, facts: Facts | None) -> bool:
        """Decide and keep the step."""
        at = from_s(self.t)
        rules = self.rules if facts is None else self.rules.with_facts(facts)
        verdict = judge(self._case, command, actor, at, rules)
        if not isinstance(verdict, Applied):
            return False
        self._case = verdict.case
        self.steps.append(Step(at, actor, verdict.role, verdict.override, command, verdict.case))
        return True

    def story(self) -> CaseStory:
        """Return what was told so far."""
        return CaseStory(self.draft.case_id, tuple(self.steps))
