"""拆分: one line a part, each with its own category where it has another."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.actions.splitting import MOST_PARTS, SplitViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.pick_field import PickField
from console.windows.dialogs.words import tr
from widgets.forms.buttons import Button, ButtonSize, IconButton
from widgets.forms.fields import LineField
from widgets.indicators.text_label import TextLabel


class PartRow(QWidget):
    """One part: what it is about, its category, and a cross."""

    def __init__(self, place: int, model: SplitViewModel, parent: QWidget | None = None) -> None:
        """Show the part at a place."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.text = LineField(
            tr("第 {n} 件").format(n=place + 1), placeholder=tr("这一件是什么问题"), required=True
        )
        self.text.set_text(model.parts[place].description)
        self.category = PickField(tr("类别"), placeholder=tr("名称、编码、拼音"), rows=3)
        self.category.setFixedWidth(260)
        self.category.set_choices(model.categories())
        self.category.set_chosen(model.parts[place].category or "", model.category_name(place))
        self.cross = IconButton("x", tr("去掉这一件"), ButtonSize.NORMAL, self)
        row.addWidget(self.text, 1)
        row.addWidget(self.category)
        row.addWidget(self.cross)
        self.text.text_changed.connect(lambda text: model.describe(place, text))
        self.category.picked.connect(lambda code: model.categorise(place, code))
        self.cross.clicked.connect(lambda: model.remove(place))


class SplitDialog(ActionDialog):
    """The split dialog."""

    model: SplitViewModel

    def __init__(self, model: SplitViewModel, host: QWidget) -> None:
        """Lay out the parts."""
        super().__init__(model, host, "branch", 720, main=tr("拆分"))
        self.about = TextLabel("", "body", "text.secondary", self, wrap=True)
        self.parts = QVBoxLayout()
        self.parts.setSpacing(8)
        self.rows: list[PartRow] = []
        self.more = Button(tr("再加一件"), keys="Alt+N", icon="plus", size=ButtonSize.SMALL, parent=self)
        self.more.clicked.connect(model.add)
        QShortcut(QKeySequence("Alt+N"), self).activated.connect(model.add)
        self.content.addWidget(self.about)
        self.content.addLayout(self.parts)
        line = QHBoxLayout()
        line.addWidget(self.more)
        line.addStretch(1)
        self.content.addLayout(line)
        self._shown: tuple[str, ...] = ()
        self.finish_layout()
        self.set_first_field(self.rows[0].text)

    def show_model(self) -> None:
        """Show the parts; rows are made anew only when their number changed."""
        model = self.model
        self.about.set_text(model.head().description)
        ids = tuple(part.case_id for part in model.parts)
        if ids == self._shown:
            return
        self._shown = ids
        for row in self.rows:
            self.parts.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [PartRow(place, model, self) for place in range(len(ids))]
        for row in self.rows:
            self.parts.addWidget(row)
            row.cross.setEnabled(len(ids) > 1)
        self.more.setEnabled(len(ids) < MOST_PARTS)
        self.fields = {f"parts[{place}].description": row.text for place, row in enumerate(self.rows)}
