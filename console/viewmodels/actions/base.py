"""What all action dialogs share: the case, the form's values, errors at the fields, and the way to the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.actions.choices import category_name
from console.viewmodels.actions.preview import REFUSED, Preview, preview, reading_of
from console.viewmodels.seat import CaseView, SeatViewModel
from services.domain.bands import Reading
from services.domain.case import Case
from services.domain.errors import DomainError, PayloadError
from services.domain.lifecycle import ACTION_NAMES
from services.domain.payloads import check_payload, locations_in
from services.domain.reference import Facts, Position
from services.ports.outbox import NewAttachment, SavedCommand


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What the head of a dialog says of its case."""

    number: str
    category: str
    grid: str
    address: str
    description: str
    urgency: int
    reading: Reading | None


class ActionViewModel(QObject):
    """One action on one case, from the first key to "saved here".

    Signals: `changed()` when the case was read or the form changed, `errors_changed(dict)` with a sentence per
    field, `refused(str)` with the reason why it was not saved (the form stays), `saved(SavedCommand)`,
    `busy_changed(bool)` while it is being saved.
    """

    changed = Signal()
    errors_changed = Signal(object)
    refused = Signal(str)
    saved = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Take the seat; `load` reads the case."""
        super().__init__(parent)
        self.seat = seat
        self.action = action
        self.case_id = case_id
        self.view: CaseView | None = None
        self.missing = False
        self.prepared = False
        self.values: dict[str, Any] = {}
        self.errors: dict[str, str] = {}
        self.busy = False

    # --- the case -----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the case from the own files; `changed` follows. What is in memory already is used at once."""
        if self.case is not None:
            self._ready()
        self.seat.load_case(self.case_id, self._on_loaded)

    @property
    def case(self) -> Case | None:
        """Return the case as the operator should see it, None before it was read."""
        known = self.view.projected if self.view is not None else self.seat.case(self.case_id)
        return known.case if known is not None else None

    def other_cases(self) -> list[Case]:
        """Return every case of the seat, for counting and finding."""
        return [entry.case for entry in self.seat.cases.values()]

    @property
    def name(self) -> str:
        """Return the action's word."""
        return QCoreApplication.translate("Actions", ACTION_NAMES[self.action])

    def head(self) -> CaseHead:
        """Return the head; empty words before the case was read."""
        case, rules = self.case, self.seat.rules
        if case is None:
            return CaseHead("", "", "", "", "", 0, None)
        return CaseHead(
            case.number or "",
            category_name(rules, case.category),
            self.seat.areas.name(case.grid),
            case.location.address,
            case.description,
            case.level,
            reading_of(case, self.now(), rules),
        )

    def now(self) -> datetime:
        """Return centre time."""
        return self.seat.now()

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the centre's zone."""
        return self.seat.rules.calendar.local(moment)

    def _on_loaded(self, view: object) -> None:
        assert view is None or isinstance(view, CaseView)
        self.view, self.missing = view, view is None
        self._ready()

    def _ready(self) -> None:
        self.prepare()
        self.prepared = self.case is not None
        self.changed.emit()

    def prepare(self) -> None:
        """Fill the form from the case once it is read; overridden where a form starts with values."""

    # --- the form -----------------------------------------------------------------------------------

    def set_value(self, name: str, value: Any) -> None:
        """Take what the operator entered; the field's error goes away."""
        if self.values.get(name) == value:
            return
        self.values[name] = value
        if self.errors.pop(name, None) is not None:
            self.errors_changed.emit(dict(self.errors))
        self.changed.emit()

    def payload(self) -> dict[str, Any]:
        """Return the payload of the form as it stands; overridden by each dialog."""
        return dict(self.values)

    def attachments(self) -> tuple[NewAttachment, ...]:
        """Return bytes that go with the command."""
        return ()

    def own_errors(self) -> dict[str, str]:
        """Return what the form itself asks for beyond the payload's shape (field to sentence)."""
        return {}

    def facts(self, payload: Mapping[str, Any]) -> Facts:
        """Return what a decision has to look up, as far as this machine knows it."""
        named = (payload.get("to"), payload.get("duplicate_of"))
        known = {str(case_id): None for case_id in named if case_id in self.seat.cases}
        places = {key: self.position(*point) for key, point in _points(self.case_id, payload).items()}
        return Facts(cases=known, positions={key: place for key, place in places.items() if place})

    def position(self, lon: float, lat: float) -> Position | None:
        """Return grid and areas of a point; overridden where the form holds a map."""
        return None

    def sure(self) -> bool:
        """Whether this machine knows enough to trust a refusal of its own; overridden where it may not."""
        return True

    def preview(self) -> Preview | None:
        """Return what confirming would do now, None before the case was read."""
        if self.case is None or not self.prepared:
            return None
        payload = self.payload()
        return preview(
            self.case, self.action, payload, self.seat.actor, self.now(), self.seat.rules, self.facts(payload)
        )

    # --- confirming ---------------------------------------------------------------------------------

    def confirm(self) -> bool:
        """Check the form and hand it to the outbox; False when it was not taken."""
        if self.busy or not self.prepared:
            return False
        payload = self.payload()
        errors = self.own_errors()
        if not errors:
            try:
                check_payload(self.action, dict(payload))
            except PayloadError as error:
                errors = dict(error.fields)
        if errors:
            self._show_errors(errors)
            return False
        ahead = self.preview()
        if ahead is not None and ahead.status == REFUSED and self.sure():
            self.refused.emit(ahead.title)
            return False
        self._set_busy(True)
        self.seat.submit(
            self.action, self.case_id, payload, self.attachments(), self._on_saved, self._on_failed
        )
        return True

    def _show_errors(self, errors: dict[str, str]) -> None:
        self.errors = errors
        self.errors_changed.emit(dict(errors))

    def _set_busy(self, on: bool) -> None:
        self.busy = on
        self.busy_changed.emit(on)

    def _on_saved(self, command: SavedCommand) -> None:
        self._set_busy(False)
        self.saved.emit(command)

    def _on_failed(self, error: Exception) -> None:
        """Say at the fields or above them why nothing was saved; the form stays as it is."""
        self._set_busy(False)
        if isinstance(error, PayloadError):
            self._show_errors(dict(error.fields))
        elif isinstance(error, DomainError):
            self.refused.emit(error.title)
        else:
            words = QCoreApplication.translate("Actions", "没有保存：程序出现问题，表单内容还在。")
            self.refused.emit(words)
            self.seat.background.failed.emit((f"submit:{self.action}", error))


def _points(case_id: str, payload: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the points of a payload that may still be incomplete."""
    try:
        return locations_in(case_id, payload)
    except (KeyError, TypeError):
        return {}
