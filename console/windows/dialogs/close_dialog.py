"""结案: closing condition from the filing condition, and the call-back facts where the caller wants one."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.viewmodels.actions.closing import CloseViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.spec_fields import ChoiceField
from console.windows.dialogs.words import tr
from widgets.forms.buttons import Button, ButtonSize
from widgets.forms.fields import FieldRow, LineField, TextField
from widgets.indicators.text_label import TextLabel

YES_NO = (("yes", "是"), ("no", "否"))


class CloseDialog(ActionDialog):
    """The closing dialog."""

    model: CloseViewModel

    def __init__(self, model: CloseViewModel, host: QWidget) -> None:
        """Lay out condition and call-back."""
        super().__init__(model, host, "check_circle", 640, main=tr("结案"))
        self.about = TextLabel("", "body", "text.secondary", self, wrap=True, max_lines=2)
        self.condition = LineField(
            tr("结案条件"), "Alt+N", tr("按立案条件对应的结案条件"), self, required=True
        )
        self.offers = QWidget(self)
        self._offer_row = QHBoxLayout(self.offers)
        self._offer_row.setContentsMargins(0, 0, 0, 0)
        self._offer_row.setSpacing(8)
        self._offer_row.addStretch(1)
        yes_no = tuple((key, tr(word)) for key, word in YES_NO)
        self.reached = ChoiceField(tr("是否联系上"), yes_no)
        self.solved = ChoiceField(tr("是否解决"), yes_no)
        grades = tuple((str(n), str(n)) for n in range(5, 0, -1))
        self.satisfaction = ChoiceField(tr("满意度（5 最高）"), grades)
        self.callback = FieldRow(self.reached, self.solved, self.satisfaction, parent=self)
        self.text = TextField(tr("回访内容"), parent=self)
        self.text.editor.setFixedHeight(64)
        for part in (self.about, self.condition, self.offers, self.callback, self.text):
            self.content.addWidget(part)
        self.fields = {
            "closing_condition": self.condition,
            "callback.reached": self.reached,
            "callback.solved": self.solved,
            "callback.satisfaction": self.satisfaction,
            "callback.text": self.text,
        }
        self._connect()
        QShortcut(QKeySequence("Alt+N"), self).activated.connect(self.condition.setFocus)
        self.set_first_field(self.condition)
        self.offer_buttons: list[Button] = []
        self.finish_layout()

    def _connect(self) -> None:
        model = self.model
        self.condition.text_changed.connect(lambda text: model.set_value("closing_condition", text))
        self.reached.segmented.chosen.connect(lambda key: model.set_value("callback.reached", key == "yes"))
        self.solved.segmented.chosen.connect(lambda key: model.set_value("callback.solved", key == "yes"))
        self.satisfaction.segmented.chosen.connect(
            lambda key: model.set_value("callback.satisfaction", int(key))
        )
        self.text.text_changed.connect(lambda text: model.set_value("callback.text", text))

    def show_model(self) -> None:
        """Show condition, offers and whether a call-back is due."""
        model = self.model
        self.about.set_text(model.head().description)
        self.condition.set_text(model.values.get("closing_condition", ""))
        case = model.case
        wants = case is not None and case.need_callback
        self.callback.setVisible(wants)
        self.text.setVisible(wants)
        offered = model.offered()
        if [button.text() for button in self.offer_buttons] != list(offered):
            self._show_offers(offered)

    def _show_offers(self, offered: tuple[str, ...]) -> None:
        for button in self.offer_buttons:
            self._offer_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.offer_buttons = []
        for text in offered:
            button = Button(text, size=ButtonSize.SMALL, parent=self.offers)
            button.clicked.connect(lambda _=False, each=text: self._take(each))
            self._offer_row.insertWidget(self._offer_row.count() - 1, button)
            self.offer_buttons.append(button)
        self.offers.setVisible(len(offered) > 1)

    def _take(self, text: str) -> None:
        self.model.set_value("closing_condition", text)
        self.condition.setFocus()
