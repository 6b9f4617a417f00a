"""Changing keys: what is shown, what a wished key would collide with, keeping it for the user on this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from console.viewmodels.seat import STORE, SeatViewModel
from console.viewmodels.verbs.keymap import KeyMap
from console.viewmodels.verbs.verb import GROUP_WORDS, PLACE_WORDS, Verb, tr

NAME = "verbs.keys"
_USABLE = re.compile(r"^(?:(?:Ctrl|Alt|Shift)\+)*(?:[A-Z0-9]|F(?:[1-9]|1[0-2])|[-=\[\];',./`\\?])$")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One line: a verb in a place with its keys; `changed` when they are not the shipped ones."""

    verb: Verb
    place: str
    group: str
    where: str
    words: str
    keys: tuple[str, ...]
    changed: bool


class KeyChoice(QObject):
    """The keys of one user. `changed()` follows every change."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Nothing is read yet."""
        super().__init__(parent)
        self.seat, self.book = seat, seat.verbs

    def load(self) -> None:
        """Use what the user has set."""
        self.book.set_keymap(KeyMap.from_doc(self.seat.services.settings.value(NAME)))

    def lines(self, words: str = "") -> tuple[KeyLine, ...]:
        """Return every verb whose keys may be changed, once for each place where it has one (its own place else).

        With `words` only those that have them in group, title or keys.
        """
        keymap, found = self.book.keymap, []
        for verb in self.book.verbs:
            if verb.fixed:
                continue
            places = dict.fromkeys([place for place, _ in verb.bindings] or [verb.place])
            for place in places:
                line = KeyLine(
                    verb, place, tr(GROUP_WORDS[verb.group]), tr(PLACE_WORDS[place]), verb.words,
                    self.book.keys(verb, place), keymap.is_changed(verb),
                )  # fmt: skip
                text = f"{line.group}{line.where}{line.words}{' '.join(line.keys)}".casefold()
                if all(word in text for word in words.casefold().split()):
                    found.append(line)
        return tuple(found)

    def why_not(self, line: KeyLine, key: str) -> str:
        """Return why a verb cannot have a key, a sentence; empty when it can."""
        if not key:
            return ""
        if not _USABLE.match(key):
            return tr("这个键不能用来办事，请换一个字母、数字、功能键或带 Ctrl、Alt 的组合。")
        other = self.book.keymap.taken_by(line.verb, line.place, key, self.book.verbs)
        if other is None:
            return ""
        return tr("{key} 已经用于“{verb}”，同一处不能共用。").format(key=key, verb=other.words)

    def put(self, line: KeyLine, key: str) -> str:
        """Give a verb a key in a place (an empty one takes it away); returns why not, and then nothing changes."""
        reason = self.why_not(line, key)
        if not reason:
            self._use(self.book.keymap.with_key(line.verb, line.place, key))
        return reason

    def restore(self, line: KeyLine) -> str:
        """Give a verb its shipped keys again; returns why not (another verb has one of them by now)."""
        for place, key in line.verb.bindings:
            other = self.book.keymap.taken_by(line.verb, place, key, self.book.verbs)
            if other is not None:
                return tr("{key} 已经用于“{verb}”，同一处不能共用。").format(key=key, verb=other.words)
        self._use(self.book.keymap.without_change(line.verb))
        return ""

    def restore_all(self) -> None:
        """Give every verb its shipped keys."""
        self._use(KeyMap())

    def _use(self, keymap: KeyMap) -> None:
        """Use other keys from now on and keep them."""
        self.book.set_keymap(keymap)
        doc, settings = keymap.doc, self.seat.services.settings
        self.seat.background.submit(STORE, NAME, lambda: settings.put_value(NAME, doc))
        self.changed.emit()
