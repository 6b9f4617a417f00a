"""Taking an action of the rules as a verb: whether it may be taken now, and taking it without a dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from console.notices.notice import ERROR, Notice
from console.notices.outcomes import action_word
from console.viewmodels.actions.specs import SPECS
from console.viewmodels.case_actions import of_post, why_not
from console.viewmodels.pools import DIRECT
from console.viewmodels.queue_order import in_states
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.case_verbs import action_of, case_verbs
from console.viewmodels.verbs.verb import Call, Verb, tr
from services.domain.decide import allowed_actions
from services.domain.errors import DomainError
from services.domain.lifecycle import MOVES

OpenDialog = Callable[[str, str, Mapping[str, str]], object]
"""Opens the dialog of an action on a case with first values (`lead_dept`)."""
OpenBulk = Callable[[str, tuple[str, ...], Mapping[str, str]], object]
"""Opens the preview of an action on several cases."""


def asks_nothing(action: str) -> bool:
    """Tell whether an action has no payload, so that there is nothing to fill in."""
    spec = SPECS.get(action)
    return spec is not None and not spec.fields


class CaseActs:
    """Binds the actions of the operator's post to the book of verbs of a seat.

    `open_dialog` is called for one case, `open_bulk` for several; without it the first of several is taken.
    """

    def __init__(
        self, seat: SeatViewModel, open_dialog: OpenDialog, open_bulk: OpenBulk | None = None
    ) -> None:
        """Bind; what the post allows may change with the rules, and is then bound anew."""
        self.seat = seat
        self.open_dialog, self.open_bulk = open_dialog, open_bulk
        self._bind()
        seat.reference_changed.connect(self._bind)

    def _bind(self) -> None:
        """Bind what the post takes in some state, drop the rest."""
        book, seat = self.seat.verbs, self.seat
        for verb in case_verbs():
            action = action_of(verb)
            if of_post(action, seat.actor, seat.rules):
                book.add_for(verb, self._runner(action), self._asker(action))
            else:
                book.drop(verb.id)

    def _runner(self, action: str) -> Callable[[Call], None]:
        """Return what the verb of an action does."""
        return lambda call: self.take(action, call)

    def _asker(self, action: str) -> Callable[[Call], str]:
        """Return why the verb of an action cannot be done."""
        return lambda call: self.why_not(action, call)

    def why_not(self, action: str, call: Call) -> str:
        """Return why an action may not be taken; for several cases only when none of them allows it."""
        first = ""
        if len(call.cases) > 1 and self.open_bulk is not None:
            # a thousand marked rows: their states are enough here, the preview asks the law case by case
            columns = self.seat.book.columns
            slots = [columns.slot[case_id] for case_id in call.cases if case_id in columns.slot]
            none = tr("选中的案件都不在可以{action}的环节").format(action=action_word(action))
            return "" if in_states(columns, *MOVES[action])[slots].any() else none
        for case_id in call.cases:
            entry = self.seat.case(case_id)
            if entry is None:
                reason = tr("没有找到这件案件，或它不在您的范围内")
            else:
                allowed = allowed_actions(entry.case, self.seat.actor, self.seat.rules)
                reason = why_not(action, entry.case, allowed)
            if not reason:
                return ""
            first = first or reason
        return first

    def take(self, action: str, call: Call) -> None:
        """Take an action: several cases go to the preview; what asks for nothing goes out when that is wanted."""
        preset = {"lead_dept": call.unit} if call.unit else {}
        if len(call.cases) > 1 and self.open_bulk is not None:
            self.open_bulk(action, call.cases, preset)
        elif action in DIRECT or (call.at_once and asks_nothing(action)):
            self.seat.submit(action, call.case, {}, (), None, self._on_failed(action))
        else:
            self.open_dialog(action, call.case, preset)

    def _on_failed(self, action: str) -> Callable[[Exception], None]:
        """Return what says that nothing was saved."""

        def tell(error: Exception) -> None:
            title = error.title if isinstance(error, DomainError) else str(error)
            words = tr("{action}没有保存").format(action=action_word(action))
            self.seat.notices.tell(Notice(ERROR, words, title, key=f"verb:{action}"))

        return tell


def acts_of_post(seat: SeatViewModel) -> tuple[Verb, ...]:
    """Return the verbs of actions the seat's post takes in some state, in the order of the menu."""
    return tuple(verb for verb in case_verbs() if of_post(action_of(verb), seat.actor, seat.rules))
