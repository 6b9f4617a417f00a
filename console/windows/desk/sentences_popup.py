"""`Ctrl+;` in any text field: standard sentences, found by words or letters, put in where the cursor stands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from console.viewmodels.desk.sentences import SentenceBook
from console.windows.desk.desk_list import DeskList, ListLine
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.forms.fields import LineField
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel

TextWidget = QLineEdit | QPlainTextEdit | QTextEdit
_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit)
#: the key as it stands on keyboards with and without a Chinese input method
_KEYS = (Qt.Key.Key_Semicolon, Qt.Key.Key_Colon)


def tr(text: str) -> str:
    """Translate a word of the popup."""
    return QCoreApplication.translate("Sentences", text)


def takes_sentences(widget: QWidget | None) -> bool:
    """Tell whether a widget is a text field one may write words into (no password, not locked)."""
    if isinstance(widget, QLineEdit):
        return not widget.isReadOnly() and widget.echoMode() == QLineEdit.EchoMode.Normal
    return isinstance(widget, QPlainTextEdit | QTextEdit) and not widget.isReadOnly()


def put_in(field: TextWidget, text: str) -> None:
    """Put a text where the cursor stands, as the operator's own change that can be undone."""
    if isinstance(field, QLineEdit):
        field.insert(text)
    else:
        field.insertPlainText(text)


class SentencesPopup(DialogFrame):
    """Offers sentences for a field; Enter puts the one under the cursor in."""

    def __init__(
        self, book: SentenceBook, field: TextWidget, case_id: str, action: str, unit: str = ""
    ) -> None:
        """Offer the fitting ones first."""
        hints = (KeyHint(("↑", "↓"), tr("选择")), KeyHint(("Ctrl", "D"), tr("删自己的")))
        super().__init__(field, tr("常用语"), "", "speech", 720, main=tr("插入"), hints=hints)
        self.book, self.field = book, field
        self._case_id, self._action, self._unit = case_id, action, unit
        self.query = LineField(tr("找"), placeholder=tr("文字、全拼或首字母"), parent=self)
        self.list = DeskList(tr("常用语"), self)
        self.list.setMinimumHeight(320)
        self.shown = TextLabel("", "body", "text.primary", self, wrap=True)
        self.content.addWidget(self.query)
        self.content.addWidget(self.list, 1)
        self.content.addWidget(self.shown)
        self.keep_button = Button(tr("当前文字存为常用语"), keys="Ctrl+N", parent=self)
        self.keep_button.clicked.connect(self.keep_field)
        self.foot.right.insertWidget(0, self.keep_button)
        self.set_first_field(self.query.editor)
        self.query.text_changed.connect(lambda _text: self.show_model())
        self.query.editor.installEventFilter(self)
        self.list.opened.connect(lambda _key: self.accept())
        self.list.chosen.connect(self._on_chosen)
        book.changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Show what matches."""
        found = self.book.found(self.query.text(), self._action)
        lines = [
            ListLine(
                f"s:{entry.text}", self._filled(entry.text), side=tr("自己的") if entry.own else "",
                icon="person" if entry.own else "speech",
            )
            for entry in found
        ]  # fmt: skip
        empty = ListLine("none", tr("没有找到“{word}”").format(word=self.query.text()), heading=True)
        self.list.show_lines(tuple(lines) or (empty,))
        self._on_chosen(self.list.current)
        self.keep_button.set_reason("" if self._words().strip() else tr("这一栏里还没有文字"))

    def _filled(self, text: str) -> str:
        return self.book.fill(text, self._case_id, self._unit)

    def _on_chosen(self, key: str) -> None:
        self.shown.set_text(self._filled(key[2:]) if key.startswith("s:") else "")

    def _words(self) -> str:
        return self.field.text() if isinstance(self.field, QLineEdit) else self.field.toPlainText()

    def keep_field(self) -> None:
        """Keep what stands in the field as a sentence of one's own."""
        self.book.add(self._words())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list without leaving the search; Enter takes the one under the cursor."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.step(1 if key == Qt.Key.Key_Down else -1)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
            if ctrl and key == Qt.Key.Key_N:
                self.keep_field()
                return True
            if ctrl and key == Qt.Key.Key_D:
                self.book.drop(self.list.current[2:])
                return True
        return super().eventFilter(watched, event)

    def accept(self) -> None:
        """Put the sentence in."""
        key = self.list.current
        if not key.startswith("s:"):
            return
        text = key[2:]
        super().accept()
        self.book.used(text)
        put_in(self.field, self._filled(text))
        self.field.setFocus()


class SentenceKeys(QObject):
    """Hears `Ctrl+;` in every text field of the console, in windows and dialogs alike.

    Only the field with the focus is listened to: a filter over the whole application would be asked for every event.
    """

    def __init__(self, book: SentenceBook, parent: QObject) -> None:
        """Follow the focus."""
        super().__init__(parent)
        self.book = book
        self.popup: SentencesPopup | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """Listen to the field that has the focus, and to no other."""
        if isinstance(before, _FIELDS):
            before.removeEventFilter(self)
        if isinstance(now, _FIELDS):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the popup for the field."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        pressed = event.key() in _KEYS or event.text() in ("；", "：")
        if not pressed or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        return watched is QApplication.focusWidget() and self.open()

    def open(self) -> bool:
        """Offer sentences for the field with the focus; False when none has it."""
        field = QApplication.focusWidget()
        if not takes_sentences(field) or isinstance(field.window() if field else None, SentencesPopup):
            return False
        assert isinstance(field, QLineEdit | QPlainTextEdit | QTextEdit)
        case_id, action, unit = about(field)
        popup = SentencesPopup(self.book, field, case_id or self._subject(), action, unit)
        popup.finished.connect(popup.deleteLater)
        self.popup = popup
        popup.open()
        return True

    def _subject(self) -> str:
        cases = self.book.seat.verbs.subject
        return cases[0] if cases else ""


def about(field: QWidget) -> tuple[str, str, str]:
    """Return the case, action and picked unit a field's dialog is about; empty where it is about none."""
    window: QWidget | None = field
    while window is not None:
        model = getattr(window, "model", None)
        case_id, action = getattr(model, "case_id", ""), getattr(model, "action", "")
        if isinstance(case_id, str) and case_id:
            values = getattr(model, "values", {})
            unit = values.get("lead_dept", "") if isinstance(values, dict) else ""
            return case_id, action if isinstance(action, str) else "", str(unit or "")
        window = window.parentWidget() if not window.isWindow() else None
    return "", "", ""
