"""更改按键: every verb with its keys; press a new one, and hear at once when another verb has it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)  # fmt: skip

from console.viewmodels.verbs.key_choice import KeyChoice, KeyLine
from console.windows.palette.key_hands import key_of
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind
from widgets.forms.keycap import key_text
from widgets.indicators.text_label import TextLabel

WIDTH, HEIGHT = 760, 520
COMBINING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("KeySettings", text)


def wished_key(event: QKeyEvent) -> str:
    """Return the key of an event as verbs name it, combinations included; empty for a bare modifier."""
    plain = key_of(event)
    held = event.modifiers() & COMBINING
    if not held or not event.key() or Qt.Key.Key_Shift <= event.key() <= Qt.Key.Key_ScrollLock:
        return plain
    return QKeySequence(event.keyCombination()).toString()


class KeyCatcher(QLineEdit):
    """Takes the next key press as a value. `caught(str)` carries it; Esc and Tab go on as usual."""

    caught = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """No text is typed here, so an input method has nothing to do."""
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setPlaceholderText(tr("在这里按下新的键"))
        self.setAccessibleName(self.placeholderText())

    def event(self, event: QEvent) -> bool:
        """Keep shortcuts of the window away while a key is waited for."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            super().keyPressEvent(event)
            event.ignore()
            return
        key = wished_key(event)
        if key:
            self.caught.emit(key)


class KeySettings(DialogFrame):
    """Shows a `KeyChoice`. What is changed counts at once and is remembered."""

    def __init__(self, host: QWidget, choice: KeyChoice) -> None:
        """Lay search, table and the field for the key out."""
        title, about = tr("更改按键"), tr("同一处两个操作不能共用一个键")
        super().__init__(host, title, about, "keyboard", WIDTH, cancel=tr("关闭"))
        self.choice = choice
        self._lines: tuple[KeyLine, ...] = ()
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("找操作或按键"))
        self.search.setClearButtonEnabled(True)
        self.table = self._table()
        self.catcher = KeyCatcher(self)
        self.problem = TextLabel("", "body", "sla.soon.text", self, wrap=True)
        self.drop = Button(tr("去掉"), ButtonKind.PLAIN, parent=self)
        self.back = Button(tr("恢复这一项"), ButtonKind.PLAIN, parent=self)
        self.all_back = Button(tr("全部恢复"), ButtonKind.PLAIN, parent=self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.catcher, 1)
        for button in (self.drop, self.back, self.all_back):
            row.addWidget(button)
        self.content.addWidget(self.search)
        self.content.addWidget(self.table)
        self.content.addLayout(row)
        self.content.addWidget(self.problem)
        self.search.textChanged.connect(self._fill)
        self.catcher.caught.connect(self._on_caught)
        self.drop.clicked.connect(lambda: self._on_caught(""))
        self.back.clicked.connect(self._on_back)
        self.all_back.clicked.connect(choice.restore_all)
        choice.changed.connect(self._fill)
        self.set_first_field(self.search)
        self._fill()

    def _table(self) -> QTableWidget:
        """Return the table of verbs."""
        table = QTableWidget(0, 3, self)
        table.setHorizontalHeaderLabels([tr("在哪里"), tr("操作"), tr("按键")])
        table.verticalHeader().hide()
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(tr("操作和按键"))
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        table.setShowGrid(False)
        table.setColumnWidth(0, 120)
        table.setColumnWidth(2, 180)
        table.setFixedHeight(HEIGHT - 160)
        return table

    @property
    def current(self) -> KeyLine | None:
        """The line that is chosen."""
        at = self.table.currentRow()
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def choose(self, verb_id: str) -> bool:
        """Choose the line of a verb; False when it is not listed."""
        for at, line in enumerate(self._lines):
            if line.verb.id == verb_id:
                self.table.setCurrentCell(at, 0)
                return True
        return False

    def _fill(self) -> None:
        """Show the lines that are asked for; the chosen verb stays chosen."""
        kept = self.current
        self._lines = self.choice.lines(self.search.text())
        self.table.setRowCount(len(self._lines))
        for at, line in enumerate(self._lines):
            keys = "   ".join(key_text(key) for key in line.keys) or "—"
            mark = tr("（已改）") if line.changed else ""
            for column, text in enumerate((line.where, line.words, keys + mark)):
                self.table.setItem(at, column, QTableWidgetItem(text))
        if kept is None or not self.choose(kept.verb.id):
            self.table.setCurrentCell(0, 0)

    def _on_caught(self, key: str) -> None:
        """Give the chosen verb another key, or say why not."""
        line = self.current
        if line is not None:
            self._say(self.choice.put(line, key))

    def _on_back(self) -> None:
        """Give the chosen verb its shipped keys."""
        line = self.current
        if line is not None:
            self._say(self.choice.restore(line))

    def _say(self, sentence: str) -> None:
        """Show a sentence, or none."""
        self.problem.set_text(sentence)


def open_key_settings(host: QWidget, choice: KeyChoice) -> KeySettings:
    """Open the dialog over the window of `host`; it deletes itself when closed."""
    dialog = KeySettings(host, choice)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog
