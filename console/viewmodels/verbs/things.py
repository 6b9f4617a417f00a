"""Units, areas and people by name: what a line of the command bar may name besides cases."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from console.viewmodels.areas import AreaEntry
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.matching import BEGIN, INSIDE, WHOLE, Hit, match_all, sounded
from console.viewmodels.verbs.verb import tr
from services.domain.reference import Department

STEP = 100
"""So many names are looked at between two places where the search may be interrupted."""
NO_HIT = Hit(INSIDE, frozenset())
"""The fit of what was not asked for by name."""
LEVELS = ("district", "street", "community", "grid")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has a name: its id, what it is called (the first name is shown), its code, a quiet note."""

    id: str
    names: tuple[str, ...]
    code: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class FoundThing:
    """A thing with the fit of its name."""

    thing: Thing
    hit: Hit


def units_of(seat: SeatViewModel) -> list[Thing]:
    """Return the units that can be made responsible."""
    return [_unit(unit) for unit in seat.rules.departments.values() if unit.active]


def _unit(unit: Department) -> Thing:
    """Return a unit by its short name, found by the full one too."""
    names = (unit.short, unit.name) if unit.short and unit.short != unit.name else (unit.name,)
    return Thing(unit.id, names, unit.id, unit.name if len(names) > 1 else "")


def areas_of(seat: SeatViewModel) -> list[Thing]:
    """Return every area, streets before grids."""
    return [_area(seat, entry) for level in LEVELS for entry in seat.areas.of_level(level)]


def _area(seat: SeatViewModel, entry: AreaEntry) -> Thing:
    """Return an area with its parent and officer in the note."""
    above = seat.areas.name(entry.parent) if entry.parent else ""
    officer = tr("网格员 {name}").format(name=entry.officer) if entry.officer else ""
    return Thing(entry.code, (entry.name,), entry.code, " · ".join(part for part in (above, officer) if part))


def people_of(seat: SeatViewModel) -> list[Thing]:
    """Return the officers by name, with the grid they are set for as id."""
    grids = (entry for entry in seat.areas.of_level("grid") if entry.officer)
    return [Thing(entry.code, (entry.officer or "",), "", entry.name) for entry in grids]


def search_things(
    things: Iterable[Thing], words: Sequence[str], limit: int
) -> Generator[None, None, tuple[FoundThing, ...]]:
    """Look for things whose name (or code) is spelled by all words, the best first; `yield from` gives them."""
    wanted = tuple(words)
    found: list[FoundThing] = []
    if not wanted:
        return ()
    for place, thing in enumerate(things):
        hit = fit(thing, wanted)
        if hit is not None:
            found.append(FoundThing(thing, hit))
        if place % STEP == STEP - 1:
            yield
    found.sort(key=lambda one: (one.hit.tier, len(one.thing.name)))
    return tuple(found[:limit])


def fit(thing: Thing, words: tuple[str, ...]) -> Hit | None:
    """Return how well words name a thing; places are those of the shown name."""
    if len(words) == 1 and thing.code and thing.code.casefold().startswith(words[0]):
        return Hit(WHOLE if thing.code.casefold() == words[0] else BEGIN, frozenset())
    best: Hit | None = None
    for place, name in enumerate(thing.names):
        hit = match_all(words, name)
        if hit is not None and (best is None or hit.tier < best.tier):
            best = hit if place == 0 else Hit(hit.tier, frozenset())
    return best


def warm(names: Iterable[str]) -> int:
    """Work the sounds of many names out, away from the main thread; returns how many."""
    count = 0
    for name in names:
        sounded(name)
        count += 1
    return count
