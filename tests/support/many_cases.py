"""Many invented cases at once, without a centre: for what must stay quick, and for random questions."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.domain.case import Case, Location, Owner
from services.domain.clocks import Clock, Pause, start
from services.domain.limits import Limit
from services.domain.reference import Rules
from services.domain.states import STATES
from services.ports.picture import Projected
from tests.support.fakes import SOUTH, STEP, STREETS, WEST, grid_at

OPEN_STATES = tuple(state.id for state in STATES.values() if not state.end)
_AMOUNTS = (
    (30, "minute"), (2, "urgent_hour"), (4, "work_hour"), (1, "natural_day"), (3, "work_day"), (7, "work_day"),
)  # fmt: skip
LIMITS = tuple(Limit(amount, unit) for amount, unit in _AMOUNTS)


def many(n: int, now: datetime, rules: Rules, seed: int = 7, lost: float = 0.05) -> list[Projected]:
    """Return `n` open cases in all states, some late, some suspended, some without a position."""
    rng = random.Random(seed)
    categories = sorted(rules.categories)
    depts = sorted(rules.departments)
    sources = sorted(rules.sources)
    clocks = _clocks(rng, now, rules)
    return [
        Projected(case, case)
        for case in (_case(rng, i, now, categories, depts, sources, clocks, lost) for i in range(n))
    ]


def _clocks(
    rng: random.Random, now: datetime, rules: Rules, count: int = 400
) -> list[tuple[datetime, Clock]]:
    """Return clocks of all kinds that began in the last days."""
    found = []
    for _ in range(count):
        began = now - timedelta(seconds=rng.randrange(0, 5 * 86400))
        clock = start("handle", rng.choice(LIMITS), began, rules.calendar)
        if rng.random() < 0.05:
            clock = replace(clock, frozen_s=rng.randrange(-3600, 86400), due_at=None,
                            pauses=(Pause("suspend", began, None),))  # fmt: skip
        elif rng.random() < 0.1:
            gap = Pause("window", now + timedelta(hours=1), now + timedelta(hours=5), "w1")
            clock = start("handle", clock.limit, began, rules.calendar, (gap,))
        found.append((began, clock))
    return found


def _case(
    rng: random.Random,
    i: int,
    now: datetime,
    categories: list[str],
    depts: list[str],
    sources: list[str],
    clocks: list[tuple[datetime, Clock]],
    lost: float,
) -> Case:
    """Return one case."""
    state = rng.choice(OPEN_STATES)
    began, clock = rng.choice(clocks)
    name = STATES[state].clock or "handle"
    lon, lat = WEST + rng.random() * 3 * STEP, SOUTH + rng.random() * 3 * STEP
    grid = grid_at(lon, lat)
    placed = rng.random() >= lost
    street = next((word for code, word in STREETS if grid and grid.startswith(code)), "")
    return Case(
        case_id=str(UUID(int=rng.getrandbits(128))),
        kind="component",
        source=rng.choice(sources),
        state=state,
        description=rng.choice(("井盖缺失", "路灯不亮", "垃圾堆积", "占道经营")) + f"第{i}处",
        location=Location(lon if placed else None, lat if placed else None, f"{street}{i % 97}号"),
        created_at=began,
        number=f"{now:%Y%m%d}-{i:05d}" if rng.random() > 0.02 else None,
        category=rng.choice(categories),
        grid=grid if placed else None,
        urgent=rng.random() < 0.02,
        level=rng.randrange(0, 3),
        lead_dept=rng.choice(depts) if rng.random() < 0.6 else None,
        owner=Owner("dept_user", None, f"u{i % 40}" if rng.random() < 0.3 else None),
        clocks={name: replace(clock, name=name)},
        flags=frozenset({"extension_pending"}) if rng.random() < 0.03 else frozenset(),
    )
