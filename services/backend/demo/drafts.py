"""The draft of one invented case: what, where, when, from whom and how it will go, before anybody acts.

Drafts are cheap and depend on seed and slot alone, so several processes can work out parts of one history, and
a duplicate can be made from the draft of the case it doubles.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from services.backend.demo.arrivals import day_numbers, finished_births, open_count
from services.backend.demo.opening import Target, anchor, in_band, milestones, targets
from services.backend.demo.phrases import Phrases
from services.backend.demo.sites import Site, Sites
from services.domain.calendar import from_s, to_s
from services.domain.ids import uuid7
from services.domain.limits import Limit
from services.domain.reference import Rules
from services.domain.states import STATES

PUBLIC = frozenset({"hotline", "app", "media", "petition"})
FIELD = frozenset({"patrol", "grid_worker", "transfer", "leader", "petition"})
#: courses that end early, in the order in which they are drawn
_COURSES = ("reject", "duplicate", "self_close", "cancel")
#: steps that people outside the hall take, by day
_OUTSIDE = frozenset({"verify_result", "return_case", "feed_back", "check_pass"})
_DOUBLE_WITHIN = 40
_DOUBLE_S = 24 * 3600


@dataclass(slots=True)
class Draft:
    """One case to be told: `slot` names it, `times` holds fixed moments of an open case (else empty)."""

    slot: int
    birth: int
    case_id: str
    source: str
    category: str
    condition: int
    description: str
    site: Site
    lon: float
    lat: float
    course: str
    verify: bool
    target: Target | None = None
    times: dict[str, int] = field(default_factory=dict)
    number: str = ""
    double_of: str | None = None


class Drafts:
    """All drafts of a history in the order of birth; `Drafts.draft(rank)` works one out.

    `now` is the end of the history, `cases` how many cases it has, `days` how far back it goes.
    """

    def __init__(
        self, rules: Rules, phrases: Phrases, sites: Sites, now: datetime, cases: int, days: int, seed: int
    ) -> None:
        """Draw all births and bring them into order."""
        self.rules, self.phrases, self.sites, self.seed = rules, phrases, sites, seed
        self.now_s = to_s(now)
        self._oldest = self.now_s - days * 86400
        waiting = targets(open_count(cases, days), phrases, seed)
        self._open = {slot: self._open_draft(slot, target) for slot, target in enumerate(waiting)}
        done = finished_births(cases - len(waiting), now, days, rules.calendar, phrases, seed)
        births = [(draft.birth, slot) for slot, draft in self._open.items()]
        births += [(int(birth), slot) for slot, birth in enumerate(done, len(waiting))]
        births.sort()
        self.births = [birth for birth, _ in births]
        self.slots = [slot for _, slot in births]
        self.numbers = day_numbers(self.births, rules.calendar.zone)

    def __len__(self) -> int:
        return len(self.slots)

    def rng(self, slot: int, part: int) -> random.Random:
        """Return the random numbers of one part of one slot's work."""
        return random.Random((self.seed << 40) ^ (slot << 4) ^ part)

    def draft(self, rank: int) -> Draft:
        """Return the draft of the case at a place in the order of birth."""
        slot, birth = self.slots[rank], self.births[rank]
        made = self._open.get(slot) or self._done_draft(slot, birth)
        made.number = self.numbers[rank]
        if made.course == "duplicate":
            self._double(made, rank)
        return made

    def _done_draft(self, slot: int, birth: int) -> Draft:
        """Draft a case that is finished by now."""
        rng = self.rng(slot, 0)
        made = self._draw(slot, birth, self.phrases.source(self._hour(birth), rng), rng)
        spot = rng.random()
        for name in _COURSES:
            spot -= self.phrases.rates[name]
            if spot < 0:
                made.course = name
                break
        return made

    def _draw(self, slot: int, birth: int, source: str, rng: random.Random) -> Draft:
        """Draw what happened and where."""
        phrases, rules = self.phrases, self.rules
        category = rules.categories[phrases.category(source, rng)]
        condition, sentence = phrases.problem(category, rng)
        site = self.sites.pick(rng)
        lon, lat = site.near_by(rng)
        text = phrases.describe(source, category, condition, sentence, site.spot, site.place, rng)
        verify = source in PUBLIC and rng.random() < phrases.rates["verify"]
        case_id = uuid7(birth * 1000 + int(rng.random() * 1000), rng.randbytes(10))
        return Draft(
            slot, birth, case_id, source, category.code, condition, text, site, lon, lat, "normal", verify
        )

    def _open_draft(self, slot: int, target: Target) -> Draft:
        """Draft a case that stands open now: drawn again until its birth is believable."""
        rng = self.rng(slot, 0)
        hall = target.state in ("reported", "verifying", "pending_filing", "pending_dispatch")
        hour = self._hour(self.now_s) if hall else 10
        for attempt in range(60):
            draft = self._draw(slot, self.now_s, self.phrases.source(hour, rng), rng)
            if target.state == "verifying" and draft.source not in PUBLIC and attempt < 40:
                continue
            draft.target, draft.verify = target, draft.verify or target.state == "verifying"
            handle = self.rules.handling_limit(draft.category, draft.condition)
            clock = STATES[target.state].clock or ""
            limit = handle if clock == "handle" else self.rules.stage_limits.get(clock)
            if handle is None or limit is None:
                continue
            if target.state == "suspended" and not self._long(handle) and attempt < 40:
                continue
            if clock == "handle" and attempt < 25 and rng.random() > self._weight(handle):
                continue  # what is open at a moment is mostly what takes long
            start = anchor(target, limit, self.now_s, self.rules.calendar, rng)
            if attempt < 45 and not in_band(target, limit, start, self.now_s, self.rules.calendar):
                continue
            draft.times = milestones(target, start, draft.verify, handle, self.rules.calendar, rng)
            draft.birth = draft.times["register"]
            if draft.birth > self._oldest and (self._awake(draft) or hall or attempt > 30):
                break
        draft.case_id = uuid7(draft.birth * 1000 + int(rng.random() * 1000), rng.randbytes(10))
        return draft

    def _weight(self, limit: Limit) -> float:
        """Return how probable it is to meet a case of this limit open, against one of five work days."""
        seconds = limit.seconds(self.rules.calendar.day_hours) * (3 if limit.working else 1)
        return min(1.0, 0.04 + seconds / (5 * 86400))

    def _long(self, limit: Limit) -> bool:
        """Tell whether a limit is one of two work days and more: short ones are not suspended."""
        return limit.seconds(self.rules.calendar.day_hours) >= 2 * 8 * 3600 and limit.working

    def _awake(self, draft: Draft) -> bool:
        """Tell whether whoever reports and whoever works outside is up when it is their turn."""
        outside = [moment for step, moment in draft.times.items() if step in _OUTSIDE]
        if draft.source in FIELD:
            outside.append(draft.birth)
        return all(7 <= self._hour(moment) < 21 for moment in outside)

    def _double(self, draft: Draft, rank: int) -> None:
        """Make a draft double an earlier case of the last day; without one it is simply a mistaken report."""
        rng = self.rng(draft.slot, 1)
        for _ in range(8):
            other = rank - 1 - int(rng.random() * _DOUBLE_WITHIN)
            if other < 0 or draft.birth - self.births[other] > _DOUBLE_S or self.births[other] >= draft.birth:
                continue
            first = self._open.get(self.slots[other]) or self._done_draft(
                self.slots[other], self.births[other]
            )
            if first.course == "duplicate":
                continue
            draft.double_of, draft.site = first.case_id, first.site
            draft.category, draft.condition = first.category, first.condition
            draft.lon, draft.lat = first.site.near_by(rng)
            category = self.rules.categories[draft.category]
            draft.condition, sentence = self.phrases.problem(category, rng)
            draft.description = self.phrases.describe(
                draft.source, category, draft.condition, sentence, draft.site.spot, draft.site.place, rng
            )
            return
        draft.course = "cancel"

    def _hour(self, moment: int) -> int:
        """Return the local hour."""
        return self.rules.calendar.local(from_s(moment)).hour
