"""The action bar of a case: one main button, the next ones with their keys, the rest under 更多. It never scrolls."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from console.viewmodels.case_actions import ActionView
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.theme import theme

SIDE = 4


def tr(text: str) -> str:
    """Translate a word of the bar."""
    return QCoreApplication.translate("ActionBar", text)


class ActionBar(QWidget):
    """Shows actions. `chosen(str)` carries the action id, `sheet_wanted()` asks for 时限说明书."""

    chosen = Signal(str)
    sheet_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build main button, side buttons and 更多."""
        super().__init__(parent)
        self._actions: tuple[ActionView, ...] = ()
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setSpacing(4)
        self.main = Button("", ButtonKind.MAIN, size=ButtonSize.LARGE, parent=self)
        self.main.clicked.connect(self._on_clicked)
        grid.addWidget(self.main, 0, 0, 1, 3)
        self._side: list[Button] = []
        for place in range(SIDE):
            button = Button("", ButtonKind.PLAIN, parent=self)
            button.clicked.connect(self._on_clicked)
            self._side.append(button)
            grid.addWidget(button, 0 if place == 0 else 1, 3 if place == 0 else place - 1)
        self.more = Button(tr("更多"), ButtonKind.PLAIN, ".", parent=self)
        self.more.clicked.connect(self.open_more)
        grid.addWidget(self.more, 1, 3)
        for column in range(4):
            grid.setColumnStretch(column, 1)

    def set_actions(self, actions: tuple[ActionView, ...], main: ActionView | None, word: str) -> None:
        """Show other actions; `word` is the main button's."""
        self._actions = actions
        self.main.setVisible(main is not None)
        if main is not None:
            self.main.setText(word)
            self.main.set_keys(main.key)
            self.main.setProperty("action", main.id)
        usable = [action for action in actions if not action.reason and action != main]
        for place, button in enumerate(self._side):
            button.setVisible(place < len(usable))
            if place < len(usable):
                button.setText(usable[place].word)
                button.set_keys(usable[place].key)
                button.setProperty("action", usable[place].id)

    def open_more(self) -> None:
        """Open the menu of all actions; those not allowed stand greyed with the reason."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for action in self._actions:
            entry = menu.addAction(f"{action.word}\t{action.key}" if action.key else action.word)
            entry.setEnabled(not action.reason)
            entry.setToolTip(action.reason)
            entry.setData(action.id)
        menu.addSeparator()
        sheet = menu.addAction(tr("时限说明书\tL"))
        sheet.setData("sheet")
        chosen = menu.exec(self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        if chosen is None:
            return
        if chosen.data() == "sheet":
            self.sheet_wanted.emit()
        else:
            self.chosen.emit(str(chosen.data()))

    def _on_clicked(self) -> None:
        """Say which action was chosen."""
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(str(sender.property("action")))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and divider."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.raised"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
