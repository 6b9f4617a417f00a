"""One act on many cases, from the first key to "saved here": the form, and who will accept and refuse, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.actions.choices import Choice, ConditionChoice, condition_choices, unit_choices
from console.viewmodels.actions.generic import field_value
from console.viewmodels.actions.specs import words
from console.viewmodels.bulk_actions import ACTS, MOST, ONE, UNIT, BulkAct, tr
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.bulk_wishes import Plan, usual_category, what_follows, wishes
from console.viewmodels.rows import category_word, short_number
from console.viewmodels.seat import STORE, SeatViewModel
from console.viewmodels.seat_cases import held_counts
from console.viewmodels.suggested import load_of
from services.domain.errors import DomainError, PayloadError
from services.ports.outbox import SavedCommand
from services.ports.picture import Projected
from services.usecases.bulk import Foreseen

LANE = "bulk"
#: the preview follows the form; a text is not judged at every letter
SETTLE_MS = 150


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One case of the preview: its number and words, what follows, or the sentence of the refusal."""

    case_id: str
    number: str
    category: str
    address: str
    accepted: bool
    follows: str = ""
    why: str = ""
    override: bool = False


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """Who will accept and who will refuse; `groups` are the reasons of refusal with their cases, most first."""

    lines: tuple[PreviewLine, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the lane brings back."""

    cases: tuple[Projected, ...]
    found: dict[str, Foreseen]
    preview: BulkPreview
    units: tuple[Choice, ...]


class BulkViewModel(QObject):
    """The form of one act on a selection.

    Signals: `changed()` when form or preview is new, `errors_changed(dict)` with a sentence a field, `saved(str)` with
    the name of the act once all of it is on disk, `refused(str)` with the reason why nothing was saved.
    """

    changed = Signal()
    errors_changed = Signal(object)
    saved = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        seat: SeatViewModel,
        action: str,
        case_ids: Sequence[str],
        parent: QObject | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        replaces: Mapping[str, str] | None = None,
    ) -> None:
        """Take the selection; its cases are read with the first preview, and that picture is what is acted on.

        `values` start the form, `replaces` names commands done again.
        """
        super().__init__(parent)
        self.seat = seat
        self.act: BulkAct = ACTS[action]
        self.case_ids = tuple(dict.fromkeys(case_ids))
        self.cases: tuple[Projected, ...] = ()
        self.values: dict[str, Any] = {f.name: f.first for f in self.act.spec.fields if f.first is not None}
        self.values.update(values or {})
        self._replaces = dict(replaces or {})
        self.errors: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.preview: BulkPreview | None = None
        self.busy = False
        self._foreseen: dict[str, Foreseen] = {}
        self._units: tuple[Choice, ...] = ()
        self._looking, self._confirming = False, False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._soon.timeout.connect(self.look_ahead)

    # --- the form -----------------------------------------------------------------------------------

    @property
    def too_many(self) -> bool:
        """Whether the selection is more than one act may hold."""
        return len(self.case_ids) > MOST

    @property
    def one_unit(self) -> bool:
        """Whether all cases of a dispatch go to one unit."""
        return bool(self.values.get("way") == ONE)

    def asks(self, name: str) -> bool:
        """Tell whether a field is asked for in the form as it stands."""
        if self.act.id != "dispatch":
            return True
        if name == "reason":
            return any(entry.case.state == "returned" for entry in self.cases)
        return name != "lead_dept" or self.one_unit

    def set_value(self, name: str, value: Any) -> None:
        """Take what was entered; the preview follows a moment later."""
        if self.values.get(name) == value:
            return
        self.values[name] = value
        if self.errors.pop(name, None) is not None:
            self.errors_changed.emit(dict(self.errors))
        self.changed.emit()
        self._soon.start()

    def units(self) -> tuple[Choice, ...]:
        """Return the units for the picker; they come with the first preview."""
        return self._units

    def conditions(self) -> tuple[ConditionChoice, ...]:
        """Return the filing conditions of the category most of the cases have."""
        category = usual_category(self.cases)
        return condition_choices(self.seat.rules, category, self.seat.now(), None)

    def form_errors(self) -> dict[str, str]:
        """Return a sentence for every field that is asked for and empty."""
        errors = {}
        for field in self.act.spec.fields:
            # a reason for 改派 is asked for case by case: without it the returned ones refuse, the others go
            if (
                field.required
                and self.asks(field.name)
                and field_value(field, self.values.get(field.name)) is None
            ):
                ask = tr("请选择{label}") if field.kind in (UNIT, "condition") else tr("请填写{label}")
                errors[field.name] = ask.format(label=words(field.label))
        refusing = self.act.id.startswith("decide_") and self.values.get("approve") == "no"
        if refusing and not str(self.values.get("note") or "").strip():
            errors["note"] = tr("不批准时请写明意见")
        return errors

    # --- the preview --------------------------------------------------------------------------------

    def look_ahead(self) -> None:
        """Ask the law about every case, on a lane; `changed` follows."""
        self._soon.stop()
        self._looking = True
        plan, bulk, picture = self._plan(), self.seat.services.desk.bulk, self.seat.services.picture
        ids = self.case_ids if not self.cases and not self.too_many else ()

        units, held = self._units, held_counts(self.seat)

        def work() -> _Seen:
            cases = plan.cases
            if ids:
                read = picture.projects(ids)
                cases = tuple(read[case_id] for case_id in ids if case_id in read)
            now = replace(plan, cases=cases)
            found = bulk.foresee(wishes(now))
            # the names of all units with their sounds take long enough to be no matter of the main thread
            offered = units or (unit_choices(None, plan.rules, held) if self.act.id == "dispatch" else ())
            return _Seen(cases, {one.case_id: one for one in found}, self._preview(now, found), offered)

        self.seat.background.submit(LANE, "foresee", work, self._foreseen_all, self._look_failed)

    def _plan(self) -> Plan:
        """Return everything the lane needs, as values."""
        seat = self.seat
        return Plan(
            self.act, self.cases, dict(self.values), seat.rules, seat.learned.experience, load_of(seat),
            dict(self._replaces),
        )  # fmt: skip

    def _preview(self, plan: Plan, found: tuple[Foreseen, ...]) -> BulkPreview:
        """Put what was foreseen into words (on the lane: it reads values only)."""
        reasons: dict[str, list[str]] = {}
        for one in found:
            if not one.accepted:
                reasons.setdefault(self._why(one), []).append(one.case_id)
        groups = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
        return BulkPreview(
            tuple(self._line(plan, one) for one in found),
            tuple((why, tuple(ids)) for why, ids in groups),
            tuple(one.case_id for one in found if one.accepted),
            tuple(one.case_id for one in found if not one.accepted),
        )

    def _foreseen_all(self, seen: _Seen) -> None:
        """Show the preview."""
        self._looking = False
        self.cases, self._units = seen.cases, seen.units
        self._foreseen, self.preview = seen.found, seen.preview
        self.changed.emit()
        if self._confirming:
            self._confirming = False
            self.confirm()

    def _look_failed(self, error: Exception) -> None:
        """Without a preview nothing can be confirmed."""
        self._looking = self._confirming = False
        self.refused.emit(tr("没有算出预览，请关闭后再试。"))
        self.seat.background.failed.emit(("foresee", error))

    def _line(self, plan: Plan, one: Foreseen) -> PreviewLine:
        """Return the line of a case."""
        case = one.wish.case.case
        return PreviewLine(
            case.case_id,
            short_number(case.number, self.seat.now().year),
            category_word(case, self.seat),
            case.location.address,
            one.accepted,
            what_follows(plan, case, one.after) if one.after is not None else "",
            "" if one.accepted else self._why(one),
            one.override,
        )

    def _why(self, one: Foreseen) -> str:
        """Return why a case refuses; what the form lacks is named by the label of its field."""
        labels = {field.name: words(field.label) for field in self.act.spec.fields}
        lacking = [labels[name] for name in one.fields if name in labels]
        return tr("还没有填{labels}").format(labels="、".join(lacking)) if lacking else one.title

    def leave_out(self, case_id: str, out: bool = True) -> None:
        """Leave a case that would accept out of the act, or take it in again."""
        if out:
            self.left_out.add(case_id)
        else:
            self.left_out.discard(case_id)
        self.changed.emit()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The cases the act will be saved for: those that accept and are not left out."""
        accepted = self.preview.accepted if self.preview is not None else ()
        return tuple(case_id for case_id in accepted if case_id not in self.left_out)

    # --- confirming ---------------------------------------------------------------------------------

    def confirm(self) -> bool:
        """Hand the act over; False when it was not taken. Nothing leaves before the time to take it back is over."""
        if self.busy:
            return False
        if self._soon.isActive() or self._looking or self.preview is None:
            self._confirming = True  # the last letter has not been judged yet: as soon as it is
            self.look_ahead()
            return True
        self.errors = self.form_errors()
        self.errors_changed.emit(dict(self.errors))
        chosen = [self._foreseen[case_id].wish for case_id in self.chosen]
        if self.errors or not chosen:
            return False
        self._set_busy(True)
        thoughts, bulk = second_thoughts(self.seat), self.seat.services.desk.bulk
        seconds = thoughts.bulk_s

        def work() -> tuple[str, float, tuple[SavedCommand, ...]]:
            name = bulk.name()
            return name, seconds, bulk.submit(chosen, name, staged=seconds > 0)

        self.seat.background.submit(STORE, f"bulk:{id(self)}", work, self._kept, self._failed)
        return True

    def _kept(self, answer: tuple[str, float, tuple[SavedCommand, ...]]) -> None:
        """All of it is on disk; the time to take it back begins."""
        name, seconds, commands = answer
        second_thoughts(self.seat).begin(name, self.act.id, commands, seconds)
        self._set_busy(False)
        self.saved.emit(name)

    def _failed(self, error: Exception) -> None:
        """Say why nothing was saved; the form stays, and the preview is made anew from today's picture."""
        self._set_busy(False)
        if isinstance(error, PayloadError):
            self.refused.emit("；".join(error.fields.values()) or error.title)
        elif isinstance(error, DomainError):
            self.refused.emit(error.title)
            self._take_today()
        else:
            self.refused.emit(tr("没有保存：程序出现问题，选择和内容还在。"))
            self.seat.background.failed.emit(("bulk", error))

    def _take_today(self) -> None:
        """Look at the cases as they are now."""
        self.cases = ()
        self.look_ahead()

    def _set_busy(self, on: bool) -> None:
        self.busy = on
        self.changed.emit()
