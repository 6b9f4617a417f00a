"""The people of the demo district: who sits at which desk, walks which community, answers for which unit.

Names are drawn from the recipe and invented. The same district, departments and seed give the same people.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle

from services.backend.demo.geometry import District
from services.backend.demo.names import load_recipe, person_names
from services.domain.reference import Department
from services.domain.roles import Actor

#: how many people hold a desk of the hall
DESKS = {
    "acceptor": 8,
    "dispatcher": 6,
    "shift_leader": 3,
    "leader": 2,
    "evaluator": 2,
    "admin": 1,
    "auditor": 1,
}
#: units with people of their own on the spot: in every so many-th community (only a 专业部门 assigns tasks to
#: persons, a street office does not)
ON_THE_SPOT = {"sani": 1, "muni": 2, "enforce": 3, "order": 3, "green": 4, "drain": 4}
#: the recipe makes this many names without drawing for ever; more people get a number behind the name
_MOST_NAMES = 9_000
_SHORT = {
    "supervisor": "jdy", "grid_worker": "wgy", "acceptor": "sly", "shift_leader": "zbz", "dispatcher": "pqy",
    "dept_user": "bm", "handler": "czy", "street_user": "jd", "leader": "ld", "evaluator": "kpy",
    "admin": "gly", "auditor": "sjy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person with exactly one role; `username` is what they would sign in with."""

    id: str
    username: str
    name: str
    role: str
    area_code: str
    dept: str | None = None

    @property
    def actor(self) -> Actor:
        """Return the person as the actor of a command."""
        return Actor(self.id, self.name, (self.role,), self.area_code, self.dept)


@dataclass(frozen=True)
class Roster:
    """All people, and the look-ups by which the history finds who acts."""

    people: tuple[Person, ...]
    by_id: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        """Index the people by id."""
        object.__setattr__(self, "by_id", {person.id: person for person in self.people})

    def of(self, role: str) -> tuple[Person, ...]:
        """Return the people of a role, in the order of their ids."""
        return tuple(person for person in self.people if person.role == role)

    @cached_property
    def desks(self) -> dict[str, tuple[Actor, ...]]:
        """Actors of the roles that work for the whole district."""
        return {role: tuple(p.actor for p in self.of(role)) for role in DESKS}

    @cached_property
    def in_area(self) -> dict[tuple[str, str], Actor]:
        """Supervisors and grid workers by (role, community code)."""
        return {
            (p.role, p.area_code): p.actor for p in self.people if p.role in ("supervisor", "grid_worker")
        }

    @cached_property
    def units(self) -> dict[str, tuple[Actor, ...]]:
        """Actors that answer for a department (dept_user, street_user) by department."""
        found: dict[str, list[Actor]] = {}
        for person in self.people:
            if person.role in ("dept_user", "street_user") and person.dept:
                found.setdefault(person.dept, []).append(person.actor)
        return {dept: tuple(actors) for dept, actors in found.items()}

    @cached_property
    def handlers(self) -> dict[tuple[str, str], str]:
        """User ids of handlers by (department, community code)."""
        return {(p.dept, p.area_code): p.id for p in self.people if p.role == "handler" and p.dept}


def make_roster(district: District, departments: Iterable[Department], seed: int) -> Roster:
    """Make the people of a district; every active department and every community gets its own.

    Street offices are the departments whose id is `street-<9 digits>` of a street of the district.
    """
    posts = list(_posts(district, [unit for unit in departments if unit.active]))
    recipe = load_recipe()
    most = min(len(posts), _MOST_NAMES)
    names = person_names(recipe, most, random.Random(f"roster-{seed}"))
    names += [
        f"{name}{1 + n // most}" for n, name in zip(range(most, len(posts)), cycle(names), strict=False)
    ]
    counts: dict[str, int] = {}
    people = []
    for name, (role, area_code, dept) in zip(names, posts, strict=True):
        counts[role] = number = counts.get(role, 0) + 1
        username = f"{_SHORT[role]}{number:02d}"
        people.append(Person(f"u-{username}", username, name, role, area_code, dept))
    return Roster(tuple(people))


def _posts(district: District, departments: list[Department]) -> Iterable[tuple[str, str, str | None]]:
    """Yield (role, area code, department) of every post."""
    communities = [area.code for area in district.areas if area.level == "community"]
    for role, number in DESKS.items():
        yield from ((role, district.code, None) for _ in range(number))
    for unit in departments:
        if unit.kind == "street":
            if unit.area_code in district.by_code:
                yield from (("street_user", str(unit.area_code), unit.id) for _ in range(2))
        else:
            yield from (("dept_user", district.code, unit.id) for _ in range(2))
    for code in communities:
        yield "supervisor", code, None
        yield "grid_worker", code, None
    known = {unit.id for unit in departments}
    for dept, every in ON_THE_SPOT.items():
        if dept in known:
            yield from (("handler", code, dept) for code in communities[::every])
