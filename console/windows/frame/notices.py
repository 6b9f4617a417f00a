"""The notices of this session, newest first: what was a toast can be read again."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from console.notices.notice import Notice
from widgets.dialogs.frame import DialogFrame
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel

_SEVERITY = {"warn": "warning"}
SHOWN = 60


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("NoticeList", text)


class NoticeList(DialogFrame):
    """A dialog with one bar for each notice."""

    def __init__(self, notices: tuple[Notice, ...], host: QWidget) -> None:
        """Build the list."""
        subtitle = tr("最近 {n} 条").format(n=min(len(notices), SHOWN))
        super().__init__(host, tr("通知"), subtitle, "bell", 640, cancel=tr("关闭"))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for notice in notices[:SHOWN]:
            title = f"{notice.number} {notice.title}".strip()
            severity = _SEVERITY.get(notice.severity, notice.severity)
            column.addWidget(NoticeBar(severity, title, notice.text))
        if not notices:
            column.addWidget(TextLabel(tr("还没有通知。"), "body", "text.tertiary"))
        column.addStretch(1)
        scroll = QScrollArea(self.body)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setMinimumHeight(360)
        self.content.addWidget(scroll)
        self.set_first_field(self.cancel_button)
