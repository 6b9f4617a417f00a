"""Finding a word in a Chinese name by the characters themselves, full pinyin or initials, in any mix.

`派遣`, `paiqian`, `pq`, `派q` and `paiq` all find 派遣; the places of the matched characters come back for marking.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from console.viewmodels.actions.pinyin import spell

WHOLE, BEGIN, INSIDE = range(3)
"""How well a word fits: it spells the whole name, the beginning, or something inside."""
_DOUBLE = ("zh", "ch", "sh")


@dataclass(frozen=True, slots=True)
class Sounded:
    """A name, one (text, sound, place) for each character or run of Latin letters and digits."""

    name: str
    units: tuple[tuple[str, str, int], ...]
    letters: str
    """The first letters of all units; a word whose first letter is not here is found nowhere."""


@dataclass(frozen=True, slots=True)
class Hit:
    """How well a word fits (smaller is better) and which characters of the name it spells."""

    tier: int
    places: frozenset[int]


@lru_cache(maxsize=60_000)
def sounded(name: str) -> Sounded:
    """Return a name with its sounds. The first name of all reads the dictionary (some 100 ms)."""
    han = "".join(mark for mark in name if "㐀" <= mark <= "鿿")
    sounds = iter(spell(han)[0].split()) if han else iter(())
    units: list[tuple[str, str, int]] = []
    for place, mark in enumerate(name.casefold()):
        if not mark.isalnum():
            continue  # marks are not typed
        chinese = "㐀" <= mark <= "鿿"
        units.append((mark, next(sounds, "") if chinese else "", place))
    letters = "".join(sound[:1] + text for text, sound, _ in units)
    return Sounded(name, tuple(units), letters)


@lru_cache(maxsize=200_000)
def match(word: str, text: str) -> Hit | None:
    """Return where a word (lower case) is spelled in a name, None when nowhere; answers are remembered."""
    name = sounded(text)
    if not word or word[0] not in name.letters:
        return None
    for start in range(len(name.units)):
        end = _cover(name.units, start, word)
        if end is not None:
            places = frozenset(place for _, _, place in name.units[start:end])
            if start == 0:
                return Hit(WHOLE if end == len(name.units) else BEGIN, places)
            return Hit(INSIDE, places)
    return None


def match_all(words: tuple[str, ...], name: str) -> Hit | None:
    """Return the fit of several words, all of which must be found; a whole name counts for a single word only."""
    hits = [match(word, name) for word in words]
    if not hits or any(hit is None for hit in hits):
        return None
    found = [hit for hit in hits if hit is not None]
    places = frozenset(place for hit in found for place in hit.places)
    if len(found) == 1:
        return found[0]
    whole = len(places) == len(sounded(name).units)
    return Hit(WHOLE if whole else max(BEGIN, min(hit.tier for hit in found)), places)


def _cover(units: tuple[tuple[str, str, int], ...], at: int, word: str) -> int | None:
    """Return the place behind the last unit that is needed to spell the word from `at`, None when it can't be."""
    if not word:
        return at
    if at == len(units):
        return None
    for piece in _pieces(units[at], word):
        end = _cover(units, at + 1, word[len(piece) :])
        if end is not None:
            return end
    return None


def _pieces(unit: tuple[str, str, int], word: str) -> list[str]:
    """Return the beginnings of a word for which a unit can stand, the longest first."""
    text, sound, _ = unit
    if word.startswith(text):
        return [text]
    if not sound:
        return []
    pieces = []
    if word.startswith(sound):
        pieces.append(sound)
    elif sound.startswith(word):
        pieces.append(word)  # the last syllable need not be finished
    initials = (sound[:2], sound[:1]) if sound[:2] in _DOUBLE else (sound[:1],)
    pieces += [initial for initial in initials if word.startswith(initial) and initial not in pieces]
    return pieces
