"""The simple dialogs: a form made from the table of fields, and its values put into a payload."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import Choice, case_choices
from console.viewmodels.actions.photos import Photo, PhotoReader, added, photo_attachments
from console.viewmodels.actions.specs import (
    CASE,
    CHOICE,
    FLAG,
    MOMENT,
    PHOTOS,
    SPECS,
    ActionSpec,
    FieldSpec,
    words,
)
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import cases_said
from services.ports.outbox import NewAttachment


class GenericViewModel(ActionViewModel):
    """An action whose form is a row of the table; raises KeyError for an action that is not in it."""

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Start the form with the table's first values."""
        super().__init__(seat, action, case_id, parent)
        self.spec: ActionSpec = SPECS[action]
        self.reader = PhotoReader(seat.background, self)
        self.reader.arrived.connect(self._on_photo)
        self.reader.refused.connect(self.refused)
        for field in self.spec.fields:
            if field.first is not None:
                self.values[field.name] = seat.now() if field.first == "now" else field.first

    @property
    def meaning(self) -> str:
        """Return what the action means, in one sentence."""
        return words(self.spec.meaning)

    def find_cases(self, query: str) -> tuple[Choice, ...]:
        """Find the case that is meant by a number or an address."""
        return case_choices(
            cases_said(self.seat, query.split()), query, self.seat.rules, without=self.case_id
        )

    def payload(self) -> dict[str, Any]:
        """Return the payload: empty fields left out, words turned into what the contract asks for."""
        made: dict[str, Any] = {}
        for field in self.spec.fields:
            value = field_value(field, self.values.get(field.name))
            if value is None:
                continue
            outer, _, inner = field.name.partition(".")
            if inner:
                made.setdefault(outer, {})[inner] = value
            else:
                made[outer] = value
        return made

    def own_errors(self) -> dict[str, str]:
        """Ask for what is required in the field's own words."""
        sentence = QCoreApplication.translate("ActionFields", "请填写{label}")
        choose = QCoreApplication.translate("ActionFields", "请选择{label}")
        errors = {}
        for field in self.spec.fields:
            if field.required and field_value(field, self.values.get(field.name)) is None:
                ask = choose if field.kind in (CHOICE, CASE) else sentence
                errors[field.name] = ask.format(label=words(field.label))
        return errors

    def remove_photo(self, sha256: str) -> None:
        """Take a photo out."""
        kept = tuple(self.values.get("photos") or ())
        self.set_value("photos", tuple(photo for photo in kept if photo.sha256 != sha256))

    def _on_photo(self, photo: object) -> None:
        assert isinstance(photo, Photo)
        self.set_value("photos", added(tuple(self.values.get("photos") or ()), [photo]))

    def attachments(self) -> tuple[NewAttachment, ...]:
        """Return the photos' bytes."""
        return photo_attachments(tuple(self.values.get("photos") or ()))


def field_value(field: FieldSpec, value: Any) -> Any:
    """Turn what an editor holds into what the payload wants; None for nothing."""
    if field.kind == FLAG:
        return bool(value)
    if value is None or value == "" or value == ():
        return None
    if field.kind == MOMENT:
        return value.isoformat() if isinstance(value, datetime) else None
    if field.kind == CHOICE:
        if value in ("yes", "no"):
            return value == "yes"
        return int(value) if field.number else value
    if field.kind == PHOTOS:
        return [photo.sha256 for photo in value if isinstance(photo, Photo)]
    return value.strip() or None if isinstance(value, str) else value
