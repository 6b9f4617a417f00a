"""Keys the user has changed: verb and place to another key. What is not changed has the shipped key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from console.viewmodels.verbs.verb import EVERYWHERE, Verb

Binding = tuple[str, str]
"""Place and key."""


class KeyMap:
    """The keys of verbs. `doc` is what the settings store keeps: verb id to a list of `place:key`."""

    def __init__(self, changed: Mapping[str, tuple[Binding, ...]] | None = None) -> None:
        """Take the changes, none as shipped."""
        self._changed: dict[str, tuple[Binding, ...]] = dict(changed or {})

    @classmethod
    def from_doc(cls, doc: Any) -> KeyMap:
        """Read what was kept; what is no key is left out, a doc of another form is no change at all."""
        if not isinstance(doc, Mapping):
            return cls()
        changed = {}
        for verb_id, keys in doc.items():
            if isinstance(verb_id, str) and isinstance(keys, list):
                parts = [key.partition(":") for key in keys if isinstance(key, str)]
                changed[verb_id] = tuple((place, key) for place, _, key in parts if place and key)
        return cls(changed)

    @property
    def doc(self) -> dict[str, list[str]]:
        """What is to be kept."""
        return {verb: [f"{place}:{key}" for place, key in keys] for verb, keys in self._changed.items()}

    def bindings(self, verb: Verb) -> tuple[Binding, ...]:
        """Return the keys of a verb as (place, key); a fixed verb has the shipped ones."""
        if verb.fixed:
            return verb.bindings
        return self._changed.get(verb.id, verb.bindings)

    def is_changed(self, verb: Verb) -> bool:
        """Tell whether the user has changed the keys of a verb."""
        return verb.id in self._changed and set(self._changed[verb.id]) != set(verb.bindings)

    def taken_by(self, verb: Verb, place: str, key: str, verbs: Iterable[Verb]) -> Verb | None:
        """Return the verb that has a key where it would collide: the same place, or either of them everywhere."""
        for other in verbs:
            if other.id == verb.id or verb.id == other.instead_of or other.id == verb.instead_of:
                continue
            for where, held in self.bindings(other):
                if held == key and (where == place or EVERYWHERE in (where, place)):
                    return other
        return None

    def with_key(self, verb: Verb, place: str, key: str) -> KeyMap:
        """Return a map in which a verb has one key in a place; an empty key takes its keys there away."""
        rest = tuple((where, held) for where, held in self.bindings(verb) if where != place)
        fresh = (*rest, (place, key)) if key else rest
        return KeyMap({**self._changed, verb.id: fresh})

    def without_change(self, verb: Verb) -> KeyMap:
        """Return a map in which a verb has its shipped keys again."""
        return KeyMap({name: keys for name, keys in self._changed.items() if name != verb.id})
