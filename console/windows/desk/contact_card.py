"""单位联系卡: who answers at a unit now, by day or at night; dialling says honestly when no telephone is connected."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.desk.contacts import Contact, ContactBook
from console.windows.desk.desk_list import DeskList, ListLine
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.forms.fields import LineField
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the card."""
    return QCoreApplication.translate("Contacts", text)


class ContactDialog(DialogFrame):
    """All units at the left, the card of one at the right."""

    def __init__(self, book: ContactBook, host: QWidget, dept: str = "") -> None:
        """Show the card of a unit, or of the first one."""
        hints = (KeyHint(("↑", "↓"), tr("换单位")), KeyHint(("Ctrl", "C"), tr("复制号码")))
        super().__init__(
            host, tr("单位联系卡"), "", "phone", 860, main=tr("拨号"), cancel=tr("关闭"), hints=hints
        )
        self.book = book
        self.query = LineField(tr("找单位"), placeholder=tr("名称、拼音首字母或编码"), parent=self)
        self.list = DeskList(tr("单位"), self)
        self.list.setMinimumHeight(320)
        self.list.setFixedWidth(320)
        self.notice = NoticeBar("info", parent=self)
        self.notice.hide()
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.query)
        left.addWidget(self.list, 1)
        self.card = QWidget(self)
        self._lay_card()
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addLayout(left)
        row.addWidget(self.card, 1, Qt.AlignmentFlag.AlignTop)
        self.content.addWidget(self.notice)
        self.content.addLayout(row, 1)
        self.set_first_field(self.query.editor)
        self.query.text_changed.connect(lambda _text: self.show_model())
        self.query.editor.installEventFilter(self)
        self.list.chosen.connect(self._show_card)
        self.list.opened.connect(lambda _key: self.accept())
        self.copy_button = Button(tr("复制号码"), keys="Ctrl+C", parent=self)
        self.copy_button.clicked.connect(self.copy)
        self.foot.right.insertWidget(0, self.copy_button)
        QShortcut(QKeySequence("Ctrl+C"), self).activated.connect(self.copy)
        self.show_model()
        if dept:
            self.list.choose(dept)

    def _lay_card(self) -> None:
        column = QVBoxLayout(self.card)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        self.name = TextLabel("", "title", "text.primary", self.card, wrap=True)
        self.now_number = TextLabel("", "title_l", "accent.base", self.card)
        self.now_words = TextLabel("", "label", "text.secondary", self.card, wrap=True)
        for part in (self.name, self.now_words, self.now_number):
            column.addWidget(part)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        self.facts: dict[str, TextLabel] = {}
        for key, word in (
            ("short", tr("简称")), ("day", tr("白天")), ("night", tr("夜间")), ("duty", tr("值班")),
            ("load", tr("在办")),
        ):  # fmt: skip
            value = TextLabel("", "body", "text.primary", self.card, wrap=True)
            form.addRow(TextLabel(word, "body", "text.secondary", self.card), value)
            self.facts[key] = value
        column.addLayout(form)

    def show_model(self) -> None:
        """List the units that match."""
        found = self.book.found(self.query.text())
        lines = tuple(ListLine(card.dept, card.short, side=str(card.load or "")) for card in found)
        empty = ListLine("none", tr("没有找到“{word}”").format(word=self.query.text()), heading=True)
        self.list.show_lines(lines or (empty,))
        self._show_card(self.list.current)

    @property
    def contact(self) -> Contact | None:
        """The card that is shown."""
        return self.book.card(self.list.current)

    def number(self) -> str:
        """Return the number that counts now."""
        card = self.contact
        return card.phone(night=self.book.night()) if card is not None else ""

    def _show_card(self, dept: str) -> None:
        card = self.book.card(dept)
        self.card.setVisible(card is not None)
        self.notice.hide()
        if card is None:
            return
        unknown = tr("中心没有登记")
        night = self.book.night()
        self.name.set_text(card.name)
        self.now_words.set_text(
            tr("现在是非工作时间，打夜间电话") if night else tr("现在是工作时间，打白天电话")
        )
        self.now_number.set_text(card.phone(night=night) or unknown)
        self.now_number.set_token("accent.base" if card.phone(night=night) else "text.tertiary")
        load = tr("{n} 件").format(n=card.load)
        values = {
            "short": card.short, "day": card.day_phone or unknown, "night": card.night_phone or unknown,
            "duty": card.duty_officer or unknown, "load": load,
        }  # fmt: skip
        for key, text in values.items():
            self.facts[key].set_text(text)

    def accept(self) -> None:
        """Dial, or say that there is nothing to dial with."""
        why = self.book.dial(self.number())
        if why:
            self.notice.set_notice("warning", why)
            self.notice.show()

    def copy(self) -> None:
        """Put the number on the clipboard."""
        number = self.number()
        if number:
            QApplication.clipboard().setText(number)
            self.notice.set_notice("good", tr("已复制 {number}").format(number=number))
            self.notice.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list without leaving the search."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.list.step(1 if event.key() == Qt.Key.Key_Down else -1)
            return True
        return super().eventFilter(watched, event)
