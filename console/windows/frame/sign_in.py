"""The sign-in page: account, password, and for a demo centre on this machine the accounts to choose from."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from console.viewmodels.sign_in import SignInViewModel
from console.windows.frame.top_bar import Brand
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme

WIDTH = 400


def tr(text: str) -> str:
    """Translate a word of the page."""
    return QCoreApplication.translate("SignInPage", text)


class _Card(QWidget):
    """The raised card in the middle."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and edge."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.setBrush(look.color("bg.panel"))
        radius = look.metric("radius.dialog")
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), radius, radius)
        painter.end()


class SignInPage(QWidget):
    """Shows the state of `SignInViewModel`; Enter goes on."""

    def __init__(self, model: SignInViewModel, parent: QWidget | None = None) -> None:
        """Build the card."""
        super().__init__(parent)
        self._model = model
        self.setWindowTitle(tr("网格调度席 · 登录"))
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        self._card = _Card(self)
        self._card.setFixedWidth(WIDTH)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        self._column = QVBoxLayout(self._card)
        self._column.setContentsMargins(32, 24, 32, 28)
        self._column.setSpacing(10)
        self._column.addWidget(Brand(self._card))
        self._line = TextLabel("", "label", "text.secondary", self._card, wrap=True)
        self._column.addWidget(self._line)
        self._column.addSpacing(6)
        self.demo = QComboBox(self._card)
        self._demo_label = self._label(tr("示例账号"))
        self._column.addWidget(self.demo)
        self._label(tr("账号"))
        self.username = self._field()
        self._label(tr("密码"))
        self.password = self._field(secret=True)
        self._new_label = self._label(tr("新密码（至少 8 位，含大小写字母、数字和符号）"))
        self.new = self._field(secret=True)
        self._again_label = self._label(tr("再输一次新密码"))
        self.again = self._field(secret=True)
        self._earlier_label = self._label(tr("原密码，或站点恢复码"))
        self.earlier = self._field(secret=True)
        self._sentence = TextLabel("", "label", "sla.over2.text", self._card, wrap=True)
        self._column.addWidget(self._sentence)
        self.button = Button(tr("登录"), ButtonKind.MAIN, "Return", size=ButtonSize.LARGE, parent=self._card)
        self._column.addWidget(self.button)
        self.fresh = Button(
            tr("不记得原密码，另起一份（原数据改名留存）"), ButtonKind.PLAIN, parent=self._card
        )
        self._column.addWidget(self.fresh)
        self._fill_demo()
        self._connect()
        self._show()

    def _label(self, text: str) -> TextLabel:
        """Add a label."""
        label = TextLabel(text, "label", "text.secondary", self._card)
        self._column.addWidget(label)
        return label

    def _field(self, *, secret: bool = False) -> QLineEdit:
        """Add a field."""
        field = QLineEdit(self._card)
        field.setFixedHeight(theme().metric("size.field"))
        if secret:
            field.setEchoMode(QLineEdit.EchoMode.Password)
        field.returnPressed.connect(self._go)
        self._column.addWidget(field)
        return field

    def _fill_demo(self) -> None:
        """Offer the demo accounts, one line for each."""
        self.demo.addItem(tr("选一个岗位…"))
        for account in self._model.accounts:
            self.demo.addItem(account.words, account.username)
        for part in (self.demo, self._demo_label):
            part.setVisible(bool(self._model.accounts))

    def _connect(self) -> None:
        """Connect the parts."""
        self._model.changed.connect(self._show)
        self.button.clicked.connect(self._go)
        self.fresh.clicked.connect(self._on_fresh)
        self.demo.currentIndexChanged.connect(self._on_demo)

    def _on_demo(self, index: int) -> None:
        """Fill account and password of the chosen demo account in."""
        if index <= 0:
            return
        account = self._model.accounts[index - 1]
        self.username.setText(account.username)
        self.password.setText(account.password)
        self.button.setFocus()

    def _go(self) -> None:
        """Go on with what was entered."""
        if self._model.busy:
            return
        if self._model.must_change:
            self._model.change_password(
                self.username.text(), self.password.text(), self.new.text(), self.again.text()
            )
        elif self._model.locked_data and self.earlier.text():
            self._model.reopen(self.username.text(), self.password.text(), self.earlier.text())
        else:
            self._model.enter(self.username.text(), self.password.text())

    def _on_fresh(self) -> None:
        """Start with fresh data on this machine."""
        self._model.set_aside(self.username.text(), self.password.text())

    def _show(self) -> None:
        """Show the model's state."""
        model = self._model
        self._line.set_text(model.line)
        self._sentence.set_text(model.sentence)
        self._sentence.setVisible(bool(model.sentence))
        first: tuple[QWidget, ...] = (self._new_label, self.new, self._again_label, self.again)
        locked: tuple[QWidget, ...] = (self._earlier_label, self.earlier, self.fresh)
        for part in first:
            part.setVisible(model.must_change)
        for part in locked:
            part.setVisible(model.locked_data)
        self.button.setText(tr("正在登录…") if model.busy else tr("登录"))
        self.button.setEnabled(not model.busy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("bg.app"))
        painter.end()
