"""更正: category and condition, position on a small map, description; the deadline that would follow stands below."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.actions.amending import AmendViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.condition_list import ConditionList
from console.windows.dialogs.pick_field import PickField
from console.windows.dialogs.point_map import PointMap, place_words
from console.windows.dialogs.words import moment_with_day, tr
from widgets.forms.fields import LineField, TextField
from widgets.indicators.text_label import TextLabel


class AmendDialog(ActionDialog):
    """The amend dialog, 920 wide: words at the left, map at the right."""

    model: AmendViewModel

    def __init__(self, model: AmendViewModel, host: QWidget) -> None:
        """Lay out the form."""
        super().__init__(model, host, "edit", 920, main=tr("更正"))
        self.category = PickField(tr("案件类别"), "Alt+C", tr("名称、编码、拼音或首字母"), self)
        calendar = model.seat.rules.calendar
        self.conditions = ConditionList(lambda when: moment_with_day(when, calendar), self, tr("更正后到期"))
        self.description = TextField(tr("问题描述"), "Alt+N", parent=self)
        self.description.editor.setFixedHeight(72)
        self.address = LineField(tr("发生地址"), "Alt+D", parent=self)
        self.map = PointMap(model.seat, self)
        self.map.setFixedHeight(220)
        self.place = TextLabel("", "label", "text.secondary", self, wrap=True)
        self.reason = LineField(tr("更正理由"), "Alt+R", parent=self, required=True)
        self.deadline = TextLabel("", "body", "text.primary", self, wrap=True)
        self._lay_out()
        self.fields = {
            "category": self.category,
            "condition": self.conditions,
            "description": self.description,
            "location": self.address,
            "reason": self.reason,
        }
        self._connect()
        self.set_first_field(self.category)
        self._offered = False
        self.finish_layout()

    def _lay_out(self) -> None:
        self.content.addWidget(self.category)
        self.content.addWidget(self.conditions)
        left = QVBoxLayout()
        left.setSpacing(12)
        for part in (self.description, self.address, self.reason):
            left.addWidget(part)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.map)
        right.addWidget(self.place)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left, 3)
        both.addLayout(right, 2)
        self.content.addLayout(both)
        self.content.addWidget(self.deadline)

    def _connect(self) -> None:
        model = self.model
        self.category.picked.connect(model.choose_category)
        self.conditions.chosen.connect(lambda index: model.set_value("condition", int(index)))
        self.description.text_changed.connect(lambda text: model.set_value("description", text))
        self.address.text_changed.connect(lambda text: model.set_value("address", text))
        self.reason.text_changed.connect(lambda text: model.set_value("reason", text))
        self.map.point_picked.connect(model.set_point)
        for keys, part in (
            ("Alt+C", self.category),
            ("Alt+N", self.description),
            ("Alt+D", self.address),
            ("Alt+M", self.map),
            ("Alt+R", self.reason),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(part.setFocus)

    def show_model(self) -> None:
        """Show the form and what follows from it."""
        model = self.model
        if not model.values:
            return
        if not self._offered:
            self._offered = True
            self.category.set_choices(model.categories())
            self.description.set_text(model.values["description"])
            self.address.set_text(model.values["address"])
        self.category.set_chosen(model.values["category"] or "", model.category_name())
        self.conditions.set_conditions(model.conditions(), model.values["condition"])
        self.map.show_point(model.values["lon"], model.values["lat"])
        words, tone = place_words(model.place(), model.finder.ready)
        self.place.set_text(words)
        self.place.set_token(tone)
        self._show_deadline()

    def _show_deadline(self) -> None:
        before, after = self.model.handle_clocks()
        calendar = self.model.seat.rules.calendar
        text = ""
        if before is not None and after is not None and before.due_at and after.due_at:
            if before.due_at != after.due_at or before.limit != after.limit:
                text = tr(
                    "处置时限由 {old} 改为 {new}：到期 {old_due} → {new_due}，仍从 {start} 起计。"
                ).format(
                    old=before.limit.words,
                    new=after.limit.words,
                    old_due=moment_with_day(before.due_at, calendar),
                    new_due=moment_with_day(after.due_at, calendar),
                    start=moment_with_day(after.started_at, calendar),
                )
            else:
                text = tr("处置时限不变，{due} 到期。").format(due=moment_with_day(after.due_at, calendar))
        self.deadline.set_text(text)
        self.deadline.setVisible(bool(text))
