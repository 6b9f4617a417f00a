"""Which unit a case should go to (派遣建议), with what speaks for it and what against.

The estimate is the chance that a unit handles such a case in the end: the duty table (职责清单) says what to expect
before anything is known, what was learned of the category in the whole district moves it, and what was learned in the
same street moves it further, each by as much as it has seen. So a new centre follows its duty table, and an old
one its precedents, without a switch between the two. The figure decides the order; the reasons are for the person who
dispatches, who stays free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.experience import Experience
from services.domain.facts import RETURNED, CaseFacts
from services.domain.reference import Rules

#: what is expected where nothing is known: the duty table's unit, the street office, everybody else together
DUTY, OFFICE, OTHERS = 0.75, 0.15, 0.10
#: how many cases weigh as much as the expectation: the duty table for the district, the district for the street
DUTY_WEIGHS, DISTRICT_WEIGHS = 5.0, 10.0
#: a unit that sends back at least this share of a category is told of
OFTEN_BACK = 0.15
#: a load this many times the mean of all units is told of
HEAVY = 1.5
FEW = 5
_STREET = 9


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that speaks for or against a unit; the words are the screen's.

    Kinds for: `duty` (named by the duty table), `territory` (office of the case's street), `precedent` (`count` of `of`
    such cases here were handled by it; `street` "" for the whole district), `quick` (usual `seconds`).
    Kinds against: `returned_this` (sent this very case back), `often_returns` (`share` of `of`), `late` (`share` in
    time of `of`), `slow` (usual `seconds` leave less than the limit), `loaded` (`count` in hand, `share` times the
    mean), `boundary` (the point lies `seconds` = metres from the street `street`, whose office may be meant).
    """

    kind: str
    count: int = 0
    of: int = 0
    share: float = 0.0
    seconds: float = 0.0
    street: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One unit: its chance to be the right one (0 to 1), reasons for and against, strongest first."""

    dept: str
    score: float
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a suggestion is wanted for.

    `neighbour` is the street next door when the point lies within `boundary_m` metres of it; `left_s` what is left
    of the handling limit in its own counting (None before dispatch: the whole limit is taken). Who sent this very case
    back is read from `facts`, or named in `sent_back` where only the case's own page is at hand.
    """

    category: str | None
    condition: int | None
    grid: str | None
    facts: CaseFacts | None = None
    neighbour: str = ""
    boundary_m: float = 0.0
    left_s: float | None = None
    sent_back: frozenset[str] = frozenset()


def suggest(
    ask: Ask, rules: Rules, experience: Experience, load: Mapping[str, int] | None = None, most: int = 3
) -> tuple[Suggestion, ...]:
    """Return the units most likely to be right, best first; nothing while the category is not known.

    Args:
        ask: the case.
        rules: categories with the duty table, departments (only active ones are suggested).
        experience: what was learned.
        load: open stints of each unit.
        most: how many are wanted.
    """
    if ask.category is None or ask.category not in rules.categories:
        return ()
    chances = estimate(ask, rules, experience)
    back = ask.sent_back | _sent_back(ask.facts)
    # who has just sent this very case back is not asked again before the others
    order = sorted(chances, key=lambda dept: (dept in back, -chances[dept], dept))
    return tuple(
        Suggestion(
            dept,
            chances[dept],
            _for(dept, ask, rules, experience),
            _against(dept, ask, rules, experience, load or {}, back),
        )
        for dept in order[:most]
    )


def estimate(ask: Ask, rules: Rules, experience: Experience) -> dict[str, float]:
    """Return the chance of every unit that duty table, territory or experience know; they add up to at most 1."""
    category, street = ask.category or "", (ask.grid or "")[:_STREET]
    district = experience.handled_by(category)
    here = experience.handled_by(category, street) if street else {}
    duty, office = _duty(ask, rules), f"street-{street}"
    known = {duty, office, f"street-{ask.neighbour}", *district, *here}
    units = {dept for dept in known if dept in rules.departments and rules.departments[dept].active}
    expected = _expected(units, duty, office)
    seen, seen_here = sum(district.values()), sum(here.values())
    chances = {}
    for dept in units:
        wide = (district.get(dept, 0) + DUTY_WEIGHS * expected[dept]) / (seen + DUTY_WEIGHS)
        chances[dept] = (here.get(dept, 0) + DISTRICT_WEIGHS * wide) / (seen_here + DISTRICT_WEIGHS)
    return chances


def _duty(ask: Ask, rules: Rules) -> str:
    """Return the unit the duty table names, "" when it names none."""
    street = (ask.grid or "")[:_STREET]
    return rules.lead_of(ask.category, ask.condition, (street,) if street else ()) or ""


def _expected(units: set[str], duty: str, office: str) -> dict[str, float]:
    """Return what to expect of the units before anything is known."""
    others = [dept for dept in units if dept not in (duty, office)]
    found = dict.fromkeys(others, OTHERS / len(others)) if others else {}
    if duty in units:
        found[duty] = DUTY + (OFFICE if duty == office else 0.0)
    if office in units and office != duty:
        found[office] = OFFICE
    return found


def _sent_back(facts: CaseFacts | None) -> frozenset[str]:
    """Return the units that sent this case back in this round."""
    if facts is None:
        return frozenset()
    return frozenset(stint.dept for stint in facts.standing if stint.outcome == RETURNED)


def _for(dept: str, ask: Ask, rules: Rules, experience: Experience) -> tuple[Reason, ...]:
    """Return what speaks for a unit."""
    category, street = ask.category or "", (ask.grid or "")[:_STREET]
    found = []
    if dept == _duty(ask, rules):
        found.append(Reason("duty"))
    here, wide = experience.handled_by(category, street), experience.handled_by(category)
    if street and sum(here.values()) >= FEW and here.get(dept):
        found.append(Reason("precedent", here[dept], sum(here.values()), street=street))
    elif sum(wide.values()) >= FEW and wide.get(dept):
        found.append(Reason("precedent", wide[dept], sum(wide.values())))
    if street and dept == f"street-{street}":
        found.append(Reason("territory", street=street))
    usual, left = experience.usual_s(dept, category, FEW), _left(ask, rules)
    if usual is not None and left is not None and usual <= left / 2:
        found.append(Reason("quick", seconds=usual))
    return tuple(found)


def _against(
    dept: str,
    ask: Ask,
    rules: Rules,
    experience: Experience,
    load: Mapping[str, int],
    back: frozenset[str],
) -> tuple[Reason, ...]:
    """Return what speaks against a unit."""
    category = ask.category or ""
    record = experience.record(dept, category)
    found = [Reason("returned_this")] if dept in back else []
    if record.received >= FEW and (record.return_rate or 0.0) >= OFTEN_BACK:
        found.append(Reason("often_returns", record.returned, record.received, record.return_rate or 0.0))
    usual, left = experience.usual_s(dept, category, FEW), _left(ask, rules)
    if usual is not None and left is not None and usual > left:
        found.append(Reason("slow", seconds=usual))
    elif record.handled >= FEW and record.in_time / record.handled < 0.8:
        found.append(Reason("late", record.in_time, record.handled, record.in_time / record.handled))
    mean = sum(load.values()) / len(load) if load else 0.0
    if mean and load.get(dept, 0) >= HEAVY * mean:
        found.append(Reason("loaded", load[dept], share=load[dept] / mean))
    street = (ask.grid or "")[:_STREET]
    if ask.neighbour and dept == f"street-{street}":
        found.append(Reason("boundary", seconds=ask.boundary_m, street=ask.neighbour))
    return tuple(found)


def _left(ask: Ask, rules: Rules) -> float | None:
    """Return the seconds left for handling, the whole limit where no clock runs yet."""
    if ask.left_s is not None:
        return ask.left_s
    limit = rules.handling_limit(ask.category, ask.condition)
    return None if limit is None else float(limit.seconds(rules.calendar.day_hours))
