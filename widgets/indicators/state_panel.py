"""What stands where a list, a map or a case would: nothing there, still reading, or broken (DESIGN §10)."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.buttons import Button, ButtonKind
from widgets.indicators.key_legend import KeyHint, KeyLegend, KeyTable
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

_CENTER = Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True, slots=True)
class StateAction:
    """A button: ``key`` is handed back, ``word`` is shown, ``keys`` is printed on it; one may be ``main``."""

    key: str
    word: str
    keys: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class PanelState:
    r"""What happened, what it means, what to do.

    Attributes:
        icon: large line drawing.
        title: short, no blame.
        lines: one or two sentences, ``\\n`` between them.
        actions: at most three.
        footnote: quiet sentence under the buttons.
        error: draws the mark in the error colour.
        details: copied by Ctrl+C; shown in a box with number and time.
        hints: keys that help here.
    """

    icon: str
    title: str
    lines: str = ""
    actions: tuple[StateAction, ...] = ()
    footnote: str = ""
    error: bool = False
    details: str = ""
    hints: tuple[KeyHint, ...] = ()


class _BigMark(QWidget):
    """The 48 px line drawing above the title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._token = "document", "text.tertiary"
        self.setFixedSize(QSize(64, 52))

    def set_mark(self, icon: str, token: str) -> None:
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_icon(painter, QRectF(self.rect()), self._icon, theme().color(self._token), 48)


class StatePanel(QWidget):
    """Shows a ``PanelState`` in the middle of its place.

    Signals:
        acted(str): the ``key`` of the pressed action.
    """

    acted = Signal(str)

    def __init__(self, state: PanelState | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state or PanelState("document", "")
        self._buttons: list[Button] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(1)
        self._mark = _BigMark(self)
        column.addWidget(self._mark, 0, _CENTER)
        column.addSpacing(12)
        self._title = TextLabel("", "title", "text.primary", self, align=_CENTER)
        column.addWidget(self._title, 0, _CENTER)
        column.addSpacing(8)
        self._lines = TextLabel("", "body", "text.secondary", self, wrap=True, align=_CENTER)
        self._lines.setMinimumWidth(320)
        column.addWidget(self._lines, 0, _CENTER)
        column.addSpacing(16)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(8)
        column.addLayout(self._actions)
        self._footnote = TextLabel("", "label", "text.tertiary", self, align=_CENTER)
        column.addSpacing(12)
        column.addWidget(self._footnote, 0, _CENTER)
        self._hints = KeyTable((), self)
        column.addWidget(self._hints, 0, _CENTER)
        self._details = _DetailsBox(self)
        column.addSpacing(12)
        column.addWidget(self._details, 0, _CENTER)
        column.addStretch(1)
        self.set_state(self._state)

    @property
    def state(self) -> PanelState:
        """What is shown."""
        return self._state

    def set_state(self, state: PanelState) -> None:
        """Show another state."""
        self._state = state
        self._mark.set_mark(state.icon, "sla.over2.text" if state.error else "text.tertiary")
        self._title.set_text(state.title)
        self._lines.set_text(state.lines)
        self._lines.setVisible(bool(state.lines))
        self._footnote.set_text(state.footnote)
        self._footnote.setVisible(bool(state.footnote))
        self._details.set_text(state.details)
        self._fill_actions(state)
        self._hints.set_hints(state.hints)
        self._hints.setVisible(bool(state.hints))
        self.setAccessibleName(state.title)
        self.setAccessibleDescription(state.lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the details by Ctrl+C; letters printed on the actions count only here."""
        if event.matches(QKeySequence.StandardKey.Copy) and self._state.details:
            self.copy_details()
            return
        pressed = QKeySequence(event.keyCombination()).toString()
        for action, button in zip(self._state.actions, self._buttons, strict=True):
            if action.keys and action.keys == pressed:
                button.click_or_refuse()
                return
        super().keyPressEvent(event)

    def copy_details(self) -> None:
        """Put title and details on the clipboard."""
        QGuiApplication.clipboard().setText(f"{self._state.title}\n{self._state.details}")

    def _fill_actions(self, state: PanelState) -> None:
        while (item := self._actions.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.deleteLater()
        self._buttons = []
        self._actions.addStretch(1)
        for action in state.actions:
            button = Button(action.word, ButtonKind.MAIN if action.main else ButtonKind.PLAIN, action.keys)
            button.setProperty("state_action", action.key)
            button.clicked.connect(self._on_action)
            self._actions.addWidget(button)
            self._buttons.append(button)
        self._actions.addStretch(1)

    def _on_action(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.acted.emit(str(button.property("state_action")))


class _DetailsBox(QFrame):
    """The box with number, time and technical lines of an error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(TextLabel(self.tr("错误详情"), "label", "text.primary", self, bold=True))
        head.addStretch(1)
        head.addWidget(KeyLegend((KeyHint(("Ctrl+C",), self.tr("复制")),), self))
        column.addLayout(head)
        self._text = TextLabel("", "label", "text.secondary", self, wrap=True)
        self._text.setMinimumWidth(400)
        column.addWidget(self._text)
        self.setVisible(False)

    def set_text(self, text: str) -> None:
        self._text.set_text(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.setBrush(look.color("bg.field"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
