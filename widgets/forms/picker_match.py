"""Finding a candidate by name, short name, code, pinyin or initials in any mix (DESIGN §7).

``市政``, ``sz``, ``shizheng``, ``szyl``, ``市zheng`` and ``shiz 园`` all find 市政园林中心. Pinyin comes with the
candidate (one syllable per character, separated by spaces, as ``pypinyin.lazy_pinyin`` gives it); nothing is looked
up here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class PickerItem:
    """One candidate.

    Attributes:
        id: handed back.
        name: full name, shown.
        short: short name; searched.
        code: code; searched from its beginning.
        pinyin: full pinyin of ``name`` with spaces (``shi zheng yuan lin``).
        initials: first letters (``szyl``), shown beside the name.
        note: quiet second word (team, address), searched as plain text.
        right_text: words at the right (在办 18 · 1.2 公里).
        score: 0–1; negative when there is none.
        reason: why it is suggested.
    """

    id: str
    name: str
    short: str = ""
    code: str = ""
    pinyin: str = ""
    initials: str = ""
    note: str = ""
    right_text: str = ""
    score: float = -1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PickerHit:
    """A found candidate with the matched places: character positions in the name and in the initials."""

    item: PickerItem
    name_places: frozenset[int] = frozenset()
    initial_places: frozenset[int] = frozenset()
    tier: int = 3


EXACT, PREFIX, INSIDE, LOOSE = range(4)


def find(items: Sequence[PickerItem], query: str, limit: int = 50) -> list[PickerHit]:
    """Return the candidates that match every word of the query, best first.

    Exact names, short names and codes come first, then by score, then by how well the words match, then in the given
    order. An empty query returns all by score.
    """
    words = query.casefold().split()
    hits = [hit for item in items if (hit := match(item, words)) is not None]
    hits.sort(key=lambda hit: (hit.tier != EXACT, -hit.item.score, hit.tier))
    return hits[:limit]


def match(item: PickerItem, words: Sequence[str]) -> PickerHit | None:
    """Match one candidate; None when a word is found nowhere."""
    places: set[int] = set()
    tiers: list[int] = []
    for word in words:
        found = _match_word(item, word)
        if found is None:
            return None
        places |= found[0]
        tiers.append(found[1])
    tier = max(tiers, default=INSIDE)
    if len(words) == 1 and words[0] in (item.name.casefold(), item.short.casefold(), item.code.casefold()):
        tier = EXACT
    return PickerHit(item, frozenset(places), _initial_places(item, places), tier)


def _match_word(item: PickerItem, word: str) -> tuple[set[int], int] | None:
    if item.code and item.code.casefold().startswith(word):
        return set(), PREFIX
    units = spelled(item.name, item.pinyin)
    for start in range(len(units)):
        covered = _cover(units, start, word)
        if covered is not None:
            return {
                place for unit in units[start:covered] for place in unit.places
            }, PREFIX if start == 0 else INSIDE
    if item.short and word in item.short.casefold():
        return _places_of(item.name, item.short, word), INSIDE
    if item.initials and word in item.initials.casefold():
        at = item.initials.casefold().index(word)
        return _unit_places(units, at, at + len(word)), INSIDE
    if word in item.note.casefold():
        return set(), LOOSE
    return None


@dataclass(frozen=True, slots=True)
class Unit:
    """A character (or a run of Latin letters and digits) of a name with its pinyin."""

    text: str
    sound: str
    places: tuple[int, ...]


@lru_cache(maxsize=8192)
def spelled(name: str, pinyin: str) -> tuple[Unit, ...]:
    """Pair the characters of a name with their syllables; a name without fitting pinyin pairs with nothing."""
    units: list[tuple[str, tuple[int, ...]]] = []
    for place, character in enumerate(name):
        if character.isspace():
            continue
        latin = character.isascii() and character.isalnum()
        if (
            latin
            and units
            and units[-1][0].isascii()
            and units[-1][1][-1] == place - 1
            and units[-1][0].isalnum()
        ):
            units[-1] = (units[-1][0] + character, (*units[-1][1], place))
        else:
            units.append((character, (place,)))
    sounds = pinyin.casefold().split()
    if len(sounds) != len(units):
        sounds = _only_han(units, sounds)
    return tuple(
        Unit(text.casefold(), sound, places) for (text, places), sound in zip(units, sounds, strict=True)
    )


def _only_han(units: list[tuple[str, tuple[int, ...]]], sounds: list[str]) -> list[str]:
    """Give syllables to the Chinese characters alone, when their number fits; else to none."""
    han = [not text.isascii() and text.isalnum() for text, _ in units]
    if sum(han) != len(sounds):
        return [""] * len(units)
    rest = iter(sounds)
    return [next(rest) if is_han else "" for is_han in han]


def _cover(units: tuple[Unit, ...], at: int, word: str) -> int | None:
    """Return the place behind the last unit used to spell the whole word from ``at``; None when it can't be."""
    if not word:
        return at
    if at == len(units):
        return None
    unit = units[at]
    for piece in _pieces(unit, word):
        end = _cover(units, at + 1, word[len(piece) :])
        if end is not None:
            return end
    return None


def _pieces(unit: Unit, word: str) -> list[str]:
    """Return the ways in which a unit can stand for the beginning of a word, longest first."""
    pieces: list[str] = []
    if word.startswith(unit.text):
        pieces.append(unit.text)
    elif unit.text.startswith(word):
        pieces.append(word)  # the beginning of a Latin run
    sound = unit.sound
    if sound and word.startswith(sound):
        pieces.append(sound)
    elif sound.startswith(word):
        pieces.append(word)  # the last syllable may be unfinished
    for initial in (sound[:2] if sound[:2] in ("zh", "ch", "sh") else "", sound[:1]):
        if initial and word.startswith(initial) and initial not in pieces:
            pieces.append(initial)
    return pieces


def _initial_places(item: PickerItem, places: set[int]) -> frozenset[int]:
    units = spelled(item.name, item.pinyin)
    return frozenset(
        number
        for number, unit in enumerate(units)
        if number < len(item.initials) and any(place in places for place in unit.places)
    )


def _unit_places(units: tuple[Unit, ...], first: int, end: int) -> set[int]:
    return {place for unit in units[first:end] for place in unit.places}


def _places_of(name: str, short: str, word: str) -> set[int]:
    """Return where the characters of a word of the short name stand in the name, in order, as far as they do."""
    places: set[int] = set()
    at = 0
    for character in word:
        found = name.casefold().find(character, at)
        if found < 0:
            return places if short else set()
        places.add(found)
        at = found + 1
    return places
