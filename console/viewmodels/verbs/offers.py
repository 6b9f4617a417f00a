"""What a line of the command bar may mean: verbs with the objects named beside them, as rows to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from console.viewmodels.rows import RowView
from console.viewmodels.verbs.line import is_number
from console.viewmodels.verbs.matching import BEGIN, Hit, match, match_all
from console.viewmodels.verbs.verb import A_CASE, A_TEXT, A_UNIT, AN_AREA, Call, Verb

RECENT, COMMANDS, CASES, PLACES, PEOPLE, SETTINGS = (
    "recent",
    "commands",
    "cases",
    "places",
    "people",
    "settings",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line to choose.

    Attributes:
        section: heading it stands under.
        title: what it says; `places` are the characters that were typed.
        note: quiet words behind.
        verb_id, call: what Enter does; an empty verb puts `line` into the field instead.
        keys: the key of the verb.
        reason: why it cannot be done now.
        line: what Tab makes of the line.
        view: the case, for its shape and clock.
        icon: drawing for anything else.
    """

    section: str
    title: str
    places: frozenset[int] = frozenset()
    note: str = ""
    verb_id: str = ""
    call: Call = field(default_factory=Call)
    keys: tuple[str, ...] = ()
    reason: str = ""
    line: str = ""
    view: RowView | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line: a verb, how well its words fit, and the words that are left for its objects."""

    verb: Verb
    hit: Hit
    rest: tuple[str, ...]


def fit_of(verb: Verb, words: tuple[str, ...]) -> Hit | None:
    """Return how well words name a verb; places are those of its title."""
    best = match_all(words, verb.words)
    for alias in verb.aliases:
        hit = match_all(words, alias)
        if hit is not None and (best is None or hit.tier < best.tier):
            best = Hit(hit.tier, frozenset())
    return best


def named_by(verb: Verb, word: str) -> bool:
    """Tell whether a word is spelled in a name of a verb."""
    return any(match(word, name) is not None for name in (verb.words, *verb.aliases))


def readings(verbs: Iterable[Verb], words: Sequence[str]) -> list[Reading]:
    """Return every way to read a line as a verb with objects, the best first; the longest name of a verb counts."""
    found = [reading for verb in verbs if (reading := _read(verb, tuple(words))) is not None]
    found.sort(key=lambda one: (one.hit.tier, len(one.rest)))
    return found


def _read(verb: Verb, words: tuple[str, ...]) -> Reading | None:
    """Return the best reading of a line as one verb: no word left over is better than a better fit."""
    best: Reading | None = None
    fits = [not is_number(word) and named_by(verb, word) for word in words]
    if not any(fits):
        return None
    for begin in range(len(words)):
        for end in range(len(words), begin, -1):
            span, rest = words[begin:end], (*words[:begin], *words[end:])
            if not any(fits[begin:end]) or (rest and not verb.takes):
                continue
            hit = fit_of(verb, span)
            if hit is None or (rest and hit.tier > BEGIN):
                continue
            if best is None or (len(rest), hit.tier) < (len(best.rest), best.hit.tier):
                best = Reading(verb, hit, rest)
    return best


@dataclass(frozen=True, slots=True)
class Asked:
    """What the objects of a reading ask for: digits of a case number, words for a unit, an area, a case or a text."""

    numbers: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    text: str = ""


def asked(reading: Reading) -> Asked:
    """Share the words of a reading out among the objects its verb takes."""
    takes, rest = reading.verb.takes, reading.rest
    if A_TEXT in takes:
        return Asked(text=" ".join(rest))
    numbers = tuple(word for word in rest if is_number(word)) if A_CASE in takes else ()
    words = tuple(word for word in rest if word not in numbers)
    if A_UNIT in takes:
        return Asked(numbers, unit=words)
    if AN_AREA in takes:
        return Asked(numbers, area=words)
    return Asked(numbers, case=words)
