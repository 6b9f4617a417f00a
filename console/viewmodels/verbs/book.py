"""The verbs of one seat with what they do: `seat.verbs`. Pages and windows bind, the command bar and the keys run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from console.viewmodels.verbs.keymap import KeyMap
from console.viewmodels.verbs.verb import A_CASE, WORKSPACE_OF, Call, Verb, tr

Run = Callable[[], object]
RunFor = Callable[[Call], object]
WhyNot = Callable[[], str]
WhyNotFor = Callable[[Call], str]

NOTHING = Call()


@dataclass(frozen=True, slots=True)
class Bound:
    """A verb with what it does and why it cannot be done (a sentence, empty when it can)."""

    verb: Verb
    run: RunFor
    why_not: WhyNotFor


class VerbBook(QObject):
    """Every verb of a seat, by id, in the order in which they were added.

    `changed()` follows new verbs and new keys, `place_wanted(str)` names the workspace a verb needs in front before it
    runs, `refused(str, str)` tells (verb id, sentence) when something was asked that cannot be done now, `ran(str)`
    the id of what was done.
    """

    changed = Signal()
    place_wanted = Signal(str)
    refused = Signal(str, str)
    ran = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no verb, the shipped keys, and no case chosen."""
        super().__init__(parent)
        self._bound: dict[str, Bound] = {}
        self._subject: Callable[[], tuple[str, ...]] = tuple
        self.keymap = KeyMap()

    # --- adding -------------------------------------------------------------------------------------------

    def add(self, verb: Verb, run: Run, why_not: WhyNot | None = None) -> Verb:
        """Bind a verb that needs no object.

        Raises:
            ValueError: another verb has this id.
        """
        return self.add_for(verb, lambda _call: run(), None if why_not is None else lambda _call: why_not())

    def add_for(self, verb: Verb, run: RunFor, why_not: WhyNotFor | None = None) -> Verb:
        """Bind a verb that is done to something; bound anew, the later binding counts (a page built again).

        Raises:
            ValueError: another verb has this id.
        """
        known = self._bound.get(verb.id)
        if known is not None and known.verb != verb:
            raise ValueError(f"two verbs have the id {verb.id}")
        self._bound[verb.id] = Bound(verb, run, why_not or (lambda _call: ""))
        if known is None:
            self.changed.emit()
        return verb

    def drop(self, verb_id: str) -> None:
        """Take a verb out, known or not."""
        if self._bound.pop(verb_id, None) is not None:
            self.changed.emit()

    def set_keymap(self, keymap: KeyMap) -> None:
        """Use other keys."""
        self.keymap = keymap
        self.changed.emit()

    def set_subject(self, cases: Callable[[], tuple[str, ...]]) -> None:
        """Say how to ask for the cases under the operator's hand (marked rows, else the chosen case)."""
        self._subject = cases

    # --- asking -------------------------------------------------------------------------------------------

    def __contains__(self, verb_id: str) -> bool:
        return verb_id in self._bound

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """Every verb."""
        return tuple(bound.verb for bound in self._bound.values())

    def get(self, verb_id: str) -> Verb | None:
        """Return a verb by id."""
        bound = self._bound.get(verb_id)
        return bound.verb if bound is not None else None

    @property
    def subject(self) -> tuple[str, ...]:
        """The cases under the operator's hand."""
        return self._subject()

    def keys(self, verb: Verb, place: str = "") -> tuple[str, ...]:
        """Return the keys of a verb, in one place or in all."""
        found = self.keymap.bindings(verb)
        return tuple(key for where, key in found if not place or where == place)

    def of_key(self, key: str, places: Iterable[str]) -> tuple[Verb, ...]:
        """Return the verbs behind a key in the first of some places where it means anything.

        Keys that a list or map hears itself are its own: they end the search, and nothing is returned for them.
        """
        for place in places:
            found = [verb for verb in self.verbs if key in self.keys(verb, place)]
            if found:
                return tuple(verb for verb in found if not verb.fixed)
        return ()

    def why_not(self, verb_id: str, call: Call = NOTHING) -> str:
        """Return why a verb cannot be done now, empty when it can."""
        bound = self._bound.get(verb_id)
        if bound is None:
            return tr("这项操作不在您的岗位里")
        full = self.filled(bound.verb, call)
        if A_CASE in bound.verb.takes[:1] and not full.cases:
            return tr("还没有选中案件")
        return bound.why_not(full)

    def filled(self, verb: Verb, call: Call) -> Call:
        """Return the call with the cases under the hand where the verb needs some and none is said."""
        if A_CASE in verb.takes and not call.cases:
            return replace(call, cases=self.subject)
        return call

    # --- doing --------------------------------------------------------------------------------------------

    def run(self, verb_id: str, call: Call = NOTHING) -> bool:
        """Do something; False, and `refused` says why, when it cannot be done now."""
        reason = self.why_not(verb_id, call)
        if reason:
            self.refused.emit(verb_id, reason)
            return False
        bound = self._bound[verb_id]
        full = self.filled(bound.verb, call)
        workspace = WORKSPACE_OF.get(bound.verb.place, "")
        if workspace:
            self.place_wanted.emit(workspace)
        bound.run(full)
        self.ran.emit(verb_id)
        return True

    def run_key(self, key: str, places: Iterable[str]) -> bool:
        """Do what a key means: the first possible of the verbs behind it; False when it means nothing here."""
        verbs = self.of_key(key, places)
        if not verbs:
            return False
        possible = next((verb for verb in verbs if not self.why_not(verb.id)), verbs[0])
        self.run(possible.id)
        return True
