"""Every key of a place in words, made from the book: what `?` shows."""

from __future__ import annotations

from collections.abc import Iterable

from console.viewmodels.verbs.book import VerbBook
from console.viewmodels.verbs.case_verbs import verb_id
from console.viewmodels.verbs.verb import EVERYWHERE, PLACE_WORDS, tr

KeyGroup = tuple[str, list[tuple[str, str]]]
"""A heading, and (keys with spaces between them, words) for each line."""
_SIDES = (("queue", "case", "map"), ("intake", "pool.reported", "pool.pending_filing", "pool.pending_close"))


def key_of_action(book: VerbBook, action: str, place: str, shipped: str) -> str:
    """Return the key of an action of a case in a place as it is set now; the shipped one where nothing is bound."""
    verb = book.get(verb_id(action))
    return shipped if verb is None else next(iter(book.keys(verb, place)), "")


def keys_of_places(book: VerbBook, places: Iterable[str]) -> list[KeyGroup]:
    """Return the keys of the workspace the places belong to, the place under the hand first, then everywhere.

    Verbs that share a key because they are never possible together share a line.
    """
    near = [place for place in places if place != EVERYWHERE]
    side = next((side for side in _SIDES if any(place in side for place in near)), ())
    wanted = (*near, *(place for place in side if place not in near), EVERYWHERE)
    groups = [(tr(PLACE_WORDS[place]), _lines(book, place)) for place in wanted]
    return [(title, lines) for title, lines in groups if lines]


def _lines(book: VerbBook, place: str) -> list[tuple[str, str]]:
    """Return one line for each set of keys."""
    words: dict[str, list[str]] = {}
    for verb in book.verbs:
        keys = " ".join(book.keys(verb, place))
        if keys:
            words.setdefault(keys, []).append(verb.words)
    return [(keys, tr("、").join(dict.fromkeys(found))) for keys, found in words.items()]
