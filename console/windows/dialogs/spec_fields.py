"""Editors for the table of simple dialogs: text, line, choice, yes or no, moment, case, photos."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QVBoxLayout, QWidget

from console.viewmodels.actions.generic import GenericViewModel
from console.viewmodels.actions.specs import CASE, CHOICE, FLAG, LINE, MOMENT, PHOTOS, FieldSpec, words
from console.windows.dialogs.action_dialog import ErrorField
from console.windows.dialogs.photo_strip import PhotoStrip
from console.windows.dialogs.pick_field import PickField
from widgets.forms.fields import Field, FieldLabel, LineField, TextField
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.text_label import TextLabel

Taken = Callable[[Any], None]


class ChoiceField(QWidget):
    """A label over a segmented control, with room for an error."""

    def __init__(
        self, label: str, options: tuple[tuple[str, str], ...], required: bool = False, keys: str = ""
    ) -> None:
        """Show the options as they stand in the table."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = FieldLabel(label, keys, self, required=required)
        self.segmented = Segmented(tuple(Segment(key, word) for key, word in options), self)
        self.segmented.setAccessibleName(label)
        self._error = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error.hide()
        for part in (self.label, self.segmented, self._error):
            column.addWidget(part)
        self.setFocusProxy(self.segmented)

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self.segmented.setAccessibleDescription(sentence)
        self._error.set_text(sentence)
        self._error.setVisible(bool(sentence))


class FlagField(QWidget):
    """A check box as a field."""

    def __init__(self, label: str) -> None:
        """Show it unticked."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.box = QCheckBox(label, self)
        column.addWidget(self.box)
        self.setFocusProxy(self.box)

    def set_error(self, sentence: str) -> None:
        """A tick has nothing to complain about; the words go to the tool tip."""
        self.box.setToolTip(sentence)


class MomentField(Field[QDateTimeEdit]):
    """A moment in the centre's zone, whatever zone the machine has."""

    def __init__(self, label: str, zone: str, first: datetime, required: bool = False) -> None:
        """Start at a moment."""
        editor = QDateTimeEdit()
        self._zone = QTimeZone(zone.encode())
        editor.setTimeZone(self._zone)
        editor.setDisplayFormat("yyyy-MM-dd HH:mm")
        editor.setCalendarPopup(True)
        editor.setDateTime(QDateTime.fromSecsSinceEpoch(int(first.timestamp()), self._zone))
        super().__init__(editor, label, required=required)

    def moment(self) -> datetime:
        """Return the moment entered, with its zone."""
        seconds = self.editor.dateTime().toSecsSinceEpoch()

        return datetime.fromtimestamp(seconds, UTC)


def field_for(spec: FieldSpec, model: GenericViewModel) -> tuple[QWidget, ErrorField]:
    """Return the editor of a field, wired to the model."""
    label = words(spec.label)

    def take(value: Any) -> None:
        model.set_value(spec.name, value)

    if spec.kind == LINE:
        line = LineField(label, placeholder=words(spec.hint), required=spec.required)
        line.text_changed.connect(take)
        return line, line
    if spec.kind == CHOICE:
        choice = ChoiceField(label, tuple((key, words(word)) for key, word in spec.options), spec.required)
        choice.segmented.set_current(str(model.values.get(spec.name) or ""))
        choice.segmented.chosen.connect(take)
        return choice, choice
    if spec.kind == FLAG:
        flag = FlagField(label)
        flag.box.setChecked(bool(spec.first))
        flag.box.toggled.connect(take)
        return flag, flag
    if spec.kind == MOMENT:
        return _moment(spec, model, label)
    if spec.kind == CASE:
        return _case(spec, model, label)
    if spec.kind == PHOTOS:
        return _photos(spec, model)
    text = TextField(label, placeholder=words(spec.hint), required=spec.required)
    text.editor.setFixedHeight(88)
    text.text_changed.connect(take)
    return text, text


def _moment(spec: FieldSpec, model: GenericViewModel, label: str) -> tuple[QWidget, ErrorField]:
    case = model.case
    first = model.values.get(spec.name) or (case.due_at if case is not None else None) or model.now()
    field = MomentField(label, model.seat.rules.calendar.zone, first, spec.required)
    model.values[spec.name] = first

    def take(_value: object) -> None:
        model.set_value(spec.name, field.moment())

    field.editor.dateTimeChanged.connect(take)
    return field, field


def _case(spec: FieldSpec, model: GenericViewModel, label: str) -> tuple[QWidget, ErrorField]:
    field = PickField(label, placeholder=words(spec.hint), required=spec.required)

    def search(text: str) -> None:
        field.set_choices(model.find_cases(text), searched=True)
        if not text:
            model.set_value(spec.name, None)

    def picked(case_id: str) -> None:
        model.set_value(spec.name, case_id)

    field.searched.connect(search)
    field.picked.connect(picked)
    search("")
    return field, field


def _photos(spec: FieldSpec, model: GenericViewModel) -> tuple[QWidget, ErrorField]:
    strip = PhotoStrip()
    strip.files_added.connect(model.reader.add_files)
    strip.picture_pasted.connect(model.reader.add_bytes)
    strip.removed.connect(model.remove_photo)

    def show() -> None:
        strip.set_photos(tuple(model.values.get(spec.name) or ()))

    model.changed.connect(show)
    return strip, strip
