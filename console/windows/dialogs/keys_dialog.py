"""All keys of the present place (`?`): groups of caps and words, in columns; nothing here acts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.dialogs.frame import DialogFrame
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.text import text_width

Group = tuple[str, list[tuple[str, str]]]
WIDTH = 1120
LINES = 22
"""A column has room for so many lines; a longer group goes on in the next."""


def tr(text: str) -> str:
    """Translate a word of the list of keys."""
    return QCoreApplication.translate("KeysDialog", text)


class KeysDialog(DialogFrame):
    """Shows groups of keys."""

    def __init__(self, host: QWidget, groups: list[Group]) -> None:
        """Lay the groups out side by side."""
        super().__init__(host, tr("全部按键"), tr("当前位置"), "keyboard", WIDTH, cancel=tr("关闭"))
        row = QHBoxLayout()
        row.setSpacing(24)
        for title, keys in groups:
            for begin in range(0, len(keys), LINES):
                row.addWidget(_column(title if not begin else "", keys[begin : begin + LINES], self), 1)
        self.content.addLayout(row)
        self.set_first_field(self.cancel_button)


def _column(title: str, keys: list[tuple[str, str]], parent: QWidget) -> QWidget:
    """Return a group: its name, then one line for each key."""
    box = QWidget(parent)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(TextLabel(title, "heading", "text.primary", box))
    grid = QGridLayout()
    grid.setVerticalSpacing(4)
    grid.setHorizontalSpacing(10)
    for line, (key, word) in enumerate(keys):
        caps = KeyLegend((KeyHint(tuple(key.split(" ")), ""),), box)
        caps.setFixedWidth(caps.sizeHint().width())
        words = TextLabel(word, "body", "text.secondary", box)
        words.setMinimumWidth(round(text_width(theme().font("body"), word)) + 2)
        grid.addWidget(caps, line, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(words, line, 1)
    grid.setColumnStretch(1, 1)
    column.addLayout(grid)
    column.addStretch(1)
    return box
