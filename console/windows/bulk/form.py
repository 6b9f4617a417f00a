"""The fields of an act on many cases, made from its table: those of the simple dialogs, a unit, a filing condition."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.choices import unit_name
from console.viewmodels.actions.specs import CHOICE, FLAG, LINE, FieldSpec, words
from console.viewmodels.bulk import BulkViewModel
from console.viewmodels.bulk_actions import CONDITION, UNIT
from console.windows.dialogs.action_dialog import ErrorField
from console.windows.dialogs.condition_list import ConditionList
from console.windows.dialogs.pick_field import PickField
from console.windows.dialogs.spec_fields import ChoiceField, FlagField
from console.windows.dialogs.words import moment_with_day
from widgets.forms.fields import LineField, TextField


def editor_for(spec: FieldSpec, model: BulkViewModel) -> tuple[QWidget, ErrorField]:
    """Return the editor of a field, wired to the model."""
    label, first = words(spec.label), model.values.get(spec.name)

    def take(value: Any) -> None:
        model.set_value(spec.name, value)

    if spec.kind == UNIT:
        return _unit(label, str(first or ""), model, take)
    if spec.kind == CONDITION:
        return _condition(model, take)
    if spec.kind == CHOICE:
        choice = ChoiceField(label, tuple((key, words(word)) for key, word in spec.options), spec.required)
        choice.segmented.set_current(str(first or ""))
        choice.segmented.chosen.connect(take)
        return choice, choice
    if spec.kind == FLAG:
        flag = FlagField(label)
        flag.box.setChecked(bool(first))
        flag.box.toggled.connect(take)
        return flag, flag
    if spec.kind == LINE:
        line = LineField(label, placeholder=words(spec.hint), required=spec.required)
        line.set_text(str(first or ""))
        line.text_changed.connect(take)
        return line, line
    text = TextField(label, placeholder=words(spec.hint), required=spec.required)
    text.editor.setFixedHeight(88)
    text.set_text(str(first or ""))
    text.text_changed.connect(take)
    return text, text


def _unit(label: str, first: str, model: BulkViewModel, take: Any) -> tuple[QWidget, ErrorField]:
    """Return the picker of the one unit."""
    field = PickField(label, required=True)
    field.picked.connect(take)
    if first:
        field.set_chosen(first, unit_name(model.seat.rules, first))
    offered = False

    def offer() -> None:
        nonlocal offered
        if not offered and model.units():
            offered = True
            field.set_choices(model.units())

    offer()
    model.changed.connect(offer)
    return field, field


def _condition(model: BulkViewModel, take: Any) -> tuple[QWidget, ErrorField]:
    """Return the filing conditions of the selection's category; they show what they choose."""
    calendar = model.seat.rules.calendar
    field = ConditionList(lambda when: moment_with_day(when, calendar))
    field.chosen.connect(take)

    def offer() -> None:
        field.set_conditions(model.conditions(), model.values.get("condition"))

    offer()
    model.changed.connect(offer)
    return field, field
